"""The sheet of a return: written with what is known, filled in, read back into cells, given back with errors marked."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from intake_city import saved, sheet
from openpyxl.worksheet.worksheet import Worksheet
from return_city import RETURN_CITY, annual, entity, return_ledger

from shazhou.city.problem import Refused
from shazhou.intake.door import delivery_of, understood
from shazhou.intake.filled import COLUMNS
from shazhou.intake.held import Prefilled, held, prefilled
from shazhou.intake.return_check import check_return, names_of
from shazhou.intake.return_sheet import LARGEST, Filled, mark_sheet, read_sheet, write_sheet
from shazhou.intake.returned import Cell, Return
from shazhou.ledger.ledger import Ledger

ANNUAL = RETURN_CITY.collections["annual"]
ROW = {name: number for number, name in enumerate(ANNUAL.variables, 3)}
Known = dict[str, Prefilled]


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    return return_ledger(tmp_path_factory.mktemp("sheets"))


@pytest.fixture(scope="module")
def blank(ledger: Ledger) -> Return:
    return annual(entity(ledger, "甲"))


@pytest.fixture(scope="module")
def known(ledger: Ledger, blank: Return) -> Known:
    return prefilled(RETURN_CITY, ANNUAL, "2025", held(ledger, RETURN_CITY, ANNUAL.variables, [blank.entity]))


def filled(content: bytes, fill: Callable[[Worksheet], None]) -> bytes:
    workbook = openpyxl.load_workbook(io.BytesIO(content))
    fill(workbook["data"])
    return saved(workbook)


def put(page: Worksheet, variable: str, column: str, value: object) -> None:
    page.cell(ROW[variable], COLUMNS.index(column) + 1).value = value  # type: ignore[assignment]


def read(blank: Return, content: bytes, known: Known, file: str = "return.xlsx") -> Filled:
    return read_sheet(RETURN_CITY, blank, file, content, known)


def rules(found: Filled) -> list[str]:
    return [problem.rule.id for problem in found.whole]


@pytest.fixture
def empty(blank: Return, known: Known) -> bytes:
    return write_sheet(RETURN_CITY, blank, "甲", known, "zh")


def test_a_sheet_left_as_it_is_holds_what_the_ledger_held(blank: Return, known: Known, empty: bytes) -> None:
    found = read(blank, empty, known)
    assert found.cells["revenue"] == Cell(given="12.5", prefilled=True)
    assert {name for name, cell in found.cells.items() if cell.given} == {"revenue"}
    assert not found.problems and not found.whole


def test_the_period_before_is_told_in_a_comment(empty: bytes) -> None:
    page = openpyxl.load_workbook(io.BytesIO(empty))["data"]
    comment = page.cell(ROW["rd"], COLUMNS.index("value") + 1).comment
    assert comment is not None and "2024" in comment.text and "≈3000" in comment.text


def test_what_is_filled_in_comes_back_as_cells(blank: Return, known: Known, empty: bytes) -> None:
    def fill(page: Worksheet) -> None:
        put(page, "revenue", "value", 13)
        put(page, "rd", "value", "约4,000")
        put(page, "rd", "unit", "万元")
        put(page, "staff", "value", 25)
        put(page, "staff", "note", "平均")
        put(page, "grade", "value", "有")

    found = read(blank, filled(empty, fill), known)
    assert found.cells["revenue"] == Cell(given="13")
    assert found.cells["rd"] == Cell(given="约4,000")
    assert found.cells["staff"] == Cell(given="25", note="平均")
    returned = blank.model_copy(update={"cells": dict(found.cells)})
    assert check_return(RETURN_CITY, returned).ok


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_draft_goes_into_the_sheet_and_comes_back_the_same(language: str, blank: Return, known: Known) -> None:
    cells = {
        "revenue": Cell(given="12.5", prefilled=True),
        "rd": Cell(given="超3千万元"),
        "staff": Cell(given="1,234", note="with, comma"),
        "grade": Cell(given="无"),
    }
    draft = blank.model_copy(update={"cells": cells})
    content = write_sheet(RETURN_CITY, draft, "甲", known, "zh" if language == "zh" else "en")
    assert read(blank, content, known).cells == cells


def test_another_unit_is_kept_and_makes_a_prefilled_value_ones_own(blank: Return, known: Known, empty: bytes) -> None:
    found = read(blank, filled(empty, lambda page: put(page, "revenue", "unit", "万元")), known)
    assert found.cells["revenue"] == Cell(given="12.5", unit="万元")


def test_the_sheet_can_also_be_loaded_as_a_file(blank: Return, known: Known, empty: bytes) -> None:
    content = filled(empty, lambda page: put(page, "staff", "value", 25))
    delivery = delivery_of(RETURN_CITY, "a.xlsx", content, "template", "returns")
    assert understood(RETURN_CITY, names_of(RETURN_CITY, [blank.entity]), delivery).count == 2


def test_what_cannot_be_read_is_told_at_its_cell(blank: Return, known: Known, empty: bytes) -> None:
    def fill(page: Worksheet) -> None:
        put(page, "staff", "value", "=1/0")
        put(page, "rd", "industry", "steel")

    found = read(blank, filled(empty, fill), known)
    assert {name: [each.rule.id for each in told] for name, told in found.problems.items()} == {
        "staff": ["formula-unsaved"],
        "rd": ["return-file-column"],
    }


def test_wrong_cells_are_marked_in_the_reporters_own_sheet(blank: Return, known: Known, empty: bytes) -> None:
    content = filled(empty, lambda page: put(page, "staff", "value", "viele"))
    found = read(blank, content, known)
    checked = check_return(RETURN_CITY, blank.model_copy(update={"cells": dict(found.cells)}))
    workbook = openpyxl.load_workbook(io.BytesIO(mark_sheet(content, found, checked.problems)))
    cell = workbook["data"].cell(ROW["staff"], COLUMNS.index("value") + 1)
    assert cell.value == "viele"
    assert cell.comment is not None and "viele" in cell.comment.text and "不是数字" in cell.comment.text
    assert workbook["错误 Errors"].max_row == 1 + len(checked.all)
    untouched = workbook["data"].cell(ROW["rd"], COLUMNS.index("value") + 1)
    assert untouched.fill.fgColor.rgb != cell.fill.fgColor.rgb


def test_a_sheet_of_another_return_is_not_taken(blank: Return, known: Known, empty: bytes) -> None:
    other = blank.model_copy(update={"entity": "enterprise:e9"})
    found = read(other, empty, known)
    assert not found.cells and set(rules(found)) == {"return-file-other"}
    assert set(rules(read(blank.model_copy(update={"period": "2024"}), empty, known))) == {"return-file-other"}


def test_a_variable_in_two_rows_is_told(blank: Return, known: Known, empty: bytes) -> None:
    def fill(page: Worksheet) -> None:
        page.append([cell.value for cell in page[ROW["rd"]]])

    assert [each.rule.id for each in read(blank, filled(empty, fill), known).problems["rd"]] == ["return-file-twice"]


def test_a_row_that_was_deleted_is_an_empty_cell(blank: Return, known: Known, empty: bytes) -> None:
    found = read(blank, filled(empty, lambda page: page.delete_rows(ROW["rd"])), known)
    assert "rd" not in found.cells and not found.whole


def test_what_looks_like_a_formula_is_written_as_text(blank: Return, known: Known) -> None:
    draft = blank.model_copy(update={"cells": {"staff": Cell(given="=1+1", note="+cmd|' /C calc'!A0")}})
    page = openpyxl.load_workbook(io.BytesIO(write_sheet(RETURN_CITY, draft, "=甲", known, "en")))["data"]
    row = [cell for cell in page[ROW["staff"]] if cell.value is not None]
    assert {"=1+1", "=甲", "+cmd|' /C calc'!A0"} <= {cell.value for cell in row}
    assert {cell.data_type for cell in row} == {"s"}


def archive(**parts: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as written:
        for name, content in parts.items():
            written.writestr(name, content)
    return file.getvalue()


def with_part(workbook: bytes, name: str, content: bytes) -> bytes:
    file = io.BytesIO(workbook)
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as written:
        written.writestr(name, content)
    return file.getvalue()


@pytest.mark.parametrize(
    ("file", "content", "rule"),
    [
        ("a.xlsx", b"", "return-file-kind"),
        ("a.xlsx", b"entity,variable\n", "return-file-kind"),
        ("a.xlsx", b"\0" * (LARGEST + 1), "return-file-size"),
        ("a.xlsx", archive(a=b"\0" * (LARGEST + 1)), "return-file-size"),
        ("a.xlsx", archive(a=b"x"), "document-unreadable"),
        ("a.csv", b"entity,variable\n", "document-format"),
        ("a.exe", b"MZ", "document-format"),
    ],
)
def test_what_is_no_such_sheet_is_refused_with_a_sentence(
    file: str, content: bytes, rule: str, blank: Return, known: Known
) -> None:
    with pytest.raises(Refused) as refused:
        read(blank, content, known, file)
    assert [problem.rule.id for problem in refused.value.problems] == [rule]


def test_macros_are_refused(blank: Return, known: Known, empty: bytes) -> None:
    for file, content in (("a.xlsx", with_part(empty, "xl/vbaProject.bin", b"x")), ("a.xlsm", empty)):
        with pytest.raises(Refused) as refused:
            read(blank, content, known, file)
        assert [problem.rule.id for problem in refused.value.problems] == ["return-file-macros"]


def test_an_archive_that_lies_about_its_size_is_refused(blank: Return, known: Known, empty: bytes) -> None:
    bomb = bytearray(with_part(empty, "xl/bomb.xml", b" " * 50_000_000))
    size = (50_000_000).to_bytes(4, "little")
    while (at := bomb.find(size)) >= 0:
        bomb[at : at + 4] = (10).to_bytes(4, "little")
    with pytest.raises(Refused) as refused:
        read(blank, bytes(bomb), known)
    assert [problem.rule.id for problem in refused.value.problems] == ["return-file-kind"]


def test_a_sheet_without_its_columns_or_name_is_refused(blank: Return, known: Known, tmp_path: Path) -> None:
    for content, rule in (
        (saved(sheet([["entity", "period"], ["x", "2025"]])), "column-missing"),
        (saved(sheet([list(COLUMNS)], title="other")), "sheet-missing"),
    ):
        with pytest.raises(Refused) as refused:
            read(blank, content, known)
        assert {problem.rule.id for problem in refused.value.problems} == {rule}
