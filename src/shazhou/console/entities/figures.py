"""The figures of a place or an industry: of every indicator with evidence the newest, as a visitor may see them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from shazhou.city.model import City, Indicator
from shazhou.console.evidence import current
from shazhou.console.evidence.coverage import coverage
from shazhou.console.evidence.published import Audience, tabulated_for
from shazhou.measure.figure import Figure

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
    periods = sorted({period for each in asked.values() for period in each})
    if not periods:
        return {}
    table = tabulated_for(audience.visitor, head, list(asked), [place], periods, [industry])
    found = {(row["indicator"], row["period"]): _figure(city, row) for row in table.to_pylist()}
    sections: dict[str, list[Line]] = defaultdict(list)
    for indicator, wanted in asked.items():
        shown = tuple(found[indicator, period] for period in reversed(wanted))
        shown = tuple(each for each in shown if each.value is not None or each.withheld)
        if shown:
            defined = city.indicators[indicator]
            sections[defined.section].append(Line(defined, shown))
    return dict(sections)


def _figure(city: City, row: dict[str, Any]) -> Figure:
    """A figure without its sources, which its trail has."""
    indicator = city.indicators[row["indicator"]]
    value = row.pop("value")
    return Figure(
        **row,
        value=None if value is None else value.quantize(Decimal(1).scaleb(-indicator.decimals)),
        decimals=indicator.decimals,
        sources=(),
        others=(),
        break_in_series=False,
        definitions=city.version,
    )
