"""Honest factories, a day at a time: shifts, runs and stops, breakdowns, maintenance, meters, what a gateway sees.

Everything is arrays of machines x minutes. A day is one of Shanghai, `T` minutes from local midnight on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import numpy as np

from shazhou.city.calendar import Calendar
from verdicts.ranges import Ranges

ZONE = "Asia/Shanghai"
T = 1440
MINUTE = 60_000
DAY = T * MINUTE
FIRST = int(datetime(2027, 2, 28, 16, tzinfo=UTC).timestamp() * 1000)
"""Midnight of 1 March 2027 in Shanghai."""

SHIFTS = (
    (0.35, "mon-fri {a:02d}:{m}-{n:02d}:00|mon-fri {o:02d}:{m}-{e:02d}:{m}"),
    (0.20, "mon-sat {a:02d}:{m}-{e:02d}:{m}"),
    (0.20, "mon-sat {a:02d}:00-{x:02d}:00|mon-sat {x:02d}:00-{z:02d}:00"),
    (0.15, "daily 00:00-24:00"),
    (0.10, "mon-fri 19:{m}-05:{m}"),
)


@dataclass
class Machines:
    """What stays the same of every machine, one entry each, and what runs on from day to day."""

    factory: np.ndarray[Any, Any]
    power: np.ndarray[Any, Any]
    idle: np.ndarray[Any, Any]
    noise: np.ndarray[Any, Any]
    memory: np.ndarray[Any, Any]
    resolution: np.ndarray[Any, Any]
    metered: np.ndarray[Any, Any]
    cycle: np.ndarray[Any, Any]
    counted: np.ndarray[Any, Any]
    run: np.ndarray[Any, Any]
    pause: np.ndarray[Any, Any]
    breakdown: np.ndarray[Any, Any]
    interval: np.ndarray[Any, Any]
    tags: np.ndarray[Any, Any]
    on_change: np.ndarray[Any, Any]
    variety: np.ndarray[Any, Any]
    model: np.ndarray[Any, Any]
    level: np.ndarray[Any, Any]
    energy_rest: np.ndarray[Any, Any]
    count_rest: np.ndarray[Any, Any]


@dataclass
class City:
    """Factories with their machines; `rows` of a factory's machines, in order."""

    rng: np.random.Generator
    nodes: list[str]
    calendars: list[Calendar]
    lines: list[list[str]]
    rows: list[slice]
    modes: list[str]
    machines: Machines
    ranges: Ranges
    maintenance: dict[tuple[int, int], tuple[int, int]] = field(default_factory=dict)

    @classmethod
    def of(cls, count: int, days: int, seed: int, ranges: Ranges) -> City:
        rng = np.random.default_rng(seed)
        sizes = rng.choice([1, 2, 3, 4, 6], count, p=[0.35, 0.3, 0.2, 0.1, 0.05])
        stops = np.cumsum(sizes)
        n = int(stops[-1])
        lines = [_lines(rng) for _ in range(count)]
        factory = np.repeat(np.arange(count), sizes)
        machines = Machines(
            factory=factory,
            power=rng.lognormal(2.3, 0.9, n),
            idle=rng.uniform(0.02, 0.35, n),
            noise=rng.uniform(*ranges.noise, n),
            memory=rng.uniform(*ranges.memory, n),
            resolution=_one_of(rng, ranges.resolutions, n),
            metered=rng.random(n) < 0.85,
            cycle=rng.lognormal(3.4, 0.8, n),
            counted=rng.random(n) < 0.8,
            run=rng.lognormal(*ranges.run, n),
            pause=rng.lognormal(*ranges.pause, n),
            breakdown=rng.uniform(*ranges.breakdown, n),
            interval=_one_of(rng, ranges.intervals, n).astype(np.int64),
            tags=rng.integers(3, 31, n),
            on_change=rng.random(n) < 0.2,
            variety=rng.choice([2, 4, 8, 20, 55], n, p=[0.08, 0.1, 0.22, 0.35, 0.25]),
            model=rng.integers(0, 25, n),
            level=np.ones(n),
            energy_rest=rng.random(n),
            count_rest=rng.random(n),
        )
        city = cls(
            rng,
            [f"f{number:04d}" for number in range(count)],
            [Calendar.parse(each, ZONE) for each in lines],
            lines,
            [slice(int(stop - size), int(stop)) for stop, size in zip(stops, sizes, strict=True)],
            [str(mode) for mode in rng.choice(["rollup", "full"], count, p=[0.75, 0.25])],
            machines,
            ranges,
        )
        for row in range(n):
            for day in range(days):
                if rng.random() < 0.02:
                    start = int(rng.integers(7 * 60, 15 * 60))
                    city.maintenance[row, day] = (start, start + int(rng.integers(45, 300)))
        return city

    def devices(self, factory: int) -> list[str]:
        """The names of a factory's machines, in order."""
        return [f"m{row}" for row in range(self.rows[factory].start, self.rows[factory].stop)]

    def working(self, day: int) -> np.ndarray[Any, Any]:
        """Factories x minutes that are working time."""
        mask = np.zeros((len(self.nodes), T), dtype=bool)
        start = FIRST + day * DAY
        begin, end = (datetime.fromtimestamp(each / 1000, UTC) for each in (start, start + DAY))
        for row, calendar in enumerate(self.calendars):
            for first, last in calendar.spans(begin, end):
                a, b = (round((each.timestamp() * 1000 - start) / MINUTE) for each in (first, last))
                mask[row, a:b] = True
        return mask

    def honest(self, day: int, working: np.ndarray[Any, Any]) -> dict[str, np.ndarray[Any, Any]]:
        """What every machine did and what its gateway saw of it, were all well."""
        rng, m = self.rng, self.machines
        n = len(m.factory)
        executing, broken, failures = (np.zeros((n, T)) for _ in range(3))
        for row in range(n):
            self._run(row, day, working[m.factory[row]], executing, broken, failures)
        maintenance = np.zeros((n, T))
        for (row, on), (start, stop) in self.maintenance.items():
            if on == day:
                maintenance[row, start:stop] = 60.0
                executing[row, start:stop] = 0
                broken[row, start:stop] = 60.0
        load = np.empty((n, T))
        kicks = rng.normal(0, 1, (n, T)) * (m.noise * np.sqrt(1 - m.memory**2))[:, None]
        level = m.level - 1
        for minute in range(T):
            level = m.memory * level + kicks[:, minute]
            load[:, minute] = level
        m.level = level + 1
        draw = np.where(executing > 0, executing / 60 * np.maximum(1 + load, 0.05), 0)
        rest = (60 - executing) / 60 * m.idle[:, None] * (1 + 0.02 * rng.normal(0, 1, (n, T)))
        kwh = m.power[:, None] * (draw + np.maximum(rest, 0)) / 60
        energy, m.energy_rest = _metered(kwh / m.resolution[:, None], m.energy_rest)
        pieces, m.count_rest = _metered(executing / m.cycle[:, None], m.count_rest)
        scrap = rng.binomial(pieces.astype(np.int64), 0.02)
        data = {
            "executing": executing,
            "out_of_service": broken,
            "maintenance": maintenance,
            "failures": failures,
            "energy": np.where(m.metered[:, None], energy * m.resolution[:, None], np.nan),
            "total": np.where(m.counted[:, None], pieces, np.nan),
            "good_count": np.where(m.counted[:, None], pieces - scrap, np.nan),
            "good": np.where(rng.random((n, T)) < 0.97, 1.0, rng.uniform(0.85, 1.0, (n, T))),
        }
        return data | self._seen(executing, data)

    def _run(self, row: int, day: int, working: Any, executing: Any, broken: Any, failures: Any) -> None:
        """Runs, pauses and breakdowns of one machine within its working time."""
        rng, m = self.rng, self.machines
        edges = np.flatnonzero(np.diff(np.concatenate(([0], working.astype(np.int8), [0]))))
        if rng.random() < 0.03:
            return  # no orders today
        for first, last in zip(edges[::2], edges[1::2], strict=True):
            begin = first * 60.0 + (rng.exponential(240) if first else 0)
            end = last * 60.0 - (rng.exponential(240) if last < T else 0)
            if end - begin < 600:
                continue
            several = int((end - begin) / 60 / m.run[row] * 2) + 4
            runs = rng.exponential(m.run[row] * 60, several)
            breaks = rng.random(several) < m.breakdown[row]
            stops = np.where(breaks, rng.lognormal(7.6, 0.8, several), rng.exponential(m.pause[row] * 60, several))
            times = begin + np.concatenate(([0], np.cumsum(np.stack([runs, stops], 1).ravel())))
            times = np.minimum(times, end)
            moments = np.arange(first, last + 1) * 60.0
            ran = np.concatenate(([0], np.cumsum(np.diff(times) * (np.arange(2 * several) % 2 == 0))))
            down = np.concatenate(
                ([0], np.cumsum(np.diff(times) * np.repeat(breaks, 2) * (np.arange(2 * several) % 2)))
            )
            executing[row, first:last] = np.diff(np.interp(moments, times, ran))
            broken[row, first:last] = np.diff(np.interp(moments, times, down))
            failed = (times[1::2][breaks] // 60).astype(int)
            np.add.at(failures[row], failed[failed < T], 1)

    def _seen(self, executing: Any, data: dict[str, Any]) -> dict[str, Any]:
        """Samples, source times, distinct values and digests of every minute."""
        rng, m = self.rng, self.machines
        n = len(m.factory)
        active = executing > 0
        polls = 60 // m.interval
        times = np.where(active | ~m.on_change[:, None], polls[:, None], 0)
        lost = rng.binomial(3, 0.02, (n, T))
        times = np.maximum(times - lost, np.minimum(times, 2))
        analog = m.variety >= 8
        moved = (np.nan_to_num(data["energy"]) > 0) | (np.nan_to_num(data["total"]) > 0)
        values = np.where(active, np.minimum(rng.poisson(m.variety, (T, n)).T + 1, times), 1)
        hum = np.where(analog[:, None], np.minimum(rng.integers(1, 6, (n, T)), times), 1)
        values = np.where(active, values, hum)
        values = np.maximum(np.where(moved, np.maximum(values, 2), values), 1)
        quiet = ~active & m.on_change[:, None]
        changes = np.where(analog[:, None], rng.poisson(1.5, (n, T)), moved.astype(np.int64))
        times = np.where(quiet, changes, times)
        values = np.where(quiet, np.minimum(changes, 3), values)
        samples = np.where(quiet, changes, times * m.tags[:, None])
        high = rng.integers(0, 2**63, (n, T), dtype=np.uint64) * np.uint64(2) + np.uint64(1)
        still = (values <= 1) & ~moved
        standing = m.model.astype(np.uint64)[:, None] * np.uint64(1_000_003) + times.astype(np.uint64)
        # Digital machines of one model show a few series only, in whatever factory they stand.
        poor = (m.variety < 8)[:, None] & ~moved & ~still
        few = standing + rng.integers(1, 3000, (n, T)).astype(np.uint64) * np.uint64(7_919)
        # Some machines go through one programme over and over; nothing they show within a minute is new.
        looped = (m.model == 3)[:, None] & active & ~m.metered[:, None]
        loop = standing + (np.arange(T) % 60).astype(np.uint64) * np.uint64(104_729)
        digest = np.select([still, poor, looped], [standing, few, loop], high)
        return {"times": times, "samples": samples, "values": values, "digest": digest}


def _one_of(rng: np.random.Generator, choices: Sequence[tuple[float, float]], count: int) -> Any:
    values, shares = zip(*choices, strict=True)
    return rng.choice(np.array(values, dtype=float), count, p=shares)


def _lines(rng: np.random.Generator) -> list[str]:
    kind = rng.choice(len(SHIFTS), p=[share for share, _ in SHIFTS])
    a, m = int(rng.integers(6, 9)), str(rng.choice(["00", "15", "30"]))
    text = SHIFTS[kind][1].format(a=a, m=m, n=a + 4, o=a + 5, e=a + 9, x=a + 8, z=(a + 16) % 24)
    return text.split("|")


def _metered(moved: Any, rest: Any) -> tuple[Any, Any]:
    """What a meter of whole steps tells of what moved, and what is left for the next day."""
    run = rest[:, None] + np.cumsum(moved, axis=1)
    steps = np.floor(run)
    return np.diff(steps, axis=1, prepend=np.floor(rest)[:, None]), run[:, -1] - steps[:, -1]
