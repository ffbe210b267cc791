"""The store of samples, minutes and events in a folder beside the ledger.

    with Store.open(folder_of(data), write=True) as store:
        series = store.series("e1", "press", "State", DataType.INT32)
        store.add(samples=batch, marks={("e1", agent): 17})       # in memory
        store.commit()                                            # on the device, all of it or nothing
    Store.open(folder_of(data)).samples(start, stop, "e1")        # in any process, at once

One process writes, any number read. Within the writer `add` belongs to one thread; `commit`, `compact`, `retain` and
all reading may run in others meanwhile. In memory are what came since the last commit and, while the tail is moved into
Parquet, `TAIL_BYTES` of it, unpacked and sorted (some 300 MB at most); DuckDB is bounded by `reading.MEMORY`.
Moments are milliseconds since 1970 UTC, from ``start`` to before ``stop``.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import sqlite3
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Any

import pyarrow as pa

from shazhou.city.model import RetentionRule
from shazhou.city.problem import Problem, Refused, Rule, Where
from shazhou.ledger.store import make_folder
from shazhou.telemetry.store import derived, filing, journal, quarantine, reading, retention, tail
from shazhou.telemetry.store.kinds import KINDS
from shazhou.telemetry.store.parquet import File
from shazhou.telemetry.store.pending import Pending, Series
from shazhou.telemetry.store.quarantine import Quarantined
from shazhou.telemetry.store.retention import Dropped
from shazhou.telemetry.store.schema import HOURS, MACHINE_HOURS

TAIL_BYTES = 8_000_000
TAIL_FRAMES = 1_024
"""The tail is moved into Parquet when it takes more bytes, or is in more pieces, than this."""

NO_STORE = Rule(
    "no-telemetry",
    "There is no telemetry in {found}.",
    "{found} 中没有联网数据。",
    "Start shazhou host, which makes it, or point --data to the right ledger.",
    "请先启动 shazhou host（首次运行会创建），或用 --data 指定正确的账本。",
)
BUSY = Rule(
    "telemetry-busy",
    "Another process writes the telemetry in {found}.",
    "另一进程正在写入 {found} 的联网数据。",
    "Stop the other shazhou host first; one host writes, any number of programs read.",
    "请先停止另一个 shazhou host；同一时间只能有一个写入，读取不限。",
)
OPENED_FOR_READING = Rule(
    "telemetry-read-only",
    "The telemetry in {found} was opened for reading.",
    "{found} 的联网数据是以只读方式打开的。",
    "Leave writing to shazhou host.",
    "写入请交由 shazhou host 完成。",
)


def folder_of(data: Path) -> Path:
    """The folder of a ledger's telemetry: beside it, not in it."""
    return data.with_name(f"{data.name}.telemetry")


@dataclass(frozen=True)
class Compaction:
    """What a compaction did: rows moved from the tail into Parquet, and files made of several."""

    moved: int
    merged: list[File]


