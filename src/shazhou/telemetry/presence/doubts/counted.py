"""What should not happen at all and is counted by hour: sequence numbers that come twice, minutes nobody signed for."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from shazhou.telemetry.presence.doubt import Doubt
from shazhou.telemetry.presence.doubts.evidence import Evidence
from shazhou.telemetry.presence.doubts.spans import HOUR, merged
from shazhou.telemetry.presence.thresholds import DUPLICATES, UNSIGNED


def seq_duplicates(evidence: Evidence) -> Iterator[Doubt]:
    """Two publishers under one name: the same Sparkplug sequence numbers again."""
    events = evidence.events
    start, stop = evidence.span
    inside = pc.and_(pc.greater_equal(events["at"], start), pc.less(events["at"], stop))
    chosen = events.filter(pc.and_(inside, pc.equal(events["kind"], "duplicate")))
    yield from _hours("seq-duplicates", chosen["node"], None, chosen["at"], DUPLICATES, 1)


def unsigned(evidence: Evidence) -> Iterator[Doubt]:
    """Minutes without a signature by the enrolled key."""
    rows = evidence.grid.rows.filter(pc.invert(evidence.grid.rows["signed"]))
    yield from _hours("unsigned", rows["node"], rows["device"], rows["at"], UNSIGNED, 2)


def _hours(
    kind: str, nodes: pa.ChunkedArray, devices: pa.ChunkedArray | None, at: pa.ChunkedArray, least: int, lowers_to: int
) -> Iterator[Doubt]:
    moments = at.to_numpy()
    device = devices if devices is not None else pa.array([""] * len(nodes), pa.string())
    table = pa.table({"node": nodes, "device": device, "hour": moments - moments % HOUR})
    counted = table.group_by(["node", "device", "hour"]).aggregate([([], "count_all")])
    found: dict[tuple[str, str], dict[int, int]] = {}
    for row in counted.to_pylist():
        if row["count_all"] >= least:
            found.setdefault((row["node"], row["device"]), {})[row["hour"]] = row["count_all"]
    for (node, of), hours in sorted(found.items()):
        for start, stop in merged(hours, gap=0):
            count = sum(hours[hour] for hour in range(start, stop, HOUR))
            yield Doubt(node, of, kind, start, stop, lowers_to, {"count": count, "hours": (stop - start) // HOUR})
