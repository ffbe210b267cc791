"""Clocks adrift: what a gateway says of an hour happened in another."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from shazhou.telemetry.minute import LENGTH
from shazhou.telemetry.presence.doubt import Doubt
from shazhou.telemetry.presence.doubts.evidence import Evidence
from shazhou.telemetry.presence.doubts.spans import HOUR, merged
from shazhou.telemetry.presence.sessions import numbers
from shazhou.telemetry.presence.thresholds import ADRIFT, ADRIFT_TOLD

LOWERS_TO = 2


def clock(evidence: Evidence) -> Iterator[Doubt]:
    """Hours in which a clock was `ADRIFT` `ADRIFT_TOLD` times, by what the host measured and by when minutes came:
    what is not stored and forwarded is sent when its minute ends, and none comes before it."""
    rows = evidence.grid.rows
    late = rows["received"].to_numpy() - rows["at"].to_numpy() - LENGTH
    adrift = (late < -ADRIFT) | ((late > ADRIFT) & ~rows["historical"].to_numpy(zero_copy_only=False))
    told = [_told(rows["node"], rows["at"].to_numpy(), late, adrift)]
    for kind, name in (("clock", "offset"), ("birth", "clock")):
        events, (offsets,) = numbers(evidence.events, kind, name)
        at = events["at"].to_numpy()
        inside = (at >= evidence.span[0]) & (at < evidence.span[1])
        told.append(_told(events["node"], at, offsets, inside & (np.abs(offsets) > ADRIFT)))
    counted = (
        pa.concat_tables(told)
        .group_by(["node", "hour"])
        .aggregate([([], "count_all"), ("offset", "min"), ("offset", "max")])
    )
    by_node: dict[str, dict[int, tuple[float, float]]] = {}
    for row in counted.sort_by([("node", "ascending"), ("hour", "ascending")]).to_pylist():
        if row["count_all"] >= ADRIFT_TOLD:
            by_node.setdefault(row["node"], {})[row["hour"]] = (row["offset_min"], row["offset_max"])
    for node, hours in by_node.items():
        for start, stop in merged(hours, gap=0):
            lows, highs = zip(*(hours[hour] for hour in range(start, stop, HOUR)), strict=True)
            said = {"offset": max(min(lows), max(highs), key=abs), "hours": len(lows)}
            yield Doubt(node, "", "clock", start, stop, LOWERS_TO, said)


def _told(
    nodes: pa.ChunkedArray, at: np.ndarray[tuple[int], np.dtype[np.int64]], offset: object, chosen: object
) -> pa.Table:
    table = pa.table({"node": nodes, "hour": at - at % HOUR, "offset": pa.array(offset, pa.float64())})
    return table.filter(pa.array(chosen))
