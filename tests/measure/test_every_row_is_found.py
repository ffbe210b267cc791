"""Every row of the city's published figures can be found again: in a figure, among its other values, in its trail.

The file is read here on its own, with `csv`; what its periods and qualifiers mean is said again from its README and
its notes, not taken from the mapping.
"""

from __future__ import annotations

import csv
import re
from decimal import Decimal

import ibis
import pytest
from zhangjiagang_ledger import FOLDER, filled

from shazhou.measure.figure import Cell, Citation
from shazhou.measure.measure import Measure
from shazhou.measure.trail import Delivered, Observed, Trail, trails

INDUSTRIES = {
    "冶金新材料": "metallurgy",
    "智能装备": "equipment",
    "高端纺织": "textiles",
    "先进特色半导体": "semiconductors",
    "氢能": "hydrogen",
    "汽车及零部件": "automotive",
}
PLACES = {
    "杨舍镇": "320582100",
    "金港(保税区)": "jingang",
    "塘桥镇": "320582101",
    "锦丰镇": "320582103",
    "乐余镇": "320582104",
    "凤凰镇": "320582105",
    "南丰镇": "320582106",
    "大新镇": "320582107",
    "常阴沙现代农业示范园区": "320582400",
    "张家港高新区": "hightech_zone",
}
FACTORS = {
    "100m_cny": 10**8,
    "10k_cny": 10**4,
    "100m_usd": 10**8,
    "10k_persons": 10**4,
    "million_tonnes": 10**6,
    "10k_tonnes_per_year": 10**4,
    "km2": 10**6,
    "10k_m2": 10**4,
    "10k": 10**4,
    "10k_vehicles": 10**4,
}
"""What one of a unit is in its plain unit; units that are not here are plain themselves."""

CUMULATIVE = {
    "cumulative January-June": "-01-01/P6M",
    "January to early August": "-01-01/P8M",
    "cumulative January-September": "-01-01/P9M",
    "cumulative January-October": "-01-01/P10M",
    "截至11月": "-01-01/P11M",
    "covers 2012 to 2016": "-01-01/P5Y",
    "covers 2021 to 2025": "-01-01/P5Y",
    "covers 2024 to 2026": "-01-01/P3Y",
}
WORDS = {
    ">": ("more than", "over", "exceed", "broke through"),
    "<": ("nearly",),
    ">=": ("at least",),
    "≈": ("about",),
}

with (FOLDER / "evidence" / "observations.csv").open(encoding="utf-8", newline="") as file:
    ROWS = list(csv.DictReader(file))


def period(row: dict[str, str]) -> str:
    said = f"{row['indicator_zh']} {row['note']}"
    for words, ending in CUMULATIVE.items():
        if words in said:
            years = re.findall(r"covers (\d{4})", said)
            return (years[0] if years else row["period"][:4]) + ending
    quarter = row["period"].endswith("-03") and row["note"].endswith("first quarter")
    return f"{row['period'][:4]}-Q1" if quarter else row["period"]


def qualifier(row: dict[str, str]) -> str:
    """The sign of the words with which a part of the note begins; a bare about is one only when it is the whole part
    or quoted."""
    for part in (each.strip() for each in row["note"].split(";")):
        for sign, words in WORDS.items():
            said = next((word for word in words if re.match(rf'"?{word}\b', part)), "")
            if said and (sign != "≈" or part == said or part.startswith('"')):
                return sign
    return "="


def cell(row: dict[str, str], enterprises: dict[str, str]) -> Cell:
    kind, _colon, name = row["subject"].partition(":")
    place, industry = "320582", ""
    if kind == "industry":
        industry = INDUSTRIES[name]
    elif kind == "enterprise":
        place = enterprises[name]
    elif name:
        place = PLACES[name]
    return Cell(row["indicator"], place, period(row), industry, row["kind"])


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> list[Trail]:
    """The trails of the figures of all rows, in the order of the file."""
    ledger = filled(tmp_path_factory.mktemp("city") / "data")
    connection = ibis.duckdb.connect()
    names = ledger.observations(connection).filter(ibis._.variable.isin(["name", "alias"]))
    enterprises = {row["text"]: row["entity"] for row in connection.to_pyarrow(names).to_pylist()}
    connection.disconnect()
    return trails(Measure(ledger), [cell(row, enterprises) for row in ROWS])


