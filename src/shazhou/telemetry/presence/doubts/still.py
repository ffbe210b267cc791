"""Standing still: cached (times go on, nothing else does) and frozen (not even times).

A machine at rest shows constant values rightly. But one that says it is executing moves a count, a meter or a tag; and
one in which nothing moves for most of a working day proves as little as a cache, whatever state it states.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from shazhou.telemetry.presence.doubt import Doubt
from shazhou.telemetry.presence.doubts.evidence import Evidence
from shazhou.telemetry.presence.doubts.spans import runs
from shazhou.telemetry.presence.frame import HOUR, Frame
from shazhou.telemetry.presence.grid import Grid, Integers, Mask
from shazhou.telemetry.presence.thresholds import (
    EXECUTING,
    FROZEN_RUN,
    STILL_DIGESTS,
    STILL_RUN,
    STILL_WORKING,
    TIMES,
)

LOWERS_TO = 2


def cached(evidence: Evidence) -> Iterator[Doubt]:
    """Source times advance, yet nothing changes: for `STILL_RUN` minutes of executing, or `STILL_WORKING` minutes of
    working time."""
    grid = evidence.grid
    still = _still(grid)
    every, working = np.arange(len(still)), np.flatnonzero(_working(evidence))
    executing = still & (grid.values("executing") >= EXECUTING)
    for rows in _runs(grid, every, executing):
        if _span(grid, rows) >= STILL_RUN and _stands(grid, rows):
            yield _doubt(grid, "cached", rows)
    for rows in _runs(grid, working, still[working]):
        if len(rows) >= STILL_WORKING and _stands(grid, rows):
            yield _doubt(grid, "cached", rows)


def frozen(evidence: Evidence) -> Iterator[Doubt]:
    """Samples come, but all with one source time, for `FROZEN_RUN` minutes."""
    grid = evidence.grid
    stands = (grid.values("samples") >= TIMES) & (grid.values("times") < TIMES)
    for rows in _runs(grid, np.arange(len(stands)), stands):
        if _span(grid, rows) >= FROZEN_RUN:
            yield _doubt(grid, "frozen", rows)


def _still(grid: Grid) -> Mask:
    """Minutes whose times advance and in which no tag, count or meter moved."""
    moved = np.zeros(len(grid.machine), dtype=bool)
    for meter in ("total", "energy"):
        moved |= np.nan_to_num(grid.values(meter).astype(np.float64)) > 0
    return np.asarray((grid.values("times") >= TIMES) & (grid.values("values") <= 1) & ~moved)


def _working(evidence: Evidence) -> Mask:
    """Rows that are in their enterprise's working time."""
    grid = evidence.grid
    start, stop = evidence.span[0] // HOUR * HOUR, -(-evidence.span[1] // HOUR) * HOUR
    frame = Frame.of(grid.nodes, (start, stop))
    working = frame.working(evidence.calendars)
    return np.asarray(working[grid.node_of[grid.machine], grid.column + (grid.start - start) // 60_000])


def _runs(grid: Grid, rows: Integers, flags: Mask) -> Iterator[Integers]:
    """Rows of a machine that are flagged one after the other; a minute that did not come ends no run."""
    for first, after in runs(flags, grid.machine[rows]):
        yield rows[first:after]


def _span(grid: Grid, rows: Integers) -> int:
    """Minutes from the first to the last."""
    return int(grid.column[rows[-1]] - grid.column[rows[0]]) + 1


def _digests(grid: Grid, rows: Integers) -> int:
    return len(set(grid.rows["digest"].take(pa.array(rows)).to_pylist()))


def _stands(grid: Grid, rows: Integers) -> bool:
    """Whether the digests, too, say that nothing changed from minute to minute."""
    return _digests(grid, rows) <= max(1.0, STILL_DIGESTS * len(rows))


def _doubt(grid: Grid, kind: str, rows: Integers) -> Doubt:
    node, device = grid.machines[grid.machine[rows[0]]]
    start, stop = grid.moment(int(grid.column[rows[0]])), grid.moment(int(grid.column[rows[-1]]) + 1)
    found = {
        "minutes": len(rows),
        "digests": _digests(grid, rows),
        "executing": round(float(grid.values("executing")[rows].sum())),
    }
    return Doubt(node, device, kind, start, stop, LOWERS_TO, found)
