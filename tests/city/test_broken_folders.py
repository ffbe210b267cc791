"""Two city folders that are wrong in every way a rule knows of: each problem at its file and line, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
from tiny_city import FILES, tiny_city

from shazhou.city import coherence, field, lines, outline, reading, references, table
from shazhou.city.check import MISSING_EVIDENCE, check, check_files
from shazhou.city.model import City
from shazhou.city.problem import Problem, Refused, Rule, Where
from shazhou.intake.mapping_check import check_mappings
from shazhou.measure.check import check_indicators

HERE = Path(__file__).parent

FIELDS = [
    ("city.yaml", 1, "field-missing"),
    ("city.yaml", 2, "field-value"),
    ("city.yaml", 3, "field-value"),
    ("city.yaml", 7, "field-unknown"),
    ("city.yaml", 8, "field-value"),
    ("city.yaml", 9, "field-value"),
    ("classification.csv", 2, "file-encoding"),
    ("indicators.yaml", 3, "yaml-syntax"),
    ("industries.yaml", 4, "duplicate-key"),
    ("places.csv", 2, "field-value"),
    ("places.csv", 3, "field-value"),
    ("places.csv", 4, "duplicate-key"),
    ("places.csv", 5, "csv-row-length"),
    ("sources.yaml", 2, "yaml-feature"),
    ("sources.yaml", 5, "yaml-feature"),
    ("targets.yaml", 1, "file-shape"),
    ("variables.yaml", 2, "field-missing"),
    ("variables.yaml", 3, "field-value"),
    ("variables.yaml", 5, "field-unknown"),
    ("variables.yaml", 6, "field-value"),
    ("variables.yaml", 9, "file-shape"),
]

REFERENCES = [
    ("city.yaml", 4, "unknown-name"),
    ("city.yaml", 5, "unknown-name"),
    ("city.yaml", 7, "unknown-zone"),
    ("city.yaml", 11, "unknown-name"),
    ("city.yaml", 11, "unknown-name"),
    ("city.yaml", 11, "missing-evidence"),
    ("industries.yaml", 3, "unknown-name"),
    ("industries.yaml", 4, "unknown-name"),
    ("industries.yaml", 7, "said-twice"),
    ("places.csv", 2, "missing-outline"),
    ("places.csv", 3, "circle"),
    ("places.csv", 3, "missing-outline"),
    ("places.csv", 4, "circle"),
    ("places.csv", 4, "said-twice"),
    ("places.csv", 4, "outline-unreadable"),
    ("places.csv", 5, "unknown-name"),
    ("sources.yaml", 3, "said-twice"),
    ("sources.yaml", 7, "unknown-name"),
    ("sources.yaml", 9, "said-twice"),
    ("targets.yaml", 3, "unknown-name"),
    ("targets.yaml", 4, "unknown-name"),
    ("targets.yaml", 5, "unknown-name"),
    ("targets.yaml", 7, "unknown-name"),
    ("targets.yaml", 9, "target-period"),
    ("targets.yaml", 11, "unknown-name"),
    ("targets.yaml", 17, "target-unit"),
    ("variables.yaml", 4, "unknown-name"),
    ("variables.yaml", 5, "empty-range"),
    ("variables.yaml", 9, "variable-measure"),
    ("variables.yaml", 11, "unknown-name"),
    ("variables.yaml", 14, "variable-measure"),
    ("variables.yaml", 22, "unknown-name"),
]

ELSEWHERE = {"missing-file", "no-outlines", "csv-columns", "csv-syntax", "yaml-depth", "number-too-large"}
"""Rules of reading that a folder with these two sets of wounds cannot break as well; each has its own test."""


def found_in(problems: Iterable[Problem]) -> list[tuple[str, int | None, str]]:
    return sorted((problem.where.file, problem.where.row, problem.rule.id) for problem in problems)


@pytest.mark.parametrize(("folder", "expected"), [("broken_fields", FIELDS), ("broken_references", REFERENCES)])
def test_every_problem_is_found_at_its_file_and_line(folder: str, expected: list[tuple[str, int, str]]) -> None:
    assert found_in(check(HERE / folder)) == sorted(expected)


def test_the_two_folders_break_every_rule_there_is() -> None:
    rooms = (coherence, field, lines, outline, reading, references, table)
    rules = {rule.id for room in rooms for rule in vars(room).values() if isinstance(rule, Rule)} | {
        MISSING_EVIDENCE.id
    }
    assert rules == {rule for _file, _row, rule in FIELDS + REFERENCES} | ELSEWHERE


@pytest.mark.parametrize("folder", ["broken_fields", "broken_references"])
def test_every_problem_says_in_both_languages_what_is_wrong_and_what_to_do(folder: str) -> None:
    for problem in check(HERE / folder):
        sentences = [problem.says("zh"), problem.says("en"), problem.mend("zh"), problem.mend("en")]
        assert all(sentences)
        assert not any("{" in sentence for sentence in sentences)
        assert sentences[0] != sentences[1]


def test_a_map_without_codes_has_nothing_to_show() -> None:
    files = tiny_city()
    files["outlines/bare.geojson"] = b'{"type": "FeatureCollection", "features": []}'
    source = files["city.yaml"].decode()
    shown = "maps:\n  - {id: bare, name: {zh: 图, en: Map}, file: outlines/bare.geojson, source: nobody}\n"
    files["city.yaml"] = (source + shown).encode()
    row = source.count("\n") + 2
    assert found_in(check_files(files)) == [("city.yaml", row, "no-outlines")]


def test_a_missing_file_is_named() -> None:
    files = tiny_city()
    del files["sources.yaml"]
    assert found_in(check_files(files, "tiny")) == [("tiny/sources.yaml", None, "missing-file")]


def test_a_definition_that_was_refused_is_not_missed_a_second_time() -> None:
    files = tiny_city(sources="precedence: []\nsources:\n  communique:\n    titel: 公报\n    rank: official\n")
    assert found_in(check_files(files)) == [
        ("sources.yaml", 3, "field-missing"),
        ("sources.yaml", 4, "field-unknown"),
    ]


def test_a_misspelt_name_is_proposed() -> None:
    files = tiny_city(
        targets="t:\n  name: {zh: 标, en: T}\n  indicator: gpd\n  place: '320582'\n  value: 1\n"
        "  unit: 100m_cny\n  direction: '>'\n  period: '2021'\n  source: communique\n"
    )
    assert [problem.mend("en") for problem in check_files(files)] == ["Define it there, or correct the name (gdp?)."]


def test_rooms_above_add_their_own_checks_to_a_folder_that_can_be_read() -> None:
    rule = Rule("too-short", "Too short.", "太短。", "Write more.", "请补充。")

    def refuses(city: City) -> Iterable[Problem]:
        raise Refused([Problem(rule, Where("indicators.yaml", row=len(city.indicators)))])

    assert found_in(check_files(tiny_city(), extra=[refuses])) == [("indicators.yaml", 1, "too-short")]
    assert "too-short" not in str(check_files(tiny_city(industries="["), extra=[refuses]))


def test_wrong_formulas_and_mappings_are_told_beside_wrong_definitions() -> None:
    variables = FILES["variables.yaml"].replace("gdp_growth:\n", "gdp_growth:\n  colour: red\n")
    indicators = FILES["indicators.yaml"] + (
        "growth: {name: {zh: 增速, en: Growth}, formula: value(gdp_growth), unit: percent, decimals: 1}\n"
        "wrong: {name: {zh: 误, en: Wrong}, formula: value(gpd), unit: percent, decimals: 1}\n"
    )
    problems = check_files(
        tiny_city(variables=variables, indicators=indicators), extra=(check_mappings, check_indicators)
    )
    assert [(each.where.file, each.rule.id) for each in problems] == [
        ("indicators.yaml", "formula-unknown-variable"),
        ("mappings/figures.yaml", "field-missing"),
        ("mappings/figures.yaml", "field-missing"),
        ("variables.yaml", "field-unknown"),
    ]
