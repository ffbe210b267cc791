"""Texts in files that spreadsheets open: a text that looks like a formula stays a text."""

from __future__ import annotations

from typing import Any

from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""How a text begins that a spreadsheet may run."""

LONGEST = 32_767
"""Characters that a cell may hold."""


def csv_text(text: str) -> str:
    """A text as it stands in CSV, with an apostrophe before it where a spreadsheet would take it for a formula."""
    return f"'{text}" if text.lstrip().startswith(FORMULA) else text


def xlsx_cell(sheet: Any, text: str) -> Any:
    """A cell of an XLSX sheet that holds a text, whatever it looks like."""
    cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", text)[:LONGEST])
    cell.data_type = "s"
    cell.quotePrefix = text.startswith(FORMULA)
    return cell
