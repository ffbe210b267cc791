"""The user's own sheet comes back with the bad cells marked, and with everything else as it was."""

from __future__ import annotations

import io
import time
import zipfile
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from intake_city import HEADER, city_with, figures, problems, saved, sheet
from openpyxl.styles import Font

from shazhou.city.problem import Problem, Refused
from shazhou.intake.errors import write_errors

LINES = [
    ["place", "variable", "value", "unit", "period", "note"],
    ["city", "gdp", "x", None, 2021, "kept"],
    ["city", "gpd", 5, None, 2022, None],
]


def marked(page: openpyxl.worksheet.worksheet.Worksheet) -> dict[str, str]:
    return {cell.coordinate: cell.comment.text for line in page.iter_rows() for cell in line if cell.comment}


def test_a_workbook_comes_back_whole_with_marks(tmp_path: Path) -> None:
    book = sheet([["Title"], *LINES], "表")
    page = book.worksheets[0]
    page["F3"].font = Font(bold=True)
    page.merge_cells("A1:C1")
    book.create_sheet("other").append(["untouched"])
    city_problems = _problems_below_title(book)
    file, out = tmp_path / "a.xlsx", tmp_path / "errors.xlsx"
    file.write_bytes(saved(book))
    write_errors(file, city_problems, out)
    back = openpyxl.load_workbook(out)
    assert back.sheetnames == ["表", "other", "错误 Errors"]
    assert set(marked(back["表"])) == {"C3", "B4"}
    assert back["表"]["C3"].fill.fgColor.rgb == "FFF4B6B6"
    assert back["表"]["F3"].font.bold and back["表"]["F3"].value == "kept"
    assert back["other"]["A1"].value == "untouched"
    assert [back["错误 Errors"].cell(line, 2).value for line in (2, 3)] == [3, 4]


def _problems_below_title(book: openpyxl.Workbook) -> tuple[Problem, ...]:
    mapping = """\
title: {zh: 一, en: One}
read: {header: 2}
entity: {kind: place, key: {column: place}}
observations:
  - variable: {column: variable}
    value: {column: value}
    unit: {column: unit}
    period: {column: period}
    note: {column: note}
"""
    return problems(saved(book), "low", file="a.xlsx", city=city_with(low=mapping))


def test_comments_are_in_both_languages(tmp_path: Path) -> None:
    file, out = tmp_path / "a.csv", tmp_path / "errors.xlsx"
    file.write_text(figures("city,gdp,x,,2021,"))
    found = problems(file.read_bytes())
    write_errors(file, found, out)
    text = marked(openpyxl.load_workbook(out)["data"])["C2"]
    for language in ("zh", "en"):
        assert found[0].says(language) in text and found[0].mend(language) in text  # type: ignore[arg-type]


def test_csv_cells_keep_their_rows_and_are_never_formulas(tmp_path: Path) -> None:
    file, out = tmp_path / "a.csv", tmp_path / "errors.xlsx"
    file.write_text(figures('"city",gdp,1,,2020,"two\nlines"', "", 'city,gdp,"=1+1",,2021,'))
    write_errors(file, problems(file.read_bytes()), out)
    page = openpyxl.load_workbook(out)["data"]
    assert (page["C4"].value, page["C4"].data_type) == ("=1+1", "s")
    assert set(marked(page)) == {"C4"}


def test_of_parquet_the_bad_rows_come_back_with_their_numbers(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    columns = {name: [str(line[index] or "") for line in LINES[1:]] for index, name in enumerate(LINES[0])}
    pq.write_table(
        pa.table({name: ["", *cells] if name == "value" else [cells[0], *cells] for name, cells in columns.items()}),
        buffer,
    )
    file, out = tmp_path / "a.parquet", tmp_path / "errors.xlsx"
    file.write_bytes(buffer.getvalue())
    write_errors(file, problems(buffer.getvalue(), file="a.parquet"), out)
    page = openpyxl.load_workbook(out)["data"]
    assert [cell.value for cell in page["A"]] == ["行 row", "2", "3"]
    assert set(marked(page)) == {"D2", "C3"}


@pytest.mark.parametrize("content", [b"", b"no workbook", b"PK\x03\x04"])
def test_a_file_that_cannot_be_read_gives_the_list_alone(content: bytes, tmp_path: Path) -> None:
    file, out = tmp_path / "a.xlsx", tmp_path / "errors.xlsx"
    file.write_bytes(content)
    write_errors(file, problems(content, file="a.xlsx"), out)
    assert openpyxl.load_workbook(out)["错误 Errors"]["E2"].value == "document-unreadable"


def test_a_place_that_cannot_be_written_to_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text(figures("city,gdp,x,,2021,"))
    with pytest.raises(Refused):
        write_errors(file, problems(file.read_bytes()), tmp_path / "nowhere" / "errors.xlsx")


def test_a_stray_cell_far_away_does_not_make_marking_slow(tmp_path: Path) -> None:
    book = sheet([HEADER.split(","), ["city", "gdp", "x", "", "2021", ""]])
    book.worksheets[0]["XFD1048576"] = "stray"
    file = tmp_path / "a.xlsx"
    file.write_bytes(saved(book))
    told = problems(file.read_bytes(), file="a.xlsx")
    started = time.process_time()
    write_errors(file, told, tmp_path / "out.xlsx")
    assert time.process_time() - started < 10
    assert openpyxl.load_workbook(tmp_path / "out.xlsx")["data"]["XFD1048576"].comment is not None


@pytest.mark.parametrize("damage", [b"<", b"\x00", b'<a b="&nope;"/>'])
def test_a_workbook_with_a_damaged_part_still_gives_the_list_of_problems(tmp_path: Path, damage: bytes) -> None:
    file = tmp_path / "a.xlsx"
    with zipfile.ZipFile(io.BytesIO(saved(sheet(LINES)))) as archive, zipfile.ZipFile(file, "w") as out:
        for name in archive.namelist():
            out.writestr(name, damage if name == "xl/styles.xml" else archive.read(name))
    told = problems(file.read_bytes(), file="a.xlsx")
    write_errors(file, told, tmp_path / "out.xlsx")
    assert openpyxl.load_workbook(tmp_path / "out.xlsx")["错误 Errors"].max_row == len(told) + 1


def test_dates_beyond_the_calendar_do_not_stop_the_list_of_bad_rows(tmp_path: Path) -> None:
    file = tmp_path / "a.parquet"
    columns = dict(zip(HEADER.split(","), (["city"], ["gdp"], ["x"], [""], ["2021"]), strict=False))
    pq.write_table(pa.table({**columns, "note": pa.array([2**30], pa.date32())}), file)
    told = problems(file.read_bytes(), file="a.parquet")
    write_errors(file, told, tmp_path / "out.xlsx")
    assert openpyxl.load_workbook(tmp_path / "out.xlsx")["data"]["D2"].comment is not None
