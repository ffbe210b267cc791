"""CSV files, plain or gzipped: their encoding and separator found, never guessed silently."""

from __future__ import annotations

import csv
import io

from shazhou.city.problem import Problem, Refused, Rule, Where
from shazhou.intake.document import Document, from_rows, named_columns, no_header, unpacked

WRONG_ENCODING = Rule(
    "csv-encoding",
    "The bytes here are not {found} text.",
    "此处的字节不是 {found} 文本。",
    "Save the file as UTF-8 (in Excel: CSV UTF-8), or state read: {encoding: …} in the mapping.",
    "请另存为 UTF-8（Excel 中选择“CSV UTF-8”），或在映射的 read 中注明 encoding。",
)
READ_AS = Rule(
    "csv-read-as",
    "The file is not UTF-8; it was read as {found}.",
    "文件不是 UTF-8，已按 {found} 读取。",
    "Check the texts; save it as UTF-8 to be sure.",
    "请核对文字；为确保无误请另存为 UTF-8。",
)
BAD_QUOTING = Rule(
    "csv-quoting",
    "The record cannot be cut into cells: {found}.",
    "该记录无法拆分为单元格：{found}。",
    "Check the quotation marks and line breaks.",
    "请检查引号和换行。",
)

_SEPARATORS = ",;\t|"
_LONGEST_CELL = 1_000_000


def read_delimited(
    file: str, content: bytes, header: int, encoding: str = "", known: frozenset[str] = frozenset()
) -> Document:
    """Reads a CSV file.

    Args:
        file: its name.
        content: its bytes.
        header: record that names the columns, from 1.
        encoding: the encoding that the mapping states; empty: UTF-8, or GB 18030 with a warning.
        known: columns that are expected; the separator that yields most of them is taken, the comma before others.

    Raises:
        Refused: it cannot be read, with the place.
    """
    text, warnings = _decoded(file, unpacked(file, content), encoding)
    csv.field_size_limit(_LONGEST_CELL)
    separator = max(_SEPARATORS, key=lambda each: _expected_names(text, header, each, known))
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=separator)
    names: list[str] | None = None
    rows = []
    number = 0
    try:
        for number, cells in enumerate(reader, 1):
            if number == header:
                names = named_columns(file, "", header, cells)
            elif number > header and any(cells):
                rows.append((number, cells))
    except csv.Error as error:
        raise Refused([Problem(BAD_QUOTING, Where(file, row=number + 1), str(error))]) from None
    if names is None or not any(names):
        raise no_header(file, "", header)
    return from_rows(file, "", header, names, rows, warnings)


def records_of(file: str, content: bytes) -> list[list[str]]:
    """All records of a CSV file as they are.

    Raises:
        Refused: it cannot be decoded or cut into records.
    """
    text, _ = _decoded(file, unpacked(file, content), "")
    csv.field_size_limit(_LONGEST_CELL)
    separator = max(_SEPARATORS, key=text.partition("\n")[0].count)
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    except csv.Error as error:
        raise Refused([Problem(BAD_QUOTING, Where(file), str(error))]) from None


def _decoded(file: str, content: bytes, encoding: str) -> tuple[str, tuple[Problem, ...]]:
    first = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    for each in [encoding] if encoding else [first, "gb18030"]:
        try:
            text = content.decode(each)
        except (UnicodeError, LookupError):
            continue
        if "\0" not in text:
            stated = bool(encoding) or each == "utf-8-sig"
            return text, () if stated else (Problem(READ_AS, Where(file, row=1), each.upper()),)
    name = encoding or "utf-8"
    raise Refused([Problem(WRONG_ENCODING, Where(file, row=_failing_line(content, name)), name.upper())])


def _failing_line(content: bytes, encoding: str) -> int:
    try:
        content.decode(encoding)
    except UnicodeDecodeError as error:
        return content[: error.start].count(b"\n") + 1
    except (UnicodeError, LookupError):
        return 1
    return content[: content.find(b"\0")].count(b"\n") + 1


def _expected_names(text: str, header: int, separator: str, known: frozenset[str]) -> int:
    try:
        for number, cells in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=separator), 1):
            if number == header:
                return len(known.intersection(cell.strip() for cell in cells))
    except csv.Error:
        return 0
    return 0
