"""Compaction: fewer and sorted files, the same facts.

Rows keep their attempt and position, so heads, trails and references to rows hold. Files are brought together in one
sorted by variable, period and entity, and one transaction exchanges it for them. Readers who listed the old files may
go on reading them: what is off its table, or superseded in a log, is deleted by a later compaction, `GRACE` seconds on
at the earliest, and taken off the manifest before.

A file that is not as it was written is never brought together with others: damage must not take on a new hash.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import ibis
import pyarrow as pa
import pyarrow.parquet as pq

from shazhou.city.problem import Problem, Refused, Rule, Where
from shazhou.ledger.chain import ROW
from shazhou.ledger.delta import POINTER
from shazhou.ledger.engine import connect
from shazhou.ledger.manifest import Entry
from shazhou.ledger.store import flush, flush_with_folder

if TYPE_CHECKING:
    from shazhou.ledger.ledger import Ledger

SMALL_FILES = 64
"""So many files of single submissions may lie there before they are brought together."""

SMALL_ROWS = 65_536
"""Files with no more rows than this are always brought together with other small ones."""

MOST_ROWS = 2_000_000
"""An append rewrites no more rows than this on the way; more wait for `shazhou compact`."""

GRACE = 3600
"""Seconds that a file stays on disk after it was taken off its table."""

NOT_AS_WRITTEN = Rule(
    "compaction-of-damage",
    "{found} is not as it was written, so it cannot be compacted.",
    "{found} 与写入时不一致，无法压实。",
    "Run shazhou verify and restore the file from a backup.",
    "请运行 shazhou verify，并从备份恢复该文件。",
)


def keep_small(ledger: Ledger, writing: Collection[Path] = ()) -> None:
    """Compacts where single submissions have left many small files, as far as an append can wait for it.

    ``writing``: files of the append itself, which no table holds yet.
    """
    if sum(name.startswith("s-") for name in ledger.submission_files.names()) < SMALL_FILES:
        return
    listed = ledger.manifest.entries()
    _compact_submissions(ledger, [file for file in ledger.submission_files.files() if _intact(ledger, listed, file)])
    small = _small(ledger.observation_files.files())
    _compact_observations(ledger, [file for file in small if _intact(ledger, listed, file)])
    _tidy(ledger, writing)


def compact(ledger: Ledger) -> None:
    """Compacts everything.

    Raises:
        Refused: a file is not as it was written.
    """
    listed = ledger.manifest.entries()
    files = ledger.submission_files.files() + ledger.observation_files.files()
    damaged = [file for file in files if not _intact(ledger, listed, file)]
    if damaged:
        raise Refused(Problem(NOT_AS_WRITTEN, Where(str(file)), file.name) for file in damaged)
    _compact_submissions(ledger, ledger.submission_files.files())
    _compact_observations(ledger, ledger.observation_files.files())
    _tidy(ledger)


def _intact(ledger: Ledger, listed: dict[str, Entry], file: Path) -> bool:
    return file.is_file() and listed.get(ledger.manifest.name(file)) == ledger.manifest.entry(file)


def _small(files: Iterable[Path]) -> list[Path]:
    """The smallest files, each no larger than all before it together: so a row is rewritten only so often as the
    ledger doubles."""
    found: list[Path] = []
    total = 0
    for rows, file in sorted((pq.ParquetFile(file).metadata.num_rows, file) for file in files):
        if rows > max(total, SMALL_ROWS) or total + rows > MOST_ROWS:
            break
        found.append(file)
        total += rows
    return found


def _compact_submissions(ledger: Ledger, files: Sequence[Path]) -> None:
    table = ledger.submission_files
    if len(files) < 2:
        return
    rows = pa.concat_tables(pq.read_table(str(file), use_threads=False, schema=ROW) for file in files)
    together = table.write(f"c-{secrets.token_hex(8)}.parquet", rows.sort_by("sequence"))
    _exchange(ledger, files, together)


def _compact_observations(ledger: Ledger, files: Sequence[Path]) -> None:
    table = ledger.observation_files
    if not files or [file.name[:2] for file in files] == ["c-"]:
        return
    connection = connect(sorting=ledger.cache.sorting)
    named = pa.table({"attempt": pa.array([each.attempt for each in ledger.submissions()], pa.int64())})
    rows = connection.read_parquet([str(file) for file in files]).semi_join(ibis.memtable(named), "attempt")
    sorted_rows = rows.order_by("variable", "kind", "start", "end", "entity", "attempt", "position")
    together = table.folder / f"c-{secrets.token_hex(8)}.parquet"
    connection.to_parquet(sorted_rows, str(together), compression="zstd", row_group_size=122_880)
    connection.disconnect()
    flush_with_folder(together)
    _exchange(ledger, files, together)


def _exchange(ledger: Ledger, files: Sequence[Path], together: Path) -> None:
    table = ledger.submission_files if together.parent == ledger.submission_files.folder else ledger.observation_files
    ledger.manifest.add(together)
    for file in files:
        file.touch()
    ledger.manifest.add(*table.commit(together, files))


def _tidy(ledger: Ledger, writing: Collection[Path] = ()) -> None:
    """Checkpoints the logs, takes what is superseded off the manifest, and deletes what has long been."""
    manifest, tables = ledger.manifest, (ledger.observation_files, ledger.submission_files)
    manifest.remove(*(manifest.name(table.log / POINTER) for table in tables))
    checkpoints = {manifest.name(path) for table in tables for path in table.checkpoint()}
    live = {manifest.name(file) for table in tables for file in table.files()}
    listed = manifest.entries()
    documents = {name for name in listed if name.startswith(f"{ledger.documents.folder.name}/")}
    made = [manifest.entry(ledger.folder / name) for name in checkpoints]
    manifest.renew([*(listed[name] for name in (live | documents) & set(listed)), *made])
    before = time.time() - GRACE
    for table in tables:
        for path in table.superseded(before):
            path.unlink()
        _delete_old(table.folder.glob("*.parquet"), before, keep={*table.files(), *writing})
        flush(table.log)
        flush(table.folder)
    _delete_old(ledger.documents.folder.glob(".*.partial"), before, keep=set(writing))


def _delete_old(files: Iterable[Path], before: float, keep: set[Path]) -> None:
    for path in files:
        if path not in keep and path.stat().st_mtime < before:
            path.unlink()
