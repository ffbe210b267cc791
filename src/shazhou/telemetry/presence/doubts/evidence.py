"""The evidence of a span of time, read once for all detectors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

import pyarrow as pa

from shazhou.city.calendar import Calendar
from shazhou.telemetry.presence.digests import Past
from shazhou.telemetry.presence.grid import Grid


@dataclass(frozen=True)
class Evidence:
    """Minutes and events of a span (milliseconds), with what was seen on other days. ``events`` may begin earlier, so
    that sessions born before are known. ``keys``: the enrolled key of each node that has one."""

    grid: Grid
    events: pa.Table
    span: tuple[int, int]
    calendars: Mapping[str, Calendar] = field(default_factory=dict)
    past: Past = field(default_factory=Past)
    keys: Mapping[str, str] = field(default_factory=dict)

    @property
    def day(self) -> date:
        """The day under which the span is remembered."""
        return datetime.fromtimestamp(self.span[0] / 1000, UTC).date()
