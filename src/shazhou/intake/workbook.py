"""Workbooks: XLSX, XLS and ODS. Where what a spreadsheet shows and what its file holds differ, this says so.

A cell shown as 2.8% holds 0.028: it is read as ``2.8%``. A spreadsheet counts with 15 digits: 12.299999999999999 is the
12.3 that it shows, and a whole number of more digits has lost its last ones, so it is refused. A formula without a
stored result, the error of a formula, and merged cells would each be read as empty: they are refused.
"""

from __future__ import annotations

import io
import math
import re
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree

from python_calamine import CalamineError, CalamineWorkbook, SheetVisibleEnum

from shazhou.city.problem import Problem, Refused, Rule, Where
from shazhou.intake.document import LARGEST, UNREADABLE, Document, from_rows, named_columns, no_header

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
CELL_ERROR = Rule(
    "cell-error",
    "The cell holds {found}, the error of a formula.",
    "该单元格是公式错误 {found}。",
    "Correct the formula, or enter the value.",
    "请改正公式，或直接填写数值。",
)
NO_RESULT = Rule(
    "formula-unsaved",
    "The cell holds a formula whose result is not in the file.",
    "该单元格的公式结果未保存在文件中。",
    "Open the file in a spreadsheet program and save it, or paste the values.",
    "请用表格软件打开并保存，或粘贴为数值。",
)
DIGITS_LOST = Rule(
    "digits-lost",
    "The spreadsheet has rounded this number to 15 digits: {found}.",
    "表格软件已将该数字舍入为 15 位：{found}。",
    "Enter codes and longer numbers as text.",
    "代码和更长的数字请以文本格式填写。",
)

_CELL = re.compile(rb"<(?:\w+:)?c(\s[^>]*?)(?:/>|>(.*?)</(?:\w+:)?c>)", re.DOTALL)
_ATTRIBUTE = re.compile(rb'\b(r|s|t)="([^"]*)"')
_VALUE = re.compile(rb"<(?:\w+:)?v(?:\s[^>]*)?>([^<]*)<")
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s>/]")
_PLACE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_PERCENT_FORMATS = frozenset({9, 10})


def read_workbook(file: str, content: bytes, sheet: str, header: int) -> Document:
    """Reads one sheet of a workbook: the one named, or the first that shows anything.

    Raises:
        Refused: it cannot be read, or cells would be read as something else than they show.
    """
    workbook = _opened(file, content)
    chosen, warnings = _chosen(file, workbook, sheet)
    cells = _guarded(file, lambda: workbook.get_sheet_by_name(chosen).to_python(skip_empty_area=False))
    merged = _guarded(file, lambda: workbook.get_sheet_by_name(chosen).merged_cell_ranges or [])
    problems = list(_merged(file, chosen, header, merged))
    percents: set[tuple[int, int]] = set()
    if zipfile.is_zipfile(io.BytesIO(content)):
        inner = _Inner(file, content, chosen)
        problems += inner.problems
        percents = inner.percents
    texts = []
    for row, line in enumerate(cells, 1):
        texts.append([_shown(cell, (row, column) in percents) for column, cell in enumerate(line, 1)])
        for column, cell in enumerate(line, 1):
            if isinstance(cell, float) and math.isfinite(cell) and abs(cell) >= 1e15:
                where = Where(file, chosen, row, _header_name(texts, header, column))
                problems.append(Problem(DIGITS_LOST, where, f"{cell:.15g}"))
    if problems:
        raise Refused(_named(problems, texts, header))
    return _document(file, chosen, texts, header, warnings)


def _document(file: str, sheet: str, texts: list[list[str]], header: int, warnings: tuple[Problem, ...]) -> Document:
    if len(texts) < header or not any(texts[header - 1]):
        raise no_header(file, sheet, header)
    names = named_columns(file, sheet, header, texts[header - 1])
    rows = [(number, cells) for number, cells in enumerate(texts, 1) if number > header and any(cells)]
    return from_rows(file, sheet, header, names, rows, warnings)


def _opened(file: str, content: bytes) -> CalamineWorkbook:
    if zipfile.is_zipfile(io.BytesIO(content)):
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                size = sum(each.file_size for each in archive.infolist())
        except (zipfile.BadZipFile, OSError, ValueError) as error:
            raise Refused([Problem(UNREADABLE, Where(file), str(error))]) from None
        if size > LARGEST:
            raise Refused([Problem(UNREADABLE, Where(file), "more than 2 GiB")])
    return _guarded(file, lambda: CalamineWorkbook.from_filelike(io.BytesIO(content)))


def _guarded(file: str, read: Any) -> Any:
    """What a reader gives; whatever a damaged file makes it raise (a panic of its core too) is a refusal."""
    try:
        return read()
    except (CalamineError, OSError, ValueError, MemoryError, zlib.error, OverflowError) as error:
        raise Refused([Problem(UNREADABLE, Where(file), str(error).partition("\n")[0])]) from None
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise Refused([Problem(UNREADABLE, Where(file), "damaged workbook")]) from None


