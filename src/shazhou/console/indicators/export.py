"""A board to take away, as CSV or XLSX: one row for each figure, with its id and its sources.

Texts that a spreadsheet would take for a formula are kept texts (`shazhou.console.look.spreadsheet`).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from openpyxl import Workbook
from openpyxl.styles import Font

from shazhou.console.indicators.board import Board, Series
from shazhou.console.look.spreadsheet import csv_text, xlsx_cell
from shazhou.console.look.templatetags.shown import SIGNS, marks, unit_name
from shazhou.measure.figure import Figure
from shazhou.report.words.naming import Names

Value = str | Decimal | None


def columns() -> dict[str, str]:
    """The columns by their names in CSV, with those that people read."""
    return {
        "indicator": _("Indicator (key)"),
        "indicator_name": _("Indicator"),
        "place": _("Place (key)"),
        "place_name": pgettext("indicators", "Place"),
        "industry": _("Industry (key)"),
        "industry_name": pgettext("indicators", "Industry"),
        "period": pgettext("indicators", "Period"),
        "value": _("Value"),
        "unit": _("Unit"),
        "kind": _("Kind"),
        "qualifier": _("Sign"),
        "marks": _("Marks"),
        "sources": _("Sources"),
        "figure": _("Figure"),
        "head": _("Head"),
    }


def as_csv(board: Board, names: Names) -> bytes:
    """The board as CSV in UTF-8 with a byte order mark, which spreadsheets need to read Chinese."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(columns())
    writer.writerows([_plain(value) for value in row] for row in _rows(board, names))
    return text.getvalue().encode("utf-8-sig")


def as_xlsx(board: Board, names: Names) -> bytes:
    """The board as an XLSX workbook with one sheet."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(pgettext("indicators", "Figures"))
    sheet.freeze_panes = "A2"
    heads = [xlsx_cell(sheet, text) for text in columns().values()]
    for head in heads:
        head.font = Font(bold=True)
    sheet.append(heads)
    for row in _rows(board, names):
        sheet.append([xlsx_cell(sheet, value) if isinstance(value, str) else value for value in row])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _rows(board: Board, names: Names) -> Iterator[list[Value]]:
    for series in board.series:
        for figure in series.figures:
            yield _row(series, figure, names)


def _row(series: Series, figure: Figure, names: Names) -> list[Value]:
    return [
        series.indicator,
        names.indicator(series.indicator),
        series.place,
        names.place(series.place),
        series.industry,
        names.industry(series.industry),
        figure.period,
        figure.value,
        unit_name(figure.unit),
        names.kind(figure.kind),
        SIGNS.get(figure.qualifier, figure.qualifier) if figure.value is not None else "",
        "; ".join(words for _sign, words in marks(figure)) if figure.value is not None else "",
        "; ".join(" ".join(filter(None, (c.title, c.date, c.address))) for c in figure.sources),
        figure.id,
        figure.head,
    ]


def _plain(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:f}"
    return csv_text(value)
