import pytest

from shazhou.city.problem import Refused
from shazhou.city.table import read_table


def problems_of(content: bytes) -> list[tuple[str, int | None]]:
    try:
        _records, problems = read_table("t.csv", content, ("key", "name"), ("note",))
    except Refused as refused:
        problems = list(refused.problems)
    return [(problem.rule.id, problem.where.row) for problem in problems]


def test_a_record_knows_the_line_it_begins_on() -> None:
    records, _ = read_table("t.csv", b'key,name\n1,"two\nlines"\n\n2, b \n', ("key", "name"))
    assert [(record.row, record.cells["key"], record.cells["name"]) for record in records] == [
        (2, "1", "two\nlines"),
        (5, "2", "b"),
    ]


def test_columns_may_stand_in_any_order_and_optional_ones_be_there_or_not() -> None:
    for content in (b"name,key\nb,1\n", b"note,name,key\n,b,1\n"):
        records, problems = read_table("t.csv", content, ("key", "name"), ("note",))
        assert (records[0].cells["name"], problems) == ("b", [])


def test_ragged_rows_do_not_hide_the_others() -> None:
    records, problems = read_table("t.csv", b"key,name\n1\n2,b\n", ("key", "name"))
    assert [record.cells["key"] for record in records] == ["2"]
    assert [problem.where.row for problem in problems] == [2]


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", [("csv-columns", 1)]),
        (b"key\n1\n", [("csv-columns", 1)]),
        (b"key,name,colour\n", [("csv-columns", 1)]),
        (b"key,name,name\n", [("csv-columns", 1)]),
        (b"key,name\n1\n2,b\n3,c,d\n", [("csv-row-length", 2), ("csv-row-length", 4)]),
        (b'key,name\n1,"b\n', [("csv-syntax", 2)]),
        (b"key,name\n1,\xe5\n", [("file-encoding", 2)]),
    ],
)
def test_what_is_no_table_is_refused_at_its_row(content: bytes, found: list[tuple[str, int]]) -> None:
    assert problems_of(content) == found
