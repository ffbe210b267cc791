"""Documents: CSV, XLSX (also XLS, ODS) and Parquet, read into columns that remember their rows.

Cells keep what the user gave: texts stay texts, Parquet numbers stay numbers. Every problem names file, sheet, row and
column as the user's own program shows them.
"""

from __future__ import annotations

import csv
import gzip
import io
import math
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from python_calamine import CalamineError, CalamineWorkbook

from shazhou.city.problem import Problem, Refused, Rule, Where

UNREADABLE = Rule(
    "document-unreadable",
    "The file cannot be read: {found}.",
    "文件无法读取：{found}。",
    "Save it again as CSV (UTF-8), XLSX or Parquet.",
    "请重新保存为 CSV（UTF-8）、XLSX 或 Parquet。",
)
UNKNOWN_FORMAT = Rule(
    "document-format",
    "{found} is no format that can be loaded.",
    "不支持 {found} 格式。",
    "Use .csv, .csv.gz, .xlsx, .xls, .ods or .parquet.",
    "请使用 .csv、.csv.gz、.xlsx、.xls、.ods 或 .parquet。",
)
EMPTY_DOCUMENT = Rule(
    "document-empty",
    "The document has no header in row {row}.",
    "文件第 {row} 行没有表头。",
    "The first row must name the columns; the mapping may say which row it is.",
    "首行应为列名；也可在映射中指定表头所在行。",
)
NO_SHEET = Rule(
    "sheet-missing",
    "There is no sheet {found}.",
    "没有名为 {found} 的工作表。",
    "The sheets are: {known}.",
    "现有工作表：{known}。",
)
RAGGED_ROW = Rule(
    "row-length",
    "The row has {found} cells, the header {expected}.",
    "该行有 {found} 个单元格，表头有 {expected} 个。",
    "Quote cells that contain commas; remove cells beyond the header.",
    "含逗号的单元格请加引号；请删除表头之外的单元格。",
)
DUPLICATE_COLUMN = Rule(
    "column-twice",
    "The column {found} stands twice in the header.",
    "表头中列 {found} 重复。",
    "Rename or remove one of them.",
    "请改名或删除其一。",
)


@dataclass(frozen=True)
class Document:
    """Columns of equal length; ``rows`` holds the 1-based row of each in the user's file."""

    file: str
    sheet: str
    columns: dict[str, pa.Array]
    rows: np.ndarray[tuple[int], np.dtype[np.int32]]

    def where(self, index: int | None = None, column: str = "") -> Where:
        """The place of a cell."""
        return Where(self.file, self.sheet, None if index is None else int(self.rows[index]), column)


def read_document(name: str, content: bytes, sheet: str = "", header: int = 1) -> Document:
    """Reads a document by the ending of its name.

    Raises:
        Refused: it cannot be read, with every problem of its shape.
    """
    lowered = name.lower()
    if lowered.endswith((".csv", ".csv.gz", ".txt")):
        return _csv(name, content, header)
    if lowered.endswith((".xlsx", ".xls", ".ods", ".xlsm")):
        return _workbook(name, content, sheet, header)
    if lowered.endswith(".parquet"):
        return _parquet(name, content)
    raise Refused([Problem(UNKNOWN_FORMAT, Where(name), Path(name).suffix or name)])


def cell_text(value: object) -> str:
    """A spreadsheet's cell as text: whole numbers without point, dates in ISO form, others by their shortest form."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        if math.isfinite(value) and value == int(value) and abs(value) < 1e15:
            return str(int(value))
        return repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == datetime.min.time() else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return str(value).strip()


def _csv(name: str, content: bytes, header: int) -> Document:
    text = _decoded(name, content)
    rows: list[list[str]] = []
    numbers: list[int] = []
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    start = 1
    try:
        for cells in reader:
            rows.append(cells)
            numbers.append(start)
            start = reader.line_num + 1
    except csv.Error as error:
        raise Refused([Problem(UNREADABLE, Where(name, row=start), str(error))]) from None
    kept = [(number, cells) for number, cells in zip(numbers, rows, strict=True) if cells]
    return _document(name, "", kept, header)


def _decoded(name: str, content: bytes) -> str:
    if name.lower().endswith(".gz"):
        try:
            content = gzip.decompress(content)
        except (OSError, EOFError, zlib.error) as error:
            raise Refused([Problem(UNREADABLE, Where(name), str(error))]) from None
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise Refused([Problem(UNREADABLE, Where(name, row=1), "neither UTF-8 nor GB 18030 text")])


def _workbook(name: str, content: bytes, sheet: str, header: int) -> Document:
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
        names = workbook.sheet_names
        if not names or (sheet and sheet not in names):
            raise Refused([Problem(NO_SHEET, Where(name), sheet, {"known": ", ".join(names)})])
        chosen = sheet or names[0]
        found = workbook.get_sheet_by_name(chosen)
        cells = found.to_python(skip_empty_area=False)
    except (CalamineError, OSError, ValueError, zlib.error) as error:
        raise Refused([Problem(UNREADABLE, Where(name), str(error))]) from None
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise Refused([Problem(UNREADABLE, Where(name), "damaged workbook")]) from None
    texts = [(number, [cell_text(cell) for cell in row]) for number, row in enumerate(cells, 1)]
    width = max((i + 1 for _, row in texts[header - 1 : header] for i, cell in enumerate(row) if cell), default=0)
    kept = [(n, row[:width] if not any(row[width:]) else row) for n, row in texts if n == header or any(row)]
    return _document(name, chosen, kept, header)


def _document(name: str, sheet: str, rows: Sequence[tuple[int, list[str]]], header: int) -> Document:
    above = [cells for number, cells in rows if number == header]
    if not above or not any(above[0]):
        raise Refused([Problem(EMPTY_DOCUMENT, Where(name, sheet, header), "", {"row": str(header)})])
    names = [cell.strip() for cell in above[0]]
    problems = _header_problems(name, sheet, names, header)
    body = [(number, cells) for number, cells in rows if number > header]
    expected = {"expected": str(len(names))}
    problems += [
        Problem(RAGGED_ROW, Where(name, sheet, number), str(len(cells)), expected)
        for number, cells in body
        if len(cells) != len(names)
    ]
    if problems:
        raise Refused(problems)
    columns = list(zip(*(cells for _, cells in body), strict=True)) if body else [()] * len(names)
    return Document(
        name,
        sheet,
        {column: pa.array(cells, pa.string()) for column, cells in zip(names, columns, strict=True)},
        np.array([number for number, _ in body], np.int32),
    )


def _header_problems(name: str, sheet: str, names: Sequence[str], header: int) -> list[Problem]:
    return [
        Problem(DUPLICATE_COLUMN, Where(name, sheet, header, column), column)
        for column, count in Counter(names).items()
        if count > 1
    ]


def _parquet(name: str, content: bytes) -> Document:
    try:
        table = pq.ParquetFile(pa.BufferReader(content)).read(use_threads=False)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise Refused([Problem(UNREADABLE, Where(name), str(error).splitlines()[0])]) from None
    problems = _header_problems(name, "", table.column_names, 1)
    if problems:
        raise Refused(problems)
    columns = {column: table.column(column).combine_chunks() for column in table.column_names}
    return Document(name, "", columns, np.arange(1, table.num_rows + 1, dtype=np.int32))
