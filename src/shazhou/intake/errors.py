"""The user's own sheet, given back with bad cells marked and commented, and all problems listed on a sheet of their own."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from zipfile import BadZipFile

from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.worksheet import Worksheet

from shazhou.city.problem import Problem

_BAD = PatternFill("solid", fgColor="FFF4B6B6")
_LIST = "错误 Errors"


def write_errors(file: Path, problems: Sequence[Problem], out: Path) -> None:
    """Writes a workbook with the user's rows, bad cells filled and commented in both languages.

    A workbook comes back with everything in it; a CSV or Parquet document as a sheet of its cells.
    """
    workbook = _workbook(file)
    by_cell: dict[tuple[str, int, str], list[Problem]] = defaultdict(list)
    for problem in problems:
        if problem.where.row is not None:
            by_cell[problem.where.sheet, problem.where.row, problem.where.column].append(problem)
    for (sheet, row, column), found in by_cell.items():
        page = workbook[sheet] if sheet in workbook.sheetnames else workbook.worksheets[0]
        _mark(page, row, column, found)
    _list(workbook, problems)
    workbook.save(out)


def _workbook(file: Path) -> Workbook:
    if file.suffix.lower() in (".xlsx", ".xlsm"):
        try:
            return load_workbook(file)
        except (InvalidFileException, BadZipFile, KeyError, ValueError, OSError):
            return Workbook()
    workbook = Workbook()
    page = workbook.worksheets[0]
    page.title = "data"
    if file.suffix.lower() == ".csv":
        content = file.read_bytes()
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = content.decode("gb18030", errors="replace")
        for row in csv.reader(io.StringIO(text, newline="")):
            page.append([ILLEGAL_CHARACTERS_RE.sub("", cell) for cell in row])
    return workbook


def _mark(page: Worksheet, row: int, column: str, problems: Sequence[Problem]) -> None:
    names = column.split(", ")
    header = {
        str(cell.value).strip(): cell.column for line in page.iter_rows(max_row=20) for cell in line if cell.value
    }
    number = next((header[name] for name in names if name in header), 1)
    cell = page.cell(row=row, column=number)
    cell.fill = _BAD
    text = "\n".join(f"{p.says('zh')}{p.mend('zh')}\n{p.says('en')} {p.mend('en')}" for p in problems[:5])
    cell.comment = Comment(text, "Shazhou", width=360, height=160)


def _list(workbook: Workbook, problems: Sequence[Problem]) -> None:
    page = workbook.create_sheet(_LIST)
    page.append(
        ["工作表 sheet", "行 row", "列 column", "内容 found", "规则 rule", "问题", "如何改正", "problem", "how to mend"]
    )
    for cell in page[1]:
        cell.font = Font(bold=True)
    for problem in problems:
        row = [problem.where.sheet, problem.where.row, problem.where.column, problem.found, problem.rule.id]
        row += [problem.says("zh"), problem.mend("zh"), problem.says("en"), problem.mend("en")]
        page.append([ILLEGAL_CHARACTERS_RE.sub("", each) if isinstance(each, str) else each for each in row])
    for letter, width in zip("ABCDEFGHI", (12, 8, 16, 24, 20, 48, 48, 60, 60), strict=True):
        page.column_dimensions[letter].width = width
    page.freeze_panes = "A2"
