"""What a node says it is, by hour: the mode in which it discloses, and whether it is simulated or recorded."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from shazhou.telemetry.presence.frame import HOUR, Frame
from shazhou.telemetry.presence.sessions import told

MODES = ("pulse", "", "rollup", "full")
"""Of several within an hour the last of these counts: it asks the most of a challenge."""

ORIGINS = ("", "recorded", "simulated")
"""Of several the last of these: the stricter mark."""

Codes = npt.NDArray[np.int8]


def modes_of(frame: Frame, minutes: pa.Table, events: pa.Table) -> Codes:
    """Enterprises x hours: places in `MODES`, by the minutes of the hour, else by the last birth before its end."""
    return _of(frame, minutes, events, "mode", MODES, MODES.index(""))


def origins_of(frame: Frame, minutes: pa.Table, events: pa.Table) -> Codes:
    """Enterprises x hours: places in `ORIGINS`, by the minutes of the hour, else by the last birth before its end."""
    return _of(frame, minutes, events, "origin", ORIGINS, ORIGINS.index(""))


def _of(frame: Frame, minutes: pa.Table, events: pa.Table, name: str, known: Sequence[str], unknown: int) -> Codes:
    codes = np.full((len(frame.nodes), frame.hours), unknown, dtype=np.int8)
    for event in told(events, ("birth",)):
        if not event.device and (row := frame.row.get(event.node)) is not None:
            value = event.detail.get(name, "")
            codes[row, max((event.at - frame.start) // HOUR, 0) :] = known.index(value) if value in known else unknown
    told_codes = pc.fill_null(pc.index_in(minutes[name], value_set=pa.array(known)), unknown).to_numpy()
    rows, hour = frame.rows(minutes["node"]), (minutes["at"].to_numpy() - frame.start) // HOUR
    inside = (rows >= 0) & (hour >= 0) & (hour < frame.hours)
    by_minutes = np.full(codes.shape, -1, dtype=np.int8)
    np.maximum.at(by_minutes, (rows[inside], hour[inside]), told_codes[inside].astype(np.int8))
    return np.where(by_minutes >= 0, by_minutes, codes)
