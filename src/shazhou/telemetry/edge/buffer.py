"""Records on disk until the host has them: numbered, in order, bounded, and whole after any crash.

A record is one message to be sent. It is numbered when it is committed, from 1 on within the buffer's name
(``agent``); a number is never used again. Records up to the confirmed mark are deleted, others only when the buffer is
full or they are too old: the oldest raw values first, a roll-up only when no raw value is left.

One SQLite file with a write-ahead log, synchronous FULL: what `Buffer.commit` returned from survives a power cut. One
process has it at a time. A commit may run in another thread, so that nothing waits for a slow disk; what is read is on
disk and needs no waiting either.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import sqlite3
import threading
import uuid
from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import partial
from pathlib import Path

from shazhou.city.problem import Problem, Refused, Rule, Where
from shazhou.telemetry.sparkplug.datatype import DataType

DAMAGED = Rule(
    "edge-buffer-damaged",
    "The buffer {found} cannot be used: {reason}.",
    "缓存 {found} 无法使用：{reason}。",
    "Free space on the disk; if the file is damaged, move it away, and the agent begins a new one.",
    "请释放磁盘空间；如文件已损坏，请将其移走，代理会新建缓存。",
)
IN_USE = Rule(
    "edge-buffer-in-use",
    "Another agent is using the buffer {found}.",
    "缓存 {found} 正被另一个代理使用。",
    "Stop the other agent, or give this one a folder of its own.",
    "请停止另一个代理，或为此代理指定单独的文件夹。",
)

OVERHEAD = 64
"""Bytes that a record is taken to need beside its body."""
MOST_PENDING = 20_000
"""Records held in memory while the disk refuses them; then the oldest are given up."""
LAZY = 2_000
"""Milliseconds that a confirmation may wait for a commit; if it is lost, the host gets a few records again."""
_OLD_EVERY = 60_000
"""Milliseconds between two looks for raw values that are too old."""

_TABLES = """
CREATE TABLE IF NOT EXISTS records (
    number INTEGER PRIMARY KEY AUTOINCREMENT, kind INTEGER NOT NULL, device TEXT NOT NULL,
    taken INTEGER NOT NULL, body BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS raw ON records (number) WHERE kind = 0;
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS metrics (
    alias INTEGER PRIMARY KEY AUTOINCREMENT, device TEXT NOT NULL, name TEXT NOT NULL, datatype INTEGER NOT NULL,
    unit TEXT NOT NULL, UNIQUE (device, name));
"""
_DESCRIBE = """
INSERT INTO metrics (device, name, datatype, unit) VALUES (?, ?, ?, ?)
ON CONFLICT (device, name) DO UPDATE SET datatype = excluded.datatype, unit = excluded.unit
"""


class Kind(IntEnum):
    """What a record holds: a factory's raw values, a signed minute, a minute's pulse."""

    RAW = 0
    ROLLUP = 1
    PULSE = 2


@dataclass(frozen=True, slots=True)
class Record:
    """A record to send. ``previous`` is the number of the one before it that was not dropped, or the confirmed mark;
    ``taken`` when it was made, in milliseconds since 1970 UTC; ``body`` what was appended."""

    number: int
    previous: int
    device: str
    taken: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Described:
    """A metric of a device (empty: of the node) as births announce it."""

    device: str
    name: str
    datatype: DataType
    unit: str = ""


@dataclass(frozen=True)
class Depth:
    """How full a buffer is. ``oldest`` is when its oldest record was made, None when it is empty."""

    agent: str
    confirmed: int
    last: int
    records: int
    raw: int
    bytes: int
    oldest: int | None


class Buffer:
    """The records of one agent.

    Args:
        path: the SQLite file; made when missing.
        most_bytes: of all records together.
        raw_age: milliseconds for which raw values are kept.

    Raises:
        Refused: another agent has it, or it cannot be read.
    """

    def __init__(self, path: Path, most_bytes: int, raw_age: int) -> None:
        self._path, self._most_bytes, self._raw_age = path, most_bytes, raw_age
        self._lock = _locked(path)
        try:
            self._sql, self._read = _opened(path), _opened(path)
            self._sql.executescript(_TABLES)
            facts = dict(self._sql.execute("SELECT name, value FROM facts"))
            self.agent = str(facts.get("agent", "")) or self._named()
            self.confirmed = int(facts.get("confirmed", 0))
            self._confirmed_on_disk = self.confirmed
            numbered = self._sql.execute("SELECT seq FROM sqlite_sequence WHERE name = 'records'").fetchone()
            self.last = max(numbered[0] if numbered else 0, self.confirmed)
            self._bytes = self._size("TRUE")
        except sqlite3.Error as error:
            os.close(self._lock)
            raise self.damaged(error) from None
        self._pending: deque[tuple[Kind, str, int, bytes]] = deque()
        self._writing = threading.Lock()
        self._looked = self._committed = 0

    def close(self) -> None:
        """Gives the file back; what was not committed is lost."""
        self._read.close()
        self._sql.close()
        os.close(self._lock)

    def damaged(self, error: sqlite3.Error) -> Refused:
        """The refusal that tells of an error of the file."""
        return Refused([Problem(DAMAGED, Where(str(self._path)), str(self._path), {"reason": str(error)})])

    def due(self, now: int) -> bool:
        """Whether there is anything that should be committed."""
        confirmed = self.confirmed != self._confirmed_on_disk and not 0 <= now - self._committed < LAZY
        return bool(self._pending) or confirmed

    def append(self, kind: Kind, device: str, taken: int, body: bytes) -> None:
        """Adds a record, in memory until `commit`."""
        if len(self._pending) >= MOST_PENDING:
            self._pending.popleft()
        self._pending.append((kind, device, taken, body))

    def confirm(self, number: int) -> bool:
        """Takes note that the host has everything up to a number; on disk with the next `commit`.

        False, and nothing done, where the host has more than was ever numbered here: this buffer is an old copy."""
        if number > self.last:
            return False
        self.confirmed = max(self.confirmed, number)
        return True

    def commit(self, now: int) -> None:
        """Puts everything on disk in one transaction, and drops what does not fit.

        Raises:
            sqlite3.OperationalError: the disk is full or gone; everything stays pending.
        """
        with self._transaction():
            pending = [self._pending.popleft() for _ in range(len(self._pending))]
            try:
                last, size, confirmed = self._written(pending), self._bytes, self.confirmed
                size += sum(len(body) + OVERHEAD for *_, body in pending)
                if confirmed != self._confirmed_on_disk:
                    size -= self._size("number <= ?", confirmed)
                    self._sql.execute("DELETE FROM records WHERE number <= ?", (confirmed,))
                    self._keep("confirmed", confirmed)
                looking = not 0 <= now - self._looked < _OLD_EVERY
                if looking:
                    size -= self._drop_oldest("kind = 0", lambda _, taken: taken >= now - self._raw_age)
                size -= self._drop_oldest("kind = 0", partial(_frees, size - self._most_bytes))
                size -= self._drop_oldest("TRUE", partial(_frees, size - self._most_bytes))
                self._sql.execute("COMMIT")
            except sqlite3.Error:
                self._pending.extendleft(reversed(pending))
                raise
            self._looked = now if looking else self._looked
            self.last, self._bytes, self._confirmed_on_disk, self._committed = last, size, confirmed, now

    def after(self, number: int, limit: int) -> list[Record]:
        """At most ``limit`` committed records that follow a number, in order."""
        number = max(number, self.confirmed)
        (before,) = self._read.execute("SELECT max(number) FROM records WHERE number <= ?", (number,)).fetchone()
        previous = max(before or 0, self.confirmed)
        records = []
        rows = self._read.execute(
            "SELECT number, device, taken, body FROM records WHERE number > ? ORDER BY number LIMIT ?", (number, limit)
        )
        for each, device, taken, body in rows:
            records.append(Record(each, previous, device, taken, body))
            previous = each
        return records

    def keep_only(self, kinds: Collection[Kind]) -> None:
        """Drops records of all other kinds: what a stricter privacy mode must not send any more."""
        marks = ", ".join(str(int(kind)) for kind in kinds)
        with self._transaction():
            self._sql.execute(f"DELETE FROM records WHERE kind NOT IN ({marks})")
        self._bytes = self._size("TRUE")

    def aliases(self, described: Sequence[Described]) -> dict[Described, int]:
        """An alias for each metric, and for those of records that are still here; the same after every start."""
        wanted = set(described)
        with self._transaction():
            if self._sql.execute("SELECT 1 FROM records LIMIT 1").fetchone() is None:
                unused = [(alias,) for each, alias in self._aliases() if each not in wanted]
                self._sql.executemany("DELETE FROM metrics WHERE alias = ?", unused)
            rows = [(each.device, each.name, int(each.datatype), each.unit) for each in described]
            self._sql.executemany(_DESCRIBE, rows)
        return dict(self._aliases())

    def next_birth(self) -> int:
        """The number of the session that begins (bdSeq, 0 to 255): one more than the last one's, restarts included."""
        with self._transaction():
            (found,) = self._sql.execute("SELECT coalesce(max(value), -1) FROM facts WHERE name = 'bdseq'").fetchone()
            self._keep("bdseq", (found + 1) % 256)
        return int(found + 1) % 256

    def renew(self) -> None:
        """A new name, under which the records are numbered anew: for a buffer that is an old copy of itself."""
        with self._transaction():
            rows = self._sql.execute(
                "SELECT kind, device, taken, body FROM records WHERE number > ? ORDER BY number", (self.confirmed,)
            ).fetchall()
            self._sql.execute("DELETE FROM records")
            self._sql.execute("DELETE FROM sqlite_sequence WHERE name = 'records'")
            self._sql.executemany("INSERT INTO records (kind, device, taken, body) VALUES (?, ?, ?, ?)", rows)
            self._keep("confirmed", 0)
            agent = self._named()
            self._sql.execute("COMMIT")
            self.agent, self.confirmed, self._confirmed_on_disk, self.last = agent, 0, 0, len(rows)
            self._bytes = self._size("TRUE")

    def stand_on(self, hardware: str) -> None:
        """The hardware that the agent runs on now. A buffer that began on other hardware may go on there too, under its
        old name: here it is renewed, so that neither takes what the other's records were confirmed for as its own."""
        found = self._sql.execute("SELECT value FROM facts WHERE name = 'hardware'").fetchone()
        if found == (hardware,):
            return
        if found is not None:
            self.renew()
        with self._transaction():
            self._keep("hardware", hardware)
            self._sql.execute("COMMIT")

    def depth(self) -> Depth:
        """How full it is, of what is on disk."""
        return _depth(self._read)

    def _named(self) -> str:
        agent = uuid.uuid4().hex
        self._keep("agent", agent)
        return agent

    def _keep(self, name: str, value: object) -> None:
        self._sql.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))

    def _size(self, where: str, *values: object) -> int:
        sums = f"SELECT coalesce(sum(length(body) + {OVERHEAD}), 0) FROM records WHERE {where}"
        return int(self._sql.execute(sums, values).fetchone()[0])

    def _aliases(self) -> Iterator[tuple[Described, int]]:
        for alias, device, name, datatype, unit in self._sql.execute("SELECT * FROM metrics ORDER BY alias").fetchall():
            yield Described(device, name, DataType(datatype), unit), alias

    def _written(self, pending: Sequence[tuple[Kind, str, int, bytes]]) -> int:
        """Numbers records and writes them; gives the last number."""
        rows = [(number, int(kind), *rest) for number, (kind, *rest) in enumerate(pending, self.last + 1)]
        self._sql.executemany("INSERT INTO records VALUES (?, ?, ?, ?, ?)", rows)
        return self.last + len(rows)

    def _drop_oldest(self, where: str, enough: Callable[[int, int], bool]) -> int:
        """Drops records from the oldest on, until ``enough`` says so of the bytes freed and the next one's moment."""
        freed, numbers = 0, []
        rows = self._sql.execute(f"SELECT number, taken, length(body) FROM records WHERE {where} ORDER BY number")
        for number, taken, length in rows:
            if enough(freed, taken):
                break
            freed += length + OVERHEAD
            numbers.append((number,))
        rows.close()
        self._sql.executemany("DELETE FROM records WHERE number = ?", numbers)
        return freed

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        """All or nothing, one at a time; what is not committed inside is committed at the end."""
        with self._writing:
            self._sql.execute("BEGIN IMMEDIATE")
            try:
                yield
                if self._sql.in_transaction:
                    self._sql.execute("COMMIT")
            except BaseException:
                if self._sql.in_transaction:
                    self._sql.execute("ROLLBACK")
                raise


