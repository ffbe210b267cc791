"""A ledger with a register of simulated enterprises that promised to connect, and a store with their hours, a machine's
minutes, doubts, challenges and the present, as host and presence would have left them at a moment."""

from __future__ import annotations

import json
import random
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
from real_city import ZHANGJIAGANG

from shazhou.city.folder import read_city
from shazhou.city.model import Source
from shazhou.intake.load import load_file
from shazhou.ledger.ledger import Ledger
from shazhou.ledger.submission import Delivery
from shazhou.telemetry.enrolment import enrolled, source_named
from shazhou.telemetry.statement import Statement, observations
from shazhou.telemetry.store.schema import EVENTS, HOURS, MACHINE_HOURS, MINUTES
from shazhou.telemetry.store.store import Store, folder_of

ZONE = "Asia/Shanghai"
NOW = int(datetime(2026, 11, 26, 10, 30, tzinfo=ZoneInfo(ZONE)).timestamp() * 1000)
HOUR = 3_600_000
MINUTE = 60_000
HEADER = "name_zh,name_en,town,industry,registered,promised,working_hours,key,note"


def online_city(folder: Path, enterprises: int = 30, now: int = NOW, origin: str = "simulated") -> Ledger:
    """The ledger in a folder, with its store beside it."""
    city = read_city(ZHANGJIAGANG)
    ledger = Ledger.create(folder)
    towns = sorted(each.key for each in city.places.values() if each.parent == city.root)
    industries = sorted(city.industries)
    listed = folder.parent / "joining.csv"
    lines = [
        f"模拟企业{n:03},Simulated works {n:03},{towns[n % len(towns)]},{industries[n % len(industries)]},"
        "2026-01-05,2026-12-31,,,"
        for n in range(enterprises)
    ]
    listed.write_text("\n".join([HEADER, *lines]) + "\n", encoding="utf-8")
    load_file(ledger, city, listed, "joining", "joining", "bureau", origin)
    nodes = sorted(enrolled(ledger, city))
    fill(folder, nodes, now, origin)
    _deliver(
        ledger,
        source_named(city, "telemetry"),
        nodes,
        f"{datetime.fromtimestamp(now / 1000, ZoneInfo(ZONE)):%Y-%m}",
        origin,
    )
    return ledger


def _deliver(ledger: Ledger, source: Source, nodes: list[str], month: str, origin: str) -> None:
    """What the door has put into the ledger of the month so far: those live and challenged are online."""
    stated = [
        Statement(f"enterprise:{node}", variable, month, value=Decimal(value), unit=unit, status="P", origin=origin)
        for number, node in enumerate(nodes)
        for variable, unit, value in (("online_days", "days", 19), ("challenges_passed", "count", 26))
        if number % 5 >= 3
    ]
    delivery = Delivery(
        "telemetry", "host", "telemetry", f"Telemetry {month}", b"{}", "month.json", source=source.title
    )
    ledger.append(delivery, observations(stated, source, f"{month}-26"))


def fill(data: Path, nodes: list[str], now: int = NOW, origin: str = "simulated") -> None:
    """Fills the store beside a ledger: of every five enterprises one was never heard, one is connected only, one has
    doubts, one is live and one is challenged; the first machine has the minutes of a day."""
    with Store.open(folder_of(data), write=True) as store:
        first = datetime.fromtimestamp(now / 1000, ZoneInfo(ZONE)).replace(
            day=1, hour=0, minute=0, second=0, microsecond=0
        )
        begin, end = int(first.timestamp() * 1000), now - now % HOUR
        of_day: dict[date, tuple[list[dict[str, Any]], list[dict[str, Any]]]] = {}
        for hour in range(begin, end, HOUR):
            rows, machines = of_day.setdefault(datetime.fromtimestamp(hour / 1000, UTC).date(), ([], []))
            for number, node in enumerate(nodes):
                rows.append(_hour(node, number % 5, hour, origin))
                if number % 5 in (2, 3, 4):
                    machines.append(_machine_hour(node, hour, origin))
        for day, (rows, machines) in of_day.items():
            store.keep_hours(day, pa.Table.from_pylist(rows, HOURS), pa.Table.from_pylist(machines, MACHINE_HOURS))
        month = f"{first:%Y-%m}"
        store.keep_doubts(month, [_doubt(node, end) for number, node in enumerate(nodes) if number % 5 == 2])
        store.add(minutes=_minutes(nodes[3], now, origin), events=_events(nodes, begin, end))
        store.commit()
        store.put_live(live(nodes, now, origin))


def live(nodes: list[str], now: int, origin: str = "simulated") -> dict[str, Any]:
    """The present as the host tells it."""
    levels = {1: 1, 2: 3, 3: 3, 4: 3}
    return {
        "at": now,
        "host": "shazhou",
        "brokers": {},
        "quarantined": {"not-protobuf": 2},
        "nodes": {
            node: {
                "online": True,
                "born": now - HOUR,
                "last": now - 2_000,
                "mode": "pulse" if number % 5 == 1 else "rollup",
                "origin": origin,
                "level": levels[number % 5],
                "agent": "a",
                "devices": {"press": {"online": True, "state": 3, "last": now - 2_000}},
            }
            for number, node in enumerate(nodes)
            if number % 5 in levels
        },
    }


