"""The promises as tiles: what was promised, how far it has come, and the way there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache

from shazhou.city.unit import UNITS
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
    return with_measure_for(who.visitor, head, lambda measure: statuses(_Sparing(measure), today))


@lru_cache(maxsize=16)
def tiles(head: str, who: Audience, today: date) -> tuple[Tile, ...]:
    """A tile for each target of the city, by course and then in their order, as far as some people may see it."""
    found = promises(head, who, today)
    lines = {status.target.id: _line_cells(head, status) for status in found}
    goals = {status.target.id: _cell(status, "target") for status in found}
    cells = {status.target.id: _cell(status, _kind(status)) for status in found}
    own = {target: cell for target, cell in cells.items() if coverage(head).may_have(cell)}
    wanted = [*goals.values(), *own.values(), *(cell for cells in lines.values() for cell in cells)]
    figures = figures_for(who.visitor, head, wanted)
    made = (
        Tile(
            status,
            goal if (goal := figures[goals[status.target.id]]).value is not None else None,
            timeline([figures[cell] for cell in lines[status.target.id]], _goal(status), status.deadline),
            status.figure is None and status.target.id in own and figures[own[status.target.id]].withheld,
        )
        for status in found
    )
    return tuple(sorted(made, key=lambda tile: ORDER.index(tile.status.course)))


def by_course(found: tuple[Tile, ...]) -> list[tuple[str, int]]:
    """How many promises there are of each course, in the order of `ORDER`."""
    counted = [(course, sum(tile.status.course == course for tile in found)) for course in ORDER]
    return [(course, count) for course, count in counted if count]


class _Sparing(Measure):
    """A measure that computes only where something is stated: a promise is looked for in many periods."""

    def __init__(self, measure: Measure) -> None:
        vars(self).update(vars(measure))
        self._measure = measure

    def figures(self, cells: Iterable[Cell]) -> list[Figure]:
        asked, known = list(cells), coverage(self.head)
        worth = [cell for cell in dict.fromkeys(asked) if known.may_have(cell)]
        found = dict(zip(worth, self._measure.figures(worth), strict=True))
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


def _line_cells(head: str, status: TargetStatus) -> list[Cell]:
    target, kind = status.target, _kind(status)
    periods = coverage(head).periods(target.indicator, target.place, target.industry, kind)
    return [
        Cell(target.indicator, target.place, period, target.industry, kind)
        for period in worth_asking(periods)
        if period <= status.today.isoformat()
    ]


def _cell(status: TargetStatus, kind: str) -> Cell:
    target = status.target
    return Cell(target.indicator, target.place, target.period, target.industry, kind)


def _kind(status: TargetStatus) -> str:
    return "" if status.indicator.kind == "actual" else "actual"


def _goal(status: TargetStatus) -> Decimal:
    """The goal in the indicator's unit."""
    return status.target.value * UNITS[status.target.unit].factor / UNITS[status.indicator.unit].factor
