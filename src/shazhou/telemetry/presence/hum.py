"""Which machines hum: show something moving while they are at rest, a standby load or an analog value that wavers.

Of such a machine complete stillness is no rest. What a day showed is remembered with the prints (`digests.Past`).
"""

from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa

from shazhou.telemetry.presence.digests import Past
from shazhou.telemetry.presence.grid import Floats, Grid, Mask
from shazhou.telemetry.presence.thresholds import EXECUTING, HUM_DAYS, HUM_MINUTES, TIMES

HUM = pa.schema(
    [
        pa.field("node", pa.string(), nullable=False),
        pa.field("device", pa.string(), nullable=False),
        pa.field("rest", pa.int64(), nullable=False),
        pa.field("moved", pa.int64(), nullable=False),
    ]
)
"""Per machine and day: minutes at rest, and those of them in which anything moved."""


def moved(grid: Grid) -> Mask:
    """Rows in which a tag took several values, or a count or meter moved."""
    found = grid.values("values") > 1
    for meter in ("total", "energy"):
        found |= np.nan_to_num(grid.values(meter).astype(np.float64)) > 0
    return np.asarray(found)


def at_rest(grid: Grid) -> Mask:
    """Rows whose source times advance while the machine does not execute."""
    return np.asarray((grid.values("times") >= TIMES) & (grid.values("executing") < EXECUTING))


def hum_of(grid: Grid) -> pa.Table:
    """What a day showed, schema HUM."""
    rest, stirred = at_rest(grid), moved(grid)
    count = len(grid.machines)
    sums = [np.bincount(grid.machine[rows], minlength=count) for rows in (rest, rest & stirred)]
    nodes, devices = ([machine[place] for machine in grid.machines] for place in (0, 1))
    return pa.table([pa.array(nodes), pa.array(devices), *map(pa.array, sums)], names=HUM.names).cast(HUM)


def usual(grid: Grid, past: Past, day: date) -> Floats:
    """Per machine the largest share of a day's minutes at rest in which something moved, on this day or one of
    `HUM_DAYS` before; days with less than `HUM_MINUTES` at rest say nothing."""
    place = {machine: row for row, machine in enumerate(grid.machines)}
    shares = np.zeros(len(grid.machines))
    known = pa.concat_tables([past.before(day, HUM_DAYS, HUM), hum_of(grid)])
    for node, device, rest, stirred in zip(*(column.to_pylist() for column in known.columns), strict=True):
        if rest >= HUM_MINUTES and (row := place.get((node, device))) is not None:
            shares[row] = max(shares[row], stirred / rest)
    return shares
