"""The journal: one SQLite file that names everything in the store at one moment.

It holds the catalogue of series, the marks, the tail (batches of rows as Arrow, not yet in Parquet), the list of
Parquet files, the quarantine, and what retention dropped. One transaction is one commit: SQLite's write-ahead log is
flushed to the device with it, so rows and marks are there together or not at all, a commit torn by a crash is cut off
when the file is opened next, and other processes read one moment while the next is written.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from shazhou.ledger.store import writable

FILE = "journal.sqlite"

CHECKPOINT = 4000
"""Pages of the write-ahead log (16 MB) after which it is copied into the file."""

PATIENCE = 60.0
"""Seconds that one connection waits for another's transaction."""

_TABLES = """
CREATE TABLE series (
    id INTEGER PRIMARY KEY, node TEXT NOT NULL, device TEXT NOT NULL, metric TEXT NOT NULL, datatype INTEGER NOT NULL,
    unit TEXT NOT NULL, origin TEXT NOT NULL, UNIQUE (node, device, metric, datatype, unit, origin)
);
CREATE TABLE mark (node TEXT, agent TEXT, sequence INTEGER NOT NULL, PRIMARY KEY (node, agent)) WITHOUT ROWID;
CREATE TABLE tail (
    id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
    count INTEGER NOT NULL, rows BLOB NOT NULL
);
CREATE TABLE file (
    name TEXT PRIMARY KEY, kind TEXT NOT NULL, day TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
    count INTEGER NOT NULL, bytes INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE dropped (
    at INTEGER NOT NULL, kind TEXT NOT NULL, day TEXT NOT NULL, count INTEGER NOT NULL, bytes INTEGER NOT NULL
);
CREATE TABLE quarantine (
    id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, topic TEXT NOT NULL, payload BLOB NOT NULL,
    size INTEGER NOT NULL, reason TEXT NOT NULL
);
CREATE TABLE quarantined (reason TEXT PRIMARY KEY, count INTEGER NOT NULL) WITHOUT ROWID;
PRAGMA user_version = 1;
"""


def create(folder: Path) -> None:
    """Makes the journal where there is none; what a crash left of an unfinished one is completed."""
    connection = connect(folder, write=True)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        with transaction(connection):
            if connection.execute("PRAGMA user_version").fetchone() == (0,):
                for statement in filter(str.strip, _TABLES.split(";")):
                    connection.execute(statement)
    finally:
        connection.close()


def connect(folder: Path, write: bool = False) -> sqlite3.Connection:
    """A connection that any one thread at a time may use; what it commits is on the device."""
    mode = "rwc" if write else "ro"
    if not write and not writable(folder) and not (folder / f"{FILE}-wal").exists():
        # Without a writer there is no log, and who may only read cannot make one; nor can the file change.
        mode = "ro&immutable=1"
    address = f"{(folder / FILE).absolute().as_uri()}?mode={mode}"
    connection = sqlite3.connect(address, PATIENCE, isolation_level=None, check_same_thread=False, uri=True)
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT}")
    return connection


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """One commit: everything inside or, where something fails, nothing."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield connection
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


@contextmanager
def moment(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """Reading: everything inside sees the store as of one commit."""
    connection.execute("BEGIN")
    try:
        yield connection
    finally:
        connection.execute("ROLLBACK")