class Store:
    """A store in a folder; get one with `open`."""

    def __init__(self, folder: Path, lock: int | None) -> None:
        self.folder = folder
        self._lock = lock
        self._writing = None if lock is None else journal.connect(folder, write=True)
        own = Path(tempfile.gettempdir()) / f"shazhou-{secrets.token_hex(8)}"
        self._scratch = own if lock is None else folder / "scratch"
        self._engine = reading.engine(self._scratch)
        self._pending = Pending()
        self._adding, self._committing, self._filing = threading.Lock(), threading.Lock(), threading.Lock()
        self._filer = ThreadPoolExecutor(1, "store")
        self._filed: Future[int] | None = None
        self._series: dict[Series, int] = {}
        self._frames, self._bytes = 0, 0

    @classmethod
    def open(cls, folder: Path, write: bool = False) -> Store:
        """Opens a store; for writing it is made where there is none, and what a crash left over is tidied away.

        Raises:
            Refused: there is none to read, or another process writes it.
        """
        if not write:
            if not (folder / journal.FILE).exists():
                raise Refused([Problem(NO_STORE, Where(str(folder)), str(folder))])
            return cls(folder, None)
        make_folder(folder)
        lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            journal.create(folder)
            store = cls(folder, lock)
            store._tidy()
        except BlockingIOError:
            os.close(lock)
            raise Refused([Problem(BUSY, Where(str(folder)), str(folder))]) from None
        except sqlite3.DatabaseError as error:
            os.close(lock)
            raise Refused([Problem(reading.LOST, Where(str(folder)), str(error))]) from error
        except BaseException:
            os.close(lock)
            raise
        return store

    def close(self) -> None:
        """Lets go of the folder; what was not committed is gone."""
        self._filer.shutdown()
        if self._writing is not None:
            self._writing.close()
        self._engine.close()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def __enter__(self) -> Store:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def series(self, node: str, device: str, metric: str, datatype: int, unit: str = "", origin: str = "") -> int:
        """The number of a series in the catalogue; a new one is on the device with the next commit."""
        key = (node, device, metric, int(datatype), unit, origin)
        number = self._series.get(key)
        if number is None:
            self._writer()
            number = self._series[key] = len(self._series) + 1
            with self._adding:
                self._pending.series.append((number, key))
        return number

    def add(
        self,
        samples: pa.RecordBatch | None = None,
        minutes: pa.RecordBatch | None = None,
        events: pa.RecordBatch | None = None,
        marks: Mapping[tuple[str, str], int] | None = None,
    ) -> None:
        """Takes rows of `SAMPLES`, `MINUTES` and `EVENTS`, and by (node, agent) the highest record number among them.

        Raises:
            pyarrow.ArrowInvalid: rows are not of their schema; none of that kind is taken.
        """
        self._writer()
        with self._adding:
            self._pending.add("samples", samples)
            self._pending.add("minutes", minutes)
            self._pending.add("events", events)
            self._pending.mark(marks or {})

    @property
    def waiting(self) -> int:
        """Bytes of rows in memory that no commit has written."""
        return self._pending.bytes

    def commit(self) -> None:
        """Puts everything that was added on the device; nothing of it where that fails, and it can be tried again.

        Raises:
            OSError, sqlite3.Error, pyarrow.ArrowException: the device refused it, or before that a part of the tail.
        """
        connection = self._writer()
        with self._committing:
            self._refuse_after_failure()
            with self._adding:
                pending, self._pending = self._pending, Pending()
            if not pending:
                return
            try:
                with journal.transaction(connection):
                    frames, size = pending.write(connection)
            except BaseException:
                with self._adding:
                    self._pending = pending.followed_by(self._pending)
                raise
            self._frames, self._bytes = self._frames + frames, self._bytes + size
            self._file_if_long()

    def marks(self) -> dict[tuple[str, str], int]:
        """By (node, agent) the highest record number on the device."""
        with self._connected() as connection:
            return {(node, agent): number for node, agent, number in connection.execute("SELECT * FROM mark")}

    def compact(self, today: date) -> Compaction:
        """Moves the tail into Parquet, and makes one file of each finished day's (before today, UTC).

        Raises:
            ExceptionGroup: files that are lost or damaged, or could not be written; all the others are done.
        """
        self._writer()
        moved = self._roll()
        with self._filing, self._connected(write=True) as connection:
            return Compaction(moved, filing.merge(self.folder, connection, self._engine, today))

    def retain(self, rule: RetentionRule, today: date) -> list[Dropped]:
        """Drops what the rule no longer keeps; returns it, and `dropped` tells of it for ever."""
        self._writer()
        with self._filing, self._connected(write=True) as connection:
            return retention.retain(self.folder, connection, rule, today, time.time_ns() // 1_000_000)

    def dropped(self) -> list[Dropped]:
        """Every day of rows that retention ever dropped."""
        with self._connected() as connection:
            return retention.dropped(connection)

    def samples(
        self,
        start: int,
        stop: int,
        node: str = "",
        device: str = "",
        metric: str = "",
        columns: Sequence[str] = (),
    ) -> pa.Table:
        """Samples with what their series is (`reading.NAMED_SAMPLES`, or only some of its columns, which is faster),
        ordered by time and record number.

        Raises:
            Refused: so many that they do not fit into the engine's memory.
        """
        return self._rows("samples", start, stop, {"node": node, "device": device, "metric": metric}, columns)

    def minutes(
        self, start: int, stop: int, node: str | Sequence[str] = "", device: str = "", columns: Sequence[str] = ()
    ) -> pa.Table:
        """Minutes (`MINUTES`, or only some of its columns, which is faster) that begin in a span, ordered by time; of
        all nodes, of one or of several."""
        return self._rows("minutes", start, stop, {"node": node, "device": device}, columns)

    def machines(self, start: int, stop: int, node: str = "", device: str = "") -> list[tuple[str, str]]:
        """Nodes and devices that have minutes in a span, in order."""
        with self._connected() as connection:
            reader = reading.Reader(self.folder, connection, self._engine)
            return reader.machines(start, stop, {"node": node, "device": device})

    def events(self, start: int, stop: int, node: str = "", kinds: Sequence[str] = ()) -> pa.Table:
        """Events (`EVENTS`), of all kinds or of some, ordered by time."""
        return self._rows("events", start, stop, {"node": node, "kind": kinds})

    def keep_hours(self, day: date, hours: pa.Table, machine_hours: pa.Table) -> None:
        """Replaces the derived rows of a day: `HOURS` and `MACHINE_HOURS`."""
        derived.keep(self.folder, "hours", day, hours, HOURS)
        derived.keep(self.folder, "machine_hours", day, machine_hours, MACHINE_HOURS)

    def hours(self, start: int, stop: int, node: str = "") -> pa.Table:
        """Levels by hour (`HOURS`), ordered by hour and node."""
        return derived.hours(self.folder, "hours", HOURS, start, stop, {"node": node})

    def machine_hours(self, start: int, stop: int, node: str = "", device: str = "") -> pa.Table:
        """Machines by hour (`MACHINE_HOURS`), ordered by hour and node."""
        return derived.hours(self.folder, "machine_hours", MACHINE_HOURS, start, stop, {"node": node, "device": device})

    def keep_doubts(self, month: str, doubts: list[dict[str, Any]]) -> None:
        """Replaces the doubts of a month (``2026-11``); each tells its node."""
        derived.keep_doubts(self.folder, month, doubts)

    def doubts(self, month: str, node: str = "") -> list[dict[str, Any]]:
        """The doubts of a month."""
        return derived.doubts(self.folder, month, node)

    def quarantine(self, at: int, topic: str, payload: bytes, reason: str) -> None:
        """Keeps a payload that could not be understood: the newest `quarantine.MOST`, and counts of all."""
        self._writer()
        with self._adding:
            self._pending.quarantine.add(at, topic, payload, reason)

    def quarantined(self, limit: int) -> list[Quarantined]:
        """The newest payloads in quarantine, newest first."""
        with self._connected() as connection:
            return quarantine.newest(connection, limit)

    def quarantine_counts(self) -> dict[str, int]:
        """How many payloads ever came into quarantine, by reason."""
        with self._connected() as connection:
            return quarantine.counts(connection)

    def put_live(self, state: dict[str, Any]) -> None:
        """Replaces what is known of the present."""
        derived.put_live(self.folder, state)

    def live(self) -> dict[str, Any]:
        """What the host said of the present last."""
        return derived.live(self.folder)

    def _rows(self, kind: str, start: int, stop: int, equal: reading.Equal, columns: Sequence[str] = ()) -> pa.Table:
        with self._connected() as connection:
            reader = reading.Reader(self.folder, connection, self._engine)
            return reader.rows(KINDS[kind], start, stop, equal, columns)

    def _writer(self) -> sqlite3.Connection:
        if self._writing is None:
            raise Refused([Problem(OPENED_FOR_READING, Where(str(self.folder)), str(self.folder))])
        return self._writing

    @contextmanager
    def _connected(self, write: bool = False) -> Iterator[sqlite3.Connection]:
        """A connection of one's own, so that no thread waits for another's question."""
        with closing(journal.connect(self.folder, write)) as connection:
            yield connection

    def _refuse_after_failure(self) -> None:
        """Tells of what failed while the tail was moved into Parquet."""
        if self._filed is not None and self._filed.done():
            filed, self._filed = self._filed, None
            filed.result()

    def _file_if_long(self) -> None:
        if self._filed is not None:
            return
        if self._bytes >= TAIL_BYTES or self._frames >= TAIL_FRAMES:
            self._filed = self._filer.submit(self._roll)

    def _roll(self) -> int:
        with self._filing, self._connected(write=True) as connection:
            moved = filing.roll(self.folder, connection)
            with self._committing:
                self._frames, self._bytes = tail.size(connection)
            return moved

    def _tidy(self) -> None:
        shutil.rmtree(self._scratch, ignore_errors=True)
        with self._connected(write=True) as connection:
            filing.delete_unnamed(self.folder, connection)
            self._frames, self._bytes = tail.size(connection)
            found = connection.execute("SELECT node, device, metric, datatype, unit, origin, id FROM series")
            self._series = {row[:-1]: row[-1] for row in found}
