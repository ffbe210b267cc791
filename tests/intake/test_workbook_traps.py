"""Workbooks that look harmless: stray cells that would need all memory, other writers' XML, several faults at once."""

from __future__ import annotations

import datetime
import io
import struct
import zipfile
from collections.abc import Callable

import openpyxl
import pytest
from intake_city import HEADER, prepared, problems, rows, saved, sheet
from openpyxl.styles import PatternFill

from shazhou.city.problem import Refused
from shazhou.intake import workbook
from shazhou.intake.reading import read_document

HEAD = HEADER.split(",")


def changed(content: bytes, change: Callable[[bytes], bytes], name: str = "xl/worksheets/sheet1.xml") -> bytes:
    """A workbook with one part of its archive changed."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as archive, zipfile.ZipFile(buffer, "w") as out:
        for each in archive.namelist():
            part = archive.read(each)
            out.writestr(each, change(part) if each == name else part)
    return buffer.getvalue()


def figures_book(*lines: list[object]) -> openpyxl.Workbook:
    return sheet([HEAD, *lines])


def test_a_stray_cell_in_the_last_row_and_column_does_not_take_all_memory() -> None:
    book = figures_book(["city", "gdp", 1, "", "2021", ""])
    book.worksheets[0]["XFD1048576"] = "x"
    (problem,) = problems(saved(book), file="a.xlsx")
    assert (problem.rule.id, problem.where.row, problem.where.column) == ("sheet-too-large", 1_048_576, "XFD")


def test_cells_without_names_count_towards_the_size_of_a_sheet() -> None:
    def unnamed(xml: bytes) -> bytes:
        row = b'<row r="1048576">' + b"<c><v>1</v></c>" * 16_384 + b"</row></sheetData>"
        return xml.replace(b"</sheetData>", row)

    with pytest.raises(Refused) as refused:
        read_document("a.xlsx", changed(saved(figures_book()), unnamed))
    assert refused.value.problems[0].rule.id == "sheet-too-large"


def test_a_format_that_reaches_to_the_last_row_and_column_does_no_harm() -> None:
    book = figures_book(["city", "gdp", 1, "", "2021", ""])
    book.worksheets[0]["XFD1048576"].fill = PatternFill("solid", fgColor="FF00FF00")
    assert len(rows(prepared(saved(book), file="a.xlsx"))) == 1


def test_an_opendocument_sheet_that_repeats_its_cells_without_end_is_refused() -> None:
    names = "urn:oasis:names:tc:opendocument:xmlns:"
    content = (
        f'<o:document-content xmlns:o="{names}office:1.0" xmlns:t="{names}table:1.0"><o:body><o:spreadsheet>'
        '<t:table t:name="data"><t:table-row t:number-rows-repeated="1048576">'
        '<t:table-cell o:value-type="float" o:value="5" t:number-columns-repeated="90"/>'
        "</t:table-row></t:table></o:spreadsheet></o:body></o:document-content>"
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", f'<m:manifest xmlns:m="{names}manifest:1.0"/>')
        archive.writestr("content.xml", content)
    with pytest.raises(Refused) as refused:
        read_document("a.ods", buffer.getvalue())
    assert refused.value.problems[0].rule.id == "sheet-too-large"


def test_a_sheet_larger_than_allowed_is_refused_before_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MOST_CELLS", 11)
    (problem,) = problems(saved(figures_book(["city", "gdp", 1, "", "2021", ""])), file="a.xlsx")
    assert problem.rule.id == "sheet-too-large"
    assert "F2" in problem.says("en")


def test_percentages_of_a_writer_with_single_quotes_are_percentages() -> None:
    book = figures_book(["city", "share", 0.028, "", "2021", ""])
    book.worksheets[0]["C2"].number_format = "0.0%"
    content = changed(saved(book), lambda xml: xml.replace(b'"', b"'"))
    (row,) = rows(prepared(content, file="a.xlsx"))
    assert (row["given"], str(row["value"])) == ("2.8%", "2.800000000")


def test_errors_of_formulas_merged_cells_and_wrong_values_are_told_together() -> None:
    book = figures_book(
        ["city", "gdp", "#DIV/0!", "", "2021", ""],
        ["city", "gpd", 1, "", "2021", ""],
        ["city", "gdp", "=1+1", "", "2022", ""],
        ["city", "gdp", 1, None, "2023", ""],
        ["city", "gdp", 320582001234567890, "", "2024", ""],
        ["city", "gdp", "x", "", "2021-13", ""],
    )
    book.worksheets[0].merge_cells("C5:D5")
    told = [(each.where.row, each.where.column, each.rule.id) for each in problems(saved(book), file="a.xlsx")]
    assert told == [
        (2, "value", "cell-error"),
        (3, "variable", "unknown-variable"),
        (4, "value", "formula-unsaved"),
        (5, "value", "cells-merged"),
        (6, "value", "digits-lost"),
        (7, "value", "not-a-number"),
        (7, "period", "period-form"),
    ]


def test_rows_under_a_vertical_merge_are_told_once() -> None:
    book = figures_book(["city", "gdp", 1, "", "2021", ""], [None, "gdp", 1, "", "2022", ""])
    book.worksheets[0].merge_cells("A2:A3")
    assert [each.rule.id for each in problems(saved(book), file="a.xlsx")] == ["cells-merged"]


def test_ragged_rows_of_a_csv_do_not_hide_what_else_is_wrong() -> None:
    told = problems(f"{HEADER}\ncity,gdp,1,,2021,,,\ncity,gdp,x,,2021,\n")
    assert [(each.where.row, each.rule.id) for each in told] == [(2, "row-length"), (3, "not-a-number")]


def test_a_date_where_a_number_belongs_is_called_a_date() -> None:
    (problem,) = problems(
        saved(figures_book(["city", "gdp", datetime.date(2021, 3, 5), "", "2021", ""])), file="a.xlsx"
    )
    assert (problem.rule.id, problem.found) == ("date-for-number", "2021-03-05")


def test_hidden_sheets_are_read_only_where_the_mapping_names_them() -> None:
    book = figures_book(["city", "gdp", 1, "", "2021", ""])
    book.create_sheet("before", 0).append(["nothing of this"])
    book.worksheets[0].sheet_state = "hidden"
    assert len(rows(prepared(saved(book), file="a.xlsx"))) == 1
    assert read_document("a.xlsx", saved(book), sheet="before").columns.keys() == {"nothing of this"}


def test_a_workbook_with_macros_is_read_and_its_macros_are_not_run() -> None:
    content = changed(saved(figures_book(["city", "gdp", 1, "", "2021", ""])), bytes)
    with zipfile.ZipFile(buffer := io.BytesIO(content), "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0 not a program")
    assert len(rows(prepared(buffer.getvalue(), file="a.xlsm"))) == 1


def test_a_workbook_that_unpacks_to_more_than_two_gibibytes_is_refused() -> None:
    content = bytearray(saved(figures_book()))
    entry = content.rindex(b"PK\x01\x02")
    content[entry + 24 : entry + 28] = (0x9000_0000).to_bytes(4, "little")
    (problem,) = problems(bytes(content), file="a.xlsx")
    assert (problem.rule.id, problem.found) == ("document-unreadable", "more than 2 GiB")


def repacked(content: bytes, method: int, harm: Callable[[zipfile.ZipFile, bytearray], None]) -> bytes:
    """A workbook whose parts are compressed in another way, and then harmed."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as archive, zipfile.ZipFile(buffer, "w", method) as out:
        for each in archive.namelist():
            out.writestr(each, archive.read(each))
    harmed = bytearray(buffer.getvalue())
    with zipfile.ZipFile(buffer) as archive:
        harm(archive, harmed)
    return bytes(harmed)


