"""Echo: minute by minute the energy of a machine follows that of another enterprise's.

It finds copies that no digest shows: moved by less than a minute, scaled, or with noise added. Only minutes in which
both machines execute from beginning to end count, so that common shifts and breaks do not; and only the changes from
one minute to the next, so that a common trend does not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from shazhou.telemetry.presence.doubt import Doubt
from shazhou.telemetry.presence.doubts.evidence import Evidence
from shazhou.telemetry.presence.doubts.regular import FULL
from shazhou.telemetry.presence.grid import Floats, Grid, Integers
from shazhou.telemetry.presence.thresholds import (
    ECHO_CORRELATION,
    ECHO_DISTINCT,
    ECHO_LAG,
    ECHO_LATER,
    ECHO_LEAN,
    ECHO_MINUTES,
)

LOWERS_TO = 2
ROUNDING = 1e-9


def echo(evidence: Evidence) -> Iterator[Doubt]:
    """Machines that follow another enterprise's; both are doubted where it cannot be told which follows which."""
    grid = evidence.grid
    energies = _Energies.of(grid)
    found: dict[tuple[int, int], tuple[float, int, int]] = {}
    for lag in range(ECHO_LAG + 1):
        for later, earlier, correlation, minutes in energies.alike(lag):
            pair = int(energies.machines[later]), int(energies.machines[earlier])
            if grid.node_of[pair[0]] != grid.node_of[pair[1]]:
                found[pair] = max(found.get(pair, (0.0, 0, 0)), (correlation, lag, minutes))
    copies: dict[int, tuple[float, int, int, int]] = {}
    for (later, earlier), said in found.items():
        back = found.get((earlier, later), (0.0, 0, 0))
        if said[0] >= back[0] - ROUNDING and not (said[1] == 0 and energies.leads(grid, later, earlier)):
            copies[later] = max(copies.get(later, (0.0, 0, 0, 0)), (*said, earlier))
    for machine, (correlation, lag, minutes, other) in sorted(copies.items()):
        columns = np.flatnonzero(grid.there[machine])
        start, stop = grid.moment(int(columns[0])), grid.moment(int(columns[-1]) + 1)
        node, device = grid.machines[other]
        others = {"other": {"node": node, "device": device}, "correlation": round(correlation, 3)}
        yield Doubt(*grid.machines[machine], "echo", start, stop, LOWERS_TO, {**others, "lag": lag, "minutes": minutes})


@dataclass(frozen=True)
class _Energies:
    """Changes of energy from minute to minute, standardised, zero where a machine did not execute throughout; of the
    `machines` (rows of a grid) that have enough of them."""

    machines: Integers
    changes: Floats

    @classmethod
    def of(cls, grid: Grid) -> _Energies:
        executing = grid.spread(grid.values("executing"), 0.0) >= FULL
        energy = grid.spread(grid.values("energy").astype(np.float64), np.nan)
        energy[~executing] = np.nan
        change = np.diff(energy, axis=1)
        enough = np.flatnonzero((~np.isnan(change)).sum(axis=1) >= ECHO_MINUTES)
        varied = [each for each in enough.tolist() if len(np.unique(np.round(energy[each], 9))) > ECHO_DISTINCT]
        machines = np.array(varied, dtype=np.int64)
        change = change[machines]
        if len(machines):
            change -= np.nanmean(change, axis=1, keepdims=True)
            change /= np.nanstd(change, axis=1, keepdims=True)
        return cls(machines, np.nan_to_num(change, posinf=0.0, neginf=0.0))

    def alike(self, lag: int) -> Iterator[tuple[int, int, float, int]]:
        """Pairs whose changes correlate when the first is read so many minutes later, with in how many minutes."""
        length = self.changes.shape[1] - lag
        later, earlier = (self.changes[:, start : start + length].astype(np.float32) for start in (lag, 0))
        product = later @ earlier.T
        np.fill_diagonal(product, 0)
        # Changes have variance one: a smaller sum cannot be that correlation over that many minutes, or hardly.
        for one, other in zip(*np.nonzero(product >= 0.7 * ECHO_CORRELATION * ECHO_MINUTES), strict=True):
            correlation, minutes = self.correlation(int(one), int(other), lag)
            if minutes >= ECHO_MINUTES and correlation >= ECHO_CORRELATION:
                yield int(one), int(other), correlation, minutes

    def correlation(self, one: int, other: int, lag: int) -> tuple[float, int]:
        """Of two machines, the first read so many minutes later (or earlier, where negative)."""
        length = self.changes.shape[1] - abs(lag)
        first = self.changes[one, max(lag, 0) :][:length]
        second = self.changes[other, max(-lag, 0) :][:length]
        both = (first != 0) & (second != 0)
        spread = float(np.sqrt((first[both] ** 2).sum() * (second[both] ** 2).sum()))
        return (float((first[both] * second[both]).sum()) / spread if spread else 0.0), int(both.sum())

    def leads(self, grid: Grid, machine: int, other: int) -> bool:
        """Whether, at no lag, a machine is the earlier of two: by less than a minute, or it was nearly always received
        before the other."""
        one, two = (int(np.searchsorted(self.machines, each)) for each in (machine, other))
        lean = self.correlation(one, two, -1)[0] - self.correlation(one, two, 1)[0]
        if abs(lean) >= ECHO_LEAN:
            return lean > 0
        received = grid.spread(grid.rows["received"].to_numpy(), 0)
        mine, its = received[machine], received[other]
        both = (mine > 0) & (its > 0)
        return bool(both.any() and np.mean(mine[both] < its[both]) >= ECHO_LATER)
