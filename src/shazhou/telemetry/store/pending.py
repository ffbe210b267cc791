"""What came since the last commit, in memory."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import pyarrow as pa

from shazhou.telemetry.store import tail
from shazhou.telemetry.store.kinds import KINDS
from shazhou.telemetry.store.quarantine import Quarantine

PART = 4_000_000
"""Bytes of rows that are encoded as one piece of the tail, so that what waited long is not unpacked all at once."""

Series = tuple[str, str, str, int, str, str]
"""Node, device, metric, data type, unit, origin."""


@dataclass
class Pending:
    """Rows by kind, marks, new series and quarantined payloads that one commit will write."""

    rows: dict[str, list[pa.RecordBatch]] = field(default_factory=dict)
    marks: dict[tuple[str, str], int] = field(default_factory=dict)
    series: list[tuple[int, Series]] = field(default_factory=list)
    quarantine: Quarantine = field(default_factory=Quarantine)

    def __bool__(self) -> bool:
        return bool(self.rows or self.marks or self.series or self.quarantine)

    @property
    def bytes(self) -> int:
        """What the rows take in memory."""
        return sum(batch.nbytes for batches in self.rows.values() for batch in batches)

    def add(self, kind: str, rows: pa.RecordBatch | pa.Table | None) -> None:
        """Takes rows of the kind's schema, or none.

        Raises:
            pyarrow.ArrowInvalid: the rows are of another schema, or null where they must not be.
        """
        if rows is None or not rows.num_rows:
            return
        if rows.schema != KINDS[kind].schema:
            rows = rows.select(KINDS[kind].schema.names).cast(KINDS[kind].schema)
        self.rows.setdefault(kind, []).extend(rows.to_batches() if isinstance(rows, pa.Table) else [rows])

    def mark(self, marks: Mapping[tuple[str, str], int]) -> None:
        """Takes the record numbers of agents, of each the highest."""
        for key, sequence in marks.items():
            self.marks[key] = max(sequence, self.marks.get(key, 0))

    def followed_by(self, later: Pending) -> Pending:
        """Both as one, where this could not be written."""
        rows = {kind: [*self.rows.get(kind, ()), *later.rows.get(kind, ())] for kind in {**self.rows, **later.rows}}
        quarantine = self.quarantine.followed_by(later.quarantine)
        both = Pending(rows, dict(self.marks), [*self.series, *later.series], quarantine)
        both.mark(later.marks)
        return both

    def write(self, connection: sqlite3.Connection) -> tuple[int, int]:
        """Writes everything, within a transaction; the frames and bytes by which the tail grew."""
        connection.executemany(
            "INSERT INTO series VALUES (?, ?, ?, ?, ?, ?, ?)", [(id, *series) for id, series in self.series]
        )
        connection.executemany(
            "INSERT INTO mark VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET sequence = max(sequence, excluded.sequence)",
            [(*key, sequence) for key, sequence in self.marks.items()],
        )
        sizes = [
            tail.append(connection, KINDS[kind], part)
            for kind, batches in self.rows.items()
            for part in _parts(pa.Table.from_batches(batches, KINDS[kind].schema))
        ]
        if self.quarantine:
            self.quarantine.write(connection)
        return len(sizes), sum(sizes)


def _parts(rows: pa.Table) -> Iterator[pa.Table]:
    step = max(rows.num_rows * PART // max(rows.nbytes, 1), 1)
    for start in range(0, rows.num_rows, step):
        yield rows.slice(start, step)