def _frees(excess: int, freed: int, taken: int) -> bool:
    return freed >= excess


def depth_of(path: Path) -> Depth:
    """How full the buffer in a file is, also while an agent uses it.

    Raises:
        Refused: there is none, or it cannot be read.
    """
    try:
        with contextlib.closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as sql:
            return _depth(sql)
    except sqlite3.Error as error:
        raise Refused([Problem(DAMAGED, Where(str(path)), str(path), {"reason": str(error)})]) from None


def _depth(sql: sqlite3.Connection) -> Depth:
    facts = dict(sql.execute("SELECT name, value FROM facts"))
    numbered = sql.execute("SELECT seq FROM sqlite_sequence WHERE name = 'records'").fetchone()
    records, raw, size, oldest = sql.execute(
        f"SELECT count(*), count(*) FILTER (WHERE kind = 0), coalesce(sum(length(body) + {OVERHEAD}), 0), min(taken)"
        " FROM records"
    ).fetchone()
    confirmed = int(facts.get("confirmed", 0))
    last = max(numbered[0] if numbered else 0, confirmed)
    return Depth(str(facts.get("agent", "")), confirmed, last, records, raw, size, oldest)


def _locked(path: Path) -> int:
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = os.open(path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        raise Refused([Problem(IN_USE, Where(str(path)), str(path))]) from None
    return lock


def _opened(path: Path) -> sqlite3.Connection:
    sql = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    sql.execute("PRAGMA journal_mode = WAL")
    sql.execute("PRAGMA synchronous = FULL")
    sql.execute("PRAGMA cache_size = -512")
    return sql
