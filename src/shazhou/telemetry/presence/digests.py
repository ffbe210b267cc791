"""What was seen before: digests of minutes, so that a series that comes again is known again.

Kept by day (UTC) in Parquet beside the store: 64 bits of each comparable digest, whose it is, which minute it describes
and when it was received. The newest file of a day replaces the one before.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from shazhou.telemetry.presence.grid import Grid, Mask
from shazhou.telemetry.presence.thresholds import DISTINCT, LOOK_BACK, SAMPLES, SELF_REPEATS

SEEN = pa.schema(
    [
        pa.field("print", pa.uint64(), nullable=False),
        pa.field("node", pa.string(), nullable=False),
        pa.field("device", pa.string(), nullable=False),
        pa.field("at", pa.int64(), nullable=False),
        pa.field("received", pa.int64(), nullable=False),
    ]
)

_DIGITS = 32
"""Hexadecimal digits of a digest."""


@dataclass(frozen=True)
class Past:
    """Digests of other days, in a folder; without a folder nothing is remembered."""

    folder: Path | None = None

    def keep(self, day: date, seen: pa.Table) -> None:
        """Remembers a day's digests (schema SEEN) instead of what was known of it."""
        if self.folder is None:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        made = self.folder / f"{day}.making"
        pq.write_table(seen, made, compression="zstd", compression_level=1)
        made.replace(self.folder / f"{day}.parquet")
        for path in self.folder.glob("*.parquet"):
            if date.fromisoformat(path.stem) < day - timedelta(days=2 * LOOK_BACK):
                path.unlink()

    def like(self, prints: pa.ChunkedArray, day: date) -> pa.Table:
        """What was seen within `LOOK_BACK` days of a day, but not on it, with one of these prints."""
        paths = [] if self.folder is None else sorted(self.folder.glob("*.parquet"))
        near = [path for path in paths if 0 < abs((date.fromisoformat(path.stem) - day).days) <= LOOK_BACK]
        if not near or not len(prints):
            return SEEN.empty_table()
        with duckdb.connect() as engine:
            engine.register("asked", pa.table({"print": prints}))
            query = "SELECT * FROM read_parquet($1) SEMI JOIN asked USING (print)"
            return engine.execute(query, [[str(path) for path in near]]).to_arrow_table().cast(SEEN)


def seen(grid: Grid) -> pa.Table:
    """The comparable minutes of a grid, schema SEEN."""
    rows = pa.array(np.flatnonzero(comparable(grid)))
    chosen = grid.rows.select(["digest", "node", "device", "at", "received"]).take(rows)
    prints = pa.array(_prints(chosen["digest"]), pa.uint64())
    return chosen.set_column(0, "print", prints).cast(SEEN)


def comparable(grid: Grid) -> Mask:
    """Rows of a grid whose digest says something: many values, and no machine whose own minutes repeat."""
    enough = (grid.values("values") >= DISTINCT) & (grid.values("samples") >= SAMPLES)
    enough &= pc.equal(pc.utf8_length(grid.rows["digest"]), _DIGITS).to_numpy()
    rows = np.flatnonzero(enough)
    prints = _prints(grid.rows["digest"].take(pa.array(rows)))
    machine = grid.machine[rows]
    order = np.lexsort((prints, machine))
    again = (np.diff(prints[order], prepend=np.uint64(0)) == 0) & (np.diff(machine[order], prepend=-1) == 0)
    count = np.bincount(machine, minlength=len(grid.machines))
    repeats = np.bincount(machine[order], again, minlength=len(grid.machines))
    return np.asarray(enough & (repeats <= SELF_REPEATS * count)[grid.machine])


def _prints(digests: pa.ChunkedArray) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    """The first 64 bits of digests that all have their full length."""
    if not len(digests):
        return np.empty(0, dtype=np.uint64)
    text = digests.combine_chunks()
    text = pa.concat_arrays([text]) if isinstance(text, pa.Array) else text
    first = pc.utf8_slice_codeunits(text, 0, 16)
    letters = np.frombuffer(first.buffers()[2], dtype=np.uint8)[: 16 * len(first)].reshape(-1, 16)
    nibbles = np.where(letters >= 97, letters - 87, letters - 48).astype(np.uint64)
    shifts = np.arange(60, -4, -4, dtype=np.uint64)
    return np.asarray(np.bitwise_or.reduce(nibbles << shifts, axis=1))
