"""Parquet files of one day each: written whole and flushed, never changed, named by the journal."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from shazhou.ledger.store import flush, make_folder
from shazhou.telemetry.store.kinds import Kind


@dataclass(frozen=True)
class File:
    """A file as the journal lists it: its name within the store's folder, the day it is kept under, and the first and
    last moment (``at``) of its rows."""

    name: str
    kind: str
    day: str
    first: int
    last: int
    count: int
    bytes: int


def write(folder: Path, kind: Kind, day: str, rows: Iterable[pa.RecordBatch]) -> File:
    """Writes sorted rows as one file; when it returns they are on the device, but named nowhere yet. Where that fails
    nothing of it stays behind."""
    name = f"{kind.name}/{day}.{secrets.token_hex(8)}.parquet"
    path = folder / name
    make_folder(path.parent)
    first, last, count = [], [], 0
    try:
        with pq.ParquetWriter(path, kind.schema, **_options(kind.schema)) as writer:
            for batch in rows:
                writer.write_batch(batch, row_group_size=kind.together)
                span = pc.min_max(batch.column("at"))
                first.append(span["min"].as_py())
                last.append(span["max"].as_py())
                count += batch.num_rows
        if not count:
            raise ValueError(f"no rows for {name}")
        flush(path)
        flush(path.parent)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return File(name, kind.name, day, min(first), max(last), count, path.stat().st_size)


def _options(schema: pa.Schema) -> dict[str, object]:
    """Moments and numbers that rise are kept as differences; what repeats, as a dictionary."""
    rising = [name for name in ("at", "received", "sequence", "integer") if name in schema.names]
    unique = {*rising, "digest", "signature"}
    return {
        "compression": "zstd",
        "use_dictionary": [name for name in schema.names if name not in unique],
        "column_encoding": dict.fromkeys(rising, "DELTA_BINARY_PACKED"),
    }
