"""Bars: categories from top to bottom, or periods from left to right. A missing value is a dash, never a bar of
zero."""

from __future__ import annotations

from matplotlib.lines import Line2D

from shazhou.report.charts.picture import MUTED, TINTS, Picture, key, picture
from shazhou.report.charts.plot import Plot, Point

_THICK = 0.72
"""Share of a category's room that its bars fill."""


def draw_bars(plot: Plot, upright: bool) -> str:
    """The plot as SVG; ``upright`` bars stand for periods, lying ones for categories with long names."""
    height = 2.4 if upright else 0.5 + 0.3 * len(plot.labels) * max(len(plot.series), 1)
    with picture(plot, height) as drawing:
        thickness = _THICK / len(plot.series)
        for number, series in enumerate(plot.series):
            shift = (number - (len(plot.series) - 1) / 2) * thickness
            for position, point in enumerate(series.points):
                _draw(drawing, position + shift, thickness * 0.9, point, TINTS[number % len(TINTS)], plot, upright)
        _scale(drawing, plot, upright)
        drawing.unit(plot.unit)
        drawing.legend(_keys(plot))
        return drawing.svg()


def _draw(
    drawing: Picture, at: float, thickness: float, point: Point | None, colour: str, plot: Plot, upright: bool
) -> None:
    if point is None:
        drawing.note((at, 0) if upright else (0, at), plot.none, upright, MUTED)
        return
    fill, rim = (colour, colour) if point.firm else ("white", colour)
    end = max(point.value, 0.0)
    if upright:
        drawing.axes.bar(at, point.value, width=thickness, facecolor=fill, edgecolor=rim, linewidth=1.2)
    else:
        drawing.axes.barh(at, point.value, height=thickness, facecolor=fill, edgecolor=rim, linewidth=1.2)
    drawing.note((at, end) if upright else (end, at), point.label, upright)


def _scale(drawing: Picture, plot: Plot, upright: bool) -> None:
    axes, count = drawing.axes, len(plot.labels)
    values = [point.value for each in plot.series for point in each.points if point]
    least, most = min([0.0, *values]), max([0.0, *values])
    room = (least, most + (most - least) * 0.14)
    if upright:
        axes.set_xticks(range(count), plot.labels)
        axes.set_xlim(-0.6, count - 0.4)
        axes.set_ylim(room)
        axes.set_yticks([])
    else:
        axes.set_yticks(range(count), plot.labels)
        axes.set_ylim(count - 0.4, -0.6)
        axes.set_xlim(room)
        axes.set_xticks([])
        axes.spines["bottom"].set_visible(False)
        axes.spines["left"].set_visible(True)
    drawing.labels()


def _keys(plot: Plot) -> list[Line2D]:
    keys = []
    if len(plot.series) > 1:
        colours = zip(plot.series, TINTS * len(plot.series), strict=False)
        keys = [key(series.name, colour) for series, colour in colours]
    return [*keys, key(plot.note, MUTED, hollow=True)] if plot.has_forecast else keys
