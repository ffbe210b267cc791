"""Tables of the Word document: header repeated on every page, rows never split, numbers right-aligned."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Any

from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn

from shazhou.city.problem import Language
from shazhou.report.document import Count, Number, Run, Strong, Table, Term, Words
from shazhou.report.docx_styles import ACCENT, TEXT_WIDTH
from shazhou.report.docx_text import Text
from shazhou.report.printed import on_paper

TOGETHER = 15
"""Rows of a table that is kept on one page."""

_BORDERS = (
    f'<w:tblBorders {nsdecls("w")}><w:top w:val="single" w:sz="12" w:color="{ACCENT}"/>'
    f'<w:bottom w:val="single" w:sz="8" w:color="{ACCENT}"/>'
    '<w:insideH w:val="single" w:sz="4" w:color="D0D0D0"/></w:tblBorders>'
)


def write_table(document: Any, table: Table, text: Text, language: Language) -> None:
    """Append a table, without its title and source."""
    rows = [table.header, *table.rows] if table.header else list(table.rows)
    columns = max(map(len, rows), default=0)
    if not columns:
        return
    made = document.add_table(len(rows), columns)
    _lay_out(made, _widths(rows, columns, language))
    style = document.styles[
        "Table Cell" if columns <= 6 else "Table Cell Small" if columns <= 8 else "Table Cell Tiny"
    ].style_id
    cells = iter(made._cells)
    for at, row in enumerate(rows):
        header = at == 0 and bool(table.header)
        _keep_whole(made._tbl.tr_lst[at], header)
        for column in range(columns):
            paragraph = next(cells).paragraphs[0]
            paragraph._p.style = style
            if column >= table.labels:
                paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
            if header or at + 1 < len(rows) <= TOGETHER:
                paragraph.paragraph_format.keep_with_next = True
            text.runs(paragraph, row[column] if column < len(row) else (), bold=header)


def _lay_out(made: Any, widths: Sequence[int]) -> None:
    """Borders, and widths: of the grid for programs that keep to it, of the cells for those that fit to content."""
    properties = made._tbl.tblPr
    properties.find(qn("w:tblLook")).addprevious(parse_xml(_BORDERS))
    whole = properties.find(qn("w:tblW"))
    whole.set(qn("w:type"), "pct")
    whole.set(qn("w:w"), "5000")
    for column, width in zip(made._tbl.tblGrid.gridCol_lst, widths, strict=True):
        column.w = width
    for row in made._tbl.tr_lst:
        for cell, width in zip(row.tc_lst, widths, strict=True):
            cell.width = width


def _keep_whole(row: Any, header: bool) -> None:
    properties = row.get_or_add_trPr()
    properties.append(OxmlElement("w:cantSplit"))
    if header:
        properties.append(OxmlElement("w:tblHeader"))


def _widths(rows: Sequence[Sequence[Sequence[Run]]], columns: int, language: Language) -> list[int]:
    """Widths of the columns, in the share of the text's width that their longest cells need."""
    needed = [
        min(40, max(5, *(_length(row[column], language) for row in rows if column < len(row))) + 2)
        for column in range(columns)
    ]
    return [int(TEXT_WIDTH * each / sum(needed)) for each in needed]


def _length(runs: Sequence[Run], language: Language) -> int:
    """The width of a cell's text in narrow characters."""
    total = 0
    for run in runs:
        match run:
            case Words(text) | Term(text, _):
                total += sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text)
            case Strong(inner):
                total += _length(inner, language)
            case Number() | Count():
                printed = on_paper(run, language)
                total += _length((Words(printed.text + printed.marks),), language) + 2
    return total
