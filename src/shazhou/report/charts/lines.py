"""Lines over time. A missing value leaves a gap, a revised base breaks the line, a forecast is a hollow point."""

from __future__ import annotations

from matplotlib.lines import Line2D

from shazhou.report.charts.picture import MUTED, RULE, TINTS, Picture, key, picture
from shazhou.report.charts.plot import Plot, Series

_HEIGHT = 2.6


def draw_lines(plot: Plot) -> str:
    """The plot as SVG: labels from left to right, one line for each series."""
    with picture(plot, _HEIGHT) as drawing:
        axes = drawing.axes
        for series, colour in zip(plot.series, TINTS * len(plot.series), strict=False):
            _draw(drawing, series, colour, plot.broken)
        axes.set_xticks(range(len(plot.labels)), plot.labels)
        axes.set_xlim(-0.4, len(plot.labels) - 0.6)
        bottom, top = axes.get_ylim()
        axes.set_ylim(min(bottom, 0), top + (top - min(bottom, 0)) * 0.12)
        axes.grid(axis="y", color=RULE, linewidth=0.6)
        axes.locator_params(axis="y", nbins=5)
        drawing.labels()
        drawing.unit(plot.unit)
        drawing.legend(_keys(plot))
        return drawing.svg()


def _draw(drawing: Picture, series: Series, colour: str, broken: str) -> None:
    for stretch in _stretches(series):
        drawing.axes.plot(*zip(*stretch, strict=True), color=colour, linewidth=1.8, solid_capstyle="round")
    for position, point in enumerate(series.points):
        if point is None:
            continue
        fill = colour if point.firm else "white"
        drawing.axes.plot([position], [point.value], "o", markersize=5.5, color=colour, markerfacecolor=fill)
        label = f"{point.label}\n{broken}" if point.breaks else point.label
        drawing.note((position, point.value), label, upright=True)


def _stretches(series: Series) -> list[list[tuple[int, float]]]:
    """Runs of neighbouring points that may be joined, as places of the axes' data."""
    found: list[list[tuple[int, float]]] = [[]]
    for position, point in enumerate(series.points):
        if point is None or point.breaks:
            found.append([])
        if point is not None:
            found[-1].append((position, point.value))
    return [stretch for stretch in found if len(stretch) > 1]


def _keys(plot: Plot) -> list[Line2D]:
    colours = zip(plot.series, TINTS * len(plot.series), strict=False)
    keys = [key(series.name, colour, line=True) for series, colour in colours]
    return [*keys, key(plot.note, MUTED, line=True, hollow=True)] if plot.has_forecast else keys
