"""Random inputs of every kind, most of them real ones with random damage, and what must hold of each.

Every function makes so many inputs from one seed, tries them, and returns how many it tried. What is wrong with an
input must come back as problems, each with a place; anything else fails.
"""

from __future__ import annotations

import io
import random
import tempfile
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
from intake_city import CITY, HEADER, REPOSITORY, city_with, saved, sheet

from shazhou.city.check import check_files
from shazhou.city.folder import read_city
from shazhou.city.model import City
from shazhou.city.problem import Problem, Refused
from shazhou.city.unit import UNITS
from shazhou.intake.door import delivery_of, understood
from shazhou.intake.entity import Names
from shazhou.intake.errors import write_errors
from shazhou.intake.mapping_check import check_mappings
from shazhou.intake.number import Unreadable, in_base, read_number
from shazhou.measure.check import check_indicators
from shazhou.measure.formula import parse

OF_THE_WHOLE_FILE = (
    "document-unreadable",
    "document-format",
    "sheet-missing",
    "more-problems",
    "missing-file",
    "nothing-stated",
)
"""Rules about a file as such; all others are broken at a row or a column."""

FOLDER = REPOSITORY / "cities" / "zhangjiagang"

CHARACTERS = "0123456789０９,，.．-—–~～+＋%％()（）约超近逾多余以上下不至少万亿元家人eE#/N A≥≤><≈\u00a0\u200b一x"
PIECES = [
    *("", "city", "gdp", "share", "staff", "1", "2021", "2021-01-01/P6M", "亿元", "%", "nan", "1e999", "=1+1", "#REF!"),
    *('"', "\n", "\r", ",", ";", "\0", "\ud7ff", "😀", "a" * 5000, "place:320582", "twin", "-", "2021-02-30", "0001"),
]
YAML_PIECES = [
    *("&a ", "*a", "!!python/object:os.system ", "<<: ", "? ", "---\n", "|\n", ">-\n", "%YAML 9.9\n", "~", ".nan"),
    *("-1", "1e999999999", "9" * 300, "[" * 60, "a: " * 30, "\u2028", "\x85", "\\ud800", "null", "true", "2021-13-45"),
    *(": ", "- ", "{", "}", "]", "#", "'", '"', "\t", "\0", "../../etc/passwd", "a" * 3000),
]
FORMULA_PIECES = [
    *("sum", "count", "mean", "median", "min", "max", "share", "ratio", "difference", "yoy", "cumulative", "value"),
    *("(", ")", ",", "+", "-", "*", "/", "==", "!=", "<", ">=", " and ", " or ", " not ", " in ", "where=", "kind="),
    *('"target"', "'a'", "1", "0", "1e999", "-", ".5", "gdp", "output", "size", "[1]", "lambda x: x", "f'{x}'", "\n"),
    *(
        "__import__",
        ".",
        "**",
        "%",
        "//",
        ":=",
        "#",
        "\\",
        "\0",
        "（",
        "产值",
        "9" * 400,
        "(" * 50,
        "True",
        "None",
        "~",
    ),
]


@cache
def zhangjiagang() -> City:
    return read_city(FOLDER)


@cache
def evidence() -> dict[str, list[bytes]]:
    """The lines of the real documents, by mapping."""
    files = {each.mapping: FOLDER / "evidence" / each.file for each in zhangjiagang().evidence}
    return {mapping: file.read_bytes().splitlines(keepends=True) for mapping, file in files.items()}


@cache
def names_of(version: str) -> Names:
    """The names that a city's definitions give, by the version of the definitions."""
    return Names(zhangjiagang() if version == zhangjiagang().version else CITY)


def load(file: str, content: bytes, mapping: str, city: City, source: str = "") -> tuple[Problem, ...]:
    """The problems of a document; no other failure is allowed, and each problem names a place."""
    try:
        ready = understood(city, names_of(city.version), delivery_of(city, file, content, mapping, source, "fuzz"))
        assert sum(batch.num_rows for batch in ready.batches()) == ready.count
    except Refused as refused:
        assert refused.problems
        for problem in refused.problems:
            assert problem.where.file == file, problem
            assert problem.says("en") and problem.says("zh"), problem
            placed = problem.where.row is not None or problem.where.column
            assert placed or problem.rule.id in OF_THE_WHOLE_FILE, problem
        return refused.problems
    return ()


