"""CSV, workbooks and Parquet: what the user sees is what is read, and what cannot be read is refused with its place."""

from __future__ import annotations

import datetime
import gzip
import io
import zipfile
from decimal import Decimal

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from intake_city import saved, sheet

from shazhou.city.problem import Problem, Refused
from shazhou.intake.document import Document
from shazhou.intake.reading import read_document


def texts(document: Document) -> dict[str, list[str]]:
    return {name: column.to_pylist() for name, column in document.columns.items()}


def refusal(file: str, content: bytes, **options: object) -> tuple[Problem, ...]:
    """The problems for which a document cannot be read, or that reading it met."""
    try:
        problems = read_document(file, content, **options).problems  # type: ignore[arg-type]
    except Refused as refused:
        problems = refused.problems
    assert problems and all(problem.where.file == file for problem in problems)
    return problems


def test_rows_of_a_csv_are_numbered_as_a_spreadsheet_shows_them() -> None:
    document = read_document("a.csv", b'a,b\n1,"two\nlines"\n\n3,4\n')
    assert texts(document) == {"a": ["1", "3"], "b": ["two\nlines", "4"]}
    assert document.rows.tolist() == [2, 4]


@pytest.mark.parametrize(
    ("content", "warned"),
    [
        ("名称,值\n张家港,1\n".encode(), False),
        ("名称,值\n张家港,1\n".encode("utf-8-sig"), False),
        ("名称,值\n张家港,1\n".encode("gb18030"), True),
        ("名称,值\n张家港,1\n".encode("utf-16"), True),
    ],
)
def test_encodings_are_told_apart_and_said(content: bytes, warned: bool) -> None:
    document = read_document("a.csv", content)
    assert texts(document) == {"名称": ["张家港"], "值": ["1"]}
    assert [problem.rule.id for problem in document.warnings] == ["csv-read-as"] * warned


def test_a_stated_encoding_is_kept_to() -> None:
    problems = refusal("a.csv", "a\n名\n值\n".encode("gb18030"), encoding="utf-8")
    assert (problems[0].rule.id, problems[0].where.row) == ("csv-encoding", 2)


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_separator_is_the_one_that_yields_the_expected_columns(separator: str) -> None:
    content = f"a{separator}b\n1{separator}2\n".encode()
    assert texts(read_document("a.csv", content, known=frozenset({"a", "b"}))) == {"a": ["1"], "b": ["2"]}


def test_gzip_is_unpacked_and_damage_is_refused() -> None:
    packed = gzip.compress(b"a\n1\n")
    assert texts(read_document("a.csv.gz", packed)) == {"a": ["1"]}
    assert refusal("a.csv.gz", packed[:-6])[0].rule.id == "document-unreadable"
    assert refusal("a.csv.gz", b"no gzip")[0].rule.id == "document-unreadable"


@pytest.mark.parametrize(
    ("content", "rule", "row", "column"),
    [
        (b"", "document-empty", 1, ""),
        (b",,\n1,2,3\n", "document-empty", 1, ""),
        (b"a,b,a\n1,2,3\n", "column-twice", 1, "a"),
        (b"a,b\n1,2\n1,2,3\n", "row-length", 3, ""),
        (b"a,b\n1\n", "row-length", 2, ""),
        (b"a,\n1,2\n", "column-unnamed", 2, ""),
        (b'a,b\n1,"2\n', "csv-quoting", 2, ""),
        (b"a\n\x00\n", "csv-encoding", 2, ""),
        (b"a\n\xff\xff\n", "csv-encoding", 2, ""),
    ],
)
def test_malformed_csv_is_refused_at_its_place(content: bytes, rule: str, row: int, column: str) -> None:
    problem = refusal("a.csv", content)[0]
    assert (problem.rule.id, problem.where.row, problem.where.column) == (rule, row, column)


def test_all_ragged_rows_are_named_at_once() -> None:
    problems = refusal("a.csv", b"a,b\n1\n1,2\n1,2,3\n")
    assert [problem.where.row for problem in problems] == [2, 4]


def test_an_unknown_format_is_refused() -> None:
    assert refusal("a.pdf", b"%PDF")[0].rule.id == "document-format"


def test_a_workbook_is_read_as_it_shows() -> None:
    book = sheet([["t", "i", "f", "d", "m", "b", "artefact", "share"]])
    moment = datetime.datetime(2021, 3, 5, 12, 30)
    book.worksheets[0].append(["x", 12, 2.5, datetime.date(2021, 3, 5), moment, True, 0.1 + 0.2, 0.028])
    book.worksheets[0]["H2"].number_format = "0.0%"
    assert texts(read_document("a.xlsx", saved(book))) == {
        "t": ["x"],
        "i": ["12"],
        "f": ["2.5"],
        "d": ["2021-03-05"],
        "m": ["2021-03-05 12:30:00"],
        "b": ["TRUE"],
        "artefact": ["0.3"],
        "share": ["2.8%"],
    }


