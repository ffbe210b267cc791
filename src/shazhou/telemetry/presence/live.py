"""What makes a minute of a machine live: someone read it, from the machine, and signed for it."""

from __future__ import annotations

import numpy as np

from shazhou.telemetry.presence.grid import Grid, Mask
from shazhou.telemetry.presence.thresholds import GOOD, TIMES

WHY_NOT = ("unsigned", "times-stand", "bad-quality")
"""What a minute can fail at, the first to be told first."""


def live(grid: Grid) -> Mask:
    """Machines x minutes that are live: signed with the enrolled key, source times advance, quality is good.

    Constant values do not matter here: a machine at rest shows them rightly. That they stay although the machine says
    it is executing is a doubt (`doubts.still`).
    """
    passed = np.ones(len(grid.machine), dtype=bool)
    for each in _tests(grid).values():
        passed &= each
    return np.asarray(grid.spread(passed, False))


def failed(grid: Grid) -> dict[str, Mask]:
    """Machines x minutes that came and failed, by the code of what they failed at."""
    return {code: np.asarray(grid.spread(~passed, False)) for code, passed in _tests(grid).items()}


def _tests(grid: Grid) -> dict[str, Mask]:
    return dict(
        zip(
            WHY_NOT,
            (
                grid.values("signed").astype(bool),
                (grid.values("times") >= TIMES) & (grid.values("samples") >= TIMES),
                grid.values("good") >= GOOD,
            ),
            strict=True,
        )
    )
