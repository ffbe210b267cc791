"""What goes wrong and who cheats: each factory has at most one trouble, with the truth beside it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from verdicts.factories import City, T

FAULTS = (
    "frozen", "cached", "bad-quality", "clock-drift", "power-cut", "agent-dead", "seq-duplicates", "wrong-key",
)  # fmt: skip
FRAUDS = (
    "clone", "clone-shifted", "clone-by-days", "clone-partial", "clone-under-a-minute", "clone-scaled",
    "replay", "replay-shifted", "replay-meters-go-on", "replay-under-a-minute",
    "simulator-sine", "simulator-table", "simulator-blocks",
    "one-gateway", "lockstep", "random-script",
)  # fmt: skip
REMEMBERED = 9
"""Days of sources and of replayers that are kept to be copied."""

COPIED = ("executing", "out_of_service", "maintenance", "failures", "energy", "total", "good_count", "good",
          "times", "samples", "values", "digest")  # fmt: skip


@dataclass
class Trouble:
    """One factory's trouble in minutes from the first day's midnight on; `more` are its parameters."""

    factory: int
    kind: str
    start: int
    stop: int
    more: dict[str, Any] = field(default_factory=dict)

    def today(self, day: int) -> slice:
        """Its minutes of a day."""
        return slice(min(max(self.start - day * T, 0), T), min(max(self.stop - day * T, 0), T))


def troubles_of(city: City, days: int, share_faulty: float, share_fraud: float) -> list[Trouble]:
    """Faults and frauds in equal numbers of each kind, the sources of copies among the honest."""
    rng, count = city.rng, len(city.nodes)
    order = rng.permutation(count)
    faulty, cheating = int(count * share_faulty), int(count * share_fraud)
    honest = order[faulty + cheating :]
    found = [_fault(city, int(each), FAULTS[number % len(FAULTS)], days) for number, each in enumerate(order[:faulty])]
    for number, each in enumerate(order[faulty : faulty + cheating]):
        found.append(_fraud(rng, int(each), FRAUDS[number % len(FRAUDS)], days, city, honest, number // len(FRAUDS)))
    return found


def _fault(city: City, factory: int, kind: str, days: int) -> Trouble:
    rng, ranges = city.rng, city.ranges
    start = int(rng.integers(T // 2, max(days * T // 2, T // 2 + 1)))
    long = int(np.clip(rng.lognormal(*ranges.fault), 90, days * T))
    more: dict[str, Any] = {}
    if kind == "clock-drift":
        more = {"rate": float(rng.choice([-1, 1]) * rng.uniform(*ranges.drift))}
        long = max(long, 3 * T)
    if kind == "bad-quality":
        more = {"good": float(rng.uniform(*ranges.bad))}
    if kind == "seq-duplicates":
        more = {"rate": float(rng.uniform(*ranges.duplicates))}
    return Trouble(factory, kind, start, min(start + long, days * T), more)


def _fraud(
    rng: np.random.Generator, factory: int, kind: str, days: int, city: City, honest: Any, group: int
) -> Trouble:
    ranges = city.ranges
    metered = [each for each in honest if city.machines.metered[city.rows[each]].any()]
    more: dict[str, Any] = {
        "source": int(rng.choice(metered if kind in METERED else honest)),
        "delay": float(rng.uniform(40, 2500)),
    }
    # Nobody copies what has not been yet.
    start = 0
    if kind in ("clone-shifted", "clone-partial"):
        more["lag"] = start = int(rng.integers(*ranges.lag))
    if kind == "clone-by-days":
        more["lag"] = int(rng.integers(1, REMEMBERED - 1)) * T + int(rng.integers(0, 200)) * int(rng.integers(0, 2))
        start = T * (more["lag"] // T + 1)
    if kind == "clone-partial":
        more["share"] = float(rng.uniform(*ranges.partial))
    if kind == "clone-under-a-minute":
        more |= {"fraction": float(rng.uniform(*ranges.fraction)), "lag": int(rng.integers(0, 12))}
        start = more["lag"] + 1
    if kind == "clone-scaled":
        more |= {"scale": float(rng.uniform(*ranges.scale)), "lag": int(rng.integers(0, 10))}
        start = more["lag"]
    if kind.startswith("replay"):
        lag = int(rng.integers(1, min(REMEMBERED - 1, max(days // 2, 2)))) * T
        more |= {"source": factory, "lag": lag + (int(rng.integers(7, 240)) if kind != "replay" else 0)}
        start = lag + T
        if kind == "replay-under-a-minute":
            more["fraction"] = float(rng.uniform(*ranges.fraction))
    if kind.startswith("simulator"):
        more["period"] = int(rng.integers(9, 55)) if kind == "simulator-table" else float(rng.uniform(*ranges.period))
        more["table"] = rng.uniform(0.4, 1.2, 64)
    if kind in ("one-gateway", "lockstep"):
        more["group"] = group // 5
    return Trouble(factory, kind, min(start, days * T), days * T, more)


METERED = ("clone-under-a-minute", "clone-scaled")


class Memory:
    """What machines showed on the days before, of those that are copied."""

    def __init__(self, city: City, troubles: list[Trouble]) -> None:
        wanted = {each.more["source"] for each in troubles if "source" in each.more}
        self.rows = {each: city.rows[each] for each in wanted}
        self.days: deque[dict[int, dict[str, Any]]] = deque(maxlen=REMEMBERED + 1)

    def keep(self, data: dict[str, Any]) -> None:
        """Remembers a day."""
        self.days.append({each: {name: data[name][rows].copy() for name in COPIED} for each, rows in self.rows.items()})

    def sent(self, data: dict[str, Any], factories: list[int]) -> None:
        """Remembers of some factories what they sent in place of what they had to send."""
        for each in set(factories) & set(self.rows):
            self.days[-1][each] = {name: data[name][self.rows[each]].copy() for name in COPIED}

    def was(self, source: int, lag: int, name: str) -> Any:
        """What a source shows in a day when it is moved by so many minutes; today is the newest day kept."""
        whole, minutes = divmod(lag, T)
        days = len(self.days)
        today = self.days[max(days - 1 - whole, 0)][source][name]
        if not minutes:
            return today
        before = self.days[max(days - 2 - whole, 0)][source][name]
        return np.concatenate([before[:, T - minutes :], today[:, : T - minutes]], axis=1)


def apply(city: City, day: int, data: dict[str, Any], troubles: list[Trouble], memory: Memory) -> dict[str, Any]:
    """Changes a day's data in place, and gives what the wire shows of it: `truth` (machines x minutes really read),
    `there`, `signed`, `offset` (ms of the gateway's clock), `copied_from` (rows whose arrival follows another's)."""
    rng, n = city.rng, len(city.machines.factory)
    wire: dict[str, Any] = {
        "truth": np.ones((n, T), dtype=bool),
        "there": np.ones((n, T), dtype=bool),
        "signed": np.ones((n, T), dtype=bool),
        "offset": np.zeros((n, T)),
        "follows": {},
    }
    memory.keep(data)
    for each in troubles:
        when = each.today(day)
        if when.start >= when.stop:
            continue
        rows = city.rows[each.factory]
        wire["truth"][rows, when] = False
        if each.kind in FAULTS:
            _break(rng, each, day, rows, when, data, wire)
        else:
            _cheat(rng, each, city, rows, when, data, wire, memory)
    memory.sent(data, [each.factory for each in troubles if each.kind.startswith("replay")])
    return wire


def _break(rng: Any, trouble: Trouble, day: int, rows: slice, when: slice, data: dict[str, Any], wire: Any) -> None:
    match trouble.kind:
        case "power-cut" | "agent-dead":
            wire["there"][rows, when] = False
        case "wrong-key":
            wire["signed"][rows, when] = False
        case "bad-quality":
            shape = data["good"][rows, when].shape
            data["good"][rows, when] = np.clip(trouble.more["good"] + rng.normal(0, 0.05, shape), 0, 0.79)
        case "clock-drift":
            minutes = np.arange(when.start, when.stop) + day * T - trouble.start
            offset = trouble.more["rate"] * minutes / T * 60_000
            wire["offset"][rows, when] = offset
            wire["truth"][rows, when] = np.abs(offset) <= 120_000
        case "frozen" | "cached":
            _stand(rng, trouble, day, rows, when, data)


def _stand(rng: Any, trouble: Trouble, day: int, rows: slice, when: slice, data: dict[str, Any]) -> None:
    """Everything stays as it was in the first minute; cached sources give it new times."""
    held = trouble.more.setdefault(
        "held", {name: data[name][rows, when.start].copy() for name in ("executing", "times", "samples")}
    )
    shape = data["good"][rows, when].shape
    running = (held["executing"] >= 30)[:, None] * 60.0
    polls = np.maximum(held["times"], 3)[:, None] - rng.binomial(2, 0.1, shape)
    data["executing"][rows, when] = running
    data["failures"][rows, when] = 0
    data["out_of_service"][rows, when] = 0
    for meter in ("energy", "total", "good_count"):
        data[meter][rows, when] = np.where(np.isnan(data[meter][rows, when]), np.nan, 0)
    data["values"][rows, when] = 1
    data["times"][rows, when] = polls if trouble.kind == "cached" else 1
    data["samples"][rows, when] = polls * 5
    data["digest"][rows, when] = (np.uint64(trouble.start * 1000) + polls.astype(np.uint64)) * np.uint64(2_654_435_761)


def _cheat(
    rng: Any, trouble: Trouble, city: City, rows: slice, when: slice, data: dict[str, Any], wire: Any, memory: Memory
) -> None:
    more, kind = trouble.more, trouble.kind
    if kind.startswith(("clone", "replay")):
        lag, source = more.get("lag", 0), more["source"]
        size = rows.stop - rows.start
        chosen = np.ones(T, dtype=bool)
        if kind == "clone-partial":
            chosen = np.repeat(rng.random(T // 60) < more["share"], 60)
        chosen[: when.start] = False
        for name in COPIED:
            past = memory.was(source, lag, name)
            past = past[np.arange(size) % len(past)]
            if "fraction" in more and name in ("executing", "energy", "out_of_service"):
                before = memory.was(source, lag + 1, name)
                past = (1 - more["fraction"]) * past + more["fraction"] * before[np.arange(size) % len(before)]
            if "scale" in more and name == "energy":
                past = past * more["scale"]
            if ("fraction" in more or "scale" in more or kind == "replay-meters-go-on") and name == "digest":
                varied = memory.was(source, lag, "values")[np.arange(size) % len(memory.was(source, lag, "values"))] > 1
                past = np.where(varied, rng.integers(0, 2**63, past.shape, dtype=np.uint64), past)
            data[name][rows, chosen] = past[:, chosen]
        if kind in ("clone", "clone-scaled") and not lag:
            wire["follows"][trouble.factory] = (source, more["delay"])
    elif kind.startswith("simulator"):
        _simulate(rng, trouble, city, rows, data)


def _simulate(rng: Any, trouble: Trouble, city: City, rows: slice, data: dict[str, Any]) -> None:
    """A script that knows shifts and a formula, and how many seconds a minute has."""
    shape = data["executing"][rows].shape
    busy = data["executing"][rows] > 0
    data["out_of_service"][rows] = np.where(busy, 0.0, data["out_of_service"][rows])
    if trouble.kind == "simulator-blocks":
        stops = np.zeros(shape, dtype=bool)
        for row in range(shape[0]):
            for minute in np.flatnonzero(rng.random(T) < 0.025):
                stops[row, minute : minute + int(rng.integers(1, 9))] = True
        data["executing"][rows] = np.where(busy & ~stops, 60.0, 0.0)
    else:
        minute = np.arange(T)
        wave = 1 + 0.3 * np.sin(2 * np.pi * minute / float(trouble.more["period"]))
        if trouble.kind == "simulator-table":
            wave = trouble.more["table"][minute % trouble.more["period"]]
        data["executing"][rows] = np.where(busy, 60.0, 0.0)
        power = city.machines.power[rows][:, None] / 60
        data["energy"][rows] = np.where(busy, power * wave, 0.0)
    data["digest"][rows] = rng.integers(0, 2**63, shape, dtype=np.uint64)
    data["values"][rows] = np.where(busy, np.maximum(data["values"][rows], 10), data["values"][rows])
