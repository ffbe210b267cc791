"""Replay: a past series of an enterprise's machines again, also moved in time."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from shazhou.telemetry.presence.doubt import Doubt
from shazhou.telemetry.presence.doubts import series
from shazhou.telemetry.presence.doubts.clone import is_clone


def replay(today: pa.Table, matched: pa.Table, span: tuple[int, int]) -> Iterator[Doubt]:
    """Doubts about machines that show what they showed before; from `series.matches`."""
    yield from series.doubts("replay", today, matched.filter(pc.invert(is_clone(matched))), span)
