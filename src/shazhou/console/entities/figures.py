"""The figures of a place or an industry: of every indicator with evidence the newest, as a visitor may see them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache

from shazhou.city.model import Indicator
from shazhou.console.evidence import current
from shazhou.console.evidence.coverage import coverage
from shazhou.console.evidence.published import Audience, figures_for
from shazhou.measure.figure import Cell, Figure

NEWEST = 3
"""Periods shown of each indicator."""


@dataclass(frozen=True)
class Line:
    """An indicator with its newest figures, the newest first."""

    indicator: Indicator
    figures: tuple[Figure, ...]


@lru_cache(maxsize=64)
def figures(head: str, audience: Audience, place: str, industry: str = "") -> dict[str, list[Line]]:
    """By section of the city's indicators, the newest figures of a place, or of an industry in it."""
    city, known = current.city(head), coverage(head)
    asked = {
        indicator: known.periods(indicator, place, industry)[-NEWEST:] for indicator in known.covered([place], industry)
    }
    cells = {(name, period): Cell(name, place, period, industry) for name, wanted in asked.items() for period in wanted}
    found = figures_for(audience.visitor, head, cells.values())
    sections: dict[str, list[Line]] = defaultdict(list)
    for indicator, wanted in asked.items():
        shown = tuple(found[cells[indicator, period]] for period in reversed(wanted))
        shown = tuple(each for each in shown if each.value is not None or each.withheld)
        if shown:
            defined = city.indicators[indicator]
            sections[defined.section].append(Line(defined, shown))
    return dict(sections)
