"""All doubts about what came in a span of time."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from shazhou.telemetry.calendar import Calendar
from shazhou.telemetry.presence.doubt import Doubt
from shazhou.telemetry.presence.rule import Rule


def doubts_of(
    minutes: pa.Table, events: pa.Table, rule: Rule, calendars: Mapping[str, Calendar] | None = None
) -> list[Doubt]:
    """Every doubt that the evidence raises, ordered by node, device, start and kind."""
    raise NotImplementedError
