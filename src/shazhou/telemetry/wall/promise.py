"""What a city promised of enterprises online."""

from __future__ import annotations

from shazhou.city.model import City, Target

INDICATOR = "enterprises_online"
"""The indicator that the door telemetry feeds; a city without it promised nothing of the kind."""


def target(city: City) -> Target | None:
    """The promise about enterprises online in the whole city."""
    found = [each for each in city.targets.values() if each.indicator == INDICATOR and each.place == city.root]
    return found[0] if found else None


def promised(city: City) -> int:
    """How many enterprises were promised to be online; 0 where nothing was promised."""
    found = target(city)
    return int(found.value) if found is not None else 0
