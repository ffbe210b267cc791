"""Minutes and events as a host stores them, made for a test: one day of Shanghai, rows as a table."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from shazhou.city.calendar import Calendar
from shazhou.city.model import PresenceRule
from shazhou.telemetry.presence.digests import Past
from shazhou.telemetry.presence.doubt import Doubt
from shazhou.telemetry.presence.doubts.all import doubts_of
from shazhou.telemetry.presence.hours import hours_of
from shazhou.telemetry.store.schema import EVENTS, MINUTES

HOUR = 3_600_000
DAY = 24 * HOUR
MIDNIGHT = int(datetime(2026, 11, 25, 16, tzinfo=UTC).timestamp() * 1000)
"""Thursday 26 November 2026 begins in Shanghai."""
SPAN = (MIDNIGHT, MIDNIGHT + DAY)
WORK = Calendar.parse(["mon-fri 08:00-17:00"], "Asia/Shanghai")

Row = dict[str, Any]


def at(text: str) -> int:
    """A moment of the day, such as 08:30."""
    hours, minutes = text.split(":")
    return MIDNIGHT + int(hours) * HOUR + int(minutes) * 60_000


def noise(*parts: object) -> float:
    """A number from 0 to 1 that depends on nothing but the parts."""
    return int.from_bytes(hashlib.blake2b(repr(parts).encode(), digest_size=6).digest(), "big") / 2**48


def digest(*parts: object) -> str:
    return hashlib.blake2b(repr(parts).encode(), digest_size=16).hexdigest()


def machine(
    node: str,
    device: str = "press",
    begin: str = "08:00",
    end: str = "17:00",
    change: Callable[[Row], Row] | None = None,
    day: int = 0,
) -> list[Row]:
    """The minutes of a machine that works with small stops, read once a second; ``change`` gives what differs."""
    rows = []
    for moment in range(at(begin) + day * DAY, at(end) + day * DAY, 60_000):
        stopped = noise(node, device, moment, "stop")
        executing = 60.0 if stopped > 0.1 else round(600 * stopped, 3)
        row: Row = {
            "node": node,
            "device": device,
            "at": moment,
            "received": moment + 62_000 + round(400 * noise(node, moment)),
            "not_available": 0.0,
            "out_of_service": 0.0,
            "not_executing": 60.0 - executing,
            "executing": executing,
            "maintenance": 0.0,
            "setup": 0.0,
            "failures": 0,
            "total": 2,
            "good_count": 2,
            "energy": round(executing / 60 * (0.5 + noise(node, device, moment, "kWh") / 5), 3),
            "cycle": 30.0,
            "samples": 300,
            "times": 60,
            "good": 1.0,
            "values": 40,
            "digest": digest(node, device, moment),
            "signature": "signature",
            "signed": True,
            "historical": False,
            "sequence": (moment - MIDNIGHT) // 60_000 + 1,
            "origin": "",
            "mode": "rollup",
        }
        rows.append(row | (change(row) if change else {}))
    return rows


def at_rest(row: Row) -> Row:
    """A machine that is on and does nothing: its times advance, its values stay."""
    rest = {"executing": 0.0, "not_executing": 60.0, "energy": 0.0, "total": 0, "good_count": 0}
    return rest | {"values": 1, "digest": digest("at rest")}


def full_load(row: Row) -> Row:
    """Executing throughout, with a meter of whole watt-hours."""
    return {"executing": 60.0, "not_executing": 0.0, "energy": round(0.4 + 0.3 * noise(row["at"]), 3)}


def event(node: str, moment: int, kind: str, **detail: Any) -> Row:
    return {"node": node, "device": "", "at": moment, "kind": kind, "detail": json.dumps(detail)}


def birth(node: str, moment: int = MIDNIGHT - HOUR, **detail: Any) -> Row:
    """A birth that says what it must, everything of its own."""
    own = {"mode": "rollup", "gateway": f"gateway {node}", "agent": f"agent {node}", "key": f"key {node}"}
    return event(node, moment, "birth", **(own | detail))


def minutes_of(*rows: Iterable[Row]) -> pa.Table:
    return pa.Table.from_pylist([row for each in rows for row in each], schema=MINUTES)


def events_of(*rows: Row) -> pa.Table:
    return pa.Table.from_pylist(list(rows), schema=EVENTS)


def doubts(
    minutes: pa.Table,
    events: pa.Table | None = None,
    past: Past | None = None,
    span: tuple[int, int] = SPAN,
    calendar: Calendar = WORK,
) -> list[Doubt]:
    known = events if events is not None else events_of()
    return doubts_of(minutes, known, dict.fromkeys(minutes["node"].unique().to_pylist(), calendar), span, past)


def kinds(found: Iterable[Doubt]) -> set[tuple[str, str]]:
    return {(each.node, each.kind) for each in found}


def levels(
    minutes: pa.Table, events: pa.Table | None = None, joined: Iterable[str] = (), judge: bool = True
) -> dict[tuple[str, str], Row]:
    """The day's hours by node and time, such as 08:00."""
    known = events if events is not None else events_of()
    nodes = sorted({*joined, *minutes["node"].to_pylist(), *known["node"].to_pylist()})
    found = doubts(minutes, known) if judge else []
    hours, _ = hours_of(minutes, known, dict.fromkeys(nodes, WORK), nodes, PresenceRule(), found, SPAN)
    return {(row["node"], f"{(row['hour'] - MIDNIGHT) // HOUR:02d}:00"): row for row in hours.to_pylist()}
