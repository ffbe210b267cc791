"""The figures of one report: computed together, numbered in the order in which the text first quotes them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from shazhou.city.model import City
from shazhou.city.period import Period
from shazhou.measure.figure import Cell, Figure
from shazhou.measure.measure import Measure
from shazhou.report.compose.quoting import quote
from shazhou.report.document import Entry, Number, Quote
from shazhou.report.template.reference import shortest
from shazhou.report.words.growth import growth_of
from shazhou.report.words.naming import Names

Levels = tuple[Figure | None, Figure | None]
"""The level that a growth rate is about, and the same one year earlier; None where nothing states it."""


class Quotes:
    """Every figure that a report may quote.

    Args:
        measure: where the figures come from; it is asked once.
        language: ``zh`` or ``en``.
        cells: all cells that the report may want; the levels of growth rates are added to them.
    """

    def __init__(self, measure: Measure, language: str, cells: Iterable[Cell]) -> None:
        self._city: City = measure.city
        self._language = language
        asked = list(dict.fromkeys(cells))
        levels = [cell for each in asked for cell in _levels(each, measure.city)]
        self.figures = {figure.cell: figure for figure in measure.figures(dict.fromkeys([*asked, *levels]))}
        self._quotes: dict[Cell, Quote] = {}

    def first(self, choice: Iterable[Cell]) -> Figure | None:
        """The first figure among the cells that has a value."""
        return next((self.figures[cell] for cell in choice if self.figures[cell].value is not None), None)

    def quote(self, figure: Figure) -> Quote:
        """The figure as quoted; it gets the next number of the appendix when it is quoted first."""
        known = self._quotes.get(figure.cell)
        if known is None:
            number = len(self._quotes) + 1
            known = quote(figure, self._city, self._language, number, self._is_revised(figure))
            self._quotes[figure.cell] = known
        return known

    def number(self, choice: Iterable[Cell], tabular: bool = False) -> Number | None:
        """The number to print for a choice of cells, or None where there is no evidence."""
        figure = self.first(choice)
        return None if figure is None else Number(self.quote(figure), tabular)

    def levels(self, figure: Figure) -> Levels:
        """The levels of a stated growth rate: those of its own kind, otherwise the actual ones."""
        cells = _levels(figure.cell, self._city)
        found = [self.figures[cell] if self.figures[cell].value is not None else None for cell in cells]
        if not found:
            return None, None
        count = len(found) // 2
        return (
            next((each for each in found[:count] if each), None),
            next((each for each in found[count:] if each), None),
        )

    @property
    def revised(self) -> frozenset[Cell]:
        """The quoted growth rates of levels whose base was revised."""
        return frozenset(each.cell for each in self.quoted if self._is_revised(each))

    @property
    def quoted(self) -> tuple[Figure, ...]:
        """The figures quoted so far, in order."""
        return tuple(each.figure for each in self._quotes.values())

    def entries(self) -> tuple[Entry, ...]:
        """The trail appendix."""
        return tuple(self._entry(each) for each in self._quotes.values())

    @cached_property
    def _names(self) -> Names:
        return Names(self._city, self._language)

    def _is_revised(self, figure: Figure) -> bool:
        level, _earlier = self.levels(figure)
        return level is not None and level.break_in_series

    def _entry(self, quoted: Quote) -> Entry:
        figure, names = quoted.figure, self._names
        return Entry(
            quote=quoted,
            name=names.indicator(figure.indicator),
            formula=self._city.indicators[figure.indicator].formula,
            place=names.place(figure.place),
            industry=names.industry(figure.industry) if figure.industry else "",
            period=names.period(figure.period),
            kind=names.kind(figure.kind),
        )


def _levels(cell: Cell, city: City) -> list[Cell]:
    """The cells of the levels behind a stated growth rate: now and a year earlier, each of its kind and actual."""
    growth = growth_of(city, cell.indicator)
    if growth is None or not growth.level or not growth.stated:
        return []
    earlier = shortest(str(Period.parse(cell.period).year_earlier()))
    kinds = dict.fromkeys([cell.kind, ""])
    return [
        Cell(growth.level, cell.place, period, cell.industry, kind)
        for period in (cell.period, earlier)
        for kind in kinds
    ]
