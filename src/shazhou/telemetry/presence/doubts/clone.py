"""Clone: the same series from another enterprise, also later; or from another machine for the same time."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from shazhou.telemetry.presence.doubt import Doubt
from shazhou.telemetry.presence.doubts import series


def clone(today: pa.Table, matched: pa.Table, span: tuple[int, int]) -> Iterator[Doubt]:
    """Doubts about machines that show what another showed first; from `series.matches`."""
    yield from series.doubts("clone", today, matched.filter(is_clone(matched)), span)


def is_clone(matched: pa.Table) -> pa.ChunkedArray:
    """Whether a pair is of two enterprises, or of two machines at the same time."""
    elsewhere = pc.not_equal(matched["node"], matched["other_node"])
    beside = pc.and_(
        pc.not_equal(matched["device"], matched["other_device"]), pc.equal(matched["at"], matched["other_at"])
    )
    return pc.or_(elsewhere, beside)
