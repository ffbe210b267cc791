"""Documents: CSV, XLSX (also XLS and ODS) and Parquet, read into columns that remember their rows.

Cells keep what the user gave: texts stay texts, Parquet numbers stay numbers. A row has the number that the user's own
program shows: in a CSV file the number of its record (as a spreadsheet shows it, whatever line breaks its cells hold),
in a workbook that of the sheet, in Parquet the place of the row from 1. Problems name file, sheet, row and column.
"""

from __future__ import annotations

import gzip
import io
import zlib
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

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
RAGGED_ROW = Rule(
    "row-length",
    "The row has {found} cells, the header {expected}.",
    "该行有 {found} 个单元格，表头有 {expected} 个。",
    "Quote cells that contain separators; remove cells beyond the header.",
    "含分隔符的单元格请加引号；请删除表头之外的单元格。",
)
DUPLICATE_COLUMN = Rule(
    "column-twice",
    "The column “{found}” stands twice in the header.",
    "表头中列“{found}”重复。",
    "Rename or remove one of them.",
    "请改名或删除其一。",
)
UNNAMED_COLUMN = Rule(
    "column-unnamed",
    "A column with content has no name in the header.",
    "有内容的列在表头中没有名称。",
    "Name the column, or remove it.",
    "请补上列名，或删除该列。",
)
UNREADABLE_TYPE = Rule(
    "column-type",
    "The column has the type {found}, which holds no cells.",
    "该列的类型 {found} 不是单元格数据。",
    "Write it as texts, numbers or dates.",
    "请改为文本、数字或日期。",
)

LARGEST = 2**31
"""Most bytes of a document after it is unpacked."""


@dataclass(frozen=True)
class Document:
    """Columns of equal length; ``rows`` holds the row of each in the user's file, from 1.

    ``header`` is the row that names the columns, 0 where it is none of the rows (Parquet).
    ``problems`` are cells and rows that cannot be told; the rest was read, so that its problems can be found too.
    ``warnings`` do not refuse.
    """

    file: str
    sheet: str
    columns: dict[str, pa.Array]
    rows: npt.NDArray[np.int32]
    header: int = 1
    warnings: tuple[Problem, ...] = ()
    problems: tuple[Problem, ...] = ()

    def where(self, index: int | None = None, column: str = "") -> Where:
        """The place of a cell; of the header where no index is given."""
        row = self.header or None if index is None else int(self.rows[index])
        return Where(self.file, self.sheet, row, column)

    def without_titles(self, titles: int, titled: Collection[str] = ()) -> Document:
        """The document without so many rows of explanation under its header.

        Where ``titled`` says what the first cell of such rows holds, rows that hold something else are kept: a
        document of the same form that a program wrote has no explanation, and its first row must not be lost.
        """
        first = int(np.searchsorted(self.rows, self.header + titles, side="right")) if titles else 0
        if not first or (titled and str(next(iter(self.columns.values()))[0]) not in titled):
            return self
        columns = {name: column.slice(first) for name, column in self.columns.items()}
        return replace(self, columns=columns, rows=self.rows[first:])


def named_columns(file: str, sheet: str, header: int, cells: Sequence[str]) -> list[str]:
    """The names in a header; Refused where one stands twice."""
    names = [cell.strip() for cell in cells]
    twice = [name for name, count in Counter(names).items() if count > 1 and name]
    if twice:
        raise Refused(Problem(DUPLICATE_COLUMN, Where(file, sheet, header, name), name) for name in twice)
    return names


