"""Presence over the store: a day or a month at a time; what the host, the command and the door call."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from shazhou.city.model import City
from shazhou.telemetry.presence.verdict import Verdict


def compute(store: Any, city: City, enrolled: Mapping[str, Any], day_or_month: date | str) -> list[Verdict]:
    """Judges a day (a date) or a month (``2026-11``), keeps its hours and doubts in the store, and gives the verdicts
    of that month so far."""
    raise NotImplementedError
