"""From the tail into Parquet, and from many files of a day into few.

Files that the journal does not name are not there for a reader, and one transaction names the new and forgets the old:
a crash at any point leaves every row exactly once. What such a crash leaves unnamed is deleted when a writer opens the
store next. A row is kept under the day (UTC) of its own time, or, where that is out of all proportion to when it was
received, under the day it was received on; reading goes by the times themselves, never by that day.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Iterator
from dataclasses import astuple
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from shazhou.telemetry.store import tail
from shazhou.telemetry.store.journal import transaction
from shazhou.telemetry.store.kinds import KINDS, Kind
from shazhou.telemetry.store.parquet import File, write

DAY = 86_400_000
"""Milliseconds."""

OLDEST = 400 * DAY
NEWEST = DAY
"""How much older or newer than its arrival a row may be to be kept under its own day."""

LAST_DAY = 2_932_896
"""The last day that a calendar has: 9999-12-31."""

TOGETHER = 16_000_000
"""Bytes of the tail that are unpacked and sorted at a time: in memory some fifteen times as much."""

FULL = 20_000_000
"""Rows from which on a file is not rewritten any more."""

MANY = 32
"""Files of an unfinished day that are brought together; of a finished day two are."""


def roll(folder: Path, connection: sqlite3.Connection) -> int:
    """Moves the tail as it is now into files, sorted, `TOGETHER` bytes at a time; the number of rows moved."""
    newest, moved = tail.newest(connection), 0
    while frames := tail.oldest(connection, newest, TOGETHER):
        made = []
        for kind in KINDS.values():
            rows = tail.table(kind, (frame for frame in frames if frame.kind == kind.name))
            made += [write(folder, kind, day, part.to_batches()) for day, part in _by_day(kind, rows)]
        with transaction(connection):
            connection.executemany("DELETE FROM tail WHERE id = ?", [(frame.id,) for frame in frames])
            _name(connection, made)
        moved += sum(file.count for file in made)
    return moved


def merge(folder: Path, connection: sqlite3.Connection, engine: duckdb.DuckDBPyConnection, today: date) -> list[File]:
    """Brings together the small files of each day; the files made. What cannot be read or written stays as it is and
    stops none of the others.

    Raises:
        ExceptionGroup: why some stayed, each with the files as a note; the others are made by then.
    """
    made: list[File] = []
    failed: list[Exception] = []
    for kind in KINDS.values():
        for day, files in _small(connection, kind).items():
            if len(files) < (2 if day < today.isoformat() else MANY):
                continue
            for group in _groups(files):
                try:
                    made.append(_merged(folder, connection, engine, kind, day, group))
                except sqlite3.Error:
                    raise
                except Exception as error:
                    # Whatever its bytes make of a damaged file, down to an error whose text is no text.
                    error.add_note(f"not brought together: {', '.join(file.name for file in group)}")
                    failed.append(error)
    if failed:
        raise ExceptionGroup("not all files of the telemetry were brought together", failed)
    return made


def named(connection: sqlite3.Connection, where: str = "TRUE", arguments: Iterable[object] = ()) -> list[File]:
    """Files that the journal names, oldest first."""
    columns = "name, kind, day, first, last, count, bytes"
    found = connection.execute(f"SELECT {columns} FROM file WHERE {where} ORDER BY day, name", tuple(arguments))
    return [File(*row) for row in found]


def delete_unnamed(folder: Path, connection: sqlite3.Connection) -> None:
    """Deletes what a writer that died had not yet named or not yet deleted."""
    known = {file.name for file in named(connection)}
    for kind in KINDS:
        for path in (folder / kind).glob("*.parquet"):
            if path.relative_to(folder).as_posix() not in known:
                path.unlink()


def forget(connection: sqlite3.Connection, files: Collection[File]) -> None:
    """Takes files off the list, within a transaction; delete them from the folder after it."""
    connection.executemany("DELETE FROM file WHERE name = ?", [(file.name,) for file in files])


def delete(folder: Path, files: Iterable[File]) -> None:
    """Deletes files; a reader who still goes by the list of before asks anew."""
    for file in files:
        (folder / file.name).unlink(missing_ok=True)


def _name(connection: sqlite3.Connection, files: Iterable[File]) -> None:
    connection.executemany("INSERT INTO file VALUES (?, ?, ?, ?, ?, ?, ?)", [astuple(file) for file in files])


def _by_day(kind: Kind, rows: pa.Table) -> Iterator[tuple[str, pa.Table]]:
    """The rows by the day that they are kept under, sorted."""
    if not rows.num_rows:
        return
    at, received = (rows.column(name).to_numpy() for name in ("at", kind.received))
    own = (at >= received - OLDEST) & (at <= received + NEWEST)
    days = np.clip(np.where(own, at, received) // DAY, 0, LAST_DAY)
    rows = rows.append_column("kept", pa.array(days))
    rows = rows.sort_by([(name, "ascending") for name in ("kept", *kind.sorted_by)]).combine_chunks()
    days = rows.column("kept").to_numpy()
    rows = rows.drop_columns(["kept"])
    starts = [0, *(np.flatnonzero(np.diff(days)) + 1).tolist(), len(days)]
    for start, stop in pairwise(starts):
        yield _label(int(days[start])), rows.slice(start, stop - start)


def _label(day: int) -> str:
    return datetime.fromtimestamp(day * 86_400, UTC).date().isoformat()


def _small(connection: sqlite3.Connection, kind: Kind) -> dict[str, list[File]]:
    found: dict[str, list[File]] = {}
    for file in named(connection, "kind = ? AND count < ?", (kind.name, FULL)):
        found.setdefault(file.day, []).append(file)
    return found


def _groups(files: Iterable[File]) -> Iterator[list[File]]:
    """Files that become one, each group of two or more and filled up to what one file may hold."""
    group: list[File] = []
    for file in files:
        group.append(file)
        if sum(each.count for each in group) >= FULL:
            yield group
            group = []
    if len(group) > 1:
        yield group


def _merged(
    folder: Path,
    connection: sqlite3.Connection,
    engine: duckdb.DuckDBPyConnection,
    kind: Kind,
    day: str,
    files: list[File],
) -> File:
    names = [str(folder / file.name) for file in files]
    order = ", ".join(f'"{name}"' for name in kind.sorted_by)
    with engine.cursor() as cursor:
        sorted_rows = cursor.execute(f"SELECT * FROM read_parquet($1) ORDER BY {order}", [names])
        reader = sorted_rows.to_arrow_reader(128_000)
        made = write(folder, kind, day, (batch.cast(kind.schema) for batch in reader))
    if made.count != sum(file.count for file in files):
        delete(folder, [made])
        raise RuntimeError("they hold other rows than the journal says: nothing was replaced")
    # Where this fails, the new file stays until the store is opened next: a commit that the device refused may still be
    # found in the log after a power cut, and would name it.
    with transaction(connection):
        forget(connection, files)
        _name(connection, [made])
    delete(folder, files)
    return made
