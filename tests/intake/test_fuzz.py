"""Whatever is given is understood or refused with a place: random documents, and the real ones with random damage."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Callable

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from intake_city import CITY, HEADER, REPOSITORY, city_with, saved, sheet

from shazhou.city.folder import read_city
from shazhou.city.model import City
from shazhou.city.problem import Problem, Refused
from shazhou.city.unit import UNITS
from shazhou.intake.door import delivery_of, understood
from shazhou.intake.entity import Names
from shazhou.intake.mapping_check import check_mappings
from shazhou.intake.number import Unreadable, in_base, read_number

FEW = 300
CELLS, DOCUMENTS, WORKBOOKS, MAPPINGS = 40_000, 20_000, 5_000, 10_000
"""How many inputs each slow run makes."""

OF_THE_WHOLE_FILE = ("document-unreadable", "document-format", "sheet-missing", "more-problems")
"""Rules about a file as such; all others are broken at a row or a column."""

FOLDER = REPOSITORY / "cities" / "zhangjiagang"
ZHANGJIAGANG = read_city(FOLDER)
OBSERVATIONS = (FOLDER / "evidence" / "observations.csv").read_bytes()
_LINES = OBSERVATIONS.splitlines(keepends=True)

CHARACTERS = "0123456789０９,，.．-—–~～+＋%％()（）约超近逾多余以上下不至少万亿元家人eE#/N A≥≤><≈\u00a0\u200b一x"
PIECES = [
    *("", "city", "gdp", "share", "staff", "1", "2021", "2021-01-01/P6M", "亿元", "%", "nan", "1e999", "=1+1", "#REF!"),
    *('"', "\n", "\r", ",", ";", "\0", "\ud7ff", "😀", "a" * 5000, "place:320582", "twin", "-", "2021-02-30", "0001"),
]


def load(file: str, content: bytes, mapping: str, city: City, source: str = "") -> tuple[Problem, ...]:
    """The problems of a document; no other failure is allowed, and each problem names a place."""
    try:
        ready = understood(city, Names(city), delivery_of(city, file, content, mapping, source, "fuzz"))
        assert sum(batch.num_rows for batch in ready.batches()) == ready.count
    except Refused as refused:
        for problem in refused.problems:
            assert problem.where.file == file, problem
            assert problem.says("en") and problem.says("zh"), problem
            placed = problem.where.row is not None or problem.where.column
            assert placed or problem.rule.id in OF_THE_WHOLE_FILE, problem
        assert refused.problems
        return refused.problems
    return ()


def mutated(content: bytes, source: random.Random) -> bytes:
    """Bytes with random damage: flipped, cut, repeated, or with pieces put in."""
    data = bytearray(content)
    for _ in range(source.randint(1, 4)):
        at = source.randrange(len(data) + 1)
        match source.randrange(5):
            case 0 if data:
                data[min(at, len(data) - 1)] = source.randrange(256)
            case 1:
                del data[at : at + source.randint(1, 20)]
            case 2:
                data[at:at] = data[max(0, at - source.randint(1, 40)) : at]
            case 3:
                data[at:at] = source.choice(PIECES).encode("utf-8", "replace")
            case 4:
                data[at:at] = bytes(source.choice(b',;"\n\r\t\xff\xfe\x00 ') for _ in range(source.randint(1, 3)))
    return bytes(data)


def damaged_observations(source: random.Random) -> bytes:
    """Some of the real rows, damaged."""
    kept = [_LINES[0], *source.sample(_LINES[1:], source.randint(1, 4))]
    return mutated(b"".join(kept), source)


def damaged_workbook(source: random.Random) -> bytes:
    """A workbook of random cells, sometimes with damage inside its archive."""
    lines: list[list[object]] = [list(HEADER.split(","))]
    for _ in range(source.randint(0, 3)):
        lines.append([_random_cell(source) for _ in range(source.randint(1, 7))])
    content = saved(_with_formats(sheet(lines), source))
    match source.randrange(4):
        case 0:
            return mutated(content, source)
        case 1:
            return _damaged_inside(content, source)
    return content


def _random_cell(source: random.Random) -> object:
    text = "".join(source.choice(CHARACTERS) for _ in range(source.randint(0, 6)))
    options: list[Callable[[], object]] = [
        lambda: source.choice([piece for piece in PIECES if "\0" not in piece]),
        lambda: text,
        lambda: source.random() * 10 ** source.randint(-20, 20),
        lambda: source.randint(-(10**17), 10**17),
        lambda: source.choice([True, False, None]),
    ]
    return source.choice(options)()


def _with_formats(book: openpyxl.Workbook, source: random.Random) -> openpyxl.Workbook:
    page = book.worksheets[0]
    if source.random() < 0.3:
        page.cell(source.randint(1, 4), source.randint(1, 6)).number_format = "0.0%"
    if source.random() < 0.1:
        page.merge_cells(start_row=1, start_column=1, end_row=source.randint(1, 3), end_column=2)
    return book


def _damaged_inside(content: bytes, source: random.Random) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as archive, zipfile.ZipFile(buffer, "w") as out:
        names = archive.namelist()
        chosen = source.choice(names)
        for name in names:
            part = archive.read(name)
            if name != chosen or source.random() < 0.9:
                out.writestr(name, mutated(part, source) if name == chosen else part)
    return buffer.getvalue()


def damaged_mapping(source: random.Random) -> str:
    """A real mapping, damaged."""
    name = source.choice([name for name in ZHANGJIAGANG.files if name.startswith("mappings/")])
    return mutated(ZHANGJIAGANG.files[name], source).decode("utf-8", "replace")


def cells(count: int) -> None:
    source = random.Random(1)
    for _ in range(count):
        cell = "".join(source.choice(CHARACTERS) for _ in range(source.randint(0, 9)))
        try:
            number = read_number(cell)
            if number is not None:
                value, _ = in_base(number, "", UNITS[source.choice(["count", "100m_cny", "percent", "persons"])], "x")
                assert value.is_finite() and -value.as_tuple().exponent <= 9  # type: ignore[operator]
        except Unreadable as refused:
            assert refused.rule.en


def documents(count: int) -> None:
    source = random.Random(2)
    refused = sum(
        bool(load("a.csv", damaged_observations(source), "public_figures", ZHANGJIAGANG)) for _ in range(count)
    )
    assert 0 < refused < count


def workbooks(count: int) -> None:
    source = random.Random(3)
    for _ in range(count):
        load("a.xlsx", damaged_workbook(source), "figures", CITY, "bureau")


def mappings(count: int) -> None:
    source = random.Random(4)
    for _ in range(count):
        for problem in check_mappings(city_with(damaged=damaged_mapping(source))):
            assert problem.where.file == "mappings/damaged.yaml" and problem.where.row is not None, problem


def test_random_cells_are_read_or_refused() -> None:
    cells(FEW * 10)


def test_damaged_documents_are_read_or_refused() -> None:
    documents(FEW)


def test_damaged_workbooks_are_read_or_refused() -> None:
    workbooks(FEW // 3)


def test_damaged_mappings_are_read_or_refused() -> None:
    mappings(FEW // 3)


@settings(max_examples=FEW, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.lists(st.sampled_from(PIECES) | st.text(max_size=8), min_size=6, max_size=6), max_size=4))
def test_random_rows_are_read_or_refused(lines: list[list[str]]) -> None:
    text = "\n".join([HEADER, *(",".join(line) for line in lines)])
    load("a.csv", text.encode("utf-8", "replace"), "figures", CITY, "bureau")


@settings(max_examples=FEW, deadline=None)
@given(st.binary(max_size=200), st.sampled_from(["a.csv", "a.csv.gz", "a.xlsx", "a.xls", "a.ods", "a.parquet", "a.x"]))
def test_random_bytes_are_refused(content: bytes, file: str) -> None:
    load(file, content, "figures", CITY, "bureau")


@pytest.mark.slow
def test_very_many_random_cells() -> None:
    cells(CELLS)


@pytest.mark.slow
def test_very_many_damaged_documents() -> None:
    documents(DOCUMENTS)


@pytest.mark.slow
def test_very_many_damaged_workbooks() -> None:
    workbooks(WORKBOOKS)


@pytest.mark.slow
def test_very_many_damaged_mappings() -> None:
    mappings(MAPPINGS)
