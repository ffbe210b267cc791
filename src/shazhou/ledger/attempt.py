"""An attempt: the observations of a submission, written and flushed, that no submission names yet.

Whoever reads sees only attempts that a submission names; one whose writer died stays unseen until compaction deletes
it.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from shazhou.ledger.content import Digest, blocks, check
from shazhou.ledger.observation import SCHEMA
from shazhou.ledger.store import flush_with_folder

STORED = SCHEMA.append(pa.field("attempt", pa.int64(), nullable=False)).append(
    pa.field("position", pa.int64(), nullable=False)
)
"""Columns of the table of observations: as delivered, with attempt and position."""


@dataclass(frozen=True)
class Attempt:
    """A written attempt: its number, file, and the count and hash of its observations."""

    number: int
    file: Path
    count: int
    content: str


def write_attempt(folder: Path, observations: pa.Table | Iterable[pa.RecordBatch]) -> Attempt:
    """Checks observations, writes them under a fresh number and hashes them on the way.

    Raises:
        Refused: the observations break the schema.
    """
    number, path = _fresh(folder)
    digest, position = Digest(), 0
    try:
        with pq.ParquetWriter(path, STORED) as writer, ThreadPoolExecutor(1) as hasher:
            hashed: Future[None] | None = None
            for block in blocks(observations):
                check(block)
                if hashed is not None:
                    hashed.result()
                hashed = hasher.submit(digest.add, block)
                writer.write_table(_stored(block, number, position))
                position += block.num_rows
            if hashed is not None:
                hashed.result()
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    flush_with_folder(path)
    return Attempt(number, path, digest.count, digest.hexdigest())


def may_hold(file: Path, attempts: Iterable[int]) -> bool:
    """Whether a file may hold rows of any of these attempts: a compacted one may hold any."""
    number = file.stem.removeprefix("a-")
    return not number.isdigit() or int(number) in attempts


def _fresh(folder: Path) -> tuple[int, Path]:
    while True:
        number = secrets.randbits(62) + 1
        path = folder / f"a-{number}.parquet"
        try:
            path.touch(exist_ok=False)
        except FileExistsError:
            continue
        return number, path


def _stored(block: pa.Table, attempt: int, first: int) -> pa.Table:
    rows = block.num_rows
    attempts = pa.repeat(pa.scalar(attempt, pa.int64()), rows)
    positions = pa.array(range(first, first + rows), pa.int64())
    return pa.Table.from_arrays([*block.columns, attempts, positions], schema=STORED)
