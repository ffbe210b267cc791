"""The promises as tiles: what was promised, how far it has come, and the way there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache

from shazhou.city.model import City, Indicator, Target
from shazhou.city.period import Period
from shazhou.city.unit import UNITS
from shazhou.console.evidence import current
from shazhou.console.evidence.coverage import coverage
from shazhou.console.evidence.published import Audience, figures_for, with_measure_for
from shazhou.console.overview.timeline import Timeline, timeline, worth_asking
from shazhou.measure.figure import Cell, Figure
from shazhou.measure.measure import Measure
from shazhou.programme.target import TargetStatus, statuses

ORDER = ("behind", "on course", "open", "reached", "missed", "unproved", "no evidence")
"""Courses in the order in which they ask for attention."""


@dataclass(frozen=True)
class Tile:
    """A promise. ``promised`` is what was promised as a statement of the ledger, None where it stands in the city's
    definitions alone; ``line`` is None where not two periods are known; ``withheld``: there may be evidence that
    these people do not see before it is released."""

    status: TargetStatus
    promised: Figure | None
    line: Timeline | None
    withheld: bool

    @property
    def filled(self) -> Decimal:
        """How much of the bar is filled, in percent."""
        return min(max(self.status.share or Decimal(0), Decimal(0)), Decimal(100))


@lru_cache(maxsize=16)
def promises(head: str, who: Audience, today: date) -> tuple[TargetStatus, ...]:
    """Where the city's targets stand on a day, at a head, as far as some people may see it."""
    return with_measure_for(who.visitor, head, lambda measure: statuses(_Sparing(measure, today), today))


@lru_cache(maxsize=16)
def tiles(head: str, who: Audience, today: date) -> tuple[Tile, ...]:
    """A tile for each target of the city, by course and then in their order, as far as some people may see it."""
    found = promises(head, who, today)
    figures = figures_for(who.visitor, head, _cells_of_tiles(current.city(head), head, today))
    made = (_tile(status, head, figures) for status in found)
    return tuple(sorted(made, key=lambda tile: ORDER.index(tile.status.course)))


def by_course(found: tuple[Tile, ...]) -> list[tuple[str, int]]:
    """How many promises there are of each course, in the order of `ORDER`."""
    counted = [(course, sum(tile.status.course == course for tile in found)) for course in ORDER]
    return [(course, count) for course, count in counted if count]


def _tile(status: TargetStatus, head: str, figures: dict[Cell, Figure]) -> Tile:
    target, kind = status.target, _kind(status.indicator)
    own, goal = _cell(target, kind), figures[_cell(target, "target")]
    line = [figures[cell] for cell in _cells_of_line(target, kind, head, status.today)]
    return Tile(
        status,
        goal if goal.value is not None else None,
        timeline(line, _goal(status), status.deadline),
        status.figure is None and own in figures and figures[own].withheld,
    )


class _Sparing(Measure):
    """A measure that computes only where something is stated, since a promise is looked for in many periods; and with
    it, in one go, what the tiles need besides."""

    def __init__(self, measure: Measure, today: date) -> None:
        vars(self).update(vars(measure))
        self._measure = measure
        self._today = today

    def figures(self, cells: Iterable[Cell]) -> list[Figure]:
        asked, known = list(cells), coverage(self.head)
        worth = [cell for cell in dict.fromkeys(asked) if known.may_have(cell)]
        together = list(dict.fromkeys([*worth, *_cells_of_tiles(self.city, self.head, self._today)]))
        found = dict(zip(together, self._measure.figures(together), strict=True))
        return [found[cell] if cell in found else self._nothing(cell) for cell in asked]

    def _nothing(self, cell: Cell) -> Figure:
        """The figure of a cell of which nothing is stated."""
        indicator = self.city.indicators[cell.indicator]
        return Figure(
            indicator=cell.indicator,
            place=cell.place,
            industry=cell.industry,
            period=cell.period,
            value=None,
            unit=indicator.unit,
            decimals=indicator.decimals,
            kind=cell.kind or indicator.kind,
            status="",
            qualifier="",
            observations=0,
            contributors=0,
            sources=(),
            disputed=False,
            others=(),
            simulated=False,
            recorded=False,
            break_in_series=False,
            head=self.head,
            definitions=self.city.version,
            asked_kind=cell.kind,
            where=cell.where,
        )


def _cells_of_tiles(city: City, head: str, today: date) -> list[Cell]:
    """Of each target the cell of what was promised, its own one where something is stated, and those of its line."""
    found = []
    for target in city.targets.values():
        kind = _kind(city.indicators[target.indicator])
        own = _cell(target, kind)
        found += [_cell(target, "target"), *([own] if coverage(head).may_have(own) else [])]
        found += _cells_of_line(target, kind, head, today)
    return found


def _cells_of_line(target: Target, kind: str, head: str, today: date) -> list[Cell]:
    periods = coverage(head).periods(target.indicator, target.place, target.industry, kind)
    begun = [period for period in worth_asking(periods) if Period.parse(period).start < today]
    return [Cell(target.indicator, target.place, period, target.industry, kind) for period in begun]


def _cell(target: Target, kind: str) -> Cell:
    return Cell(target.indicator, target.place, target.period, target.industry, kind)


def _kind(indicator: Indicator) -> str:
    """The kind to ask for so that actual values are found."""
    return "" if indicator.kind == "actual" else "actual"


def _goal(status: TargetStatus) -> Decimal:
    """The goal in the indicator's unit."""
    return status.target.value * UNITS[status.target.unit].factor / UNITS[status.indicator.unit].factor
