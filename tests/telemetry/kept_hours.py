"""A store with hours as presence would have computed them: who was live when, and what its machines did."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from shazhou.city.calendar import Calendar
from shazhou.telemetry.door.standings import day_bounds
from shazhou.telemetry.store.schema import EVENTS, HOURS, MACHINE_HOURS
from shazhou.telemetry.store.store import Store, folder_of

ZONE = "Asia/Shanghai"
WORK = Calendar.parse(["mon-fri 08:00-17:30"], ZONE)
HOUR = 3_600_000


def moment(text: str) -> int:
    """Milliseconds of a time in the city's zone."""
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(ZONE)).timestamp() * 1000)


def days(first: str, count: int) -> list[date]:
    """So many days from one on."""
    return [date.fromisoformat(first) + timedelta(days=each) for each in range(count)]


@cache
def working_seconds(hour: int) -> int:
    """Working time in an hour that begins at a moment."""
    return int(WORK.seconds(*(datetime.fromtimestamp(each / 1000, ZoneInfo(ZONE)) for each in (hour, hour + HOUR))))


def hour_rows(node: str, day: date, live: bool, origin: str = "", doubts: Collection[str] = ()) -> list[dict[str, Any]]:
    """The hours of an enterprise's day: all of its working time live, or nothing heard."""
    start, stop = day_bounds(day, ZONE)
    rows = []
    for hour in range(start, stop, HOUR):
        working = working_seconds(hour)
        alive = live and working > 0
        doubted = alive and bool(doubts)
        level, before = (3 if alive else 2 if live else 0), (3 if alive else 2 if live else 0)
        rows.append(
            {
                **{"node": node, "hour": hour, "level": 2 if doubted else level, "before": before, "working": working},
                **{"live": 0 if doubted or not alive else working, "speaking": working if live else 0},
                "reason": f"doubt-{sorted(doubts)[0]}" if doubted else "" if alive else "silent",
                **{"doubts": sorted(doubts) if doubted else [], "mode": "rollup", "origin": origin},
            }
        )
    return rows


def machine_rows(node: str, device: str, day: date, origin: str = "", energy: float = 12.5) -> list[dict[str, Any]]:
    """The hours of a machine that runs from nine to five."""
    start, _ = day_bounds(day, ZONE)
    rows = []
    for hour in range(9, 17):
        rows.append(
            {
                **{"node": node, "device": device, "hour": start + hour * HOUR, "live": 3600, "not_available": 0.0},
                **{
                    "out_of_service": 0.0,
                    "not_executing": 900.0,
                    "executing": 2700.0,
                    "maintenance": 0.0,
                    "setup": 60.0,
                },
                **{"failures": 0, "total": 40, "good_count": 39, "energy": energy, "cycle": 60.0, "minutes": 60},
                "believed": 60,
                "origin": origin,
            }
        )
    return rows


def kept(data: Path, by_day: Iterable[tuple[date, list[dict[str, Any]], list[dict[str, Any]]]]) -> Store:
    """The store beside a ledger, with the hours of some days."""
    store = Store.open(folder_of(data), write=True)
    for day, hours, machines in by_day:
        store.keep_hours(day, pa.Table.from_pylist(hours, HOURS), pa.Table.from_pylist(machines, MACHINE_HOURS))
    return store


def challenged(store: Store, node: str, *moments: str) -> None:
    """Notes challenges that were passed."""
    rows = []
    for number, text in enumerate(moments):
        nonce = f"{node}-{text}-{number}"
        asked = {
            "node": node,
            "device": "",
            "at": moment(text),
            "kind": "challenge",
            "detail": json.dumps({"nonce": nonce}),
        }
        passed = {"nonce": nonce, "after": 900, "read": None}
        rows += [asked, {**asked, "at": asked["at"] + 900, "kind": "challenge-passed", "detail": json.dumps(passed)}]
    store.add(events=pa.Table.from_pylist(rows, EVENTS).combine_chunks().to_batches()[0])
    store.commit()
