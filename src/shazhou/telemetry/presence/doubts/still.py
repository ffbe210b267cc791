"""Standing still: cached (times go on, nothing else does) and frozen (not even times).

A machine at rest shows constant values rightly. But one that says it is executing moves a count, a meter or a tag; one
that was seen to hum at rest does so at any rest; and one in which nothing moves for most of a working day proves as
little as a cache, whatever state it states.
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
from shazhou.telemetry.presence.hum import moved, usual
from shazhou.telemetry.presence.thresholds import (
    EXECUTING,
    FROZEN_RUN,
    HUM,
    STILL_DIGESTS,
    STILL_REST,
    STILL_RUN,
    STILL_WORKING,
    TIMES,
)

LOWERS_TO = 2


def cached(evidence: Evidence) -> Iterator[Doubt]:
    """Source times advance, yet nothing changes: for `STILL_RUN` minutes of executing, for `STILL_REST` minutes at rest
    of a machine that hums, or for `STILL_WORKING` minutes of working time."""
    grid = evidence.grid
    advanced, stirred = grid.values("times") >= TIMES, moved(grid)
    still, resting = advanced & ~stirred, grid.values("executing") < EXECUTING
    # Of a minute in which neither times nor values moved nobody knows whether anything would have: it ends no run.
    telling, in_work = advanced | stirred, _working(evidence)
    every, executing, working = map(np.flatnonzero, (telling, telling | resting, telling & in_work))
    came, worked = np.arange(len(still)), np.cumsum(in_work, dtype=np.int64)
    hums = (usual(grid, evidence.past.of("hum"), evidence.day) >= HUM)[grid.machine]
    runs_of = [
        *_long(_runs(grid, executing, (still & ~resting)[executing]), grid.column, came, STILL_RUN),
        *_long(_runs(grid, every, (still & hums)[every]), grid.column, came, STILL_REST),
        *_long(_runs(grid, working, still[working]), worked, worked, STILL_WORKING),
    ]
    told: list[tuple[int, int]] = []
    for rows in sorted(runs_of, key=len, reverse=True):
        within = any(first <= rows[0] and rows[-1] <= last for first, last in told)
        if not within and _stands(grid, rows):
            told.append((int(rows[0]), int(rows[-1])))
            yield _doubt(grid, "cached", rows)


def frozen(evidence: Evidence) -> Iterator[Doubt]:
    """Samples come, but all with one source time, for `FROZEN_RUN` minutes."""
    grid = evidence.grid
    stands = (grid.values("samples") >= TIMES) & (grid.values("times") < TIMES)
    for rows in _runs(grid, np.arange(len(stands)), stands):
        if _span(grid, rows) >= FROZEN_RUN:
            yield _doubt(grid, "frozen", rows)


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


def _long(runs_of: Iterator[Integers], clock: Integers, count: Integers, least: int) -> Iterator[Integers]:
    """Runs that are so long by a clock, and are half of the rows in their time by a count: two minutes that tell
    something, far apart, say nothing of the time between."""
    for rows in runs_of:
        first, last = rows[0], rows[-1]
        if clock[last] - clock[first] + 1 >= least and 2 * len(rows) >= count[last] - count[first] + 1:
            yield rows


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
