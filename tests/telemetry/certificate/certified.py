"""A certificate of an enterprise that was online in November, with a doubt, a gap and a machine; and its ledger."""

from __future__ import annotations

import json
import tempfile
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
from kept_hours import challenged, days, hour_rows, kept, machine_rows, moment
from register_city import register, zhangjiagang

from shazhou.ledger.ledger import Ledger
from shazhou.telemetry.certificate.certificate import certificate_of
from shazhou.telemetry.certificate.signature import city_key, signed
from shazhou.telemetry.door.deliver import deliver
from shazhou.telemetry.enrolment import enrolled
from shazhou.telemetry.store.schema import EVENTS
from shazhou.telemetry.store.store import Store

STEEL = "沙洲钢厂,Shazhou Steelworks,锦丰镇,metallurgy,2026-09-01,2026-10,,,"
NOW = datetime(2026, 12, 1, 2, 0, tzinfo=UTC)
_FOLDER = tempfile.TemporaryDirectory()
"""For ledgers; it goes with this process."""

NOVEMBER = days("2026-11-01", 30)


@cache
def city_with_november(origin: str) -> tuple[Ledger, Store, str]:
    """A ledger with one enterprise, its store, and its node; the month is delivered. Made once, for reading."""
    folder = Path(_FOLDER.name) / (origin or "real")
    folder.mkdir()
    ledger = register(folder, STEEL, simulated=origin == "simulated")
    [node] = enrolled(ledger, zhangjiagang())
    by_day = []
    for day in NOVEMBER:
        doubts = ["clone"] if day.day == 12 else []
        by_day.append((day, hour_rows(node, day, True, origin, doubts), machine_rows(node, "press", day, origin)))
    store = kept(ledger.folder, by_day)
    challenged(store, node, "2026-11-12 10:17", "2026-11-19 22:03")
    away = [("death", "2026-11-17 20:00"), ("birth", "2026-11-17 21:30")]
    rows = [{"node": node, "device": "", "at": moment(at), "kind": kind, "detail": "{}"} for kind, at in away]
    store.add(events=pa.Table.from_pylist(rows, EVENTS).to_batches()[0])
    store.commit()
    span = {"start": moment("2026-11-12 08:00"), "stop": moment("2026-11-12 17:30")}
    evidence = {"same_as": [["e2222222222", "lathe"]], "minutes": 570, "delay": 0}
    doubt = {"node": node, "device": "press", "kind": "clone", **span, "lowers_to": 2, "evidence": evidence}
    store.keep_doubts("2026-11", [doubt])
    deliver(store, ledger, zhangjiagang(), NOVEMBER[-1:], "host", NOW.date())
    return ledger, store, node


@cache
def certificate(origin: str) -> dict[str, Any]:
    """The signed certificate; not to be changed."""
    ledger, store, node = city_with_november(origin)
    return signed(certificate_of(store, ledger, zhangjiagang(), node, "2026-11", NOW), city_key(store.folder))


def copy_of(content: dict[str, Any]) -> dict[str, Any]:
    """A certificate that can be changed without changing the first."""
    found: dict[str, Any] = json.loads(json.dumps(content))
    return found
