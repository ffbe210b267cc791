"""Windows on documents: the rows that a trail names, whatever the form of the file."""

from __future__ import annotations

import gzip
import tracemalloc
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from openpyxl import Workbook

from shazhou.console.documents.window import COLUMNS, Asked, NotShown, window

ROWS = "\n".join(["number,square", *(f"{n},{n * n}" for n in range(2, 1001))])


def written(folder: Path, content: bytes) -> Path:
    path = folder / "document"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", ROWS.encode()),
        ("a.csv", ROWS.encode("utf-8-sig")),
        ("a.csv", ROWS.encode("utf-16")),
        ("a.tsv", ROWS.replace(",", "\t").encode()),
        ("a.CSV.gz", gzip.compress(ROWS.encode())),
    ],
)
def test_a_row_of_a_csv_file_has_the_number_of_its_record(tmp_path: Path, name: str, content: bytes) -> None:
    found = window(written(tmp_path, content), name, Asked(101, 100))
    assert found.header == ("number", "square")
    assert found.rows[0] == (101, ("101", "10201"))
    assert [number for number, _ in found.rows] == list(range(101, 201))
    assert found.more
    assert not window(written(tmp_path, content), name, Asked(901, 100)).more


def test_chinese_files_of_old_programs_are_read(tmp_path: Path) -> None:
    found = window(written(tmp_path, "企业,产值\n沙钢,1\n".encode("gb18030")), "a.csv", Asked(1, 100))
    assert found.header == ("企业", "产值")
    assert found.rows == ((2, ("沙钢", "1")),)


def test_what_stands_above_the_header_is_shown_too(tmp_path: Path) -> None:
    path = written(tmp_path, b"a title\nname,value\nx,1\n")
    found = window(path, "a.csv", Asked(1, 100, header=2))
    assert found.header == ("name", "value")
    assert found.rows == ((1, ("a title",)), (3, ("x", "1")))


def test_line_breaks_within_cells_make_no_rows(tmp_path: Path) -> None:
    found = window(written(tmp_path, b'a,b\n"one\ntwo",2\n3,4\n'), "a.csv", Asked(3, 1))
    assert found.rows == ((3, ("3", "4")),)


def test_the_separator_is_the_one_that_the_mapping_fits(tmp_path: Path) -> None:
    path = written(tmp_path, b"a,x;b,y\n1;2\n")
    assert window(path, "a.csv", Asked(1, 10, known=frozenset({"a,x", "b,y"}))).header == ("a,x", "b,y")


def workbook(folder: Path) -> Path:
    book = Workbook()
    page = book.active
    page.title = "hidden"
    page.sheet_state = "hidden"
    shown = book.create_sheet("figures")
    shown.append(["name", "share", "amount"])
    for number in range(2, 301):
        shown.append([f"n{number}", number / 1000, number * 0.1])
        shown.cell(number, 2).number_format = "0.0%"
    shown.cell(400, 1, "far below")
    path = folder / "book"
    book.save(path)
    return path


def test_a_workbook_opens_at_a_row_of_a_sheet(tmp_path: Path) -> None:
    found = window(workbook(tmp_path), "a.xlsx", Asked(201, 100))
    assert (found.sheet, found.sheets) == ("figures", ("hidden", "figures"))
    assert found.header == ("name", "share", "amount")
    assert found.rows[12] == (213, ("n213", "21.3%", "21.3"))
    assert found.more
    assert window(workbook(tmp_path), "a.xlsx", Asked(1, 100, sheet="hidden")).rows == ()


def test_a_parquet_file_opens_at_a_place(tmp_path: Path) -> None:
    path = tmp_path / "table"
    pq.write_table(
        pa.table({"n": list(range(1, 1001)), "t": [f"t{n}" for n in range(1, 1001)]}), path, row_group_size=130
    )
    found = window(path, "a.parquet", Asked(501, 100, header=0))
    assert found.header == ("n", "t")
    assert found.rows == tuple((n, (str(n), f"t{n}")) for n in range(501, 601))
    assert found.more
    assert not window(path, "a.parquet", Asked(901, 100, header=0)).more


def test_very_wide_documents_are_cut(tmp_path: Path) -> None:
    line = ",".join(map(str, range(COLUMNS + 5)))
    found = window(written(tmp_path, f"{line}\n{line}\n".encode()), "a.csv", Asked(1, 10))
    assert found.wide
    assert len(found.rows[0][1]) == COLUMNS


@pytest.mark.parametrize("name", ["a.docx", "a.xlsx", "a.parquet", "a.xls", "a.csv.gz", "a"])
def test_what_is_no_table_is_not_shown(tmp_path: Path, name: str) -> None:
    with pytest.raises(NotShown):
        window(written(tmp_path, b"\x00\x01 this is none of them"), name, Asked(1, 10))


@pytest.mark.slow
def test_a_large_document_is_never_held_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "large"
    with path.open("w", encoding="utf-8") as file:
        file.writelines(f"{n},{'x' * 50}\n" for n in range(1, 1_000_001))
    tracemalloc.start()
    found = window(path, "large.csv", Asked(999_901, 100))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found.rows[-1][0] == 1_000_000
    assert peak < 8 << 20
