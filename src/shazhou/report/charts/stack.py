"""Stacked bars: parts of a whole, one bar for each label. A bar with a part missing is not drawn: it would show a wrong
whole."""

from __future__ import annotations

from matplotlib.lines import Line2D

from shazhou.report.charts.picture import INK, MUTED, TINTS, Picture, key, picture
from shazhou.report.charts.plot import Plot

_LIGHT = frozenset({TINTS[2], TINTS[4]})
_NARROW = 0.07
"""Share of the longest bar below which a part has no room for its number."""


def draw_stack(plot: Plot) -> str:
    """The plot as SVG: a lying bar for each label, a colour for each part."""
    with picture(plot, 0.7 + 0.42 * len(plot.labels)) as drawing:
        axes = drawing.axes
        wholes = [_whole(plot, position) for position in range(len(plot.labels))]
        longest = max([whole for whole in wholes if whole is not None], default=1.0) or 1.0
        for position, whole in enumerate(wholes):
            if whole is None:
                drawing.text(longest * 0.01, position, plot.none, MUTED, va="center")
            else:
                _draw(drawing, plot, position, longest)
        axes.set_yticks(range(len(plot.labels)), plot.labels)
        axes.set_ylim(len(plot.labels) - 0.45, -0.55)
        axes.set_xlim(0, longest)
        axes.set_xticks([])
        axes.spines["bottom"].set_visible(False)
        drawing.labels()
        drawing.unit(plot.unit)
        drawing.legend(_keys(plot))
        return drawing.svg()


def _whole(plot: Plot, position: int) -> float | None:
    points = [series.points[position] for series in plot.series]
    return None if any(point is None for point in points) else sum(point.value for point in points if point)


def _draw(drawing: Picture, plot: Plot, position: int, longest: float) -> None:
    start = 0.0
    for number, series in enumerate(plot.series):
        point, colour = series.points[position], TINTS[number % len(TINTS)]
        if point is None:
            continue
        drawing.axes.barh(position, point.value, left=start, height=0.62, color=colour, edgecolor="white")
        if point.value >= longest * _NARROW:
            ink = INK if colour in _LIGHT else "white"
            drawing.text(start + point.value / 2, position, point.label, ink, ha="center", va="center")
        start += point.value


def _keys(plot: Plot) -> list[Line2D]:
    colours = zip(plot.series, TINTS * len(plot.series), strict=False)
    return [key(series.name, colour) for series, colour in colours]