def observed(deliveries: tuple[Delivered, ...], line: int) -> list[Observed]:
    return [
        each
        for delivered in deliveries
        if delivered.document_name == "observations.csv"
        for each in delivered.observations
        if each.row == line
    ]


def plain(value: Decimal | None, unit: str) -> Decimal | None:
    return None if value is None else value * FACTORS.get(unit, 1)


def test_there_are_360_rows_of_three_kinds() -> None:
    assert {kind: sum(row["kind"] == kind for row in ROWS) for kind in ("actual", "target", "forecast")} == {
        "actual": 292,
        "target": 48,
        "forecast": 20,
    }


def test_every_row_is_in_the_trail_of_its_figure_with_all_that_was_said(found: list[Trail]) -> None:
    for line, (row, trail) in enumerate(zip(ROWS, found, strict=True), 2):
        (seen,) = observed(trail.submissions, line) or observed(trail.beside, line)
        assert (seen.given, seen.unit, seen.kind) == (row["value"], row["unit"], row["kind"]), line
        assert (seen.variable, seen.label, seen.note) == (row["indicator"], row["indicator_zh"], row["note"]), line
        assert seen.value == plain(Decimal(row["value"]), row["unit"]), line
        assert (seen.qualifier, seen.period) == (qualifier(row), period(row)), line
        assert seen.citation == Citation(row["source_title"], row["source_date"], row["source_url"]), line


def test_every_value_is_the_figure_or_one_of_its_other_values(found: list[Trail]) -> None:
    for line, (row, trail) in enumerate(zip(ROWS, found, strict=True), 2):
        figure, value = trail.figure, plain(Decimal(row["value"]), row["unit"])
        citation = Citation(row["source_title"], row["source_date"], row["source_url"])
        assert figure.kind == row["kind"], line
        if observed(trail.submissions, line):
            assert plain(figure.value, figure.unit) == value, line
            assert (figure.qualifier, figure.sources) == (qualifier(row), (citation,)), line
        elif plain(figure.value, figure.unit) != value:
            others = [(plain(each.value, figure.unit), each.qualifier, each.citation) for each in figure.others]
            assert figure.disputed and (value, qualifier(row), citation) in others, line


EXPECTED_ACTUALS = {
    ("listed_companies", "320582", "2017"),
    ("neeq_companies", "320582", "2017"),
    ("characteristic_parks", "320582", "2021"),
    ("new_projects_over_1bn_cny", "320582", "2021"),
}
"""Rows that the file calls actual and whose note says 预计数: they are marked as expected and stay of kind actual."""


def test_a_kind_never_shows_in_a_figure_of_another(found: list[Trail]) -> None:
    for trail in found:
        deliveries = (*trail.submissions, *trail.beside)
        kinds = {each.kind for delivered in deliveries for each in delivered.observations}
        assert kinds == {trail.figure.kind}
        expected = (trail.figure.indicator, trail.figure.place, trail.figure.period) in EXPECTED_ACTUALS
        assert (trail.figure.status == "forecast") == (trail.figure.kind == "forecast" or expected)


def test_agreeing_and_disputed_statements_of_several_sources_are_told_apart(found: list[Trail]) -> None:
    beside = {(trail.figure.indicator, trail.figure.period, trail.figure.disputed) for trail in found if trail.beside}
    assert beside == {
        ("gdp", "2018", False),
        ("major_projects", "2023", True),
        ("output", "2017", True),
        ("output", "2020", False),
    }


def test_share_of_research_spending_in_2017(found: list[Trail]) -> None:
    (figure,) = [
        trail.figure for trail in found if (trail.figure.indicator, trail.figure.period) == ("rd_share_of_gdp", "2017")
    ]
    assert (figure.value, figure.unit, figure.kind, figure.qualifier) == (Decimal("2.8"), "percent", "actual", "=")
    assert [source.title for source in figure.sources] == [
        "New breakthrough made in science and technology by the port city in 2017 (zjg.gov.cn)"
    ]
