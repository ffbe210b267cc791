"""Cells of a sheet that is written: texts as texts, whatever they look like."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.worksheet.worksheet import Worksheet

_LONGEST = 32_767


def put(page: Worksheet, row: int, column: int, value: str | int | Decimal | None) -> None:
    """Writes a value; what begins with ``=`` is no formula, and characters that no sheet may hold are left out."""
    if value is None or value == "":
        return
    cell = page.cell(row, column)
    if isinstance(value, str):
        cell.value = ILLEGAL_CHARACTERS_RE.sub("", value)[:_LONGEST]
        cell.data_type = "s"
    else:
        cell.value = value


def put_row(page: Worksheet, row: int, values: Sequence[str]) -> None:
    """Writes texts from the first column on."""
    for column, value in enumerate(values, 1):
        put(page, row, column, value)
