"""A return as an XLSX sheet: written for a reporter to fill in, read back into cells, given back with bad cells marked.

The sheet is that of a template (`shazhou.intake.template`) with one row for each variable. Cells that the ledger holds
come filled, with their source; left as they are, they are prefilled cells of the return. Whoever writes another value
speaks for himself, so the source beside it no longer counts.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from openpyxl import load_workbook
from openpyxl.comments import Comment
from openpyxl.utils import get_column_letter

from shazhou.city.model import City, Variable
from shazhou.city.problem import Language, Problem, Refused, Rule, Where
from shazhou.city.unit import UNITS, unit_named
from shazhou.intake.coded import Coded
from shazhou.intake.document import Document, unknown_format
from shazhou.intake.errors import mark
from shazhou.intake.field import MISSING_COLUMN
from shazhou.intake.filled import COLUMNS, SHEET, TITLES
from shazhou.intake.held import Prefilled
from shazhou.intake.returned import Cell, Return
from shazhou.intake.template import FIRST_LINE, Row, unit_shown, workbook_of
from shazhou.intake.value import NUMERIC
from shazhou.intake.workbook import read_workbook
from shazhou.intake.xlsx import UNREADABLE_PARTS

TOO_LARGE = Rule(
    "return-file-size",
    "The file has {found} bytes, unpacked; a filled-in sheet has at most {most}.",
    "文件解压后为 {found} 字节，填报表最多 {most} 字节。",
    "Fill in the sheet that was downloaded; take out what does not belong to it.",
    "请使用下载的填报表填写，并删除无关内容。",
)
NOT_A_WORKBOOK = Rule(
    "return-file-kind",
    "{found} is no XLSX workbook.",
    "{found} 不是 XLSX 工作簿。",
    "Fill in the sheet that was downloaded, and save it as .xlsx.",
    "请使用下载的填报表填写，并保存为 .xlsx。",
)
MACROS = Rule(
    "return-file-macros",
    "The workbook holds macros ({found}).",
    "工作簿含有宏（{found}）。",
    "Save it as .xlsx without macros.",
    "请另存为不含宏的 .xlsx。",
)
OTHER_RETURN = Rule(
    "return-file-other",
    "The row is about {found}; this return is about {expected}.",
    "该行内容为 {found}，而本报表为 {expected}。",
    "Upload it where it belongs, or download the sheet of this return.",
    "请上传到对应的报表，或重新下载本报表的填报表。",
)
NOT_HERE = Rule(
    "return-file-column",
    "A return says nothing under {column}, but the row has {found} there.",
    "报表不填写 {column} 列，但该行填有 {found}。",
    "Clear the cell; remarks belong into the note.",
    "请清空该格，说明请写在备注中。",
)
ROW_TWICE = Rule(
    "return-file-twice",
    "{found} stands in two rows.",
    "{found} 出现在两行中。",
    "Keep one of them.",
    "请只保留一行。",
)

LARGEST = 5_000_000
"""Most bytes of an uploaded sheet, unpacked; a hundred times what a return of fifty cells takes."""

_HIDDEN = ("entity", "industry", "variable", "kind", "qualifier", "status", "source_address")
_ELSEWHERE = {"industry": ("",), "kind": ("", "actual"), "status": ("", "A")}
"""Columns of a template that a return leaves as they are, with what may stand there."""

_PLAIN = re.compile(r"-?\d{1,12}(\.\d{1,9})?", re.ASCII)
_PERIOD_BEFORE = {"zh": "上期 {period}：{shown}", "en": "Before, {period}: {shown}"}
_GUIDE: Mapping[Language, tuple[str, ...]] = {
    "zh": (
        "填写黄色单元格，保存后在网站上传；没有数据的留空。可写约、超、以上、+ 等，含义会保留。",
        "已填好的数值来自系统现有数据（来源见来源标题列），无误则保持不变，有误请直接改正。",
        "单位可改写，如 万元、亿元；说明请写在备注中。",
    ),
    "en": (
        "Fill the yellow cells, save, and upload the file on the site; leave empty what does not exist. Words such as "
        "about, over, + keep their meaning.",
        "Values that are there already come from the ledger, each with its source: leave them if they are right, write "
        "over them if they are not.",
        "The unit may be changed, such as 10k_cny to 100m_cny; remarks belong into the note.",
    ),
}


@dataclass(frozen=True)
class Filled:
    """What a filled-in sheet says: its cells, what could not be read (by variable, and of the sheet as a ``whole``),
    and the row of each variable."""

    cells: Mapping[str, Cell]
    problems: Mapping[str, tuple[Problem, ...]]
    whole: tuple[Problem, ...]
    rows: Mapping[str, int]


def write_sheet(city: City, returned: Return, name: str, known: Mapping[str, Prefilled], language: Language) -> bytes:
    """The sheet of a return as an XLSX file.

    Args:
        city: definitions.
        returned: the return, with what was filled in so far.
        name: the name of its entity.
        known: what the ledger holds of its cells.
        language: of titles and names.
    """
    variables = [city.variables[each] for each in city.collections[returned.collection].variables]
    rows = [_row(returned, name, each, known.get(each.id, Prefilled(None, None)), language) for each in variables]
    workbook = workbook_of(city, rows, variables, [returned.entity], _GUIDE[language], language)
    page = workbook.worksheets[0]
    for column in _HIDDEN:
        page.column_dimensions[get_column_letter(COLUMNS.index(column) + 1)].hidden = True
    for line, variable in enumerate(variables, FIRST_LINE):
        before = known[variable.id].before if variable.id in known else None
        if before is not None:
            said = _PERIOD_BEFORE[language].format(period=before.period, shown=before.shown)
            page.cell(line, COLUMNS.index("value") + 1).comment = Comment(said, "Shazhou")
    file = io.BytesIO()
    workbook.save(file)
    return file.getvalue()


def read_sheet(city: City, returned: Return, file: str, content: bytes, known: Mapping[str, Prefilled]) -> Filled:
    """The cells of a sheet that came back.

    Args:
        city: definitions.
        returned: the return that it belongs to; its own cells do not matter.
        file: the name of the file.
        content: its bytes.
        known: what the ledger holds of its cells: the sheet was written with it.

    Raises:
        Refused: it is no such sheet: too large, of another kind, with macros, damaged, or without its columns.
    """
    document = read_workbook(file, _plain_archive(file, content), SHEET, 1).without_titles(
        1, [titles[0] for titles in TITLES.values()]
    )
    missing = [name for name in ("entity", "variable", "period", "value") if name not in document.columns]
    if missing:
        values = {"known": ", ".join(document.columns)}
        raise Refused(Problem(MISSING_COLUMN, document.where(None, name), name, values) for name in missing)
    return _Sheet(city, returned, document, known).filled()


def mark_sheet(content: bytes, filled: Filled, problems: Mapping[str, Sequence[Problem]]) -> bytes:
    """The reporter's own sheet with its bad cells marked and a list of all problems, as an XLSX file.

    Args:
        content: the sheet as it came.
        filled: what was read of it.
        problems: what is wrong, by variable.
    """
    placed = [
        replace(problem, where=Where(problem.where.file, SHEET, filled.rows.get(name), "value"))
        for name, found in problems.items()
        for problem in found
    ]
    workbook = load_workbook(io.BytesIO(content))
    mark(workbook, [*filled.whole, *placed])
    file = io.BytesIO()
    workbook.save(file)
    return file.getvalue()


class _Sheet:
    """One sheet, row by row."""

    def __init__(self, city: City, returned: Return, document: Document, known: Mapping[str, Prefilled]) -> None:
        self._variables = city.collections[returned.collection].variables
        self._units = {name: city.variables[name].unit for name in self._variables}
        self._returned = returned
        self._document = document
        self._known = known
        self._problems: dict[str, list[Problem]] = defaultdict(list)
        self._whole: list[Problem] = []

    def filled(self) -> Filled:
        """What the sheet says."""
        cells: dict[str, Cell] = {}
        rows: dict[str, int] = {}
        for index, row in enumerate(self._records()):
            name, where = row["variable"], self._document.where(index, "value")
            if not self._belongs(index, row):
                continue
            if name in cells:
                self._problems[name].append(Problem(ROW_TWICE, where, name))
                continue
            rows[name] = int(self._document.rows[index])
            cells[name] = self._cell(row)
            for column, allowed in _ELSEWHERE.items():
                if row[column] not in allowed:
                    self._problems[name].append(Problem(NOT_HERE, where, row[column], {"column": column}))
        self._share_out(rows)
        return Filled(cells, {name: tuple(found) for name, found in self._problems.items()}, tuple(self._whole), rows)

    def _records(self) -> Iterator[dict[str, str]]:
        columns = {name: Coded.of(column) for name, column in self._document.columns.items()}
        for index in range(len(self._document.rows)):
            said = {name: column.values[int(column.codes[index])] for name, column in columns.items()}
            yield {name: said.get(name, "") for name in COLUMNS}

    def _belongs(self, index: int, row: Mapping[str, str]) -> bool:
        """Whether a row is one of this return's."""
        for column, expected in (("entity", self._returned.entity), ("period", self._returned.period)):
            if row[column] != expected:
                where = self._document.where(index, column)
                self._whole.append(Problem(OTHER_RETURN, where, row[column], {"expected": expected}))
                return False
        if row["variable"] not in self._variables:
            where, values = self._document.where(index, "variable"), {"expected": ", ".join(self._variables)}
            self._whole.append(Problem(OTHER_RETURN, where, row["variable"], values))
            return False
        return True

    def _cell(self, row: Mapping[str, str]) -> Cell:
        given = row["value"] if row["qualifier"] in ("", "=") else f"{row['qualifier']}{row['value']}"
        now = self._known[row["variable"]].now if row["variable"] in self._known else None
        usual = unit_named(row["unit"]) is UNITS[self._units[row["variable"]]]
        unit = "" if usual else row["unit"]
        as_it_was = now is not None and not unit and (row["source"], given) == (now.source, now.shown)
        return Cell(given=given, unit=unit, note=row["note"], prefilled=as_it_was)

    def _share_out(self, rows: Mapping[str, int]) -> None:
        """What reading the workbook met, to the cells it is about."""
        variables = {row: name for name, row in rows.items()}
        for problem in self._document.problems:
            name = variables.get(problem.where.row or 0)
            if name is None:
                self._whole.append(problem)
            else:
                self._problems[name].append(problem)


