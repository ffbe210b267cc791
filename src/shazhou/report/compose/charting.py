"""Charting: grids and promises as charts, each with the table behind it."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable

from shazhou.city.model import City
from shazhou.city.unit import UNITS
from shazhou.report.charts.bars import draw_bars
from shazhou.report.charts.lines import draw_lines
from shazhou.report.charts.plot import Plot, Point, Series
from shazhou.report.charts.progress import draw_progress
from shazhou.report.charts.stack import draw_stack
from shazhou.report.compose.asking import Axis, Grid
from shazhou.report.compose.promises import Promise
from shazhou.report.compose.quotes import Quotes
from shazhou.report.compose.tables import label
from shazhou.report.document import Chart, Number, Quote, Run, Table, text_of
from shazhou.report.words.marking import FORECAST, MARKS, REVISED
from shazhou.report.words.naming import Names
from shazhou.report.words.units import printed

SHAPES: dict[str, Callable[[Plot, bool], str]] = {
    "lines": lambda plot, _: draw_lines(plot),
    "bars": draw_bars,
    "stack": lambda plot, _: draw_stack(plot),
}
"""How each shape is drawn; the flag says whether its rows are periods."""

_KINDS = {
    "zh": {"lines": "折线图", "bars": "柱状图", "stack": "堆积条形图", "progress": "进度图"},
    "en": {"lines": "Line chart", "bars": "Bar chart", "stack": "Stacked bar chart", "progress": "Progress chart"},
}
_SO_FAR = {"zh": "实际 / 目标", "en": "So far / promised"}
_WIDTHS = {"zh": 16, "en": 30}


def chart_of(shape: str, grid: Grid, table: Table, city: City, quotes: Quotes, names: Names) -> Chart:
    """The grid as a chart: its rows run along the axis, its columns are the series."""
    unit = _units(grid, city)[0]
    series = tuple(
        Series(_plain(label(column, city, names)), tuple(_point(quotes, grid, row, column, names) for row in grid.rows))
        for column in grid.columns
    )
    labels = tuple(_wrapped(_name(row, city, names), names) for row in grid.rows)
    plot = Plot(
        labels,
        series,
        unit=printed(unit, names.language).text.strip(),
        note=FORECAST.word(names.language),
        broken=REVISED.word(names.language),
        letters=_letters(names),
    )
    drawn = SHAPES[shape](plot, grid.rows[0].dimension == "period")
    return _chart(shape, drawn, table, names)


def chart_of_promises(promises: Iterable[Promise], table: Table, quotes: Quotes, names: Names) -> Chart:
    """Promises as tracks: what came of each, as a share of what was promised."""
    chosen = tuple(promises)
    labels = tuple(_wrapped(each.name(names), names) for each in chosen)
    reached = Series("", tuple(_progress(each, quotes) for each in chosen))
    promised = Series("", tuple(_promised(each, quotes) for each in chosen))
    plot = Plot(
        labels,
        (reached, promised),
        unit=_SO_FAR[names.language],
        note="",
        broken="",
        none=names.course("no evidence"),
        letters=_letters(names),
    )
    return _chart("progress", draw_progress(plot), table, names)


def _point(quotes: Quotes, grid: Grid, row: Axis, column: Axis, names: Names) -> Point | None:
    number = quotes.number(grid.choice(row, column))
    return None if number is None else _plotted(number, names)


def _plotted(number: Number, names: Names) -> Point:
    quote = number.quote
    figure = quote.figure
    assert figure.value is not None
    firm = figure.kind == "actual" and figure.status != "forecast"
    shift = printed(figure.unit, names.language).shift
    return Point(float(figure.value.scaleb(shift)), _printed(quote), firm, figure.break_in_series)


def _progress(promise: Promise, quotes: Quotes) -> Point | None:
    figure, promised = promise.status.figure, quotes.first([promise.promised])
    if figure is None or figure.value is None or promised is None or not promised.value:
        return None
    factor = UNITS[figure.unit].factor / UNITS[promised.unit].factor
    share = figure.value * factor / promised.value
    return Point(float(share), _printed(quotes.quote(figure)))


def _promised(promise: Promise, quotes: Quotes) -> Point | None:
    number = quotes.number([promise.promised])
    return None if number is None else Point(1.0, _printed(number.quote) + number.quote.unit, firm=False)


def _chart(shape: str, svg: str, table: Table, names: Names) -> Chart:
    kind = _KINDS[names.language][shape]
    title = text_of(table.title)
    alternative = f"{kind}：{title}" if names.language == "zh" else f"{kind}: {title}"
    behind = Table(table.title, table.header, table.rows, table.labels, table.source, of_chart=True)
    return Chart(table.title, svg, alternative, behind)


def _units(grid: Grid, city: City) -> list[str]:
    axes = [each for each in (*grid.rows, *grid.columns) if each.dimension == "indicator"]
    indicators = [each.key for each in axes] or [grid.fixed["indicator"]]
    return list(dict.fromkeys(city.indicators[each].unit for each in indicators))


def _name(axis: Axis, city: City, names: Names) -> str:
    return names.indicator(axis.key) if axis.dimension == "indicator" else _plain(label(axis, city, names))


def _plain(runs: tuple[Run, ...]) -> str:
    return text_of(runs[:1])


def _printed(quote: Quote) -> str:
    return f"{quote.before}{'−' if quote.negative else ''}{quote.digits}"


def _letters(names: Names) -> str:
    marks = (mark.word(names.language) for mark in MARKS)
    return "".join([names.letters, *marks, _SO_FAR[names.language]])


def _wrapped(text: str, names: Names) -> str:
    return "\n".join(textwrap.wrap(text, _WIDTHS[names.language]))
