"""What is computed from the rows and can be computed again: levels by hour, machines by hour, doubts, and the present.

Each is a file of its own that is replaced whole; whoever may write in the folder may keep them, also while a host runs.
"""

from __future__ import annotations

import json
import os
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from shazhou.ledger.store import put

LIVE = "live.json"

DAY = 86_400_000
"""Milliseconds."""


def keep(folder: Path, name: str, day: date, rows: pa.Table, schema: pa.Schema) -> None:
    """Replaces the rows of a day."""
    sink = pa.BufferOutputStream()
    pq.write_table(rows.select(schema.names).cast(schema), sink, compression="zstd")
    put(folder / name / f"{day}.parquet", sink.getvalue().to_pybytes())


def hours(folder: Path, name: str, schema: pa.Schema, start: int, stop: int, equal: dict[str, str]) -> pa.Table:
    """Rows whose hour begins from a moment to before another, in the order of hours and nodes; a day's file may be of
    any zone's day."""
    days = {_begins(file.stem): file for file in (folder / name).glob("*.parquet")}
    files = [file for begins, file in days.items() if start - 2 * DAY < begins < stop + DAY]
    condition = (pc.field("hour") >= start) & (pc.field("hour") < stop)
    for column, wanted in equal.items():
        if wanted:
            condition &= pc.field(column) == wanted
    tables = [pq.read_table(file, schema=schema, filters=condition) for file in sorted(files)]
    return pa.concat_tables([schema.empty_table(), *tables]).sort_by([("hour", "ascending"), ("node", "ascending")])


def keep_doubts(folder: Path, month: str, doubts: list[dict[str, Any]]) -> None:
    """Replaces the doubts of a month."""
    put(_doubts(folder, month), json.dumps(doubts, ensure_ascii=False).encode())


def doubts(folder: Path, month: str, node: str) -> list[dict[str, Any]]:
    """The doubts of a month, of all enterprises where no node is named."""
    file = _doubts(folder, month)
    found = json.loads(file.read_bytes()) if file.exists() else []
    return [each for each in found if not node or each["node"] == node]


def put_live(folder: Path, state: dict[str, Any]) -> None:
    """Replaces the present; it is not flushed to the device, since after a power cut it is past anyway."""
    partial = folder / f".{LIVE}.{os.getpid()}.partial"
    partial.write_text(json.dumps(state, ensure_ascii=False))
    partial.replace(folder / LIVE)


def live(folder: Path) -> dict[str, Any]:
    """The present as the host told it last; empty where it never did."""
    file = folder / LIVE
    found: dict[str, Any] = json.loads(file.read_bytes()) if file.exists() else {}
    return found


def _doubts(folder: Path, month: str) -> Path:
    return folder / "doubts" / f"{month}.json"


def _begins(day: str) -> int:
    """When a day begins in UTC, in milliseconds."""
    return (date.fromisoformat(day) - date(1970, 1, 1)).days * DAY
