"""Compaction: fewer and sorted files, the same facts.

Rows keep their attempt and position, so heads, trails and references to rows hold. All rows are rewritten into files
sorted by variable, period and entity, and one transaction exchanges them for the old ones. Readers who listed the
old files may go on reading them: files off the table are deleted by a later compaction, `GRACE` seconds on at the
earliest.
"""

from __future__ import annotations

import secrets
import time
from pathlib import Path
from typing import TYPE_CHECKING

import ibis
import pyarrow as pa
import pyarrow.parquet as pq

from shazhou.ledger.chain import ROW
from shazhou.ledger.store import flush, flush_with_folder

if TYPE_CHECKING:
    from shazhou.ledger.delta import Delta
    from shazhou.ledger.ledger import Ledger

SMALL_FILES = 64
"""So many files of single submissions may lie there before they are brought together."""

SMALL_ROWS = 2_000_000
"""An append rewrites no more rows than this on the way; more wait for `shazhou compact`."""

GRACE = 3600
"""Seconds that a file stays on disk after it was taken off its table."""


def keep_small(ledger: Ledger) -> None:
    """Compacts where single submissions have left many small files."""
    names = ledger.submission_files.names()
    if sum(name.startswith("s-") for name in names) < SMALL_FILES:
        return
    _compact_submissions(ledger)
    files = ledger.observation_files.files()
    if sum(pq.ParquetFile(file).metadata.num_rows for file in files) <= SMALL_ROWS:
        _compact_observations(ledger, files)
    _renew(ledger)


def compact(ledger: Ledger) -> None:
    """Compacts everything."""
    _compact_submissions(ledger)
    _compact_observations(ledger, ledger.observation_files.files())
    _renew(ledger)


def _compact_submissions(ledger: Ledger) -> None:
    table = ledger.submission_files
    files = table.files()
    if len(files) < 2:
        return
    rows = pa.concat_tables(pq.read_table(str(file), use_threads=False, schema=ROW) for file in files)
    together = table.write(f"c-{secrets.token_hex(8)}.parquet", rows.sort_by("sequence"))
    ledger.manifest.add(together)
    ledger.manifest.add(*table.commit([together], "overwrite"))
    _start_grace(files)


def _compact_observations(ledger: Ledger, files: list[Path]) -> None:
    if not files:
        return
    table = ledger.observation_files
    connection = ibis.duckdb.connect(temp_directory=str(ledger.folder / "cache" / "sorting"), memory_limit="4GB")
    named = pa.table({"attempt": pa.array([each.attempt for each in ledger.submissions()], pa.int64())})
    rows = connection.read_parquet([str(file) for file in files]).semi_join(ibis.memtable(named), "attempt")
    sorted_rows = rows.order_by("variable", "kind", "start", "end", "entity", "attempt", "position")
    path = table.folder / f"c-{secrets.token_hex(8)}.parquet"
    connection.to_parquet(sorted_rows, str(path), compression="zstd", row_group_size=122_880)
    connection.disconnect()
    flush_with_folder(path)
    ledger.manifest.add(path)
    ledger.manifest.add(*table.commit([path], "overwrite"))
    _start_grace(files)


def _start_grace(replaced: list[Path]) -> None:
    for file in replaced:
        file.touch()


def _renew(ledger: Ledger) -> None:
    listed = ledger.manifest.entries()
    kept = [ledger.folder / name for name in listed if name.startswith("documents/")]
    for table in (ledger.observation_files, ledger.submission_files):
        table.tidy()
        _delete_old(table)
        kept += [path for path in table.log.iterdir() if path.is_file()]
        kept += table.files()
    ledger.manifest.renew(kept)


def _delete_old(table: Delta) -> None:
    live = set(table.files())
    for path in table.folder.glob("*.parquet"):
        if path not in live and path.stat().st_mtime < time.time() - GRACE:
            path.unlink()
    flush(table.folder)
