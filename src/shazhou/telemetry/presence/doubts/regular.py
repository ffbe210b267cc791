"""Impossible regularity: consumption that repeats to the last digit, is smoother than any meter, or starts and stops on
whole minutes alone. A simulator's marks; one that adds noise of its own has none of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from shazhou.telemetry.presence.doubt import Doubt
from shazhou.telemetry.presence.doubts.evidence import Evidence
from shazhou.telemetry.presence.grid import Floats, Grid, Mask
from shazhou.telemetry.presence.thresholds import (
    EDGE_TIMES,
    EDGES,
    EXECUTING,
    PERIODIC_DISTINCT,
    PERIODIC_SHARE,
    PERIODS,
    REGULAR_MINUTES,
    SMOOTH,
    SMOOTH_DISTINCT,
)

LOWERS_TO = 2
FULL = 59.5
"""Seconds from which a minute is all of one state."""


def regular(evidence: Evidence) -> Iterator[Doubt]:
    """Machines of which a day is more regular than machines are; the doubt is about all minutes of the span."""
    grid = evidence.grid
    if not grid.machines:
        return
    executing = grid.spread(grid.values("executing"), np.nan)
    energy = np.round(grid.spread(grid.values("energy").astype(np.float64), np.nan), 9)
    energy[~(executing >= EXECUTING)] = np.nan
    judged = np.flatnonzero((energy > 0).sum(axis=1) >= REGULAR_MINUTES)
    found: dict[int, dict[str, Any]] = {}
    for machine in judged.tolist():
        found[machine] = _smooth(energy[machine])
    for machine, period in _periodic(energy, judged):
        found[machine]["period"] = period
    for machine, edges in _edges(grid, executing):
        found.setdefault(machine, {})["edges"] = edges
    for machine, said in sorted(found.items()):
        if said:
            columns = np.flatnonzero(grid.there[machine])
            start, stop = grid.moment(int(columns[0])), grid.moment(int(columns[-1]) + 1)
            yield Doubt(*grid.machines[machine], "regular", start, stop, LOWERS_TO, said)


def _periodic(energy: Floats, judged: Any) -> Iterator[tuple[int, dict[str, Any]]]:
    """Machines whose energy equals, nearly always, that of so many minutes before."""
    varied = [each for each in judged.tolist() if len(_known(energy[each])) >= PERIODIC_DISTINCT]
    left = np.array(varied, dtype=np.int64)
    for period in range(2, PERIODS + 1):
        if not len(left):
            return
        now, then = energy[left, period:], energy[left, :-period]
        pairs = (~np.isnan(now) & ~np.isnan(then)).sum(axis=1)
        same = (now == then).sum(axis=1)
        again = (pairs >= REGULAR_MINUTES) & (same >= PERIODIC_SHARE * pairs)
        for row in np.flatnonzero(again).tolist():
            yield int(left[row]), {"minutes": period, "same": int(same[row]), "of": int(pairs[row])}
        left = left[~again]


def _smooth(energy: Floats) -> dict[str, Any]:
    """What is said of a curve without noise, empty where it has some."""
    if len(_known(energy)) < SMOOTH_DISTINCT:
        return {}
    bends = energy[2:] - 2 * energy[1:-1] + energy[:-2]
    bends = bends[~np.isnan(bends)]
    variance = float(np.nanvar(energy))
    if len(bends) < REGULAR_MINUTES or float(bends.var()) >= SMOOTH * variance:
        return {}
    return {"smooth": {"ratio": float(bends.var()) / variance, "of": len(bends)}}


def _known(energy: Floats) -> Floats:
    return np.asarray(np.unique(energy[~np.isnan(energy)]))


def _edges(grid: Grid, executing: Floats) -> Iterator[tuple[int, dict[str, Any]]]:
    """Machines whose starts and stops all fall between two minutes."""
    seen = grid.spread(grid.values("times"), 0) >= EDGE_TIMES
    all_on, all_off = seen & (executing >= FULL), seen & (executing <= 60 - FULL)
    between = _then(all_off, all_on) + _then(all_on, all_off)
    within = (seen & (executing > 60 - FULL) & (executing < FULL)).sum(axis=1)
    for machine in np.flatnonzero((between >= EDGES) & (within * 20 <= between)).tolist():
        yield machine, {"between": int(between[machine]), "within": int(within[machine])}


def _then(first: Mask, second: Mask) -> Any:
    return (first[:, :-1] & second[:, 1:]).sum(axis=1)
