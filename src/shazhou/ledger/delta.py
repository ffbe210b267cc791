"""The two Delta tables of a ledger, written so that a commit is on disk before it is acknowledged.

delta-rs writes the log but flushes nothing; Parquet files are written here, and registered in a transaction whose
log file is flushed afterwards. All commits happen under the ledger's lock, so none ever conflicts.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import DeltaTable
from deltalake.transaction import AddAction

from shazhou.ledger.store import flush, flush_with_folder, make_folder


class Delta:
    """One Delta table in a folder."""

    def __init__(self, folder: Path, schema: pa.Schema) -> None:
        self.folder = folder
        self._schema = schema

    @property
    def log(self) -> Path:
        """The folder of the table's log."""
        return self.folder / "_delta_log"

    def create(self) -> list[Path]:
        """Makes the empty table; returns the files that it consists of."""
        make_folder(self.folder)
        DeltaTable.create(str(self.folder), schema=self._schema)
        return self._flushed_log(set())

    def files(self) -> list[Path]:
        """The Parquet files of the newest version."""
        return [self.folder / name for name in sorted(self.names())]

    def names(self) -> list[str]:
        """The names of the Parquet files of the newest version."""
        return [Path(uri).name for uri in DeltaTable(str(self.folder)).file_uris()]

    def commit(self, files: Iterable[Path], mode: str = "append") -> list[Path]:
        """Registers flushed Parquet files in one transaction; ``overwrite`` takes all others off the table.

        Returns the new files of the log, flushed.
        """
        before = set(self.log.iterdir())
        table = DeltaTable(str(self.folder))
        table.create_write_transaction([_added(file) for file in files], mode, table.schema())
        return self._flushed_log(before)

    def write(self, name: str, rows: pa.Table) -> Path:
        """Writes one Parquet file, flushed but not yet registered."""
        file = self.folder / name
        pq.write_table(rows, file)
        flush_with_folder(file)
        return file

    def tidy(self) -> None:
        """Checkpoints the log and drops entries that the checkpoint covers."""
        table = DeltaTable(str(self.folder))
        table.create_checkpoint()
        for file in self.log.iterdir():
            version = file.name.removesuffix(".json")
            if file.suffix == ".json" and version.isdigit() and int(version) < table.version():
                file.unlink()
        self._flushed_log(set())

    def _flushed_log(self, before: set[Path]) -> list[Path]:
        new = [path for path in sorted(self.log.iterdir()) if path not in before and path.is_file()]
        for path in new:
            flush(path)
        flush(self.log)
        return new


def _added(file: Path) -> AddAction:
    stats = json.dumps({"numRecords": pq.ParquetFile(file).metadata.num_rows})
    return AddAction(file.name, file.stat().st_size, {}, int(time.time() * 1000), True, stats)
