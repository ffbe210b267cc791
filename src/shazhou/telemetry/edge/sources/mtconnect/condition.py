"""Conditions: what is wrong at an item, several things at once, each by its native code."""

from __future__ import annotations

from shazhou.telemetry.edge.sources.mtconnect.state import UNAVAILABLE

LEVELS = {"NORMAL": 0, "WARNING": 1, "FAULT": 2}


class Conditions:
    """The active conditions by item: each code stays until it is NORMAL, and a NORMAL without code ends all."""

    def __init__(self) -> None:
        self._active: dict[str, dict[str, str]] = {}

    def worst(self, item: str, level: str, code: str) -> str | None:
        """The item's worst level after this one was said; None where it is unavailable."""
        active = self._active.setdefault(item, {})
        if level == UNAVAILABLE or (level == "NORMAL" and not code):
            active.clear()
        elif level == "NORMAL":
            active.pop(code, None)
        else:
            active[code] = level
        if level == UNAVAILABLE:
            return None
        return max(active.values(), key=lambda found: LEVELS.get(found, 0), default="NORMAL")
