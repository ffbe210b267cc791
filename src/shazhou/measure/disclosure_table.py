"""What a release is about: the figures that rest on unpublished evidence, and the totals that they tell.

A figure tells the totals at the leaves of its formula: whoever knows these knows the figure, so that a figure is as
safe as its totals are. Totals are sums over enterprises and projects, counts of them, and counts of those that pass a
test. A minimum, a maximum or a median is the value of one of them, a value that a closed source states of a place has
one contributor, and a condition on a closed attribute tells who fulfils it: such figures are never cleared.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import date, timedelta
from typing import Literal, NamedTuple

from shazhou.city.model import City, Indicator
from shazhou.city.period import Period
from shazhou.measure.expression import Aggregate, Leaf, leaves, variables
from shazhou.measure.figure import Cell
from shazhou.measure.measure import Measure
from shazhou.measure.request import span_of

Mode = Literal["sum", "passes", "presence"]
"""What a total tells: values, how many pass a test, or how many there are."""


class Total(NamedTuple):
    """A total of a place and industry over a span; the kind stands in the aggregate."""

    aggregate: Aggregate
    place: str
    industry: str
    start: date
    end: date


class Quantity(NamedTuple):
    """What totals must share to be subtracted from each other. ``test`` is the aggregate's, for ``passes``."""

    variable: str
    kind: str
    mode: Mode
    test: object = None


class Closed:
    """What is not open to all, as a city says it: the statements of sources that are not public, and whatever is stated
    about variables that are not public."""

    def __init__(self, measure: Measure) -> None:
        city = measure.city
        self.open_sources = frozenset(each.title for each in city.sources.values() if each.public)
        self.hidden = frozenset(each.id for each in city.variables.values() if not each.public)
        stated = measure.stated_periods(self.open_sources, self.hidden)
        self.of_entities = frozenset(variable for variable, _, _, of_place in stated if not of_place)
        self.of_places = frozenset(variable for variable, _, _, of_place in stated if of_place)
        self._periods: dict[tuple[str, str], list[Period]] = {}
        for variable, kind, text, of_place in stated:
            if not of_place:
                self._periods.setdefault((variable, kind), []).append(Period.parse(text))

    def open_to(self, variable: str) -> Collection[str]:
        """The sources whose statements about a variable are open."""
        return () if variable in self.hidden else self.open_sources

    def periods(self, variable: str, kind: str, lasting: bool) -> list[Period]:
        """The periods of which a release tells: those of the statements but single days, and the quarters and years
        that these make up; for what holds until changed (``lasting``) the years until the newest of all statements."""
        found = self._periods.get((variable, kind), [])
        if not lasting:
            return [coarser for period in found for coarser in _and_coarser(period)]
        last = max((each.end.year for periods in self._periods.values() for each in periods), default=0)
        first = min((each.start.year for each in found), default=last + 1)
        return [Period.parse(f"{year:04d}") for year in range(first, last + 1)]


class Table:
    """The figures of a measure that rest on closed evidence."""

    def __init__(self, measure: Measure, closed: Closed) -> None:
        self._measure = measure
        self._closed = closed
        self.city: City = measure.city
        self._leaves = {indicator.id: tuple(self._of(indicator)) for indicator in self.city.indicators.values()}

    def unfit(self, indicator: str) -> bool:
        """Whether no figure of an indicator is ever cleared."""
        return any(mode is None for _, mode in self._leaves.get(indicator, ()))

    def totals(self, cell: Cell) -> list[tuple[Quantity, Total]]:
        """The closed totals that a figure tells."""
        found = []
        for leaf, mode in self._leaves.get(cell.indicator, ()):
            if mode is not None:
                start, end = span_of(cell.period, leaf.years, leaf.cumulative)
                total = Total(leaf.aggregate, cell.place.removeprefix("place:"), cell.industry, start, end)
                found.append((quantity(leaf.aggregate, mode), total))
        return found

    def cells(self) -> list[Cell]:
        """Every figure that a release could be about, in order."""
        places, industries = list(self.city.places), ["", *self.city.industries]
        return [
            Cell(indicator, place, period, industry)
            for indicator in self._leaves
            for period in self._periods(indicator)
            for place in places
            for industry in industries
        ]

    def _periods(self, indicator: str) -> list[str]:
        found: dict[tuple[date, date], str] = {}
        for leaf, _ in self._leaves[indicator]:
            aggregate = leaf.aggregate
            lasting = self.city.variables[aggregate.variable].measure == "attribute"
            for period in self._closed.periods(aggregate.variable, aggregate.kind, lasting):
                found.setdefault((period.start, period.end), period.text)
        return [found[span] for span in sorted(found)]

    def _of(self, indicator: Indicator) -> Iterator[tuple[Leaf, Mode | None]]:
        """The leaves of an indicator that read closed evidence, with what they tell; None: more than may be told."""
        for leaf in leaves(self._measure.expression(indicator)):
            aggregate = leaf.aggregate
            kind = aggregate.kind or indicator.kind
            mode = self._mode(aggregate)
            if mode != "open":
                yield Leaf(_with_kind(aggregate, kind), leaf.years, leaf.cumulative), mode

    def _mode(self, aggregate: Aggregate) -> Mode | Literal["open"] | None:
        entities, places = self._closed.of_entities, self._closed.of_places
        tested, narrowing = variables(aggregate.test), variables(aggregate.where)
        read = {aggregate.variable, *tested, *narrowing}
        if aggregate.function == "value":
            return None if aggregate.variable in places else "open"
        if read.isdisjoint(entities) and aggregate.variable not in places:
            return "open"
        if aggregate.variable in places or not entities.isdisjoint(narrowing) or len(tested) > 1:
            return None
        if aggregate.function == "count":
            return "presence" if entities.isdisjoint(tested) else "passes"
        return "sum" if aggregate.function in ("sum", "mean") else None


def quantity(aggregate: Aggregate, mode: Mode) -> Quantity:
    """The quantity of an aggregate whose kind is said."""
    return Quantity(aggregate.variable, aggregate.kind, mode, aggregate.test if mode == "passes" else None)


def worth(city: City, total: Total) -> tuple[int, int, int]:
    """How much a total is worth to keep: the whole before its parts, long periods before short, new ones before old."""
    finer = _depth(city, total.place) + _industry_depth(city, total.industry)
    return -finer, (total.end - total.start).days, total.end.toordinal()


def _depth(city: City, place: str) -> int:
    depth, key = 0, place
    while key in city.places and key != city.root and city.places[key].parent:
        key, depth = city.places[key].parent, depth + 1
    return depth if key == city.root else 0


def _industry_depth(city: City, industry: str) -> int:
    """0 for all industries together, 1 for one that is no part of another, or that an earlier head defined."""
    depth = 0
    while industry:
        known = city.industries.get(industry)
        industry, depth = known.part_of if known else "", depth + 1
    return depth


def _with_kind(aggregate: Aggregate, kind: str) -> Aggregate:
    return Aggregate(aggregate.function, aggregate.variable, aggregate.test, aggregate.where, kind)


def _and_coarser(period: Period) -> Iterable[Period]:
    if period.frequency == "R":
        yield period
        return
    year, month = period.start.year, period.start.month
    texts = {"A": f"{year:04d}", "Q": f"{year:04d}-Q{(month + 2) // 3}", "M": f"{year:04d}-{month:02d}"}
    for frequency in "MQA"[{"D": 0, "M": 0, "Q": 1, "A": 2}[period.frequency] :]:
        yield Period.parse(texts[frequency])


def after(day: date) -> date:
    """The day after."""
    return day + timedelta(days=1)
