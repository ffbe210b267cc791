"""A window on a document: some rows of it, read without holding the whole in memory.

Rows have the number that `shazhou.intake` gives them, which is the one in trails: in a CSV file that of the record, in
a workbook that of the sheet, in Parquet the place of the row from 1.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from itertools import islice
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException
from python_calamine import CalamineError, CalamineWorkbook

from shazhou.intake.xlsx import UNREADABLE_PARTS

COLUMNS = 60
"""Columns that are shown at most."""

LONGEST = 400
"""Characters of a cell that are shown at most."""

LARGEST_WORKBOOK = 64 << 20
"""Bytes, unpacked, of a workbook that is still shown: its rows cannot be skipped, only read."""

LARGEST_OTHER_SHEET = 8 << 20
"""Bytes of an XLS or ODS file that is still shown: it is read whole."""

_CHUNK = 1 << 20
_SEPARATORS = ",;\t|"


class NotShown(Exception):
    """The document cannot be shown as a table: it is none, too large for that, or damaged."""


@dataclass(frozen=True)
class Asked:
    """Which part: ``count`` rows from row ``first`` on, of a sheet (empty: the first that is not hidden). ``header``
    is the row that names the columns, ``encoding`` that of a CSV file where the mapping states it, ``known`` the
    columns that the mapping expects."""

    first: int
    count: int
    sheet: str = ""
    header: int = 1
    encoding: str = ""
    known: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Window:
    """Rows with their numbers below the header; ``more`` where others follow, ``wide`` where columns are left out."""

    header: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    more: bool
    sheets: tuple[str, ...] = ()
    sheet: str = ""
    wide: bool = False


def window(path: Path, name: str, asked: Asked) -> Window:
    """Some rows of the document at a path that was delivered under a name.

    Raises:
        NotShown: it cannot be shown as a table.
    """
    lowered = name.lower()
    plain = lowered.removesuffix(".gz")
    try:
        if plain.endswith((".csv", ".txt", ".tsv")):
            return _delimited(path, plain != lowered, asked)
        if lowered.endswith((".xlsx", ".xlsm")):
            return _workbook(path, asked)
        if lowered.endswith((".xls", ".ods")):
            return _other_workbook(path, asked)
        if lowered.endswith(".parquet"):
            return _parquet(path, asked)
    except (*UNREADABLE_PARTS, UnicodeError, csv.Error, InvalidFileException, TypeError, pa.ArrowException) as error:
        raise NotShown from error
    raise NotShown


def _delimited(path: Path, packed: bool, asked: Asked) -> Window:
    def opened() -> IO[bytes]:
        return gzip.open(path) if packed else path.open("rb")  # type: ignore[return-value]

    encoding = asked.encoding or _encoding(opened)
    separator = max(_SEPARATORS, key=lambda each: _fit(opened, encoding, each, asked))
    with io.TextIOWrapper(opened(), encoding, newline="") as text:
        return _cut(enumerate(csv.reader(text, delimiter=separator), 1), asked)


def _cut(records: Iterator[tuple[int, Sequence[str]]], asked: Asked) -> Window:
    """The window on records that come in the order of their numbers, from 1."""
    before = list(islice(records, max(asked.header, 0)))
    header = before[-1][1] if asked.header and before else ()
    skipped = max(0, asked.first - 1 - len(before))
    head = [each for each in before[:-1] if each[0] >= asked.first]
    rows = [*head, *islice(records, skipped, skipped + asked.count + 1 - len(head))]
    return _window(header, rows, asked)


def _window(
    header: Sequence[str],
    rows: Sequence[tuple[int, Sequence[str]]],
    asked: Asked,
    sheets: Sequence[str] = (),
    sheet: str = "",
) -> Window:
    last = asked.first + asked.count
    shown = tuple((number, _cells(cells)) for number, cells in rows if number < last)
    wide = any(len(cells) > COLUMNS for cells in (header, *(cells for _, cells in rows)))
    return Window(_cells(header), shown, any(number >= last for number, _ in rows), tuple(sheets), sheet, wide)


def _cells(cells: Sequence[str]) -> tuple[str, ...]:
    return tuple(each if len(each) <= LONGEST else each[: LONGEST - 1] + "…" for each in cells[:COLUMNS])


def _encoding(opened: Any) -> str:
    """UTF-8 (or UTF-16 by its mark) where the whole file is that, otherwise GB 18030."""
    with opened() as file:
        if file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            return "utf-16"
    decoder = codecs.getincrementaldecoder("utf-8")()
    with opened() as file:
        try:
            while chunk := file.read(_CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "gb18030"
    return "utf-8-sig"


def _fit(opened: Any, encoding: str, separator: str, asked: Asked) -> int:
    """How many of the expected columns a separator finds in the header; the number of columns where none is known."""
    with io.TextIOWrapper(opened(), encoding, newline="") as text:
        try:
            cells = next(islice(csv.reader(text, delimiter=separator), max(asked.header, 1) - 1, None), [])
        except csv.Error:
            return 0
    return len(asked.known.intersection(cell.strip() for cell in cells)) if asked.known else len(cells)


def _workbook(path: Path, asked: Asked) -> Window:
    with path.open("rb") as file:
        with zipfile.ZipFile(file) as archive:
            if sum(each.file_size for each in archive.infolist()) > LARGEST_WORKBOOK:
                raise NotShown
        book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
        shown = [each.title for each in book.worksheets if each.sheet_state == "visible"] or book.sheetnames
        sheet = asked.sheet if asked.sheet in book.sheetnames else shown[0]
        page = book[sheet]

        def rows(first: int, last: int) -> Iterator[tuple[int, list[str]]]:
            found = page.iter_rows(min_row=first, max_row=last, max_col=COLUMNS + 1)
            return ((number, _texts(cells)) for number, cells in enumerate(found, first))

        header = [cells for _, cells in rows(asked.header, asked.header)] if asked.header else []
        found = [each for each in rows(asked.first, asked.first + asked.count) if each[0] != asked.header]
        return _window(header[0] if header else (), found, asked, book.sheetnames, sheet)


def _texts(cells: Sequence[Any]) -> list[str]:
    texts = [_text(cell.value, "%" in str(getattr(cell, "number_format", "") or "")) for cell in cells]
    while texts and not texts[-1]:
        texts.pop()
    return texts


def _text(value: Any, percent: bool = False) -> str:
    if value is None:
        return ""
    if percent and isinstance(value, int | float) and not isinstance(value, bool):
        return f"{value * 100:.15g}%"
    if isinstance(value, float):
        return f"{value:.15g}"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time.min else value.isoformat(" ")
    return str(value)


def _other_workbook(path: Path, asked: Asked) -> Window:
    if path.stat().st_size > LARGEST_OTHER_SHEET:
        raise NotShown
    try:
        book = CalamineWorkbook.from_path(str(path))
        sheet = asked.sheet if asked.sheet in book.sheet_names else book.sheet_names[0]
        cells = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    except CalamineError as error:
        raise NotShown from error
    records = ((number, [_text(cell) for cell in line]) for number, line in enumerate(cells, 1))
    found = _cut(records, asked)
    return Window(found.header, found.rows, found.more, tuple(book.sheet_names), sheet, found.wide)


def _parquet(path: Path, asked: Asked) -> Window:
    with pq.ParquetFile(path, memory_map=True) as file:
        names = file.schema_arrow.names
        columns = names[: COLUMNS + 1]
        start, rows = 1, []
        for group in range(file.num_row_groups):
            count = file.metadata.row_group(group).num_rows
            if start + count > asked.first and start <= asked.first + asked.count:
                for batch in file.iter_batches(asked.count, [group], columns=columns):
                    if start + batch.num_rows > asked.first and start <= asked.first + asked.count:
                        rows += _records(batch, start)
                    start += batch.num_rows
            else:
                start += count
        wanted = [each for each in rows if asked.first <= each[0] <= asked.first + asked.count]
        return _window(columns, wanted, asked)


def _records(batch: pa.RecordBatch, first: int) -> list[tuple[int, list[str]]]:
    columns = [[_text(value) for value in column.to_pylist()] for column in batch.columns]
    return [(first + at, list(cells)) for at, cells in enumerate(zip(*columns, strict=True))]
