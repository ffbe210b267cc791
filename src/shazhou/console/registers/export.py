"""A register to take away, as CSV or XLSX: one row for each entity."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _
from django.utils.translation import override
from openpyxl import Workbook

from shazhou.city.model import City
from shazhou.city.problem import Language
from shazhou.console.evidence.register import COUNTED, Row
from shazhou.console.look.spreadsheet import csv_text, xlsx_cell
from shazhou.console.registers.kinds import Column, columns, text

MOST_XLSX_ROWS = COUNTED
"""Rows of a workbook: it is made in memory and cell by cell."""

LINES_AT_ONCE = 500


def csv_lines(city: City, kind: str, language: Language, rows: Iterable[Row]) -> Iterator[bytes]:
    """The register as CSV in UTF-8 with a byte order mark, which spreadsheets need to read Chinese."""
    with override("zh-hans" if language == "zh" else "en"):
        shown = columns(city, kind, language)
        first = _titles(shown)
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    buffer.write("\ufeff")
    writer.writerow(first)
    for number, row in enumerate(rows, 1):
        writer.writerow([csv_text(cell) for cell in _cells(city, shown, row, language)])
        if number % LINES_AT_ONCE == 0:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()


def xlsx(city: City, kind: str, language: Language, rows: Iterable[Row]) -> bytes:
    """The register as a workbook with one sheet."""
    shown = columns(city, kind, language)
    book = Workbook(write_only=True)
    sheet = book.create_sheet(kind)
    sheet.freeze_panes = "A2"
    sheet.append(_titles(shown))
    for row in rows:
        sheet.append([xlsx_cell(sheet, cell) for cell in _cells(city, shown, row, language)])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _titles(shown: list[Column]) -> list[str]:
    return [_("Id"), _("Name"), _("English name"), *(each.title for each in shown)]


def _cells(city: City, shown: list[Column], row: Row, language: Language) -> list[str]:
    return [row.entity, row.name, row.name_en, *(text(city, each, row, language) for each in shown)]
