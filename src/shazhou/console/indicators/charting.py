"""The charts of a board: one for each unit, since one scale cannot show two."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from shazhou.console.indicators.board import Board, Series
from shazhou.console.look.templatetags.shown import digits, marks, trail_address, unit_name
from shazhou.measure.figure import Figure
from shazhou.report.words.naming import Names

MOST_SERIES = 12
"""Lines or groups of bars in one chart; the table has all."""

MOST_NAMED = 3
"""Indicators that a title names; of more it says how many."""


@dataclass(frozen=True)
class Chart:
    """A chart: the id of its element, its unit, how many series it leaves out, and its ECharts option."""

    id: str
    unit: str
    left_out: int
    option: dict[str, Any]


def charts(board: Board, names: Names, id: str) -> list[Chart]:
    """The charts of a board, their ids beginning with ``id``."""
    drawn = ((unit, _drawn(board, unit, names)) for unit in board.units)
    return [
        Chart(f"{id}-{number}", unit, left_out, option)
        for number, (unit, (left_out, option)) in enumerate((pair for pair in drawn if pair[1][1]), 1)
    ]


def titles(board: Board, names: Names) -> tuple[str, list[str]]:
    """What all series of a board have in common, and what tells each of them from the others."""
    columns = list(zip(*([_words(each, names) for each in board.series]), strict=True))
    alike = [len(set(column)) == 1 for column in columns]
    common = [column[0] for column, same in zip(columns, alike, strict=True) if same]
    if not alike[0]:
        common.insert(0, _listed(list(dict.fromkeys(columns[0])), names))
    kind = board.choice.asked.kind
    told = [*common, *([names.kind(kind)] if kind else [])]
    return " · ".join(each for each in told if each), [_told_apart(each, alike, names) for each in board.series]


def _listed(indicators: list[str], names: Names) -> str:
    if len(indicators) <= MOST_NAMED:
        return names.joined(indicators)
    return ngettext("%(count)s indicator", "%(count)s indicators", len(indicators)) % {"count": len(indicators)}


def _told_apart(series: Series, alike: list[bool], names: Names) -> str:
    words = [word for word, same in zip(_words(series, names), alike, strict=True) if not same]
    if not words:
        return names.indicator(series.indicator)
    return " · ".join(word or _("all industries") for word in words)


def _words(series: Series, names: Names) -> tuple[str, str, str]:
    return names.indicator(series.indicator), names.place(series.place), names.industry(series.industry)


def _drawn(board: Board, unit: str, names: Names) -> tuple[int, dict[str, Any]]:
    """How many series of a unit are left out, and the option of the others; an empty one where nothing is known."""
    told = titles(board, names)[1]
    known = [
        (name, each)
        for name, each in zip(told, board.series, strict=True)
        if any(figure.value is not None and figure.unit == unit for figure in each.figures)
    ]
    if not known:
        return 0, {}
    shown = known[:MOST_SERIES]
    form = board.choice.asked.chart or ("line" if len(board.periods) > 2 else "bar")
    option = {
        "tooltip": {"trigger": "axis"},
        "legend": {"show": len(shown) > 1, "top": 0, "type": "plain"},
        "grid": {"left": 8, "right": 16, "top": 28 if len(shown) < 3 else 64, "bottom": 8, "containLabel": True},
        "xAxis": {"type": "category", "data": [names.period(each) for each in board.periods]},
        "yAxis": {"type": "value", "name": unit_name(unit), "scale": form == "line"},
        "series": [
            {
                "type": form,
                "name": name,
                "symbol": "circle",
                "symbolSize": 7,
                "barMaxWidth": 36,
                "connectNulls": False,
                "data": [_datum(figure) for figure in each.figures],
            }
            for name, each in shown
        ],
    }
    return len(known) - len(shown), option


def _datum(figure: Figure) -> dict[str, Any] | None:
    """A point of a chart; what carries a mark is drawn hollow."""
    if figure.value is None:
        return None
    said = "".join(f" ({words})" for _sign, words in marks(figure))
    datum = {
        "value": float(figure.value),
        "shown": f"{digits(figure.value)} {unit_name(figure.unit)}".strip() + said,
        "address": trail_address(figure),
    }
    return {**datum, **({"symbol": "emptyCircle", "itemStyle": {"opacity": 0.65}} if said else {})}