def _row(returned: Return, name: str, variable: Variable, known: Prefilled, language: Language) -> Row:
    cell, now = returned.cells.get(variable.id), known.now
    row: Row = {
        "entity": returned.entity,
        "entity_name": name,
        "variable": variable.id,
        "variable_name": variable.name.of(language),
        "period": returned.period,
        "kind": "actual",
        "unit": unit_shown(variable.unit, language) if variable.type in NUMERIC else None,
    }
    if cell is not None and not cell.prefilled and (cell.given or cell.note):
        typed = _typed(variable, cell.given)
        unit = cell.unit or (row["unit"] if isinstance(typed, Decimal) else None)
        return {**row, "value": typed, "unit": unit, "note": cell.note}
    if now is None:
        return row
    carried: dict[str, Any] = {each: getattr(now, each) for each in ("source", "source_date", "source_address", "note")}
    return {**row, **carried, "value": _typed(variable, now.shown)}


def _typed(variable: Variable, given: str) -> Decimal | str:
    """A plain number as a number, so that a spreadsheet can reckon with it."""
    plain = variable.type in NUMERIC and _PLAIN.fullmatch(given)
    return Decimal(given) if plain else given


def _plain_archive(file: str, content: bytes) -> bytes:
    """The workbook as an archive that needs no more memory than it says."""
    where = Where(file)
    if len(content) > LARGEST:
        raise Refused([Problem(TOO_LARGE, where, str(len(content)), {"most": str(LARGEST)})])
    if not file.lower().endswith((".xlsx", ".xlsm")):
        raise unknown_format(file)
    plain = io.BytesIO()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive, zipfile.ZipFile(plain, "w") as copy:
            entries = archive.infolist()
            unpacked = sum(each.file_size for each in entries)
            if unpacked > LARGEST:
                raise Refused([Problem(TOO_LARGE, where, str(unpacked), {"most": str(LARGEST)})])
            for each in entries:
                copy.writestr(each.filename, archive.read(each))
    except UNREADABLE_PARTS:
        raise Refused([Problem(NOT_A_WORKBOOK, where, file)]) from None
    macros = [each.filename for each in entries if each.filename.lower().endswith("vbaproject.bin")]
    if macros or file.lower().endswith(".xlsm"):
        raise Refused([Problem(MACROS, where, macros[0] if macros else file)])
    return plain.getvalue()
