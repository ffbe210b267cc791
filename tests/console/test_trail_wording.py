"""Formulas are told in words."""

from __future__ import annotations

import pytest
from console_texts import without_chinese
from django.utils import translation
from small_city import city_files

from shazhou.city.folder import parse_city
from shazhou.console.trail.wording import condition, in_words
from shazhou.measure.formula import parse, parse_condition

CITY = parse_city(city_files({}))


@pytest.mark.parametrize(
    ("formula", "english", "chinese"),
    [
        ("value(gdp)", "“gdp” as stated of the place", "对该地方所述的“gdp”"),
        ("sum(output)", "sum of “output” over all enterprises", "全部企业的“output”之和"),
        (
            "share(sum(output), value(gdp))",
            "sum of “output” over all enterprises as a percentage of “gdp” as stated of the place",
            "全部企业的“output”之和占对该地方所述的“gdp”的百分比",
        ),
        (
            "count(staff >= 20)",
            "number of enterprises where “staff” ≥ 20 persons",
            "满足 “staff” ≥ 20 人 的企业数",
        ),
        (
            "(sum(output) - value(gdp)) / sum(staff)",
            "(sum of “output” over all enterprises − “gdp” as stated of the place) ÷ "
            "sum of “staff” over all enterprises",
            "(全部企业的“output”之和 − 对该地方所述的“gdp”) ÷ 全部企业的“staff”之和",
        ),
        (
            "yoy(value(gdp))",
            "change of “gdp” as stated of the place against the same period a year earlier, in per cent",
            "对该地方所述的“gdp”的同比增长率（%）",
        ),
    ],
)
def test_a_formula_reads_in_both_languages(formula: str, english: str, chinese: str) -> None:
    expression = parse(formula, CITY.variables)
    with translation.override("en"):
        assert in_words(expression, CITY) == english
    with translation.override("zh-hans"):
        assert in_words(expression, CITY) == chinese


def test_a_condition_keeps_what_belongs_together() -> None:
    asked = parse_condition('(size == "large" or size == "small") and staff > 5', CITY.variables)
    with translation.override("en"):
        assert condition(asked, CITY) == "(“size” = large or “size” = small) and “staff” > 5 persons"


@pytest.mark.parametrize("room", ["trail", "documents", "ledger", "report"])
def test_every_text_has_its_chinese(room: str) -> None:
    assert without_chinese(room) == []
