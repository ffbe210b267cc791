"""The chain: each submission's head is a sha256 over its own row and the head before it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, fields
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from shazhou.ledger.submission import GENESIS, Submission

ROW = pa.schema(
    [
        ("sequence", pa.int64()),
        ("id", pa.string()),
        ("deliverer", pa.string()),
        ("door", pa.string()),
        ("title", pa.string()),
        ("document", pa.string()),
        ("document_name", pa.string()),
        ("document_size", pa.int64()),
        ("mapping", pa.string()),
        ("source", pa.string()),
        ("content", pa.string()),
        ("count", pa.int64()),
        ("attempt", pa.int64()),
        ("recorded_at", pa.timestamp("us", tz="UTC")),
        ("previous", pa.string()),
        ("head", pa.string()),
    ]
)
"""Columns of the table of submissions, in the order of the fields of `Submission`."""


def head_of(row: dict[str, Any]) -> str:
    """The head of a submission: sha256 over the canonical JSON of all its fields but ``head`` itself."""
    stated = {name: _plain(row[name]) for name in ROW.names if name != "head"}
    text = json.dumps(stated, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def chained(**row: Any) -> Submission:
    """A submission with its head, from all its other fields."""
    return Submission(**row, head=head_of(row))


def as_table(submission: Submission) -> pa.Table:
    """One row of the table of submissions."""
    return pa.Table.from_pylist([asdict(submission)], schema=ROW)


def from_table(table: pa.Table) -> tuple[Submission, ...]:
    """The submissions of a table, in the order of their sequence."""
    names = [field.name for field in fields(Submission)]
    rows = sorted(table.select(names).to_pylist(), key=lambda row: int(row["sequence"]))
    return tuple(Submission(**row) for row in rows)


class Chain:
    """Reads the chain from its files; what was read once is not read again, since a file never changes."""

    def __init__(self) -> None:
        self._read: dict[Path, tuple[Submission, ...]] = {}

    def read(self, files: Iterable[Path]) -> tuple[Submission, ...]:
        """The submissions of these files, in the order of their sequence."""
        known = self._read
        self._read = {file: known[file] if file in known else read_submissions(file) for file in files}
        return tuple(sorted(chain.from_iterable(self._read.values()), key=lambda each: each.sequence))


def read_submissions(file: Path) -> tuple[Submission, ...]:
    """The submissions of one file, in the order of their sequence."""
    return from_table(pq.read_table(str(file), use_threads=False, schema=ROW))


def first_break(submissions: tuple[Submission, ...]) -> Submission | None:
    """The first submission that does not continue the chain, or None."""
    previous, last_sequence, last_time = GENESIS, 0, None
    for each in submissions:
        follows = each.sequence == last_sequence + 1 and each.previous == previous
        later = last_time is None or each.recorded_at > last_time
        if not (follows and later and head_of(asdict(each)) == each.head):
            return each
        previous, last_sequence, last_time = each.head, each.sequence, each.recorded_at
    return None


def _plain(value: Any) -> Any:
    return value.isoformat(timespec="microseconds") if isinstance(value, datetime) else value