def test_the_sheet_that_is_read_is_named_and_the_others_are_warned_of() -> None:
    book = sheet([["a"], [1]], "first")
    book.create_sheet("second").append(["x"])
    document = read_document("a.xlsx", saved(book))
    assert document.sheet == "first"
    assert [(problem.rule.id, problem.found) for problem in document.warnings] == [("sheet-unread", "second")]
    assert texts(read_document("a.xlsx", saved(book), sheet="second")) == {"x": []}
    assert refusal("a.xlsx", saved(book), sheet="third")[0].rule.id == "sheet-missing"


def test_a_header_may_stand_lower_under_a_merged_title() -> None:
    book = sheet([["Figures of 2021", None], ["a", "b"], [1, 2]])
    book.worksheets[0].merge_cells("A1:B1")
    document = read_document("a.xlsx", saved(book), header=2)
    assert texts(document) == {"a": ["1"], "b": ["2"]}
    assert document.rows.tolist() == [3]


def test_merged_cells_are_refused() -> None:
    book = sheet([["a", "b"], ["x", 1], [None, 2]])
    book.worksheets[0].merge_cells("A2:A3")
    problem = refusal("a.xlsx", saved(book))[0]
    assert (problem.rule.id, problem.where.row, problem.where.column, problem.found) == (
        "cells-merged",
        2,
        "a",
        "A2:A3",
    )


def test_a_formula_without_result_is_refused_and_not_read_as_empty() -> None:
    problem = refusal("a.xlsx", saved(sheet([["a", "b"], [1, "=A2*2"]])))[0]
    assert (problem.rule.id, problem.where.row, problem.where.column) == ("formula-unsaved", 2, "b")


def test_the_error_of_a_formula_is_refused_and_not_read_as_empty() -> None:
    book = sheet([["a", "b"], [1, "#DIV/0!"]])
    book.worksheets[0]["B2"].data_type = "e"
    problem = refusal("a.xlsx", saved(book))[0]
    assert (problem.rule.id, problem.where.row, problem.where.column, problem.found) == (
        "cell-error",
        2,
        "b",
        "#DIV/0!",
    )


def test_a_code_that_the_spreadsheet_rounded_is_refused() -> None:
    problem = refusal("a.xlsx", saved(sheet([["code"], [320582001234567890]])))[0]
    assert (problem.rule.id, problem.where.row, problem.where.column) == ("digits-lost", 2, "code")


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04", b"no workbook"])
def test_what_is_no_workbook_is_refused(damage: bytes) -> None:
    assert refusal("a.xlsx", damage)[0].rule.id == "document-unreadable"


def test_a_workbook_cut_short_is_refused() -> None:
    content = saved(sheet([["a"], [1]]))
    assert refusal("a.xlsx", content[: len(content) // 2])[0].rule.id == "document-unreadable"


def test_a_workbook_without_its_parts_is_refused() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook")
    assert refusal("a.xlsx", buffer.getvalue())[0].rule.id == "document-unreadable"


def test_an_empty_workbook_is_refused() -> None:
    assert refusal("a.xlsx", saved(openpyxl.Workbook()))[0].rule.id == "document-empty"


def parquet(**columns: object) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(pa.table(columns), buffer)
    return buffer.getvalue()


def test_parquet_columns_keep_their_types() -> None:
    days = [datetime.date(2021, 3, 5)]
    content = parquet(
        i=pa.array([1], pa.int16()),
        whole=[2017.0],
        f=[0.1],
        d=[Decimal("1.10")],
        day=pa.array(days),
        at=pa.array([datetime.datetime(2021, 3, 5)]),
        c=pa.array(["x"]).dictionary_encode(),
    )
    document = read_document("a.parquet", content)
    assert texts(document) == {
        "i": [1], "whole": [2017], "f": [0.1], "d": [Decimal("1.10")], "day": days, "at": days, "c": ["x"],
    }  # fmt: skip
    assert document.rows.tolist() == [1]


def test_parquet_columns_that_hold_no_cells_are_refused() -> None:
    problem = refusal("a.parquet", parquet(a=[[1, 2]]))[0]
    assert (problem.rule.id, problem.where.column) == ("column-type", "a")


def test_damaged_parquet_is_refused() -> None:
    assert refusal("a.parquet", b"PAR1 and nothing")[0].rule.id == "document-unreadable"
