"""What is missing: promises and indicators without evidence, and the door that would bring it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from shazhou.city.model import City, Indicator, Variable
from shazhou.console.evidence.coverage import coverage
from shazhou.console.overview.promises import Tile

DOORS = ("telemetry", "form", "file", "dataset", "simulation")


@dataclass(frozen=True)
class Unseen:
    """An indicator of which nothing can be computed, with the variables that nobody has stated anything of."""

    indicator: Indicator
    variables: tuple[Variable, ...]


@dataclass(frozen=True)
class Gap:
    """What one door would bring."""

    door: str
    targets: tuple[Tile, ...]
    indicators: tuple[Unseen, ...]


def gaps(city: City, head: str, promised: tuple[Tile, ...]) -> list[Gap]:
    """What is missing at a head, by door."""
    targets: dict[str, list[Tile]] = defaultdict(list)
    for tile in promised:
        if tile.status.door and not tile.withheld:
            targets[tile.status.door].append(tile)
    indicators: dict[str, list[Unseen]] = defaultdict(list)
    for indicator in city.indicators.values():
        variables = coverage(head).never_observed(indicator.id)
        if variables:
            unseen = Unseen(indicator, tuple(city.variables[name] for name in variables))
            indicators[indicator.door or "file"].append(unseen)
    doors = [*DOORS, *sorted({*targets, *indicators})]
    return [
        Gap(door, tuple(targets[door]), tuple(indicators[door]))
        for door in dict.fromkeys(doors)
        if targets[door] or indicators[door]
    ]
