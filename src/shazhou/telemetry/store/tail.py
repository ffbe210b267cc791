"""The tail: batches of rows as they were committed, each an Arrow message in the journal.

A message is one of an Arrow stream without the schema before it, which is the kind's: to read a schema again for each
of thousands of small batches takes longer than the rows.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from shazhou.telemetry.store.kinds import Kind

COMPRESSED = 65_536
"""Bytes of rows from which on a batch is compressed: below, to decompress takes more time than it spares room."""

_PLAIN, _LZ4 = pa.ipc.IpcWriteOptions(), pa.ipc.IpcWriteOptions(compression="lz4")


@dataclass(frozen=True)
class Frame:
    """A batch of one kind of rows in the tail, encoded."""

    id: int
    kind: str
    rows: bytes


def append(connection: sqlite3.Connection, kind: Kind, rows: pa.Table) -> int:
    """Writes rows at the end, within a transaction; the bytes that they take."""
    encoded = _encoded(kind.schema, rows)
    span = pc.min_max(rows.column("at"))
    connection.execute(
        "INSERT INTO tail (kind, first, last, count, rows) VALUES (?, ?, ?, ?, ?)",
        (kind.name, span["min"].as_py(), span["max"].as_py(), rows.num_rows, encoded),
    )
    return int(encoded.size)


def frames(connection: sqlite3.Connection, where: str = "TRUE", arguments: Iterable[object] = ()) -> list[Frame]:
    """What is in the tail, in the order it was written."""
    found = connection.execute(f"SELECT id, kind, rows FROM tail WHERE {where} ORDER BY id", tuple(arguments))
    return [Frame(*row) for row in found]


def oldest(connection: sqlite3.Connection, newest: int, most: int) -> list[Frame]:
    """The oldest frames up to a number, as many as fit into so many bytes and at least one."""
    found: list[Frame] = []
    size = 0
    for row in connection.execute("SELECT id, kind, rows FROM tail WHERE id <= ? ORDER BY id", (newest,)):
        size += len(row[2])
        if found and size > most:
            break
        found.append(Frame(*row))
    return found


def newest(connection: sqlite3.Connection) -> int:
    """The number of the newest frame; 0 where there is none."""
    return int(connection.execute("SELECT coalesce(max(id), 0) FROM tail").fetchone()[0])


def table(kind: Kind, found: Iterable[Frame]) -> pa.Table:
    """The rows of frames of one kind, in one piece: what reads it takes each piece by itself."""
    batches = [pa.ipc.read_record_batch(pa.py_buffer(frame.rows), kind.schema) for frame in found]
    return pa.Table.from_batches(batches, kind.schema).combine_chunks()


def size(connection: sqlite3.Connection) -> tuple[int, int]:
    """How many frames there are and how many bytes they take."""
    count, total = connection.execute("SELECT count(*), coalesce(sum(length(rows)), 0) FROM tail").fetchone()
    return int(count), int(total)


def _encoded(schema: pa.Schema, rows: pa.Table) -> pa.Buffer:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, schema, options=_LZ4 if rows.nbytes >= COMPRESSED else _PLAIN) as writer:
        writer.write_table(rows.combine_chunks())
    return sink.getvalue().slice(schema.serialize().size)
