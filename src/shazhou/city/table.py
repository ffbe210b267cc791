"""CSV that remembers its rows: the cells of a definition table, each record with the line it begins on."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import NamedTuple

from shazhou.city.lines import text_of
from shazhou.city.problem import Problem, Refused, Rule, Where

BAD_COLUMNS = Rule(
    "csv-columns",
    "The header is {found}.",
    "表头为 {found}。",
    "The columns must be {columns}.",
    "列应为 {columns}。",
)
BAD_CSV = Rule(
    "csv-syntax",
    "This is not CSV: {found}.",
    "CSV 格式有误：{found}。",
    "Save the table again as CSV (UTF-8, comma-separated) with quotes around cells that hold commas or quotes.",
    "请重新保存为 CSV（UTF-8，逗号分隔），含逗号或引号的单元格须加引号。",
)
RAGGED = Rule(
    "csv-row-length",
    "The row has {found} cells, the header {expected}.",
    "该行有 {found} 个单元格，表头有 {expected} 个。",
    "Quote cells that contain commas; give every row as many cells as the header.",
    "含逗号的单元格请加引号；每行单元格数应与表头一致。",
)


class Record(NamedTuple):
    """One row: the line it begins on (1-based) and its cells by column."""

    row: int
    cells: dict[str, str]


def read_table(
    file: str, content: bytes, columns: Sequence[str], optional: Sequence[str] = ()
) -> tuple[list[Record], list[Problem]]:
    """The records of a CSV file whose header names ``columns`` and, in any number, ``optional`` ones.

    Returns:
        What can be read, and a problem for every ragged row and for the first error of syntax, at which reading ends.

    Raises:
        Refused: the file is not text, or its header is wrong.
    """
    reader = csv.reader(io.StringIO(text_of(file, content), newline=""), strict=True)
    records: list[Record] = []
    problems: list[Problem] = []
    row = 1
    try:
        header = next(reader, [])
        _check_header(file, header, columns, optional)
        row = reader.line_num + 1
        for cells in reader:
            if cells and len(cells) != len(header):
                where = Where(file, row=row)
                problems.append(Problem(RAGGED, where, str(len(cells)), {"expected": str(len(header))}))
            elif cells:
                records.append(Record(row, {name: cell.strip() for name, cell in zip(header, cells, strict=True)}))
            row = reader.line_num + 1
    except csv.Error as error:
        problems.append(Problem(BAD_CSV, Where(file, row=row), str(error)))
    return records, problems


def _check_header(file: str, header: list[str], columns: Sequence[str], optional: Sequence[str]) -> None:
    missing = [name for name in columns if name not in header]
    strange = [name for name in header if name not in columns and name not in optional]
    if missing or strange or len(set(header)) != len(header):
        values = {"columns": ",".join([*columns, *(f"[{name}]" for name in optional)])}
        raise Refused([Problem(BAD_COLUMNS, Where(file, row=1), ",".join(header), values)])
