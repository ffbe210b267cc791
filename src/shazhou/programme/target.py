"""Targets: what was promised, how far it has come, and what it would take.

The value so far is that of the promise's own period; failing that, for what adds up over time, the year to date, and
otherwise the newest earlier year, which is printed with it. A forecast never makes a target reached; it is shown
beside it. Without evidence a target has no value so far: the status says which door would bring it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from shazhou.city.model import Indicator, Target
from shazhou.city.period import Period
from shazhou.city.unit import UNITS
from shazhou.measure.evaluate import CONTEXT
from shazhou.measure.expression import leaves
from shazhou.measure.figure import Cell, Figure
from shazhou.measure.measure import Measure
from shazhou.programme.course import Course, Promise, Reading, course

YEARS_BACK = 10
"""How many years before its period a level is looked for."""

_MONTH_DAYS = Decimal("30.4375")


@dataclass(frozen=True)
class TargetStatus:
    """Where a target stands on a day.

    ``value`` is in the target's unit, from the figure ``figure`` (None: no evidence). ``share`` is value / target in
    percent, ``needed`` what is missing per month until the deadline, ``expected`` a forecast for the period, ``door``
    what would bring evidence where there is none. ``promised_on`` is the day of the promise where its source says it.
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
    expected: Figure | None
    course: Course
    door: str


def statuses(measure: Measure, today: date) -> tuple[TargetStatus, ...]:
    """The status of every target of the city on a day, in the order of its targets."""
    judges = [_Judge(measure, target, today) for target in measure.city.targets.values()]
    cells = [cell for judge in judges for cell in judge.cells]
    figures = {figure.cell: figure for figure in measure.figures(cells)}
    return tuple(judge.status(figures) for judge in judges)


class _Judge:
    """Judges one target: names the cells that it needs, then reads their figures."""

    def __init__(self, measure: Measure, target: Target, today: date) -> None:
        self._target = target
        self._today = today
        self._indicator = measure.city.indicators[target.indicator]
        self._period = Period.parse(target.period)
        self._promised_on = _day(measure.city.sources[target.source].date)
        self._promise = Promise(
            goal=target.value,
            direction=target.direction,
            starts=self._starts(),
            deadline=target.deadline or self._period.end,
            additive=_adds_up(measure, self._indicator),
        )
        self._candidates = [self._cell(period, "") for period in self._periods()]
        self._forecast = self._cell(target.period, "forecast")

    @property
    def cells(self) -> list[Cell]:
        """The cells whose figures the judgement needs."""
        return [*self._candidates, self._forecast]

    def status(self, figures: dict[Cell, Figure]) -> TargetStatus:
        """The status, from the figures of `cells`."""
        found = [figure for cell in self._candidates if (figure := figures[cell]).value is not None]
        newest = found[0] if found else None
        now = self._reading(newest) if newest else None
        earlier = [each for each in map(self._reading, found[1:]) if each.until.year <= self._promise.starts.year]
        judged = course(self._promise, now, earlier[0] if earlier else None, self._today)
        if judged == "unproved" and self._target.undated:
            judged = "open"
        goal, expected = self._target.value, figures[self._forecast]
        return TargetStatus(
            target=self._target,
            indicator=self._indicator,
            today=self._today,
            promised_on=self._promised_on,
            deadline=self._promise.deadline,
            figure=newest,
            value=now.value if now else None,
            share=_rounded(CONTEXT.divide(now.value * 100, goal), 1) if now and goal else None,
            needed=self._needed(now.value) if now and judged in ("on course", "behind", "open") else None,
            expected=expected if expected.value is not None else None,
            course=judged,
            door="" if newest else self._indicator.door or "file",
        )

    def _starts(self) -> date:
        if self._target.start:
            return Period.parse(self._target.start).start
        if self._period.frequency != "R" and self._promised_on is not None:
            return min(self._promised_on, self._period.start)
        return self._period.start

    def _periods(self) -> list[str]:
        """The promise's own period, the part of it that has passed, then the years before it, newest first; of these
        the ones that had begun by the day of the judgement."""
        period, promise = self._period, self._promise
        texts = [self._target.period]
        if promise.additive:
            months = (period.end.year - period.start.year) * 12 + period.end.month - period.start.month + 1
            texts += [f"{period.start:%Y-%m-%d}/P{count}M" for count in range(months - 1, 0, -1)]
        if period.frequency != "R":
            first = promise.starts.year if promise.additive else period.start.year - YEARS_BACK
            texts += [str(year) for year in range(min(period.end.year, self._today.year), first - 1, -1)]
        return [text for text in dict.fromkeys(texts) if Period.parse(text).start < self._today]

    def _cell(self, period: str, kind: str) -> Cell:
        return Cell(self._target.indicator, self._target.place, period, self._target.industry, kind)

    def _reading(self, figure: Figure) -> Reading:
        factor = CONTEXT.divide(UNITS[self._indicator.unit].factor, UNITS[self._target.unit].factor)
        assert figure.value is not None
        return Reading(figure.value * factor, figure.qualifier, Period.parse(figure.period).end)

    def _needed(self, value: Decimal) -> Decimal | None:
        left = (self._promise.deadline - self._today).days
        if left <= 0:
            return None
        missing = self._target.value - value
        return _rounded(CONTEXT.divide(missing, left / _MONTH_DAYS), max(self._indicator.decimals, 1))


def _adds_up(measure: Measure, indicator: Indicator) -> bool:
    named = {leaf.aggregate.variable for leaf in leaves(measure.expression(indicator))}
    return "flow" in {measure.city.variables[name].measure for name in named}


def _day(text: str) -> date | None:
    """The first day of a source's date: ``2021-12-09``, ``2025-10`` or ``2019``; None where it has none."""
    try:
        return Period.parse(text).start
    except ValueError:
        return None


def _rounded(value: Decimal, decimals: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-decimals), context=CONTEXT)
