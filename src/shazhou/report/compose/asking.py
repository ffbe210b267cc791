"""Asking: which figures the references of a template want.

A reference asks for one cell or, with ``or=forecast``, for a choice of cells: the first of them that has a value is
quoted. A table or chart asks for a grid of such choices: its rows and columns are named here, once for both.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from shazhou.city.model import City
from shazhou.measure.figure import Cell
from shazhou.report.template.markdown import Template
from shazhou.report.template.reference import Reference, shortest

Choice = tuple[Cell, ...]
"""Cells for the same thing, the most wanted first."""


@dataclass(frozen=True)
class Axis:
    """One row or column of a grid: ``dimension`` is indicator, period, industry or place, ``key`` which one."""

    dimension: str
    key: str


@dataclass(frozen=True)
class Grid:
    """What a table or chart shows: a choice of cells for each row and column. ``fixed`` holds what is the same for all
    of them."""

    rows: tuple[Axis, ...]
    columns: tuple[Axis, ...]
    fixed: dict[str, str]
    alternative: str

    def choice(self, row: Axis, column: Axis) -> Choice:
        """The cells of one place of the grid."""
        at = {**self.fixed, row.dimension: row.key, column.dimension: column.key}
        return _choice(at["indicator"], at["place"], at["period"], at["industry"], at["kind"], self.alternative)

    def choices(self) -> Iterator[Choice]:
        """Every choice of the grid, row by row."""
        for row in self.rows:
            for column in self.columns:
                yield self.choice(row, column)


def choice_of(reference: Reference, city: City, year: int) -> Choice:
    """The cells of a reference to a single figure."""
    return _choice(
        reference.subject,
        reference.option("place", year) or city.root,
        reference.period(year),
        reference.option("industry", year),
        reference.option("kind", year),
        reference.option("or", year),
    )


def grid_of(reference: Reference, city: City, year: int) -> Grid:
    """The grid of a table or chart."""
    indicators = _axes("indicator", reference.names("of", year))
    periods = _axes("period", periods_of(reference, year))
    rows = reference.option("rows", year, "indicators" if reference.verb == "table" else "periods")
    across_periods = reference.option("columns", year) == "periods" or rows == "indicators"
    columns = periods if across_periods else indicators
    fixed = {
        "indicator": indicators[0].key if indicators else "",
        "period": periods[-1].key,
        "place": reference.option("place", year) or city.root,
        "industry": reference.option("industry", year),
        "kind": reference.option("kind", year),
    }
    down = {
        "indicators": indicators,
        "periods": periods,
        "industries": _axes("industry", industries_of(reference, city, year)),
        "places": _axes("place", places_of(reference, city, year)),
    }
    return Grid(down.get(rows, ()), columns, fixed, reference.option("or", year))


def periods_of(reference: Reference, year: int) -> tuple[str, ...]:
    """The periods of a table or chart: those named, or the years of a span, or the one period."""
    named = reference.names("periods", year)
    if named:
        return tuple(shortest(each) for each in named)
    first, last = reference.option("from", year), reference.option("to", year)
    if first and last:
        return tuple(str(each) for each in range(int(first[:4]), int(last[:4]) + 1))
    return (reference.period(year),)


def industries_of(reference: Reference, city: City, year: int) -> tuple[str, ...]:
    """The industries that a reference names; all that belong to a group where it names none."""
    named = reference.names("industries", year)
    group = reference.option("group", year)
    if named:
        return named
    return tuple(key for key, each in city.industries.items() if each.group and group in ("", each.group))


def places_of(reference: Reference, city: City, year: int) -> tuple[str, ...]:
    """The places that a reference names; those right below the city where it names none."""
    named = reference.names("places", year)
    return named or tuple(key for key, each in city.places.items() if each.parent == city.root)


def choices_in(template: Template, city: City, year: int) -> Iterator[Choice]:
    """Every choice that a template asks for (its ``targets`` ask for themselves)."""
    for reference in template.references():
        if reference.verb == "figure":
            yield choice_of(reference, city, year)
        elif reference.verb in ("table", "chart"):
            yield from grid_of(reference, city, year).choices()


def _choice(indicator: str, place: str, period: str, industry: str, kind: str, alternative: str) -> Choice:
    kinds = dict.fromkeys([kind, *([alternative] if alternative else [])])
    return tuple(Cell(indicator, place, period, industry, each) for each in kinds)


def _axes(dimension: str, keys: tuple[str, ...]) -> tuple[Axis, ...]:
    return tuple(Axis(dimension, key) for key in keys)
