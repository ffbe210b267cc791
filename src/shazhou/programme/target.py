"""Targets: what was promised, how far it has come, and what it would take.

The value so far is that of the promise's own period; failing that, of the part of it that has passed, and otherwise
the newest earlier value, which is printed with its period (`shazhou.programme.lookback`). A flow adds up only within
the promise's own period: the output of 2025 grows from nothing in the course of 2025, and seen from 2023 it is a level
that the output of 2023 is compared with. A part of another year is shown and never compared. What is simulated, played
back or forecast never makes a target reached. Without evidence a target has no value so far: the status says which
door would bring it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import takewhile
from typing import Literal

from shazhou.city.model import Indicator, Target
from shazhou.city.period import Period
from shazhou.city.unit import UNITS
from shazhou.measure.evaluate import CONTEXT
from shazhou.measure.figure import Cell, Figure
from shazhou.measure.measure import Measure
from shazhou.programme.accrual import adds_up, measures
from shazhou.programme.course import Course, Promise, Reading, course
from shazhou.programme.lookback import periods, span

Pace = Literal["month", "year", ""]
"""Per what a need is told."""

_MONTH_DAYS = Decimal("30.4375")


@dataclass(frozen=True)
class TargetStatus:
    """Where a target stands on a day.

    ``value`` is in the target's unit, from the figure ``figure`` (None: no evidence); it may be of an earlier period,
    which the figure tells. ``share`` is value / target in percent. ``needed`` is what is missing for each
    ``needed_per`` until the deadline: a month from today for what adds up, a year from the end of the figure's period
    for a level; None where it makes no sense. ``expected`` is a forecast for the period, ``door`` what would bring
    evidence where there is none. ``promised_on`` is the day of the promise where its source says it.
    """

    target: Target
    indicator: Indicator
    today: date
    promised_on: date | None
    deadline: date
    figure: Figure | None
    value: Decimal | None
    share: Decimal | None
    needed: Decimal | None
    needed_per: Pace
    expected: Figure | None
    course: Course
    door: str


def statuses(measure: Measure, today: date) -> tuple[TargetStatus, ...]:
    """The status of every target of the city on a day, in the order of its targets."""
    judges = [_Judge(measure, target, today) for target in measure.city.targets.values()]
    cells = dict.fromkeys(cell for judge in judges for cell in judge.cells)
    figures = dict(zip(cells, measure.figures(cells), strict=True))
    newer = dict.fromkeys(cell for judge in judges for cell in judge.newer(figures))
    if newer:
        figures |= zip(newer, measure.figures(newer), strict=True)
    return tuple(judge.status(figures) for judge in judges)


class _Judge:
    """Judges one target: names the cells that it needs, then reads their figures."""

    def __init__(self, measure: Measure, target: Target, today: date) -> None:
        self._target = target
        self._today = today
        self._indicator = measure.city.indicators[target.indicator]
        expression = measure.expression(self._indicator)
        self._adds_up = adds_up(expression, measure.city.variables)
        read = measures(expression, measure.city.variables)
        self._parts = not read.isdisjoint(("flow", "rate"))
        period = Period.parse(target.period)
        self._own = span(period, target.start) if self._adds_up else period
        self._promised_on = _day(measure.city.sources[target.source].date)
        self._deadline = target.deadline or period.end
        self._starts = self._start()
        self._kind = "" if self._indicator.kind == "actual" else "actual"
        looked = periods(self._own, self._starts, today, self._parts, lasting=read == {"attribute"})
        self._candidates = [self._cell(each, self._kind) for each in looked]
        self._forecast = self._cell(target.period, "forecast")

    @property
    def cells(self) -> list[Cell]:
        """The cells whose figures the judgement needs in any case: those of whole years, and the forecast."""
        return [*filter(_is_year, self._candidates), self._forecast]

    def newer(self, figures: dict[Cell, Figure]) -> list[Cell]:
        """The cells of parts of years that, with the figures of `cells` known, could still hold the newest figure."""
        without = takewhile(lambda cell: cell not in figures or figures[cell].value is None, self._candidates)
        return [cell for cell in without if cell not in figures]

    def status(self, figures: dict[Cell, Figure]) -> TargetStatus:
        """The status, from the figures of `cells` and of those that are `newer`."""
        known = (figures[cell] for cell in self._candidates if cell in figures)
        found = [figure for figure in known if figure.value is not None]
        newest = found[0] if found else None
        now = self._reading(newest) if newest else None
        promise = self._promise(newest)
        judged = course(promise, now, self._known_before(found), self._today)
        if judged == "unproved" and self._target.undated:
            judged = "open"
        goal, expected = self._target.value, figures[self._forecast]
        compared = now if now and now.comparable else None
        needed, pace = self._needed(promise, now, judged)
        return TargetStatus(
            target=self._target,
            indicator=self._indicator,
            today=self._today,
            promised_on=self._promised_on,
            deadline=self._deadline,
            figure=newest,
            value=now.value if now else None,
            share=_rounded(CONTEXT.divide(compared.value * 100, goal), 1) if compared and goal else None,
            needed=needed,
            needed_per=pace,
            expected=expected if expected.value is not None else None,
            course=judged,
            door="" if newest else self._indicator.door or "file",
        )

    def _start(self) -> date:
        """The day from which the promise runs."""
        period = Period.parse(self._target.period)
        if self._target.start:
            return Period.parse(self._target.start).start
        if period.frequency != "R" and self._promised_on is not None:
            return min(self._promised_on, period.start)
        return period.start

    def _promise(self, newest: Figure | None) -> Promise:
        """The promise as the newest figure lets it be judged: a flow adds up only within its own period."""
        within = self._adds_up and newest is not None and self._is_own(newest)
        nothing = Decimal(0) if within else None
        return Promise(
            goal=self._target.value,
            direction=self._target.direction,
            starts=self._own.start if within else self._starts,
            deadline=self._deadline,
            baseline=nothing if self._target.baseline is None else self._target.baseline,
            early=within or not self._adds_up,
        )

    def _is_own(self, figure: Figure) -> bool:
        """Whether a figure is of the promise's own period, or of its part from the first day on."""
        period = Period.parse(figure.period)
        return period.start == self._own.start and period.end <= self._own.end

    def _is_comparable(self, figure: Figure) -> bool:
        if self._is_own(figure):
            return True
        if self._adds_up:
            return self._own.frequency == Period.parse(figure.period).frequency == "A"
        return not (self._parts and self._own.frequency == "R")

    def _known_before(self, found: Iterable[Figure]) -> Reading | None:
        """The last full-year value of the time before the promise."""
        years = (self._reading(each) for each in found if Period.parse(each.period).frequency == "A")
        known = (each for each in years if each.comparable and each.proven and each.until <= self._starts)
        return next(known, None)

    def _cell(self, period: str, kind: str) -> Cell:
        return Cell(self._target.indicator, self._target.place, period, self._target.industry, kind)

    def _reading(self, figure: Figure) -> Reading:
        factor = CONTEXT.divide(UNITS[self._indicator.unit].factor, UNITS[self._target.unit].factor)
        assert figure.value is not None
        return Reading(
            value=figure.value * factor,
            qualifier=figure.qualifier,
            until=min(Period.parse(figure.period).end, self._today),
            comparable=self._is_comparable(figure),
            proven=not (figure.simulated or figure.recorded or figure.status == "forecast"),
        )

    def _needed(self, promise: Promise, now: Reading | None, judged: Course) -> tuple[Decimal | None, Pace]:
        """What is missing, and per what; nothing after the deadline, and less than a year before it for a level."""
        if now is None or not now.comparable or judged not in ("on course", "behind", "open") or self._target.undated:
            return None, ""
        missing = promise.goal - now.value
        if promise.direction != "=" and (missing > 0) != promise.rising:
            return None, ""
        decimals = max(self._indicator.decimals, 1)
        if promise.baseline is not None and now.until >= promise.starts:
            left = (promise.deadline - self._today).days / _MONTH_DAYS
            return (
                (_rounded(CONTEXT.divide(missing, left), decimals), "month") if left > 0 and missing > 0 else (None, "")
            )
        years = _years(now.until, promise.deadline)
        return (_rounded(CONTEXT.divide(missing, years), decimals), "year") if years >= 1 else (None, "")


def _is_year(cell: Cell) -> bool:
    return Period.parse(cell.period).frequency == "A"


def _years(first: date, last: date) -> Decimal:
    """Years from the end of one day to the end of another; whole from the end of a month to the same one."""
    one, other = first + timedelta(days=1), last + timedelta(days=1)
    months = (other.year - one.year) * 12 + other.month - one.month
    return (months + (other.day - one.day) / _MONTH_DAYS) / 12


def _day(text: str) -> date | None:
    """The first day of a source's date: ``2021-12-09``, ``2025-10`` or ``2019``; None where it has none."""
    try:
        return Period.parse(text).start
    except ValueError:
        return None


def _rounded(value: Decimal, decimals: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-decimals), context=CONTEXT)
