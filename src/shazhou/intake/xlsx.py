"""What an XLSX file says of the cells of a sheet beyond their values: errors, formulas without result, percentages.

Readers of workbooks give values only. An error would come as an empty cell, a formula that nobody computed too, and a
cell shown as 2.8% as 0.028. They also make room for every cell up to the last one, so a stray cell in the last row and
column would need hundreds of gigabytes: `extent` is asked first.
"""

from __future__ import annotations

import contextlib
import re
import zipfile
import zlib
from collections.abc import Iterator
from importlib import import_module
from typing import NamedTuple
from xml.etree import ElementTree

from shazhou.city.problem import Rule

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

_BODY = rb"[^<]*(?:<(?!/?(?:\w+:)?c[\s>/])[^<]*)*"
_CELL = re.compile(rb"<(?:\w+:)?c(\s[^>]*?)?(?:/>|>(" + _BODY + rb")</(?:\w+:)?c>)")
_ATTRIBUTE = re.compile(rb"""\b(r|s|t)\s*=\s*["']([^"']*)["']""")
_VALUE = re.compile(rb"<(?:\w+:)?v(?:\s[^>]*)?>([^<]*)<")
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s>/]")
_ERROR = re.compile(rb"""\bt\s*=\s*["']e["']""")
_PLACE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_CELLS = re.compile(rb"<(?:\w+:)?c[\s>/]")
_CELL_PLACE = re.compile(rb"""\br\s*=\s*["']([A-Z]{1,3})([0-9]{1,10})["']""")
_ROW = re.compile(rb"<(?:\w+:)?row[\s>/]")
_ROW_NUMBER = re.compile(rb"""<(?:\w+:)?row\s[^>]*?\br\s*=\s*["']([0-9]{1,10})["']""")
_SOON = 1 << 20
"""Cells that are never too many."""

_PERCENT_FORMATS = frozenset({9, 10})


def _errors_of_decompressors() -> Iterator[type[Exception]]:
    """What damaged parts of rarer compressions raise, as far as this Python was built with them."""
    for module, error in (("lzma", "LZMAError"), ("compression.zstd", "ZstdError")):
        with contextlib.suppress(ImportError):
            yield getattr(import_module(module), error)


UNREADABLE_PARTS: tuple[type[Exception], ...] = (
    *(zipfile.BadZipFile, zlib.error, ElementTree.ParseError, KeyError, OSError, ValueError, EOFError, RuntimeError),
    *_errors_of_decompressors(),
)
"""What damaged archives make the functions here raise; ``zipfile`` raises RuntimeError, or what derives from it, for a
part that is encrypted and for a compression that it does not know."""


class Unshown(NamedTuple):
    """A cell that is no value: the rule that it breaks, its row and column (from 1; 0: unknown), and what it holds."""

    rule: Rule
    row: int
    column: int
    found: str


class Inside(NamedTuple):
    """What a sheet's part of the archive says: cells that are no values, and the places (row, column) of numbers that
    are shown as percentages."""

    unshown: tuple[Unshown, ...] = ()
    percents: frozenset[tuple[int, int]] = frozenset()


def parts(archive: zipfile.ZipFile) -> dict[str, str]:
    """The part of the archive that holds each sheet, by the sheet's name; empty where it is no XLSX file."""
    if "xl/workbook.xml" not in archive.namelist():
        return {}
    book = ElementTree.fromstring(archive.read("xl/workbook.xml"))
    relations = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    targets = {each.get("Id"): each.get("Target", "") for each in relations}
    found = {}
    for each in book.iter():
        if each.tag.rpartition("}")[2] == "sheet" and each.get("name"):
            ids = [value for name, value in each.attrib.items() if name.endswith("}id")]
            target = targets.get(ids[0] if ids else None, "")
            found[each.get("name", "")] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return found


def extent(xml: bytes) -> tuple[int, int]:
    """The row and the column up to which a reader makes room for a sheet's cells, or a bound of them."""
    rows, columns = _bound(xml)
    if rows * columns <= _SOON:
        return rows, columns
    filled = [_place(attributes.get(b"r", b"")) for attributes, body in _cells(xml) if body]
    places = [place for place in filled if place]
    if len(places) < len(filled):
        return rows, columns
    return max((row for row, _ in places), default=0), max((column for _, column in places), default=0)


def _bound(xml: bytes) -> tuple[int, int]:
    """As `extent`, empty cells included, and nameless ones as if they stood behind all others."""
    numbers, places = _ROW_NUMBER.findall(xml), _CELL_PLACE.findall(xml)
    rows = {*numbers, *(row for _, row in places)}
    columns = {column.decode() for column, _ in places}
    unnumbered = len(_ROW.findall(xml)) - len(numbers), len(_CELLS.findall(xml)) - len(places)
    return max(map(int, rows), default=0) + unnumbered[0], max(map(column_number, columns), default=0) + unnumbered[1]


def percent_styles(archive: zipfile.ZipFile) -> frozenset[bytes]:
    """The numbers of the cell styles that show a percentage."""
    if "xl/styles.xml" not in archive.namelist():
        return frozenset()
    styles = ElementTree.fromstring(archive.read("xl/styles.xml"))
    own = {
        int(each.get("numFmtId", "0"))
        for each in styles.iter()
        if each.tag.rpartition("}")[2] == "numFmt" and "%" in re.sub(r'"[^"]*"|\\.', "", each.get("formatCode", ""))
    }
    cells = next((each for each in styles.iter() if each.tag.rpartition("}")[2] == "cellXfs"), ())
    found = (number for number, each in enumerate(cells) if int(each.get("numFmtId", "0")) in own | _PERCENT_FORMATS)
    return frozenset(str(number).encode() for number in found)


def inside(xml: bytes, percent: frozenset[bytes]) -> Inside:
    """What a sheet's XML says; ``percent``: the cell styles that show a percentage."""
    if not percent and not _ERROR.search(xml) and not _FORMULA.search(xml):
        return Inside()
    unshown: list[Unshown] = []
    percents: set[tuple[int, int]] = set()
    for attributes, body in _cells(xml):
        row, column = _place(attributes.get(b"r", b"")) or (0, 0)
        value = _VALUE.search(body)
        kind = attributes.get(b"t", b"n")
        if kind == b"e":
            found = value.group(1).decode("utf-8", "replace") if value else "#"
            unshown.append(Unshown(CELL_ERROR, row, column, found))
        elif kind != b"str" and _FORMULA.search(body) and not (value and value.group(1)) and b"<is" not in body:
            unshown.append(Unshown(NO_RESULT, row, column, ""))
        elif row and kind == b"n" and attributes.get(b"s") in percent:
            percents.add((row, column))
    return Inside(tuple(unshown), frozenset(percents))


def column_number(letters: str) -> int:
    """The number of a column from its letters: A is 1, AA is 27."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def column_letters(number: int) -> str:
    """The letters of a column from its number."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _cells(xml: bytes) -> Iterator[tuple[dict[bytes, bytes], bytes]]:
    for cell in _CELL.finditer(xml):
        yield dict(_ATTRIBUTE.findall(cell.group(1) or b"")), cell.group(2) or b""


def _place(text: bytes) -> tuple[int, int] | None:
    place = _PLACE.fullmatch(text.decode("ascii", "replace"))
    return (int(place.group(2)), column_number(place.group(1))) if place else None
