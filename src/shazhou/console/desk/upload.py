"""The gate for uploaded workbooks: what `shazhou.intake.return_sheet` would read without complaint, but no return has.

A file is refused by its size before it is parsed; what it would be unpacked to, macros and damage are refused by the
door itself, by the sizes that the archive declares. Formulas are refused here, because what is submitted must be what
the reporter saw, and sheets whose cells reach so far that reading them would need all memory.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterable, Mapping

from shazhou.city.problem import Problem, Refused, Rule, Where
from shazhou.intake import return_sheet, xlsx

LARGEST = 10_000_000
"""Bytes of an uploaded file, at most."""

CELLS = 100_000
"""Cells of a sheet, from the first to the last in use, at most: a return has a few hundred."""

NO_FILE = Rule(
    "upload-missing",
    "No file was chosen.",
    "没有选择文件。",
    "Choose the filled-in template.",
    "请选择填好的模板。",
)
EMPTY = Rule(
    "upload-empty",
    "The file {found} is empty.",
    "文件 {found} 是空的。",
    "Save the template again and upload it.",
    "请重新保存模板后上传。",
)
NO_WORKBOOK = Rule(
    "upload-format",
    "{found} is no XLSX workbook.",
    "{found} 不是 XLSX 工作簿。",
    "Download the template on this page, fill it in, save it as .xlsx and upload it.",
    "请在本页下载模板，填好后另存为 .xlsx 再上传。",
)
TOO_LARGE = Rule(
    "upload-too-large",
    "The file has {found} MB; at most {most} MB are taken.",
    "文件大小为 {found} MB，上限为 {most} MB。",
    "Upload the template itself, without pictures and further sheets.",
    "请只上传模板本身，不要附图片或其他工作表。",
)
TOO_WIDE = Rule(
    "upload-sheet-reach",
    "The sheet reaches to {found}: far more cells than a return has.",
    "工作表一直延伸到 {found}，远超一份报表的单元格数。",
    "Delete the stray cells far from the table.",
    "请删除远离表格的多余单元格。",
)
FORMULA = Rule(
    "upload-formula",
    "The cell {found} holds a formula.",
    "单元格 {found} 含有公式。",
    "Replace it with its value (copy, paste values), so that what is submitted is what you see.",
    "请粘贴为数值，确保报送内容与所见一致。",
)

FORMULAS_TOLD = 20
"""Cells with a formula that are named."""

_FORMULA = re.compile(rb"<(?:\w+:)?c\b([^>]*)>\s*<(?:\w+:)?f[\s>/]")
_PLACE = re.compile(rb"""\br\s*=\s*["']([A-Z]{1,3}[0-9]{1,7})["']""")


def check_size(name: str, size: int) -> None:
    """Refuses a file by its size; the rest of it need not be read."""
    if not size:
        raise Refused([Problem(EMPTY, Where(name), name)])
    if size > LARGEST:
        values = {"most": str(LARGEST // 1_000_000)}
        raise Refused([Problem(TOO_LARGE, Where(name), f"{size / 1e6:.1f}", values)])


def check_format(name: str) -> None:
    """Refuses what is no workbook by its name; one with macros is left to the door, which says so."""
    if not name.lower().endswith((".xlsx", ".xlsm")):
        raise Refused([Problem(NO_WORKBOOK, Where(name), name)])


def check_sheets(name: str, content: bytes) -> None:
    """Refuses a workbook for its formulas and for sheets that reach too far.

    What is no workbook, or unpacks to too much, is left to the door, which refuses it.
    """
    for sheet, xml in _sheets(content).items():
        where = Where(name, sheet)
        rows, columns = xlsx.extent(xml)
        if rows * columns > CELLS:
            raise Refused([Problem(TOO_WIDE, where, f"{xlsx.column_letters(columns)}{rows}")])
        formulas = list(_formulas(where, xml))
        if formulas:
            raise Refused(formulas[:FORMULAS_TOLD])


def drain(read: Callable[[int], bytes], size: int) -> None:
    """Reads what a browser is still sending of a file that is refused already, and keeps none of it: a browser shows
    the answer only once it has sent all."""
    left = min(size, 50 * LARGEST)
    while left > 0:
        chunk = read(min(left, 1 << 16))
        if not chunk:
            return
        left -= len(chunk)


def _sheets(content: bytes) -> Mapping[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(each.file_size for each in archive.infolist()) > return_sheet.LARGEST:
                return {}
            return {sheet: archive.read(part) for sheet, part in xlsx.parts(archive).items()}
    except xlsx.UNREADABLE_PARTS:
        return {}


def _formulas(where: Where, xml: bytes) -> Iterable[Problem]:
    for cell in _FORMULA.finditer(xml):
        place = _PLACE.search(cell.group(1))
        yield Problem(FORMULA, where, place.group(1).decode() if place else "?")
