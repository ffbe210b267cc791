"""A day of one machine: a ribbon of its states, and what its meters moved by minute and by hour."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from shazhou.telemetry.names import State
from shazhou.telemetry.presence.believed import doubts_within, of_machine
from shazhou.telemetry.store.store import Store
from shazhou.telemetry.wall.standing import strictest

MINUTE = 60_000
HOUR = 3_600_000
STATES = tuple(state.name.lower() for state in State)
"""Columns of a minute with the seconds in each state, in the order of `State`."""


@dataclass(frozen=True)
class Span:
    """A stretch of minutes in which the machine was mostly in one state; ``state`` None: nothing was heard."""

    state: int | None
    start: int
    stop: int


@dataclass(frozen=True)
class Sums:
    """An hour of a machine: seconds by state (in the order of `State`), counts and energy (None without a meter), all
    of the minutes that are believed, and how many minutes were heard."""

    start: int
    seconds: tuple[float, ...]
    total: int | None
    good_count: int | None
    energy: float | None
    minutes: int


@dataclass(frozen=True)
class Day:
    """A day of a machine. ``ribbon`` and ``trend`` show what it said: ``trend`` (ms, pieces, kW) by minute, None where
    no meter said anything. ``unsigned``: minutes without the enterprise's signature; ``doubted``: others in doubt."""

    node: str
    device: str
    day: date
    start: int
    stop: int
    ribbon: tuple[Span, ...]
    hours: tuple[Sums, ...]
    trend: tuple[tuple[int, int | None, float | None], ...]
    unsigned: int
    doubted: int
    origin: str


def day_of(store: Store, node: str, device: str, day: date, zone: str) -> Day:
    """What is known of a machine on a day, in the city's zone."""
    start, stop = day_bounds(day, zone)
    rows, believed = of_machine(
        store.minutes(start, stop, node=node, device=device), doubts_within(store, start, stop, node)
    )
    minutes = rows.append_column("believed", pa.array(believed)).to_pylist()
    trend = [
        (row["at"], row["total"], None if row["energy"] is None else round(row["energy"] * 60, 3)) for row in minutes
    ]
    return Day(
        node,
        device,
        day,
        start,
        stop,
        tuple(ribbon_of(minutes, start, stop)),
        tuple(hours_of(minutes)),
        tuple(trend),
        sum(not row["signed"] for row in minutes),
        sum(row["signed"] and not row["believed"] for row in minutes),
        strictest(*(row["origin"] for row in minutes)),
    )


def day_bounds(day: date, zone: str) -> tuple[int, int]:
    """A day as moments: its beginning and its end in ms."""
    first = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone))
    after = day + timedelta(days=1)
    last = datetime(after.year, after.month, after.day, tzinfo=ZoneInfo(zone))
    return int(first.timestamp() * 1000), int(last.timestamp() * 1000)


def ribbon_of(minutes: Iterable[Mapping[str, Any]], start: int, stop: int) -> list[Span]:
    """Spans of equal state from start to stop, without gap; ``minutes`` in order of time."""
    spans: list[Span] = []

    def add(state: int | None, begin: int, end: int) -> None:
        if spans and spans[-1].state == state:
            spans[-1] = Span(state, spans[-1].start, end)
        elif end > begin:
            spans.append(Span(state, begin, end))

    known = start
    for row in minutes:
        if row["at"] < known:
            continue
        add(None, known, row["at"]) if row["at"] > known else None
        seconds = [row[name] for name in STATES]
        longest = max(seconds)
        add(seconds.index(longest) if longest > 0 else None, row["at"], row["at"] + MINUTE)
        known = row["at"] + MINUTE
    if known < stop:
        add(None, known, stop)
    return spans


def hours_of(minutes: Iterable[Mapping[str, Any]]) -> list[Sums]:
    """Sums of what is ``believed`` by hour, of the hours in which anything was heard."""
    groups: dict[int, list[Mapping[str, Any]]] = {}
    for row in minutes:
        groups.setdefault(row["at"] - row["at"] % HOUR, []).append(row)
    return [
        Sums(
            start,
            tuple(sum(row[name] for row in rows if row["believed"]) for name in STATES),
            _moved(rows, "total"),
            _moved(rows, "good_count"),
            _moved(rows, "energy"),
            len(rows),
        )
        for start, rows in groups.items()
    ]


def _moved(rows: Sequence[Mapping[str, Any]], meter: str) -> Any:
    """What a meter moved; None where there is none."""
    told = [row[meter] for row in rows if row["believed"] and row[meter] is not None]
    return sum(told) if told else None
