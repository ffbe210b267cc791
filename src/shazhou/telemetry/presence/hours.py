"""The ladder: the level of every enterprise in every hour, and the hours of its machines."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import pyarrow as pa

from shazhou.telemetry.calendar import Calendar
from shazhou.telemetry.presence.doubt import Doubt
from shazhou.telemetry.presence.rule import Rule


def hours_of(
    minutes: pa.Table,
    events: pa.Table,
    calendars: Mapping[str, Calendar],
    joined: Collection[str],
    rule: Rule,
    doubts: Sequence[Doubt],
    span: tuple[int, int],
) -> tuple[pa.Table, pa.Table]:
    """Levels by enterprise and hour (HOURS), and sums by machine and hour (MACHINE_HOURS).

    ``span`` is the time to be judged, whole hours; ``events`` may begin before it, so that sessions that were born
    earlier are known. Every joined enterprise has a row for every hour, heard or not.
    """
    raise NotImplementedError
