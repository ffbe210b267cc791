"""The hours of machines: sums of their minutes that are believed."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from shazhou.telemetry.minute import LENGTH
from shazhou.telemetry.presence.described import ORIGINS
from shazhou.telemetry.presence.frame import HOUR, MINUTES
from shazhou.telemetry.presence.grid import Floats, Grid, Mask
from shazhou.telemetry.store.schema import MACHINE_HOURS

_SUMS = ("not_available", "out_of_service", "not_executing", "executing", "maintenance", "setup", "failures")
_METERS = ("total", "good_count", "energy")


def machine_hours_of(grid: Grid, alive: Mask, undoubted: Mask) -> pa.Table:
    """One row (MACHINE_HOURS) per machine and hour of which a minute came. Sums are of the minutes that are signed and
    not in doubt (``believed`` of the ``minutes`` that came), and ``live`` of those of them that are alive; meters are
    null where none of these minutes had one, ``cycle`` is the mean of what was planned."""
    hours = grid.length // MINUTES
    cell = grid.machine * hours + grid.column // MINUTES
    cells, of_cell = np.unique(cell, return_inverse=True)
    machine = cells // hours if hours else cells
    nodes, devices = (np.array([each[place] for each in grid.machines], dtype=object) for place in (0, 1))

    kept = undoubted[grid.machine, grid.column]
    believed = kept & grid.values("signed").astype(bool)

    def summed(values: npt.NDArray[Any]) -> Floats:
        return np.asarray(np.bincount(of_cell, values, len(cells)), dtype=np.float64)

    columns: dict[str, object] = {
        "node": nodes[machine],
        "device": devices[machine],
        "hour": grid.start + (cells % max(hours, 1)) * HOUR,
        "live": summed((kept & alive[grid.machine, grid.column]) * (LENGTH // 1000)).astype(np.int32),
        "minutes": summed(np.ones(len(cell))).astype(np.int32),
        "believed": summed(believed).astype(np.int32),
    }
    for name in _SUMS:
        columns[name] = summed(np.where(believed, grid.values(name), 0.0))
    for name in (*_METERS, "cycle"):
        values = grid.values(name).astype(np.float64)
        there = believed & ~np.isnan(values)
        count = summed(there)
        total = summed(np.where(there, values, 0.0))
        if name == "cycle":
            total = np.divide(total, count, out=total, where=count > 0)
        columns[name] = pa.array(total, mask=count == 0)
    codes = pc.fill_null(pc.index_in(grid.rows["origin"], value_set=pa.array(ORIGINS)), 0).to_numpy()
    strictest = np.zeros(len(cells), dtype=np.int64)
    np.maximum.at(strictest, of_cell, codes)
    columns["origin"] = np.array(ORIGINS, dtype=object)[strictest]
    arrays = [pa.array(columns[field.name]).cast(field.type) for field in MACHINE_HOURS]
    return pa.table(arrays, schema=MACHINE_HOURS)
