"""The two Delta tables of a ledger, written so that a commit is on disk before it is acknowledged.

delta-rs writes the log but flushes nothing; Parquet files are written here, and registered in a transaction whose
log file is flushed afterwards. All commits happen under the ledger's lock, so none ever conflicts. What delta-rs would
do of its own accord (checkpoints, deleting old log entries) is switched off: the ledger does it, where it can say so in
its manifest.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import DeltaTable, PostCommitHookProperties
from deltalake.exceptions import DeltaError
from deltalake.transaction import AddAction, RemoveAction

from shazhou.ledger.store import flush, flush_with_folder, make_folder

CONFIGURATION: dict[str, str | None] = {
    "delta.enableExpiredLogCleanup": "false",
    "delta.deletedFileRetentionDuration": "interval 1 hours",
}


POINTER = "_last_checkpoint"
"""The file of a log that says where its newest checkpoint is; it is rewritten with each."""


class Delta:
    """One Delta table in a folder."""

    def __init__(self, folder: Path, schema: pa.Schema) -> None:
        self.folder = folder
        self._schema = schema
        self._opened: DeltaTable | None = None

    @property
    def log(self) -> Path:
        """The folder of the table's log."""
        return self.folder / "_delta_log"

    def create(self) -> list[Path]:
        """Makes the empty table, anew where somebody died while making it; returns the files that it consists of."""
        make_folder(self.log)
        for path in self.log.iterdir():
            path.unlink()
        DeltaTable.create(str(self.folder), schema=self._schema, configuration=CONFIGURATION)
        return self._flushed(self.log / _entry(0))

    def files(self) -> list[Path]:
        """The Parquet files of the newest version."""
        return [self.folder / name for name in sorted(self.names())]

    def names(self) -> list[str]:
        """The names of the Parquet files of the newest version."""
        return [Path(uri).name for uri in self._newest().file_uris()]

    def commit(self, file: Path, replaced: Iterable[Path] = ()) -> list[Path]:
        """Registers a flushed Parquet file, and takes those off that it replaces, in one transaction.

        Returns the new files of the log, flushed.
        """
        table = self._newest()
        now, gone = int(time.time() * 1000), list(replaced)
        actions: list[AddAction | RemoveAction] = [_added(file, now, not gone)]
        actions += [_removed(each, now) for each in gone]
        quiet = PostCommitHookProperties(create_checkpoint=False, cleanup_expired_logs=False)
        entry = self.log / _entry(table.version() + 1)
        table.create_write_transaction(actions, "append", table.schema(), post_commithook_properties=quiet)
        table.update_incremental()
        return self._flushed(entry)

    def write(self, name: str, rows: pa.Table) -> Path:
        """Writes one Parquet file, flushed but not yet registered."""
        file = self.folder / name
        pq.write_table(rows, file)
        flush_with_folder(file)
        return file

    def checkpoint(self) -> list[Path]:
        """Sums the log up, so that opening the table need not read every entry; returns the files made, flushed."""
        table = self._newest()
        table.create_checkpoint()
        return self._flushed(self.log / f"{table.version():020d}.checkpoint.parquet", self.log / POINTER)

    def superseded(self, before: float) -> list[Path]:
        """Log entries that a checkpoint made before a time (seconds since 1970) has replaced."""
        old = [path for path in self.log.glob("*.checkpoint.parquet") if path.stat().st_mtime < before]
        newest = max((path.name[:20] for path in old), default="")
        return [path for path in self.log.iterdir() if path.name[:20].isdigit() and path.name[:20] < newest]

    def _newest(self) -> DeltaTable:
        """The table, opened again only where its log has grown since."""
        version = max((int(path.stem) for path in self.log.iterdir() if _is_entry(path.name)), default=-1)
        if self._opened is None or self._opened.version() != version:
            self._opened = self._open()
        return self._opened

    def _open(self) -> DeltaTable:
        while True:
            before = set(self.log.iterdir())
            try:
                return DeltaTable(str(self.folder))
            except DeltaError:
                # While this looked and read, another process may have deleted a checkpoint whose maker had died.
                if set(self.log.iterdir()) == before:
                    raise

    def _flushed(self, *files: Path) -> list[Path]:
        for path in files:
            flush(path)
        flush(self.log)
        return list(files)


def _entry(version: int) -> str:
    return f"{version:020d}.json"


def _is_entry(name: str) -> bool:
    return len(name) == 25 and name[:20].isdigit() and name.endswith(".json")


def _added(file: Path, now: int, new_rows: bool) -> AddAction:
    stats = json.dumps({"numRecords": pq.ParquetFile(file).metadata.num_rows})
    return AddAction(file.name, file.stat().st_size, {}, now, new_rows, stats)


def _removed(file: Path, now: int) -> RemoveAction:
    return RemoveAction(file.name, False, now, file.stat().st_size, {})
