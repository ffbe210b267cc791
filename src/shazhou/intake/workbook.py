"""Workbooks: XLSX, XLS and ODS. Where what a spreadsheet shows and what its file holds differ, this says so.

A cell shown as 2.8% holds 0.028: it is read as ``2.8%``. A spreadsheet counts with 15 digits: 12.299999999999999 is the
12.3 that it shows, and a whole number of more digits has lost its last ones, so it is refused. A formula without a
stored result, the error of a formula, and merged cells would each be read as empty: they are refused. Macros are never
run; hidden sheets are read only where the mapping names them.
"""

from __future__ import annotations

import io
import math
import zipfile
from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetVisibleEnum

from shazhou.city.problem import Problem, Refused, Rule, Where
from shazhou.intake import ods, xlsx
from shazhou.intake.document import LARGEST, UNREADABLE, Document, from_rows, named_columns, no_header
from shazhou.intake.xlsx import column_letters

NO_SHEET = Rule(
    "sheet-missing",
    "There is no sheet “{found}”.",
    "没有名为“{found}”的工作表。",
    "The sheets are: {known}.",
    "现有工作表：{known}。",
)
UNREAD_SHEET = Rule(
    "sheet-unread",
    "The sheet “{found}” was not read.",
    "工作表“{found}”未读取。",
    "Load it with a mapping of its own that names the sheet, if it is to count.",
    "如需载入，请用指定该工作表的映射另行载入。",
)
MERGED_CELLS = Rule(
    "cells-merged",
    "The cells {found} are merged; all but the first would be read as empty.",
    "单元格 {found} 已合并，除第一个外都会被读为空。",
    "Undo the merge and fill every cell.",
    "请取消合并并逐格填写。",
)
DIGITS_LOST = Rule(
    "digits-lost",
    "The spreadsheet has rounded this number to 15 digits: {found}.",
    "表格软件已将该数字舍入为 15 位：{found}。",
    "Enter codes and longer numbers as text.",
    "代码和更长的数字请以文本格式填写。",
)
SHEET_TOO_LARGE = Rule(
    "sheet-too-large",
    "The sheet reaches to {found}: more cells than can be read.",
    "工作表一直延伸到 {found}，单元格过多，无法读取。",
    "Delete the stray cells far from the table; save a table that is really so large as CSV or Parquet.",
    "请删除远离表格的多余单元格；若数据确实很大，请另存为 CSV 或 Parquet。",
)

MOST_CELLS = 1 << 25
"""Cells of a sheet, from the first to the last in use, at most."""

Cell = int | float | str | bool | time | date | datetime | timedelta
T = TypeVar("T")


def read_workbook(file: str, content: bytes, sheet: str, header: int) -> Document:
    """Reads one sheet of a workbook: the one named, or the first that shows anything.

    Cells that would be read as something else than they show, and merged cells, are problems of the document.

    Raises:
        Refused: it cannot be read.
    """
    archive = _archive(file, content)
    if archive is not None:
        _check_sizes(file, archive)
    workbook = _guarded(file, lambda: CalamineWorkbook.from_filelike(io.BytesIO(content)))
    page, warnings = _chosen(file, workbook, sheet)
    return _Sheet(file, page, header).document(_inside(file, archive, page.name), warnings)


class _Sheet:
    """One sheet as texts, with what is wrong in it."""

    def __init__(self, file: str, page: CalamineSheet, header: int) -> None:
        self._file, self._name, self._header = file, page.name, header
        _check_size(file, page.name, (page.total_height, page.total_width))
        self._cells: list[list[Cell]] = _guarded(file, lambda: page.to_python(skip_empty_area=False))
        self._merged = _guarded(file, lambda: page.merged_cell_ranges or [])
        self._problems: list[Problem] = []

    def document(self, inside: xlsx.Inside, warnings: tuple[Problem, ...]) -> Document:
        """The sheet as a document."""
        texts = [
            [_shown(cell, (row, column) in inside.percents) for column, cell in enumerate(line, 1)]
            for row, line in enumerate(self._cells, 1)
        ]
        if len(texts) < self._header or not any(texts[self._header - 1]):
            raise no_header(self._file, self._name, self._header)
        names = named_columns(self._file, self._name, self._header, texts[self._header - 1])
        self._note_lost_digits(names)
        for rule, row, column, found in inside.unshown:
            self._add(rule, names, row, column, found)
            if 0 < row <= len(texts) and 0 < column <= len(texts[row - 1]):
                texts[row - 1][column - 1] = found or "#"
        torn = self._note_merged(names)
        rows = [
            (number, cells)
            for number, cells in enumerate(texts, 1)
            if number > self._header and number not in torn and any(cells)
        ]
        return from_rows(self._file, self._name, self._header, names, rows, warnings, tuple(self._problems))

    def _note_lost_digits(self, names: list[str]) -> None:
        for row, line in enumerate(self._cells, 1):
            for column, cell in enumerate(line, 1):
                if isinstance(cell, float) and math.isfinite(cell) and abs(cell) >= 1e15:
                    self._add(DIGITS_LOST, names, row, column, f"{cell:.15g}")

    def _note_merged(self, names: list[str]) -> set[int]:
        """The rows that merged cells tear: what they say cannot be told."""
        torn: set[int] = set()
        for (top, left), (bottom, right) in self._merged:
            if bottom + 1 >= self._header and (top, left) != (bottom, right):
                found = f"{column_letters(left + 1)}{top + 1}:{column_letters(right + 1)}{bottom + 1}"
                self._add(MERGED_CELLS, names, top + 1, left + 1, found)
                torn.update(range(top + 1, min(bottom + 1, len(self._cells)) + 1))
        return torn

    def _add(self, rule: Rule, names: list[str], row: int, column: int, found: str) -> None:
        """Notes a problem of a cell, under its column's name or, in the header or beyond it, letters."""
        named = row != self._header and 0 < column <= len(names) and names[column - 1]
        where = Where(self._file, self._name, row or None, named or column_letters(column))
        self._problems.append(Problem(rule, where, found))