def mutated(content: bytes, source: random.Random, pieces: list[str] = PIECES) -> bytes:
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
                data[at:at] = source.choice(pieces).encode("utf-8", "replace")
            case 4:
                data[at:at] = bytes(source.choice(b',;"\n\r\t\xff\xfe\x00 ') for _ in range(source.randint(1, 3)))
    return bytes(data)


def cells(count: int, seed: int) -> int:
    """Texts of cells, read as numbers."""
    source = random.Random(seed)
    for _ in range(count):
        cell = "".join(source.choice(CHARACTERS) for _ in range(source.randint(0, 9)))
        try:
            number = read_number(cell)
            if number is not None:
                value, _ = in_base(number, "", UNITS[source.choice(["count", "100m_cny", "percent", "persons"])], "x")
                assert value.is_finite() and -value.as_tuple().exponent <= 9  # type: ignore[operator]
        except Unreadable as refused:
            assert refused.rule.en
    return count


def documents(count: int, seed: int) -> int:
    """Rows of the real CSV documents, damaged."""
    source = random.Random(seed)
    refused = 0
    for _ in range(count):
        mapping = source.choice(sorted(evidence()))
        header, *lines = evidence()[mapping]
        kept = [header, *source.sample(lines, min(len(lines), source.randint(1, 3)))]
        refused += bool(load("a.csv", mutated(b"".join(kept), source), mapping, zhangjiagang(), "places"))
    assert 0 < refused < count
    return count


def rows(count: int, seed: int) -> int:
    """CSV documents of random cells under a right header."""
    source = random.Random(seed)
    for _ in range(count):
        content = _document("csv", source).decode().encode(source.choice(["utf-8", "gb18030", "utf-16"]), "replace")
        load("a.csv", content, "figures", CITY, "bureau")
    return count


def workbooks(count: int, seed: int) -> int:
    """Workbooks of random cells, sometimes with damage inside their archive."""
    source = random.Random(seed)
    for _ in range(count):
        load("a.xlsx", _workbook(source), "figures", CITY, "bureau")
    return count


def tables(count: int, seed: int) -> int:
    """Parquet files of columns of random types, some damaged."""
    source = random.Random(seed)
    for _ in range(count):
        buffer = io.BytesIO()
        pq.write_table(_table(source), buffer, compression=source.choice(["none", "snappy"]))
        content = buffer.getvalue()
        load("a.parquet", mutated(content, source) if source.random() < 0.5 else content, "figures", CITY, "bureau")
    return count


def markings(count: int, seed: int) -> int:
    """Documents of any kind that are refused and given back with their problems marked."""
    source = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(count):
            ending = source.choice(["xlsx", "csv", "parquet"])
            file = Path(folder) / f"a.{ending}"
            file.write_bytes(_document(ending, source))
            told = load(file.name, file.read_bytes(), "figures", CITY, "bureau")
            write_errors(file, told, Path(folder) / "marked.xlsx")
    return count


def mappings(count: int, seed: int) -> int:
    """The real mappings, damaged."""
    source = random.Random(seed)
    files = {name: content for name, content in zhangjiagang().files.items() if name.startswith("mappings/")}
    for _ in range(count):
        text = mutated(files[source.choice(sorted(files))], source, YAML_PIECES).decode("utf-8", "replace")
        for problem in check_mappings(city_with(damaged=text)):
            assert problem.where.file == "mappings/damaged.yaml" and problem.where.row is not None, problem
    return count


def folders(count: int, seed: int) -> int:
    """Small city folders, one file of which is damaged or gone."""
    source = random.Random(seed)
    whole = dict(CITY.files)
    for _ in range(count):
        name = source.choice(sorted(whole))
        files = {**whole, name: mutated(whole[name], source, YAML_PIECES)}
        if source.random() < 0.02:
            del files[name]
        for problem in check_files(files, extra=(check_mappings, check_indicators)):
            assert problem.where.file and problem.says("en") and problem.says("zh"), problem
            assert problem.where.row is not None or problem.rule.id in OF_THE_WHOLE_FILE, problem
    return count


