"""What was seen before, as prints of 64 bits, so that a series that comes again is known again.

Two kinds: of the agent's digest of a minute's values; and of what the energy meter moved in `METER_MINUTES` minutes,
the last of which counts, so that a series is known again whose digests were made new (a counter that goes on is
enough).

Kept by day (UTC) in Parquet beside the store: the print, whose it is, which minute it describes and when it was
received. The newest file of a day replaces the one before.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from shazhou.telemetry.presence.grid import Grid, Integers
from shazhou.telemetry.presence.thresholds import (
    DISTINCT,
    LOOK_BACK,
    METER_DISTINCT,
    METER_MINUTES,
    SAMPLES,
    SELF_REPEATS,
)

SEEN = pa.schema(
    [
        pa.field("print", pa.uint64(), nullable=False),
        pa.field("node", pa.string(), nullable=False),
        pa.field("device", pa.string(), nullable=False),
        pa.field("at", pa.int64(), nullable=False),
        pa.field("received", pa.int64(), nullable=False),
    ]
)

Prints = npt.NDArray[np.uint64]

_DIGITS = 32
"""Hexadecimal digits of a digest."""


@dataclass(frozen=True)
class Past:
    """What is remembered of other days, in a folder for each kind; without a folder nothing is."""

    folder: Path | None = None

    def of(self, kind: str) -> Past:
        """What is remembered of a kind."""
        return Past(self.folder / kind if self.folder is not None else None)

    def keep(self, day: date, seen: pa.Table) -> None:
        """Remembers a day's rows instead of what was known of it; one process at a time, which `compute` sees to."""
        if self.folder is None:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        made = self.folder / f"{day}.making"
        pq.write_table(seen, made, compression="zstd", compression_level=1)
        made.replace(self.folder / f"{day}.parquet")
        for path in self.folder.glob("*.parquet"):
            if date.fromisoformat(path.stem) < day - timedelta(days=2 * LOOK_BACK):
                path.unlink()

    def before(self, day: date, days: int, schema: pa.Schema) -> pa.Table:
        """All rows of so many days before a day."""
        names = [f"{day - timedelta(days=back)}.parquet" for back in range(1, days + 1)]
        paths = [self.folder / name for name in names] if self.folder is not None else []
        return pa.concat_tables(
            [schema.empty_table(), *(pq.read_table(path, schema=schema) for path in paths if path.exists())]
        )

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


def by_digest(grid: Grid) -> pa.Table:
    """The comparable minutes of a grid by their digests, schema SEEN."""
    enough = (grid.values("values") >= DISTINCT) & (grid.values("samples") >= SAMPLES)
    enough &= pc.equal(pc.utf8_length(grid.rows["digest"]), _DIGITS).to_numpy()
    rows = np.flatnonzero(enough)
    return _seen(grid, rows, _prints(grid.rows["digest"].take(pa.array(rows))))


def by_meter(grid: Grid) -> pa.Table:
    """The comparable minutes of a grid by what the energy meter moved until their ends, schema SEEN."""
    moved = np.round(grid.values("energy").astype(np.float64) * 1e6)
    if len(moved) < METER_MINUTES:
        return SEEN.empty_table()
    last = np.arange(METER_MINUTES - 1, len(moved))
    first = last - METER_MINUTES + 1
    whole = (grid.machine[first] == grid.machine[last]) & (grid.column[last] - grid.column[first] == last - first)
    sums = np.concatenate(([0], np.cumsum(moved > 0)))
    whole &= sums[last + 1] - sums[first] == METER_MINUTES
    last, first = last[whole], first[whole]
    windows = np.lib.stride_tricks.sliding_window_view(moved, METER_MINUTES)[first]
    varied = (np.diff(np.sort(windows, axis=1), axis=1) > 0).sum(axis=1) >= METER_DISTINCT - 1
    prints = np.zeros(int(varied.sum()), dtype=np.uint64)
    for column in windows[varied].astype(np.uint64).T:
        prints = (prints ^ column) * np.uint64(0x9E3779B97F4A7C15)
        prints ^= prints >> np.uint64(29)
    return _seen(grid, last[varied], prints)


def _seen(grid: Grid, rows: Integers, prints: Prints) -> pa.Table:
    """Rows with their prints, without those of machines whose own minutes repeat: too poor to prove anything."""
    machine = grid.machine[rows]
    order = np.lexsort((prints, machine))
    again = (np.diff(prints[order], prepend=np.uint64(0)) == 0) & (np.diff(machine[order], prepend=-1) == 0)
    count = np.bincount(machine, minlength=len(grid.machines))
    repeats = np.bincount(machine[order], again, minlength=len(grid.machines))
    rich = (repeats <= SELF_REPEATS * count)[machine]
    chosen = grid.rows.select(["node", "device", "at", "received"]).take(pa.array(rows[rich]))
    return chosen.add_column(0, "print", pa.array(prints[rich], pa.uint64())).cast(SEEN)


def _prints(digests: pa.ChunkedArray) -> Prints:
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