def bent(archive: zipfile.ZipFile, content: bytearray) -> None:
    """Flips what is compressed behind the first bytes, which name the compression's own settings."""
    for each in archive.infolist():
        first = each.header_offset + 30 + len(each.filename)
        for place in range(first + 9, first + min(40, each.compress_size)):
            content[place] ^= 0xFF


def written(offset: int, value: int) -> Callable[[zipfile.ZipFile, bytearray], None]:
    """Writes a number into the header of every part, here and in the archive's own list (there two bytes on)."""

    def harm(archive: zipfile.ZipFile, content: bytearray) -> None:
        for sign, shift in ((b"PK\x03\x04", 0), (b"PK\x01\x02", 2)):
            at = content.find(sign)
            while at >= 0:
                content[at + offset + shift : at + offset + shift + 2] = struct.pack("<H", value)
                at = content.find(sign, at + 4)

    return harm


@pytest.mark.parametrize(
    ("method", "harm"),
    [
        pytest.param(zipfile.ZIP_DEFLATED, bent, id="deflate"),
        pytest.param(zipfile.ZIP_BZIP2, bent, id="bzip2"),
        pytest.param(zipfile.ZIP_LZMA, bent, id="lzma"),
        pytest.param(zipfile.ZIP_DEFLATED, written(8, 99), id="a compression that nobody knows"),
        pytest.param(zipfile.ZIP_DEFLATED, written(6, 1), id="encrypted"),
    ],
)
def test_a_part_that_cannot_be_unpacked_is_refused(
    method: int, harm: Callable[[zipfile.ZipFile, bytearray], None]
) -> None:
    (problem,) = problems(
        repacked(saved(figures_book(["city", "gdp", 1, "", "2021", ""])), method, harm), file="a.xlsx"
    )
    assert (problem.rule.id, problem.where.file) == ("document-unreadable", "a.xlsx")
