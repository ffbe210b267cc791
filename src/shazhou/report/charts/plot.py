"""What a chart plots: rows of points that may be missing."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Point:
    """A figure as plotted. ``label`` is the number as the report prints it; ``firm`` false: a forecast or target;
    ``breaks``: it stands on a revised base and is not joined to what came before."""

    value: float
    label: str
    firm: bool = True
    breaks: bool = False


@dataclass(frozen=True)
class Series:
    """Points in the order of the plot's labels; None where there is no evidence."""

    name: str
    points: tuple[Point | None, ...]


@dataclass(frozen=True)
class Plot:
    """A chart before it is drawn. ``labels`` name the points of each series, ``unit`` is that of all values; ``note``
    explains hollow points and ``broken`` a break; ``none`` stands where a value is missing. ``letters`` are characters
    that other plots of the report need too, so that all are drawn with one typeface."""

    labels: tuple[str, ...]
    series: tuple[Series, ...]
    unit: str
    note: str
    broken: str
    none: str = "—"
    letters: str = ""

    @property
    def texts(self) -> str:
        """Every character that the drawing may need."""
        points = [point for each in self.series for point in each.points if point]
        words = [*self.labels, *(each.name for each in self.series), *(point.label for point in points)]
        return "".join([*words, self.unit, self.note, self.broken, self.none, self.letters])

    @property
    def has_forecast(self) -> bool:
        """Whether any point is not firm."""
        return any(point and not point.firm for each in self.series for point in each.points)

    @property
    def has_break(self) -> bool:
        """Whether any point stands on a revised base."""
        return any(point and point.breaks for each in self.series for point in each.points)
