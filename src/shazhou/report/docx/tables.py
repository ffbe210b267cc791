"""Tables of the Word document: header repeated on every page, rows never split, numbers right-aligned."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Any

from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Pt

from shazhou.city.problem import Language
from shazhou.report.document import Count, Number, Run, Strong, Table, Term, Words
from shazhou.report.docx.styles import ACCENT, CELLS, TEXT_WIDTH
from shazhou.report.docx.text import Text
from shazhou.report.words.printed import on_paper

TOGETHER = 15
"""Rows of a table that is kept on one page."""

_MOST = 40
"""Narrow characters of a cell beyond which it does not ask for a wider column."""

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
    name, size = next((each for each in CELLS if columns <= each[2]), CELLS[-1])[:2]
    _lay_out(made, _widths(rows, columns, size, language))
    style = document.styles[name].style_id
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


def _widths(rows: Sequence[Sequence[Sequence[Run]]], columns: int, size: float, language: Language) -> list[int]:
    """Widths of the columns: what their longest words need, and of the rest a share by the length of their texts."""
    least, wish = [0.0] * columns, [0.0] * columns
    for row in rows:
        for column, cell in enumerate(row):
            longest, whole = _lengths(_printed(cell, language))
            least[column] = max(least[column], longest)
            wish[column] = max(wish[column], min(whole, _MOST))
    # Half a square for each narrow character, as wide as bold ones are, and the cell's own margins.
    points = [size * 0.56 * each + 12 for each in least]
    spare = TEXT_WIDTH - Pt(sum(points))
    if spare < 0:
        return [int(TEXT_WIDTH * each / sum(points)) for each in points]
    extra = [max(1.0, whole - longest) for whole, longest in zip(wish, least, strict=True)]
    return [int(Pt(base) + spare * each / sum(extra)) for base, each in zip(points, extra, strict=True)]


def _printed(cell: Sequence[Run], language: Language) -> str:
    """A cell's text; what must not be parted has no blank in it."""
    text = ""
    for run in cell:
        match run:
            case Words(words) | Term(words, _):
                text += words
            case Strong(inner):
                text += _printed(inner, language)
            case Number() | Count():
                printed = on_paper(run, language)
                text += f"{printed.marks} {printed.text}".replace(" ", "\u00a0") + str(run.quote.number)
    return text


def _lengths(text: str) -> tuple[int, int]:
    """The length of the longest word and of the whole text, in narrow characters. Chinese may break after any
    character; four stay together where they can."""
    whole = [_narrow(word) if word.isascii() or "\u00a0" in word else min(_narrow(word), 8) for word in text.split(" ")]
    return min(max(whole), _MOST), _narrow(text)


def _narrow(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text)
