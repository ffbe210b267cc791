"""A month of one enterprise: days by hours of levels, doubts with their evidence, gaps, challenges, machines."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from shazhou.telemetry.store.store import Store

EVENTS_SHOWN = ("birth", "death", "stale", "gap", "records-lost", "challenge", "challenge-passed", "challenge-failed")
MONTH = re.compile(r"20\d\d-(0[1-9]|1[0-2])")
_SUMS = ("live", "executing", "total", "good_count", "energy", "failures")


@dataclass(frozen=True)
class Hour:
    """An hour: level after doubts and before them, why the next was not reached, working seconds in it."""

    level: int
    before: int
    reason: str
    doubts: tuple[str, ...]
    working: int


@dataclass(frozen=True)
class Gap:
    """A time without word: ``offline`` until it was born again, or ``lost``: messages that are ``missing`` for good.
    ``stop`` is None where it lasts."""

    kind: str
    start: int
    stop: int | None
    missing: int = 0


@dataclass(frozen=True)
class Challenge:
    """A challenge: ``passed`` after so many ms, failed for a reason (``why``), or not answered yet (passed None).
    ``read``: whether a tag read from the machine agreed, None where none was asked for."""

    at: int
    passed: bool | None
    after: int = 0
    read: bool | None = None
    why: str = ""


@dataclass(frozen=True)
class Machine:
    """A machine's month: seconds live and executing, what its meters moved (None without one), last hour heard (ms)."""

    device: str
    live: int
    executing: float
    total: int | None
    good_count: int | None
    energy: float | None
    failures: int
    last: int


@dataclass(frozen=True)
class Month:
    """A month of an enterprise, in its city's zone; a day has 24 hours, None where nothing is known. ``modes`` as they
    were in use."""

    node: str
    month: str
    days: tuple[tuple[date, tuple[Hour | None, ...]], ...]
    doubts: tuple[dict[str, Any], ...]
    gaps: tuple[Gap, ...]
    challenges: tuple[Challenge, ...]
    machines: tuple[Machine, ...]
    modes: tuple[str, ...]
    origins: frozenset[str]


def bounds(month: str, zone: str) -> tuple[int, int]:
    """The month (``2026-11``) as moments: its beginning and its end in ms.

    Raises:
        ValueError: it is no month.
    """
    if not MONTH.fullmatch(month):
        raise ValueError(month)
    first = datetime(int(month[:4]), int(month[5:]), 1, tzinfo=ZoneInfo(zone))
    after = (first + timedelta(days=32)).replace(day=1)
    return _ms(first), _ms(after)


def month_at(now: int, zone: str) -> str:
    """The month of a moment in ms."""
    return f"{datetime.fromtimestamp(now / 1000, ZoneInfo(zone)):%Y-%m}"


def month_of(store: Store, node: str, month: str, zone: str, until: date | None = None) -> Month:
    """What is known of an enterprise in a month, or in its days up to ``until`` (with that day).

    Raises:
        ValueError: it is no month.
    """
    start, stop = bounds(month, zone)
    if until is not None:
        after = until + timedelta(days=1)
        stop = min(stop, _ms(datetime(after.year, after.month, after.day, tzinfo=ZoneInfo(zone))))
    hours = store.hours(start, stop, node=node).to_pylist()
    events = [
        {**row, "detail": json.loads(row["detail"] or "{}")}
        for row in store.events(start, stop, node=node, kinds=EVENTS_SHOWN).sort_by("at").to_pylist()
    ]
    machines = machines_of(store.machine_hours(start, stop, node=node))
    return Month(
        node,
        month,
        _days(hours, start, stop, ZoneInfo(zone)),
        tuple(each for each in store.doubts(month, node=node) if each["start"] < stop),
        tuple(gaps_of(events)),
        tuple(challenges_of(events)),
        machines,
        tuple(sorted({row["mode"] for row in hours} - {""})),
        frozenset(row["origin"] for row in hours) - {""},
    )


def gaps_of(events: Iterable[Mapping[str, Any]]) -> list[Gap]:
    """The times without word that events tell of, in order; ``detail`` is read already."""
    found, offline = list[Gap](), None
    for event in events:
        kind, detail = event["kind"], event["detail"]
        if kind in ("gap", "records-lost"):
            missing = int(detail.get("missing", detail.get("count", 0)))
            found.append(Gap("lost", detail.get("from", event["at"]), detail.get("to", event["at"]), missing))
        elif event["device"]:
            continue
        elif kind in ("death", "stale") and offline is None:
            offline = detail.get("since", event["at"])
        elif kind == "birth" and offline is not None:
            found.append(Gap("offline", offline, event["at"]))
            offline = None
    if offline is not None:
        found.append(Gap("offline", offline, None))
    return sorted(found, key=lambda gap: gap.start)


def challenges_of(events: Iterable[Mapping[str, Any]]) -> list[Challenge]:
    """The challenges that events tell of, in order of asking; ``detail`` is read already."""
    found: dict[str, Challenge] = {}
    for event in events:
        detail = event["detail"]
        nonce, asked = str(detail.get("nonce", "")), event["at"]
        if event["kind"] == "challenge":
            found[nonce] = Challenge(asked, None)
        elif event["kind"] == "challenge-passed":
            asked = found[nonce].at if nonce in found else asked
            found[nonce] = Challenge(asked, True, int(detail.get("after", 0)), detail.get("read"))
        elif event["kind"] == "challenge-failed":
            asked = found[nonce].at if nonce in found else asked
            found[nonce] = Challenge(asked, False, why=str(detail.get("why", "")))
    return sorted(found.values(), key=lambda each: each.at)


def machines_of(hours: pa.Table) -> tuple[Machine, ...]:
    """Machines by their hours (rows of MACHINE_HOURS)."""
    if not hours.num_rows:
        return ()
    sums = hours.group_by("device").aggregate([*((name, "sum") for name in _SUMS), ("hour", "max")])
    return tuple(
        Machine(row["device"], last=row["hour_max"], **{name: row[f"{name}_sum"] for name in _SUMS})
        for row in sums.sort_by("device").to_pylist()
    )


def _days(
    hours: Sequence[Mapping[str, Any]], start: int, stop: int, zone: ZoneInfo
) -> tuple[tuple[date, tuple[Hour | None, ...]], ...]:
    """The days of the month that have begun to be known, each with its hours."""
    grid: dict[date, list[Hour | None]] = {}
    day, last = datetime.fromtimestamp(start / 1000, zone).date(), datetime.fromtimestamp(stop / 1000, zone).date()
    while day < last:
        grid[day] = [None] * 24
        day += timedelta(days=1)
    for row in hours:
        local = datetime.fromtimestamp(row["hour"] / 1000, zone)
        grid[local.date()][local.hour] = Hour(
            row["level"], row["before"], row["reason"], tuple(row["doubts"]), row["working"]
        )
    return tuple((each, tuple(found)) for each, found in grid.items())


def _ms(moment: datetime) -> int:
    return int(moment.astimezone(UTC).timestamp() * 1000)
