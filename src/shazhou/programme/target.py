"""Targets: what was promised, how far it has come, and what it would take.

A target is on course where the value so far has covered at least the share of the way that the time elapsed has of the
time given, counted from the start of the promise (or the first day of its period). A forecast never makes a target
reached; it is shown beside it. Without evidence a target has no value so far: the status says which door would
bring it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from shazhou.city.model import Indicator, Target
from shazhou.city.period import Period
from shazhou.city.unit import UNITS
from shazhou.measure.evaluate import CONTEXT
from shazhou.measure.expression import leaves
from shazhou.measure.figure import Cell, Figure
from shazhou.measure.measure import Measure

Course = Literal["reached", "missed", "on course", "behind", "open", "no evidence"]

_COMPARE: dict[str, Callable[[Decimal, Decimal], bool]] = {
    ">=": lambda value, goal: value >= goal,
    ">": lambda value, goal: value > goal,
    "<=": lambda value, goal: value <= goal,
    "<": lambda value, goal: value < goal,
    "=": lambda value, goal: value == goal,
}


@dataclass(frozen=True)
class TargetStatus:
    """Where a target stands on a day.

    ``value`` is in the target's unit, from the figure ``figure`` (None: no evidence). ``share`` is value / target
    in percent, ``needed`` what is missing per month until the deadline, ``expected`` a forecast for the period,
    ``door`` what would bring evidence where there is none.
    """

    target: Target
    indicator: Indicator
    today: date
    deadline: date
    figure: Figure | None
    value: Decimal | None
    share: Decimal | None
    needed: Decimal | None
    expected: Figure | None
    course: Course
    door: str


def statuses(measure: Measure, today: date) -> tuple[TargetStatus, ...]:
    """The status of every target of the city on a day."""
    targets = list(measure.city.targets.values())
    earlier = {target.id: _candidates(target, today) for target in targets}
    cells = [cell for target in targets for cell in earlier[target.id]]
    forecasts = [_cell(target, target.period, "forecast") for target in targets]
    figures = {figure.cell: figure for figure in measure.figures([*cells, *forecasts])}
    return tuple(
        _status(measure, target, today, [figures[cell] for cell in earlier[target.id]], figures[forecast])
        for target, forecast in zip(targets, forecasts, strict=True)
    )


def _candidates(target: Target, today: date) -> list[Cell]:
    """The target's own period first, then the years before it back to its start, newest first."""
    period = Period.parse(target.period)
    first = Period.parse(target.start).start.year if target.start else period.start.year - 10
    years = [] if period.frequency == "R" else range(min(period.end.year, today.year), first - 1, -1)
    texts = dict.fromkeys([target.period, *(str(year) for year in years)])
    return [_cell(target, text, "") for text in texts]


def _cell(target: Target, period: str, kind: str) -> Cell:
    return Cell(target.indicator, target.place, period, target.industry, kind)


def _status(measure: Measure, target: Target, today: date, figures: list[Figure], forecast: Figure) -> TargetStatus:
    indicator = measure.city.indicators[target.indicator]
    period = Period.parse(target.period)
    deadline = target.deadline or period.end
    accumulates = period.frequency == "R" or _is_flow(measure, indicator)
    found = next((f for f in (figures[:1] if accumulates else figures) if f.value is not None), None)
    factor = CONTEXT.divide(UNITS[indicator.unit].factor, UNITS[target.unit].factor)
    value = None if found is None or found.value is None else found.value * factor
    share = None if value is None or not target.value else _rounded(CONTEXT.divide(value * 100, target.value), 1)
    course = _course(target, found, value, period, deadline, today)
    needed = None
    if value is not None and course in ("on course", "behind", "open") and deadline > today:
        months = Decimal(max((deadline - today).days, 1)) / Decimal("30.4375")
        needed = _rounded(CONTEXT.divide(target.value - value, months), max(indicator.decimals, 1))
    return TargetStatus(
        target,
        indicator,
        today,
        deadline,
        found,
        value,
        share,
        needed,
        forecast if forecast.value is not None else None,
        course,
        "" if found else indicator.door,
    )


def _course(
    target: Target, found: Figure | None, value: Decimal | None, period: Period, deadline: date, today: date
) -> Course:
    if found is None or value is None:
        return "no evidence"
    met = _COMPARE[target.direction](value, target.value) or (found.qualifier == ">" and value == target.value)
    covers = Period.parse(found.period).end >= period.end
    if met and target.direction in (">", ">=", "="):
        return "reached"
    if covers and today > deadline:
        return "reached" if met else "missed"
    start = Period.parse(target.start).start if target.start else period.start
    if target.direction not in (">", ">=") or not covers or today <= start:
        return "open"
    elapsed = Decimal((min(today, deadline) - start).days) / Decimal(max((deadline - start).days, 1))
    return "on course" if value >= target.value * elapsed else "behind"


def _is_flow(measure: Measure, indicator: Indicator) -> bool:
    measures = {
        measure.city.variables[leaf.aggregate.variable].measure for leaf in leaves(measure.expression(indicator))
    }
    return "flow" in measures


def _rounded(value: Decimal, decimals: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-decimals), context=CONTEXT)
