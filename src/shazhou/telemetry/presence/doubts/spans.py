"""From single minutes and hours to the spans that are doubted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from shazhou.telemetry.presence.grid import Integers, Mask

HOUR = 3_600_000


def runs(flags: Mask, groups: Integers) -> Iterator[tuple[int, int]]:
    """Stretches of flagged rows, first and one past the last, each within one group; rows stand in their order."""
    if not len(flags):
        return iter(())
    same = flags[1:] & flags[:-1] & (groups[1:] == groups[:-1])
    starts = np.flatnonzero(flags & ~np.concatenate(([False], same)))
    stops = np.flatnonzero(flags & ~np.concatenate((same, [False]))) + 1
    return zip(starts.tolist(), stops.tolist(), strict=True)


def merged(hours: Iterable[int], gap: int = 1) -> Iterator[tuple[int, int]]:
    """Hours (ms) as spans; as many as ``gap`` hours between two are taken along."""
    known = sorted(set(hours))
    if not known:
        return
    start = last = known[0]
    for hour in known[1:]:
        if hour - last > (gap + 1) * HOUR:
            yield start, last + HOUR
            start = hour
        last = hour
    yield start, last + HOUR
