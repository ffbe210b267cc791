"""The user's own sheet, given back: bad cells marked and commented in both languages, and all problems listed."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

import pyarrow as pa
from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell, MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.worksheet.worksheet import Worksheet

from shazhou.city.problem import Problem, Refused, Rule, Where
from shazhou.intake.cells import put_row
from shazhou.intake.coded import Coded
from shazhou.intake.delimited import records_of
from shazhou.intake.reading import read_document
from shazhou.intake.xlsx import column_number

UNWRITABLE = Rule(
    "file-unwritable",
    "{found} cannot be written.",
    "无法写入 {found}。",
    "Choose another place, or close the file where it is open.",
    "请换一个位置，或关闭已打开的文件。",
)

_BAD = PatternFill("solid", fgColor="FFF4B6B6")
_LIST = "错误 Errors"
_LONGEST_SHEET = 1_048_576
_COLUMNS_OF_A_SHEET = 16_384
_MOST_IN_COMMENT = 5
_LAST_HEADER, _WIDEST = 1000, 1000
"""Rows and columns in which the header is looked for: looking at a cell makes it, and a stray cell far away would make
millions of them."""
_COLUMNS = (
    *(("工作表 sheet", 12), ("行 row", 8), ("列 column", 16), ("内容 found", 24), ("规则 rule", 20)),
    *(("问题", 48), ("如何改正", 48), ("problem", 60), ("how to mend", 60)),
)


def write_errors(file: Path, problems: Sequence[Problem], out: Path) -> None:
    """Writes a workbook with the user's cells, the bad ones filled and commented in both languages.

    An XLSX workbook comes back with everything in it, a CSV document as a sheet of its cells. Of other documents, and
    of those with more rows than a sheet can have, the bad rows are listed with their numbers.

    Raises:
        Refused: the place cannot be written to.
    """
    workbook = _own(file)
    if workbook is not None:
        mark(workbook, problems)
    else:
        workbook = Workbook()
        _bad_rows(workbook.worksheets[0], file, problems)
        _list(workbook, problems)
    try:
        workbook.save(out)
    except OSError:
        raise Refused([Problem(UNWRITABLE, Where(str(out)), str(out))]) from None


def mark(workbook: Workbook, problems: Sequence[Problem]) -> None:
    """Fills and comments the bad cells of a workbook, and adds a sheet that lists all problems."""
    _mark_all(workbook, problems)
    _list(workbook, problems)


def _own(file: Path) -> Workbook | None:
    """The user's sheets as they are, or None where they cannot be."""
    name = file.name.lower()
    if name.endswith((".xlsx", ".xlsm")):
        try:
            return load_workbook(file, keep_vba=name.endswith(".xlsm"))
        except Exception:
            # A damaged workbook makes the reader raise whatever its parser raises; a list of the problems comes back.
            return None
    if name.endswith((".csv", ".txt", ".tsv", ".gz")):
        try:
            rows = records_of(file.name, file.read_bytes())
        except (Refused, OSError):
            return None
        if len(rows) > _LONGEST_SHEET:
            return None
        workbook = Workbook()
        workbook.worksheets[0].title = "data"
        for number, cells in enumerate(rows, 1):
            put_row(workbook.worksheets[0], number, cells)
        return workbook
    return None


def _bad_rows(page: Worksheet, file: Path, problems: Sequence[Problem]) -> None:
    page.title = "data"
    try:
        sheet = next((problem.where.sheet for problem in problems if problem.where.sheet), "")
        document = read_document(file.name, file.read_bytes(), sheet)
    except (Refused, OSError):
        return
    numbers = {problem.where.row for problem in problems} - {None}
    put_row(page, 1, ["行 row", *document.columns])
    kept = [index for index, row in enumerate(document.rows.tolist()) if row in numbers]
    lines = {int(document.rows[index]): line for line, index in enumerate(kept, 2)}
    texts = [Coded.of(column.take(pa.array(kept, pa.int64()))) for column in document.columns.values()]
    for number, index in enumerate(kept):
        cells = [column.values[int(column.codes[number])] for column in texts]
        put_row(page, number + 2, [str(document.rows[index]), *cells])
    columns = {name: number for number, name in enumerate(document.columns, 2)}
    for (row, column), found in _by_cell(problems, "").items():
        if row in lines:
            _mark(page.cell(lines[row], columns.get(column, 1)), found)


def _mark_all(workbook: Workbook, problems: Sequence[Problem]) -> None:
    for page in workbook.worksheets:
        first = page is workbook.worksheets[0]
        cells = _by_cell(problems, page.title) | (_by_cell(problems, "") if first else {})
        columns = _columns_of(page, {column for _, column in cells})
        for (row, column), found in cells.items():
            _mark(page.cell(row, columns.get(column, 1)), found)


def _by_cell(problems: Iterable[Problem], sheet: str) -> dict[tuple[int, str], list[Problem]]:
    found: dict[tuple[int, str], list[Problem]] = defaultdict(list)
    for problem in problems:
        if problem.where.row is not None and problem.where.sheet == sheet:
            found[problem.where.row, problem.where.column].append(problem)
    return found


def _columns_of(page: Worksheet, names: set[str]) -> dict[str, int]:
    """Where columns stand: by the header, which is the row that has most of the names, or by their letters."""
    lettered = {
        name for name in names if re.fullmatch("[A-Z]{1,3}", name) and column_number(name) <= _COLUMNS_OF_A_SHEET
    }
    found = {name: column_number(name) for name in lettered}
    best: dict[str, int] = {}
    sought = names - lettered
    for line in page.iter_rows(max_row=min(page.max_row, _LAST_HEADER), max_col=min(page.max_column, _WIDEST)):
        here = {str(cell.value).strip(): cell.column for cell in line if cell.value is not None and cell.column}
        named = {name: here[name] for name in names if name in here}
        if len(named) > len(best):
            best = named
        if sought <= best.keys():
            break
    return {**found, **best}


def _mark(cell: Cell | MergedCell, problems: Sequence[Problem]) -> None:
    cell.fill = _BAD
    if isinstance(cell, MergedCell):
        return
    said = [f"{p.says('zh')}{p.mend('zh')}\n{p.says('en')} {p.mend('en')}" for p in problems[:_MOST_IN_COMMENT]]
    earlier = [cell.comment.text] if cell.comment is not None else []
    text = ILLEGAL_CHARACTERS_RE.sub("", "\n".join([*earlier, *said]))
    cell.comment = Comment(text, "Shazhou", width=360, height=160)


def _list(workbook: Workbook, problems: Sequence[Problem]) -> None:
    page = workbook.create_sheet(_LIST)
    put_row(page, 1, [title for title, _ in _COLUMNS])
    for number, (cell, (_, width)) in enumerate(zip(page[1], _COLUMNS, strict=True)):
        cell.font = Font(bold=True)
        page.column_dimensions["ABCDEFGHI"[number]].width = width
    for line, problem in enumerate(problems, 2):
        where = problem.where
        place = [where.sheet, "" if where.row is None else str(where.row), where.column, problem.found, problem.rule.id]
        said = [problem.says("zh"), problem.mend("zh"), problem.says("en"), problem.mend("en")]
        put_row(page, line, [*place, *said])
        if where.row is not None:
            page.cell(line, 2).value = where.row
    page.freeze_panes = "A2"
