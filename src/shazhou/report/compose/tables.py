"""Tables: grids of figures with their names, units and sources."""

from __future__ import annotations

from collections.abc import Iterable

from shazhou.city.model import City
from shazhou.measure.figure import Citation, Figure
from shazhou.report.compose.asking import Axis, Grid
from shazhou.report.compose.quotes import Quotes
from shazhou.report.document import Number, Run, Table, Term, Words
from shazhou.report.words.naming import Names
from shazhou.report.words.units import printed

NONE: tuple[Run, ...] = (Words("—"),)
"""A cell without evidence."""

MOST_SOURCES = 3
"""Sources that the line below a table names; the appendix names them all."""

_HEADS = {
    "zh": {"indicator": "指标", "period": "时期", "industry": "产业", "place": "地方"},
    "en": {"indicator": "Indicator", "period": "Period", "industry": "Industry", "place": "Place"},
}
_SOURCE = {
    "zh": ("来源：", "、", "等，详见附录。", "，详见附录。"),
    "en": ("Sources: ", "; ", " and others; see the appendix.", "; see the appendix."),
}


def table_of(grid: Grid, title: tuple[Run, ...], city: City, quotes: Quotes, names: Names) -> Table:
    """The grid as a table. A cell that nothing states holds a dash."""
    header = (head(grid.rows[0].dimension, names), *(label(each, city, names) for each in grid.columns))
    rows, figures = [], []
    for row in grid.rows:
        numbers = [quotes.number(grid.choice(row, column), tabular=True) for column in grid.columns]
        figures += [number.quote.figure for number in numbers if number]
        rows.append((label(row, city, names), *(cell(number) for number in numbers)))
    return Table(title, header, tuple(rows), source=source_line(figures, names))


def head(dimension: str, names: Names) -> tuple[Run, ...]:
    """The heading of the column of labels."""
    return (Words(_HEADS[names.language][dimension]),)


def label(axis: Axis, city: City, names: Names) -> tuple[Run, ...]:
    """What a row or column is called; indicators with the unit that their numbers are printed in."""
    match axis.dimension:
        case "indicator":
            return with_unit(names.indicator(axis.key), city.indicators[axis.key].unit, names)
        case "period":
            return (Term(names.period(axis.key), "period"),)
        case "industry":
            return (Term(names.industry(axis.key), "name"),)
        case _:
            return (Term(names.place(axis.key), "name"),)


def with_unit(name: str, unit: str, names: Names) -> tuple[Run, ...]:
    """A name with the unit of its numbers in brackets."""
    text = printed(unit, names.language).text.strip()
    if not text:
        return (Term(name, "name"),)
    return (Term(name, "name"), Term(f"（{text}）" if names.language == "zh" else f" ({text})", "name"))


def cell(number: Number | None) -> tuple[Run, ...]:
    """A table's cell."""
    return NONE if number is None else (number,)


def source_line(figures: Iterable[Figure], names: Names) -> tuple[Run, ...]:
    """The line that names the sources of the figures; empty where they cite none."""
    sources = (source for figure in figures for source in figure.sources if source.title)
    cited = list(dict.fromkeys(Citation(source.title, source.date) for source in sources))
    if not cited:
        return ()
    begins, joins, others, ends = _SOURCE[names.language]
    runs: list[Run] = [Words(begins)]
    for number, citation in enumerate(cited[:MOST_SOURCES]):
        runs += [Words(joins)] if number else []
        runs += _cited(citation, names)
    return (*runs, Words(others if len(cited) > MOST_SOURCES else ends))


def _cited(citation: Citation, names: Names) -> list[Run]:
    runs: list[Run] = [Term(citation.title, "source")]
    if citation.date:
        opens, closes = ("（", "）") if names.language == "zh" else (" (", ")")
        runs += [Words(opens), Term(citation.date, "date"), Words(closes)]
    return runs
