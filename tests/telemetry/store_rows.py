"""Rows to put into a store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa

from shazhou.telemetry.store.schema import EVENTS, MINUTES, SAMPLES
from shazhou.telemetry.store.store import Store

DAY = 86_400_000
START = 20_000 * DAY
"""2024-10-04."""


def samples(rows: Iterable[Mapping[str, Any]]) -> pa.RecordBatch:
    """Samples; what a row leaves out is a good number received at once."""
    usual = {"integer": None, "real": None, "text": None, "quality": 192, "historical": False, "sequence": 0}
    return _batch([{**usual, "received": row["at"], **row} for row in rows], SAMPLES)


def minutes(rows: Iterable[Mapping[str, Any]]) -> pa.RecordBatch:
    """Minutes; what a row leaves out is a minute of production."""
    usual: dict[str, Any] = {"not_available": 0.0, "out_of_service": 0.0, "not_executing": 0.0, "executing": 60.0}
    usual |= {"maintenance": 0.0, "setup": 0.0, "failures": 0, "total": None, "good_count": None, "energy": None}
    usual |= {"cycle": None, "samples": 60, "times": 60, "good": 1.0, "values": 5, "digest": "d", "signature": "s"}
    usual |= {"signed": True, "historical": False, "sequence": 0, "origin": "", "mode": "rollup", "device": "press"}
    return _batch([{**usual, "received": row["at"], **row} for row in rows], MINUTES)


def events(rows: Iterable[Mapping[str, Any]]) -> pa.RecordBatch:
    """Events; what a row leaves out is a birth of the node."""
    return _batch([{"device": "", "kind": "birth", "detail": "{}", **row} for row in rows], EVENTS)


def put_in(writer: Store, number: int) -> None:
    """Adds a record: three samples, a minute, an event and its mark, on one of seven days."""
    at = START + number % 7 * DAY + number
    series = writer.series("e1", "press", f"tag {number % 5}", 11)
    writer.add(
        samples([{"series": series, "at": at, "integer": number, "sequence": number}] * 3),
        minutes([{"node": "e1", "at": at, "sequence": number}]),
        events([{"node": "e1", "at": at, "detail": str(number)}]),
        {("e1", "agent"): number},
    )


def _batch(rows: list[dict[str, Any]], schema: pa.Schema) -> pa.RecordBatch:
    return pa.RecordBatch.from_pylist(rows, schema=schema)
