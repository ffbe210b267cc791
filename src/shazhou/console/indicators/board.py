"""A board: the figures of a choice, row by row, as a table and as what charts are drawn from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice

from shazhou.city.period import Period
from shazhou.city.problem import Refused
from shazhou.console.access.rules import Visitor
from shazhou.console.evidence.coverage import coverage, in_order
from shazhou.console.evidence.published import figures_for
from shazhou.console.indicators.choice import MOST_CELLS, Choice, too_many
from shazhou.measure.figure import Cell, Citation, Figure


@dataclass(frozen=True)
class Series:
    """The figures of an indicator for a place and an industry (empty: all of them), period by period."""

    indicator: str
    place: str
    industry: str
    figures: tuple[Figure, ...]


@dataclass(frozen=True)
class Board:
    """A choice with its figures. ``stated`` are periods with evidence that the chosen frequency leaves out."""

    choice: Choice
    periods: tuple[str, ...]
    series: tuple[Series, ...]
    stated: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        """Whether there is no figure at all."""
        return not any(figure.value is not None for each in self.series for figure in each.figures)

    @property
    def units(self) -> tuple[str, ...]:
        """The units that occur, in the order of the series."""
        return tuple(dict.fromkeys(figure.unit for each in self.series for figure in each.figures))

    @property
    def sources(self) -> tuple[Citation, ...]:
        """The sources that its figures cite, the most cited first."""
        cited = Counter(source for each in self.series for figure in each.figures for source in figure.sources)
        return tuple(source for source, _ in cited.most_common())

    @property
    def upright(self) -> bool:
        """Whether periods run down the table, which the longer side does."""
        return len(self.periods) >= len(self.series)


def boards(choices: Sequence[Choice], head: str, visitor: Visitor) -> list[Board]:
    """The boards of several choices at a head, their figures computed together, as far as a visitor may see them.

    Raises:
        Refused: too many figures at once.
    """
    periods = [_periods(choice, head) for choice in choices]
    if sum(len(choice.series) * len(when) for choice, when in zip(choices, periods, strict=True)) > MOST_CELLS:
        raise Refused([too_many()])
    cells = [
        [[Cell(i, p, period, s, choice.asked.kind) for period in when] for i, p, s in choice.series]
        for choice, when in zip(choices, periods, strict=True)
    ]
    figures = figures_for(visitor, head, (cell for rows in cells for row in rows for cell in row))
    return [
        Board(
            choice,
            when,
            tuple(
                Series(*names, tuple(figures[cell] for cell in row))
                for names, row in zip(choice.series, rows, strict=True)
            ),
            _stated(choice, head),
        )
        for choice, when, rows in zip(choices, periods, cells, strict=True)
    ]


def _periods(choice: Choice, head: str) -> tuple[str, ...]:
    """The periods of a choice; where it names no time, from the first to the last of which something is stated."""
    stated = _stated(choice, head)
    starts = [choice.first] if choice.first else [Period.parse(each) for each in stated[:1]]
    ends = [choice.last] if choice.last else [Period.parse(each) for each in stated[-1:]]
    if not starts or not ends:
        starts, ends = starts or ends, ends or starts
    if not starts:
        return ()
    first, last = min(starts[0].start, ends[0].start), ends[0].end
    if choice.asked.frequency == "R":
        return tuple(each for each in stated if _within(each, first, last))
    return tuple(islice(_of_frequency(choice.asked.frequency, first, last), MOST_CELLS + 1))


def _stated(choice: Choice, head: str) -> tuple[str, ...]:
    known = coverage(head)
    found = {period for i, p, s in choice.series for period in known.periods(i, p, s, choice.asked.kind)}
    return in_order(found)


def _within(period: str, first: date, last: date) -> bool:
    parsed = Period.parse(period)
    return first <= parsed.end and parsed.start <= last


def _of_frequency(frequency: str, first: date, last: date) -> Iterator[str]:
    """The years, quarters, months or days that touch a span of days."""
    if frequency == "D":
        yield from ((first + timedelta(days=number)).isoformat() for number in range((last - first).days + 1))
        return
    months = {"A": 12, "Q": 3, "M": 1}[frequency]
    start, end = first.year * 12 + first.month - 1, last.year * 12 + last.month - 1
    for number in range(start // months * months, end + 1, months):
        year, month = divmod(number, 12)
        yield {"A": f"{year:04d}", "Q": f"{year:04d}-Q{month // 3 + 1}", "M": f"{year:04d}-{month + 1:02d}"}[frequency]
