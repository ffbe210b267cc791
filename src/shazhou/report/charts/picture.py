"""The look that all charts share: one accent colour, thin rules, no frame; the typeface of the report as outlines.

The same plot gives the same bytes: no date, no random identifiers.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unicodedata import east_asian_width

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D

from shazhou.report.charts.plot import Plot
from shazhou.report.charts.typeface import typeface

ACCENT = "#1f5fa8"
TINTS = (ACCENT, "#6b7683", "#8fb1d8", "#35424f", "#c3ccd6")
"""Colours of series in their order: the accent first, then quieter ones."""
INK, MUTED, RULE = "#222a33", "#6b7683", "#d5dbe1"
_DOCTYPE = re.compile(r"<!DOCTYPE[^>]*>\s*")
WIDTH = 6.6
"""Inches; a report's column."""
SIZE = 8.5
"""Points of the texts."""

_ROW_WIDTH, _KEY_WIDTH = 100, 5
"""Letters that a row of a legend has room for, and what a key and the space around it take of them."""
_STYLE: Any = {
    "svg.fonttype": "path",
    "svg.hashsalt": "shazhou",
    "axes.edgecolor": RULE,
    "axes.linewidth": 0.8,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "text.color": INK,
    "axes.unicode_minus": False,
}


@dataclass(frozen=True)
class Picture:
    """A drawing that is being made. ``small`` is the typeface for everything but headings."""

    figure: Figure
    axes: Axes
    font: FontProperties

    def text(self, x: float, y: float, text: str, colour: str = INK, **options: Any) -> None:
        """Puts a text at a place of the axes' data."""
        self.axes.text(x, y, text, color=colour, fontproperties=self.font, **options)

    def labels(self) -> None:
        """Sets the labels of both axes in the report's typeface."""
        for label in (*self.axes.get_xticklabels(), *self.axes.get_yticklabels()):
            label.set_fontproperties(self.font)
            label.set_color(INK)

    def unit(self, text: str) -> None:
        """The unit above the axis."""
        self.axes.set_title(text, loc="left", fontproperties=self.font, color=MUTED, pad=6)

    def note(self, at: tuple[float, float], text: str, upright: bool, colour: str = INK) -> None:
        """Puts a number above a point of the axes' data, or to the right of it."""
        self.axes.annotate(
            text,
            at,
            xytext=(0, 4) if upright else (4, 0),
            textcoords="offset points",
            ha="center" if upright else "left",
            va="bottom" if upright else "center",
            color=colour,
            fontproperties=self.font,
        )

    def legend(self, handles: list[Line2D]) -> None:
        """The legend above the drawing, in as many rows as it needs."""
        if handles:
            widest = max(_width(str(handle.get_label())) for handle in handles) + _KEY_WIDTH
            self.figure.legend(
                handles=handles,
                prop=self.font,
                loc="outside upper right",
                ncols=max(1, min(len(handles), _ROW_WIDTH // widest)),
                frameon=False,
                handlelength=1.2,
                borderaxespad=0.2,
                columnspacing=1.2,
            )

    def svg(self) -> str:
        """The finished drawing; it names no outside document type, so that no reader could ever ask for one."""
        buffer = io.StringIO()
        metadata = {"Date": None, "Creator": None, "Format": None, "Type": None}
        self.figure.savefig(buffer, format="svg", metadata=metadata)
        return _DOCTYPE.sub("", buffer.getvalue())


def key(name: str, colour: str, line: bool = False, hollow: bool = False) -> Line2D:
    """An entry of a legend: a square, or with ``line`` a point on a line; ``hollow`` for what is not firm."""
    return Line2D(
        [],
        [],
        label=name,
        color=colour,
        linewidth=1.8 if line and not hollow else 0,
        marker="o" if line else "s",
        markersize=4.5 if line else 6,
        markerfacecolor="white" if hollow else colour,
    )


@contextmanager
def picture(plot: Plot, height: float) -> Iterator[Picture]:
    """An empty drawing of a height in inches, with the characters of a plot ready to print."""
    letters = typeface(plot.texts)
    with mpl.rc_context(_STYLE):
        font = FontProperties(fname=str(letters.file), size=SIZE)
        figure = Figure(figsize=(WIDTH, height), layout="constrained")
        FigureCanvasSVG(figure)
        axes = figure.add_subplot()
        for side in ("top", "right", "left"):
            axes.spines[side].set_visible(False)
        axes.tick_params(length=0)
        axes.set_axisbelow(True)
        yield Picture(figure, axes, font)


def _width(text: str) -> int:
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)