def _archive(file: str, content: bytes) -> zipfile.ZipFile | None:
    """The archive that an XLSX or ODS file is; None for other files."""
    if not zipfile.is_zipfile(io.BytesIO(content)):
        return None
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except xlsx.UNREADABLE_PARTS as error:
        raise _unreadable(file, error) from None
    if sum(each.file_size for each in archive.infolist()) > LARGEST:
        raise Refused([Problem(UNREADABLE, Where(file), "more than 2 GiB")])
    return archive


def _check_sizes(file: str, archive: zipfile.ZipFile) -> None:
    """Refuses sheets for which a reader would need all memory."""
    try:
        for sheet, part in xlsx.parts(archive).items():
            _check_size(file, sheet, xlsx.extent(archive.read(part)))
        if "content.xml" in archive.namelist():
            for rows, columns in ods.extents(archive.read("content.xml")):
                _check_size(file, "", (rows, columns))
    except xlsx.UNREADABLE_PARTS as error:
        raise _unreadable(file, error) from None


def _check_size(file: str, sheet: str, extent: tuple[int, int]) -> None:
    if math.prod(extent) > MOST_CELLS:
        rows, columns = extent
        where = Where(file, sheet, rows, column_letters(columns))
        raise Refused([Problem(SHEET_TOO_LARGE, where, f"{column_letters(columns)}{rows}")])


def _inside(file: str, archive: zipfile.ZipFile | None, sheet: str) -> xlsx.Inside:
    try:
        part = xlsx.parts(archive).get(sheet, "") if archive else ""
        return xlsx.inside(archive.read(part), xlsx.percent_styles(archive)) if archive and part else xlsx.Inside()
    except xlsx.UNREADABLE_PARTS as error:
        raise _unreadable(file, error) from None


def _guarded(file: str, read: Callable[[], T]) -> T:
    """What a reader gives; whatever a damaged file makes it raise (a panic of its core too) is a refusal."""
    try:
        return read()
    except (CalamineError, OSError, ValueError, MemoryError, OverflowError) as error:
        raise _unreadable(file, error) from None
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise Refused([Problem(UNREADABLE, Where(file), "damaged workbook")]) from None


def _chosen(file: str, workbook: CalamineWorkbook, sheet: str) -> tuple[CalamineSheet, tuple[Problem, ...]]:
    def opened(name: str) -> Any:
        return _guarded(file, lambda: workbook.get_sheet_by_name(name))

    names = workbook.sheet_names
    if sheet:
        if sheet not in names:
            raise Refused([Problem(NO_SHEET, Where(file), sheet, {"known": ", ".join(names)})])
        return opened(sheet), ()
    shown = [each.name for each in workbook.sheets_metadata if each.visible == SheetVisibleEnum.Visible]
    filled: list[CalamineSheet] = [page for page in map(opened, shown) if page.height]
    if not filled:
        raise no_header(file, names[0] if names else "", 1)
    return filled[0], tuple(_unread(file, filled[1:]))


def _unread(file: str, pages: Iterable[CalamineSheet]) -> Iterable[Problem]:
    return (Problem(UNREAD_SHEET, Where(file, page.name), page.name) for page in pages)


def _unreadable(file: str, error: BaseException) -> Refused:
    return Refused([Problem(UNREADABLE, Where(file), str(error).partition("\n")[0])])


def _shown(cell: object, percent: bool) -> str:
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        text = repr(cell) if len(repr(cell).replace("-", "").replace(".", "").lstrip("0")) <= 15 else f"{cell:.15g}"
        number = Decimal(text) if math.isfinite(cell) else None
        if number is None:
            return text
        if percent:
            return f"{(number * 100).normalize():f}%"
        return f"{number.normalize():f}" if -7 < number.adjusted() < 22 else text
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time.min else cell.isoformat(" ")
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell)
