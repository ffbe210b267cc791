"""What was promised of enterprises online, and the figure that the ledger holds about it."""

from __future__ import annotations

from dataclasses import dataclass

from shazhou.city.model import Target
from shazhou.console.access.rules import Visitor
from shazhou.console.evidence import current
from shazhou.console.evidence.published import figures_for
from shazhou.measure.figure import Cell, Figure
from shazhou.telemetry.wall.promise import INDICATOR, target


@dataclass(frozen=True)
class Promise:
    """The target (None: nothing was promised), where it was promised, and the figure of a month as a visitor may see
    it (None: the city has no such indicator)."""

    target: Target | None
    source: str
    figure: Figure | None


def of(visitor: Visitor, head: str, month: str) -> Promise:
    """The promise and the figure of a month at a head, as a visitor may see it."""
    city = current.city(head)
    found = target(city)
    source = city.sources[found.source].title if found is not None and found.source in city.sources else ""
    if INDICATOR not in city.indicators:
        return Promise(found, source, None)
    cell = Cell(INDICATOR, city.root, month)
    return Promise(found, source, figures_for(visitor, head, [cell])[cell])