def formulas(count: int, seed: int) -> int:
    """The formulas of the city, damaged, and heaps of what formulas are made of."""
    source = random.Random(seed)
    real = [each.formula for each in zhangjiagang().indicators.values()]
    for _ in range(count):
        text = "".join(source.choice(FORMULA_PIECES) for _ in range(source.randint(0, 8)))
        if source.random() < 0.5:
            text = mutated(source.choice(real).encode(), source, FORMULA_PIECES).decode("utf-8", "replace")
        try:
            parse(text, zhangjiagang().variables)
        except Refused as refused:
            for problem in refused.problems:
                at = problem.where.offset
                assert at is not None and 0 <= at <= len(problem.where.text), (text, problem)
                assert problem.says("en") and problem.says("zh"), problem
    return count


def _cell(source: random.Random) -> object:
    text = "".join(source.choice(CHARACTERS) for _ in range(source.randint(0, 6)))
    options: list[Callable[[], object]] = [
        lambda: source.choice([piece for piece in PIECES if "\0" not in piece]),
        lambda: text,
        lambda: source.random() * 10 ** source.randint(-20, 20),
        lambda: source.randint(-(10**17), 10**17),
        lambda: source.choice([True, False, None]),
    ]
    return source.choice(options)()


def _workbook(source: random.Random) -> bytes:
    lines: list[list[object]] = [list(HEADER.split(","))]
    for _ in range(source.randint(0, 3)):
        lines.append([_cell(source) for _ in range(source.randint(1, 7))])
    content = saved(_with_formats(sheet(lines), source))
    match source.randrange(4):
        case 0:
            return mutated(content, source)
        case 1:
            return _damaged_inside(content, source)
    return content


def _with_formats(book: openpyxl.Workbook, source: random.Random) -> openpyxl.Workbook:
    page = book.worksheets[0]
    if source.random() < 0.3:
        page.cell(source.randint(1, 4), source.randint(1, 6)).number_format = "0.0%"
    if source.random() < 0.1:
        page.merge_cells(start_row=1, start_column=1, end_row=source.randint(1, 3), end_column=2)
    if source.random() < 0.05:
        page.cell(*source.choice([(50, 50), (1_048_576, 16_384)])).value = "stray"
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


def _document(ending: str, source: random.Random) -> bytes:
    if ending == "xlsx":
        return _workbook(source)
    if ending == "csv":
        lines = [",".join(str(_cell(source)) for _ in range(6)) for _ in range(source.randint(0, 4))]
        return "\n".join([HEADER, *lines]).encode("utf-8", "replace")
    buffer = io.BytesIO()
    pq.write_table(_table(source), buffer)
    return buffer.getvalue()


def _table(source: random.Random) -> pa.Table:
    many = source.randint(0, 4)
    kinds: list[Callable[[], pa.Array]] = [
        lambda: pa.array([source.choice([*PIECES, None]) for _ in range(many)], pa.string()),
        lambda: pa.array([source.randint(-(2**62), 2**62) for _ in range(many)], pa.int64()),
        lambda: pa.array([source.choice([0.5, -1e300, float("nan"), float("inf"), None]) for _ in range(many)]),
        lambda: pa.array([source.randint(-(10**6), 10**6) for _ in range(many)], pa.date32()),
        lambda: pa.array([source.randint(-(2**60), 2**60) for _ in range(many)], pa.timestamp("ns", "UTC")),
        lambda: pa.array([bytes([source.randrange(256)]) for _ in range(many)], pa.binary()),
        lambda: pa.nulls(many),
    ]
    names = HEADER.split(",") if source.random() < 0.9 else source.sample(HEADER.split(","), 4)
    right = {"place": "city", "variable": "gdp", "period": "2021"}
    columns = [
        pa.repeat(pa.scalar(right[name]), many) if name in right and source.random() < 0.6 else source.choice(kinds)()
        for name in names
    ]
    return pa.table(columns, names=names)