def _hour(node: str, sort: int, hour: int, origin: str) -> dict[str, Any]:
    local = datetime.fromtimestamp(hour / 1000, ZoneInfo(ZONE))
    working = 3600 if local.weekday() < 5 and 8 <= local.hour < 17 else 0
    level, before, reason, doubts = {
        0: (0, 0, "silent", []),
        1: (2, 2, "pulse-mode", []),
        2: (2, 3, "doubt-clone", ["clone"]),
        3: (3, 3, "not-challenged", []),
        4: (4, 4, "", []),
    }[sort]
    return {
        "node": node,
        "hour": hour,
        "level": level,
        "before": before,
        "working": working,
        "live": 3600 if level >= 3 else 0,
        "speaking": 3600 if level >= 2 else 0,
        "reason": reason,
        "doubts": doubts,
        "mode": {0: "", 1: "pulse"}.get(sort, "rollup"),
        "origin": origin,
    }


def _machine_hour(node: str, hour: int, origin: str) -> dict[str, Any]:
    return {
        "node": node,
        "device": "press",
        "hour": hour,
        "live": 3600,
        "not_available": 0.0,
        "out_of_service": 60.0,
        "not_executing": 540.0,
        "executing": 3000.0,
        "maintenance": 0.0,
        "setup": 0.0,
        "failures": 0,
        "total": 100,
        "good_count": 97,
        "energy": 12.5,
        "cycle": 30.0,
        "minutes": 60,
        "believed": 60,
        "origin": origin,
    }


def _doubt(node: str, end: int) -> dict[str, Any]:
    evidence = {"twin": "another-works", "minutes": 57}
    return {
        "node": node,
        "device": "press",
        "kind": "clone",
        "start": end - 2 * HOUR,
        "stop": end,
        "lowers_to": 2,
        "evidence": evidence,
    }


def _minutes(node: str, now: int, origin: str) -> pa.RecordBatch:
    """From midnight to now, with a silence at three; a state each quarter of an hour."""
    chance = random.Random(7)
    day = datetime.fromtimestamp(now / 1000, ZoneInfo(ZONE)).replace(hour=0, minute=0, second=0, microsecond=0)
    start, rows = int(day.timestamp() * 1000), []
    for minute in range((now - start) // MINUTE):
        if 180 <= minute < 200:
            continue
        state = ("not_executing", "executing", "executing", "out_of_service")[minute // 15 % 4]
        seconds = {
            name: 60.0 if name == state else 0.0
            for name in ("not_available", "out_of_service", "not_executing", "executing")
        }
        made = chance.randint(1, 3) if state == "executing" else 0
        rows.append(
            {
                "node": node,
                "device": "press",
                "at": start + minute * MINUTE,
                "received": start + minute * MINUTE + 61_000,
                **seconds,
                "maintenance": 0.0,
                "setup": 0.0,
                "failures": 0,
                "total": made,
                "good_count": made,
                "energy": 0.5 if made else 0.1,
                "cycle": 30.0,
                "samples": 60,
                "times": 60,
                "good": 1.0,
                "values": 60,
                "digest": f"{minute}",
                "signature": "",
                "signed": True,
                "historical": False,
                "sequence": minute + 1,
                "origin": origin,
                "mode": "rollup",
            }
        )
    return pa.RecordBatch.from_pylist(rows, MINUTES)


def _events(nodes: list[str], begin: int, end: int) -> pa.RecordBatch:
    rows = []
    for number, node in enumerate(nodes):
        told: list[tuple[int, str, dict[str, Any]]] = []
        if number % 5:
            told = [(begin, "birth", {"bdSeq": 0}), (begin + 30 * MINUTE, "death", {"bdSeq": 0})]
            told += [(begin + 50 * MINUTE, "birth", {"bdSeq": 1})]
            told += [
                (
                    begin + 55 * MINUTE,
                    "gap",
                    {"expected": 3, "got": 6, "from": begin + 54 * MINUTE, "to": begin + 55 * MINUTE, "missing": 3},
                )
            ]
        if number % 5 >= 3:
            for asked in range(begin + 9 * HOUR, end, 24 * HOUR):
                told += [(asked, "challenge", {"nonce": f"n{asked}"})]
                told += [(asked + 900, "challenge-passed", {"nonce": f"n{asked}", "after": 900, "read": None})]
        rows += [
            {"node": node, "device": "", "at": at, "kind": kind, "detail": json.dumps(detail)}
            for at, kind, detail in told
        ]
    return pa.RecordBatch.from_pylist(rows, EVENTS)
