"""What the evidence speaks of at a head: which variables of which places and industries, and of which periods.

It says where figures may be found, so that pages ask for these and not for all that could be asked. A statement that
was withdrawn since is still counted here: whether there is a figure, only the figure says.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

import ibis
from ibis import _

from shazhou.city.period import Period
from shazhou.console.evidence import current
from shazhou.ledger.engine import connect
from shazhou.measure.expression import leaves
from shazhou.measure.figure import Cell
from shazhou.measure.measure import Measure

FILE = "coverage-1.json"
"""The number rises with the form of the file."""


class About(NamedTuple):
    """What statements of a place are about."""

    variable: str
    kind: str
    place: str
    industry: str


class Read(NamedTuple):
    """A leaf of a formula: the variable and kind that it reads (empty: the kind asked for), so many years later."""

    variable: str
    kind: str
    years: int = 0


class Coverage:
    """What is spoken of at one head.

    Args:
        placed: SDMX periods by what they are stated of.
        years: years by variable and kind, of what is stated of enterprises, projects and the like.
        reads: what the formula of each indicator reads.
        kinds: the kind of each indicator.
        lasting: variables that hold until they are changed.
    """

    def __init__(
        self,
        placed: Mapping[About, tuple[str, ...]],
        years: Mapping[tuple[str, str], tuple[int, ...]],
        reads: Mapping[str, frozenset[Read]],
        kinds: Mapping[str, str],
        lasting: frozenset[str],
    ) -> None:
        self._placed = placed
        self._years = years
        self._reads = reads
        self._kinds = kinds
        self._lasting = lasting
        self._known = {(about.variable, about.kind) for about in placed} | set(years)

    def may_have(self, cell: Cell) -> bool:
        """Whether a cell can have a figure at all: something is stated of the time that each leaf of its formula reads,
        which for the difference of cumulative values begins with the year."""
        return all(self._may_read(read, cell) for read in self._reads[cell.indicator])

    def _may_read(self, read: Read, cell: Cell) -> bool:
        kind = read.kind or cell.kind or self._kinds[cell.indicator]
        if read.variable in self._lasting or (read.variable, kind) in self._years:
            return True
        period = Period.parse(cell.period).shifted_years(read.years)
        first = date(period.start.year, 1, 1)
        about = About(read.variable, kind, cell.place.removeprefix("place:"), cell.industry)
        stated = map(Period.parse, self._placed.get(about, ()))
        return any(first <= each.start and each.end <= period.end for each in stated)

    def never_observed(self, indicator: str) -> tuple[str, ...]:
        """The variables that an indicator reads and of which nothing has ever been stated."""
        return tuple(sorted(variable for variable, kind in self._read(indicator, "") if not self._has(variable, kind)))

    def is_covered(self, indicator: str, kind: str = "") -> bool:
        """Whether something has been stated of everything that an indicator reads."""
        return all(self._has(variable, of) for variable, of in self._read(indicator, kind))

    def periods(self, indicator: str, place: str, industry: str = "", kind: str = "") -> tuple[str, ...]:
        """The periods of which something is stated that an indicator reads for a place and an industry, in their
        order; what is stated of enterprises and projects counts for every place, by year."""
        found: set[str] = set()
        for variable, of in self._read(indicator, kind):
            found.update(self._placed.get(About(variable, of, place, industry), ()))
            found.update(f"{year:04d}" for year in self._years.get((variable, of), ()))
        return in_order(found)

    def covered(self, places: Iterable[str], industry: str = "") -> tuple[str, ...]:
        """The indicators for which something is stated of one of these places, in their own order."""
        wanted = set(places)
        stated = {(a.variable, a.kind) for a in self._placed if a.place in wanted and a.industry == industry}
        stated |= set(self._years)
        return tuple(each for each in self._reads if self._reads[each] and self._read(each, "") <= stated)

    def is_of_entities(self, indicator: str) -> bool:
        """Whether an indicator reads what is stated of enterprises, projects and the like."""
        return not self._years.keys().isdisjoint(self._read(indicator, ""))

    def _has(self, variable: str, kind: str) -> bool:
        return (variable, kind) in self._known

    def _read(self, indicator: str, kind: str) -> set[tuple[str, str]]:
        asked = kind or self._kinds[indicator]
        return {(read.variable, read.kind or asked) for read in self._reads[indicator]}


def in_order(periods: Iterable[str]) -> tuple[str, ...]:
    """Periods by their last day, the longer first."""
    parsed = (Period.parse(each) for each in periods)
    return tuple(each.text for each in sorted(parsed, key=lambda period: (period.end, period.start)))


@lru_cache(maxsize=current.HEADS_OPEN)
def coverage(head: str) -> Coverage:
    """What is spoken of at a head."""
    return current.with_measure(head, _coverage)


def _coverage(measure: Measure) -> Coverage:
    kept = measure.ledger.cache.read(measure.head, FILE)
    if kept is None:
        kept = json.dumps(_counted(measure), ensure_ascii=False).encode()
        measure.ledger.cache.keep(measure.head, FILE, kept)
    counted = json.loads(kept)
    indicators = measure.city.indicators
    return Coverage(
        {About(*about): tuple(periods) for *about, periods in counted["placed"]},
        {(variable, kind): tuple(years) for variable, kind, years in counted["years"]},
        {
            name: frozenset(
                Read(leaf.aggregate.variable, leaf.aggregate.kind, leaf.years)
                for leaf in leaves(measure.expression(each))
            )
            for name, each in indicators.items()
        },
        {name: each.kind for name, each in indicators.items()},
        frozenset(name for name, each in measure.city.variables.items() if each.measure == "attribute"),
    )


def _counted(measure: Measure) -> dict[str, list[Any]]:
    connection = connect()
    rows = measure.ledger.observations(connection, measure.head)
    of_place = rows.entity.startswith("place:")
    placed = rows.filter(of_place).select("variable", "kind", "entity", "industry", "period").distinct()
    others = rows.filter(~of_place).group_by("variable", "kind").agg(first=_.end.year().min(), last=_.end.year().max())
    found: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for row in _rows(connection, placed):
        found[row["variable"], row["kind"], row["entity"].removeprefix("place:"), row["industry"]].append(row["period"])
    years = [[r["variable"], r["kind"], list(range(r["first"], r["last"] + 1))] for r in _rows(connection, others)]
    connection.disconnect()
    return {"placed": [[*about, in_order(periods)] for about, periods in sorted(found.items())], "years": sorted(years)}


def _rows(connection: ibis.BaseBackend, table: ibis.Table) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = connection.to_pyarrow(table).to_pylist()
    return found
