"""What makes a minute of a machine live: someone read it, from the machine, and signed for it.

A minute is live if it is signed with the enrolled key, its source times advance (`TIMES` distinct ones), and its
values are of good quality (`GOOD`). A source that tells changes only is quiet while nothing changes: a minute with less
than two samples is live too, as long as the machine is available and was live at most `QUIET` minutes before.

Constant values do not matter here: a machine at rest shows them rightly. That they stay although the machine says it is
executing is a doubt (`doubts.still`).
"""

from __future__ import annotations

import numpy as np

from shazhou.telemetry.presence.grid import Grid, Mask
from shazhou.telemetry.presence.thresholds import EXECUTING, GOOD, QUIET, TIMES

WHY_NOT = ("unsigned", "times-stand", "bad-quality")
"""What a minute can fail at, the first to be told first."""


def live(grid: Grid) -> Mask:
    """Machines x minutes that are live."""
    signed = grid.values("signed").astype(bool)
    strong = grid.spread(signed & _advances(grid) & _good(grid), False)
    columns = np.arange(grid.length)
    last = np.maximum.accumulate(np.where(strong, columns, -QUIET - 1), axis=1)
    quiet = grid.spread(signed & _quiet(grid), False)
    return np.asarray(strong | (quiet & (columns - last <= QUIET)))


def failed(grid: Grid) -> dict[str, Mask]:
    """Machines x minutes that came and failed, by the code of what they failed at."""
    passed = grid.values("signed").astype(bool), _advances(grid), _good(grid) | _quiet(grid)
    return {code: np.asarray(grid.spread(~each, False)) for code, each in zip(WHY_NOT, passed, strict=True)}


def _advances(grid: Grid) -> Mask:
    return np.asarray(grid.values("times") >= TIMES)


def _good(grid: Grid) -> Mask:
    return np.asarray(grid.values("good") >= GOOD)


def _quiet(grid: Grid) -> Mask:
    return np.asarray((grid.values("samples") < TIMES) & (grid.values("not_available") < EXECUTING))
