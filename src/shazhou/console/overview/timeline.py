"""The small time line of a promise: the years known, and the height that was promised."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from shazhou.city.period import Period
from shazhou.measure.figure import Figure

WIDTH, HEIGHT = 240, 44
MARGIN = 5
LONGEST = 24
"""Points at most: the newest."""


@dataclass(frozen=True)
class Point:
    """A figure where it stands on the line, in units of the drawing."""

    x: float
    y: float
    figure: Figure

    @property
    def plain(self) -> bool:
        """Whether nothing marks it."""
        figure = self.figure
        return figure.status == "actual" and not (figure.disputed or figure.simulated or figure.recorded)


@dataclass(frozen=True)
class Timeline:
    """A line of at least two figures of one frequency. ``goal`` is the height that was promised, ``deadline`` where its
    day stands."""

    points: tuple[Point, ...]
    goal: float
    deadline: float
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def path(self) -> str:
        """The line as the points of an SVG polyline."""
        return " ".join(f"{point.x},{point.y}" for point in self.points)

    @property
    def reaches_on(self) -> bool:
        """Whether the deadline comes after the last figure."""
        return self.deadline > self.points[-1].x

    @property
    def first(self) -> Figure:
        return self.points[0].figure

    @property
    def last(self) -> Figure:
        return self.points[-1].figure


def worth_asking(periods: Sequence[str]) -> tuple[str, ...]:
    """Of the periods that something is known of, those of one frequency: years where there are several, otherwise the
    frequency that occurs most."""
    by_frequency = Counter(Period.parse(each).frequency for each in periods)
    frequencies = [each for each in ("A", *(name for name, _ in by_frequency.most_common())) if by_frequency[each] > 1]
    alike = [each for each in periods if frequencies and Period.parse(each).frequency == frequencies[0] != "R"]
    return tuple(alike[-LONGEST:])


def timeline(figures: Sequence[Figure], goal: Decimal, deadline: date) -> Timeline | None:
    """The line through the figures that have a value, with the goal in their unit; None where there are not two."""
    known = [(Period.parse(figure.period).end, figure) for figure in figures if figure.value is not None]
    if len(known) < 2:
        return None
    first, last = known[0][0], max(known[-1][0], deadline)
    values = [float(figure.value) for _, figure in known if figure.value is not None]
    low, high = min(*values, float(goal)), max(*values, float(goal))

    def x(day: date) -> float:
        return _scaled((day - first).days, 0, (last - first).days, MARGIN, WIDTH - MARGIN)

    def y(value: float) -> float:
        return _scaled(value, low, high, HEIGHT - MARGIN, MARGIN)

    points = (Point(x(day), y(value), figure) for (day, figure), value in zip(known, values, strict=True))
    return Timeline(tuple(points), y(float(goal)), x(max(deadline, first)))


def _scaled(value: float, low: float, high: float, start: float, end: float) -> float:
    share = (value - low) / (high - low) if high > low else 0.5
    return round(start + share * (end - start), 1)