def _chosen(file: str, workbook: CalamineWorkbook, sheet: str) -> tuple[str, tuple[Problem, ...]]:
    shown = [each.name for each in workbook.sheets_metadata if each.visible == SheetVisibleEnum.Visible]
    names = workbook.sheet_names
    if sheet:
        if sheet not in names:
            raise Refused([Problem(NO_SHEET, Where(file), sheet, {"known": ", ".join(names)})])
        return sheet, ()
    filled = [name for name in shown if _guarded(file, lambda n=name: workbook.get_sheet_by_name(n).height)]
    if not filled:
        raise no_header(file, names[0] if names else "", 1)
    unread = tuple(Problem(UNREAD_SHEET, Where(file, name), name) for name in filled[1:])
    return filled[0], unread


def _merged(file: str, sheet: str, header: int, ranges: Any) -> Iterator[Problem]:
    for (top, left), (bottom, right) in ranges:
        if bottom + 1 >= header and (top, left) != (bottom, right):
            found = f"{_letters(left + 1)}{top + 1}:{_letters(right + 1)}{bottom + 1}"
            yield Problem(MERGED_CELLS, Where(file, sheet, top + 1, _letters(left + 1)), found)


class _Inner:
    """What the XLSX file itself says of a sheet's cells: errors, formulas without result, percentages."""

    def __init__(self, file: str, content: bytes, sheet: str) -> None:
        self._file, self._sheet = file, sheet
        self.problems: list[Problem] = []
        self.percents: set[tuple[int, int]] = set()
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                part = _part_of(archive, sheet)
                if part:
                    self._scan(archive.read(part), _percent_styles(archive))
        except (zipfile.BadZipFile, ElementTree.ParseError, KeyError, OSError, zlib.error, ValueError) as error:
            raise Refused([Problem(UNREADABLE, Where(file, sheet), str(error))]) from None
        except (NotImplementedError, EOFError, RuntimeError) as error:
            raise Refused([Problem(UNREADABLE, Where(file, sheet), str(error))]) from None

    def _scan(self, xml: bytes, percent_styles: frozenset[bytes]) -> None:
        if not percent_styles and b't="e"' not in xml and not _FORMULA.search(xml):
            return
        for cell in _CELL.finditer(xml):
            attributes = dict(_ATTRIBUTE.findall(cell.group(1)))
            place = _PLACE.fullmatch(attributes.get(b"r", b"").decode("ascii", "replace"))
            body = cell.group(2) or b""
            value = _VALUE.search(body)
            kind = attributes.get(b"t", b"n")
            if kind == b"e":
                self._add(CELL_ERROR, place, value.group(1).decode("utf-8", "replace") if value else "#")
            elif kind != b"str" and _FORMULA.search(body) and not (value and value.group(1)) and b"<is" not in body:
                self._add(NO_RESULT, place, "")
            elif place and kind == b"n" and attributes.get(b"s") in percent_styles:
                self.percents.add((int(place.group(2)), _number(place.group(1))))

    def _add(self, rule: Rule, place: re.Match[str] | None, found: str) -> None:
        row = int(place.group(2)) if place else None
        self.problems.append(Problem(rule, Where(self._file, self._sheet, row, place.group(1) if place else ""), found))


def _part_of(archive: zipfile.ZipFile, sheet: str) -> str:
    if "xl/workbook.xml" not in archive.namelist():
        return ""
    book = ElementTree.fromstring(archive.read("xl/workbook.xml"))
    relations = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    targets = {each.get("Id"): each.get("Target", "") for each in relations}
    for each in book.iter():
        if each.tag.endswith("}sheet") and each.get("name") == sheet:
            ids = [value for name, value in each.attrib.items() if name.endswith("}id")]
            target = targets.get(ids[0] if ids else None, "")
            return target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return ""


def _percent_styles(archive: zipfile.ZipFile) -> frozenset[bytes]:
    if "xl/styles.xml" not in archive.namelist():
        return frozenset()
    styles = ElementTree.fromstring(archive.read("xl/styles.xml"))
    own = {
        int(each.get("numFmtId", "0"))
        for each in styles.iter()
        if each.tag.endswith("}numFmt") and "%" in re.sub(r'"[^"]*"|\\.', "", each.get("formatCode", ""))
    }
    cells = next((each for each in styles.iter() if each.tag.endswith("}cellXfs")), ())
    found = (number for number, each in enumerate(cells) if int(each.get("numFmtId", "0")) in own | _PERCENT_FORMATS)
    return frozenset(str(number).encode() for number in found)


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
        return cell.date().isoformat() if cell.time() == datetime.min.time() else cell.isoformat(" ")
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell)


def _named(problems: list[Problem], texts: list[list[str]], header: int) -> Iterator[Problem]:
    """The problems with the column's name from the header in place of its letters."""
    for problem in sorted(problems, key=lambda each: each.where.row or 0):
        where = problem.where
        if re.fullmatch("[A-Z]{1,3}", where.column) and where.row != header:
            column = _header_name(texts, header, _number(where.column)) or where.column
            where = Where(where.file, where.sheet, where.row, column)
        yield Problem(problem.rule, where, problem.found, problem.values)


def _header_name(texts: list[list[str]], header: int, column: int) -> str:
    names = texts[header - 1] if header <= len(texts) else []
    return names[column - 1].strip() if column <= len(names) and names[column - 1].strip() else _letters(column)


def _number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def _letters(number: int) -> str:
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
