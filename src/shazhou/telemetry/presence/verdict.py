"""The month: whether an enterprise is online by the city's rule."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import pyarrow as pa

from shazhou.telemetry.presence.rule import Rule


@dataclass(frozen=True)
class Verdict:
    """An enterprise's month (``2026-11``), or as much of it as there was.

    ``days`` on which the rule's share of the working time was reached, ``challenges`` passed, ``highest`` level of any
    hour, ``reason``: code of `reasons` why it is not online, empty where it is.
    """

    node: str
    month: str
    online: bool
    days: int
    challenges: int
    highest: int
    reason: str


def verdicts_of(
    hours: pa.Table, events: pa.Table, rule: Rule, zone: str | ZoneInfo, joined: Collection[str]
) -> list[Verdict]:
    """Every joined enterprise's verdict for each month that the hours (schema HOURS) touch in the zone, by node."""
    raise NotImplementedError