def from_rows(
    file: str,
    sheet: str,
    header: int,
    names: Sequence[str],
    rows: Sequence[tuple[int, Sequence[str]]],
    warnings: tuple[Problem, ...] = (),
    problems: tuple[Problem, ...] = (),
) -> Document:
    """A document of texts from the rows below its header; those of another length are problems and left out.

    Raises:
        Refused: a column with content has no name.
    """
    expected = {"expected": str(len(names))}
    ragged = [(number, cells) for number, cells in rows if len(cells) != len(names)]
    if ragged:
        rows = [(number, cells) for number, cells in rows if len(cells) == len(names)]
    problems += tuple(Problem(RAGGED_ROW, Where(file, sheet, row), str(len(cells)), expected) for row, cells in ragged)
    columns = list(zip(*(cells for _, cells in rows), strict=True)) if rows else [()] * len(names)
    unnamed = [column for name, column in zip(names, columns, strict=True) if not name and any(column)]
    if unnamed:
        firsts = [next(rows[i][0] for i, cell in enumerate(column) if cell) for column in unnamed]
        raise Refused(Problem(UNNAMED_COLUMN, Where(file, sheet, row)) for row in firsts)
    arrays = {name: pa.array(column, pa.string()) for name, column in zip(names, columns, strict=True) if name}
    return Document(file, sheet, arrays, np.array([row for row, _ in rows], np.int32), header, warnings, problems)


def unpacked(file: str, content: bytes) -> bytes:
    """The content of a .gz file, or the content itself.

    Raises:
        Refused: it is damaged, or too large.
    """
    if not file.lower().endswith(".gz"):
        return content
    try:
        with gzip.open(io.BytesIO(content)) as opened:
            plain = opened.read(LARGEST + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise Refused([Problem(UNREADABLE, Where(file), str(error))]) from None
    if len(plain) > LARGEST:
        raise Refused([Problem(UNREADABLE, Where(file), "more than 2 GiB")])
    return plain


def from_parquet(file: str, content: bytes) -> Document:
    """A Parquet file as a document.

    Raises:
        Refused: it is damaged, or has columns that hold no cells.
    """
    try:
        table = pq.ParquetFile(pa.BufferReader(content)).read(use_threads=False)
        names = named_columns(file, "", 1, table.column_names)
        columns = {name: _plain(table.column(i).combine_chunks()) for i, name in enumerate(names)}
    except (pa.ArrowException, OSError, ValueError, MemoryError) as error:
        raise Refused([Problem(UNREADABLE, Where(file), str(error).partition("\n")[0])]) from None
    wrong = [name for name, column in columns.items() if not _holds_cells(column.type)]
    if wrong:
        raise Refused(Problem(UNREADABLE_TYPE, Where(file, column=name), str(columns[name].type)) for name in wrong)
    return Document(file, "", columns, np.arange(1, table.num_rows + 1, dtype=np.int32), 0)


def unknown_format(file: str) -> Refused:
    """The refusal of a file whose ending is unknown."""
    return Refused([Problem(UNKNOWN_FORMAT, Where(file), Path(file).suffix or file)])


def no_header(file: str, sheet: str, header: int) -> Refused:
    """The refusal of a document without a header."""
    return Refused([Problem(EMPTY_DOCUMENT, Where(file, sheet, header), "", {"row": str(header)})])


def _plain(column: pa.Array) -> pa.Array:
    if pa.types.is_dictionary(column.type):
        return _plain(column.dictionary_decode())
    if pa.types.is_timestamp(column.type):
        moments = column.cast(pa.string())
        days = column.cast(pa.date32(), safe=False)
        return days if days.cast(column.type).equals(column) else moments
    if pa.types.is_floating(column.type):
        whole = column.cast(pa.int64(), safe=False)
        near = (
            np.abs(np.nan_to_num(column.to_numpy(zero_copy_only=False), nan=0.0, posinf=1e300, neginf=1e300)) < 2.0**53
        )
        return whole if near.all() and whole.cast(column.type).equals(column) else column
    return column


def _holds_cells(kind: pa.DataType) -> bool:
    is_ = pa.types
    texts = is_.is_string(kind) or is_.is_large_string(kind) or is_.is_boolean(kind) or is_.is_null(kind)
    return bool(texts or is_.is_integer(kind) or is_.is_floating(kind) or is_.is_decimal(kind) or is_.is_date(kind))
