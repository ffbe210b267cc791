"""Progress: what was promised as a track of full length, what came of it as a bar on it."""

from __future__ import annotations

from shazhou.report.charts.picture import ACCENT, INK, MUTED, RULE, picture
from shazhou.report.charts.plot import Plot

_FULL = 1.0
_LONGEST = 1.15
"""How far beyond the promise a bar is drawn at most; the numbers stand to the right of it."""
_WIDE = 1.75


def draw_progress(plot: Plot) -> str:
    """The plot as SVG. The first series holds the share of the promise that was reached (1 is all of it; None: no
    evidence), the second what was promised, whose labels alone are printed. ``unit`` heads the numbers."""
    reached, promised = (each.points for each in plot.series)
    with picture(plot, 0.5 + 0.34 * len(plot.labels)) as drawing:
        axes = drawing.axes
        for position, point in enumerate(reached):
            axes.barh(position, _FULL, height=0.5, color="#eef1f4", edgecolor=RULE, linewidth=0.6)
            if point is not None:
                axes.barh(position, min(max(point.value, 0.0), _LONGEST), height=0.5, color=ACCENT)
            now, ink = (plot.none, MUTED) if point is None else (point.label, INK)
            goal = promised[position]
            drawing.text(_LONGEST + 0.02, position, f"{now} / {goal.label if goal else plot.none}", ink, va="center")
        axes.axvline(_FULL, color=MUTED, linewidth=0.8, linestyle=(0, (3, 2)))
        axes.set_yticks(range(len(plot.labels)), plot.labels)
        axes.set_ylim(len(plot.labels) - 0.45, -0.55)
        axes.set_xlim(0, _WIDE)
        axes.set_xticks([])
        axes.spines["bottom"].set_visible(False)
        drawing.labels()
        drawing.text(_LONGEST + 0.02, -0.75, plot.unit, MUTED, va="bottom")
        return drawing.svg()
