"""A unit in the sentence that is not the figure's stops the report."""

from __future__ import annotations

import pytest
from report.zhangjiagang_report import FOLDER, city, template_of

from shazhou.report.checks import unit


def found(text: str, language: str = "zh") -> list[str]:
    return [problem.found for problem in unit.check_template(template_of(text, language), city(), language)]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_templates_that_ship_write_no_wrong_unit(language):
    text = (FOLDER / "report" / f"work_report.{language}.md").read_text(encoding="utf-8")
    assert found(text, language) == []


@pytest.mark.parametrize(
    ("sentence", "wrong"),
    [
        ("生产总值{{ gdp }}万元。", "万元"),
        ("生产总值{{ gdp }}亿美元。", "亿美元"),
        ("增长{{ gdp_growth }}个百分点。", "个百分点"),
        ("企业{{ above_scale_industrial_firms }}人。", "人"),
        ("人口{{ resident_population }}人。", "人"),
        ("增长{{ gdp_growth }}倍。", "倍"),
        ("进出口 **{{ trade_total }}** 亿元。", "亿元"),
    ],
)
def test_a_wrong_unit_is_found(sentence, wrong):
    assert found(sentence) == [wrong]


@pytest.mark.parametrize(
    "sentence",
    [
        "生产总值{{ gdp }}亿元，人均{{ gdp_per_capita }}万元。",
        "增长{{ gdp_growth }}%，增长{{ gdp_growth }}％。",
        "企业{{ above_scale_industrial_firms }}家，项目{{ projects_reported }}个项目。",
        "人口{{ resident_population }}万人；面积{{ innovation_carrier_area }}万平方米。",
        "聚焦{{ leading_industries }}项目标，{{ leading_industries }}人均、成为、位居。",
        "生产总值{{ gdp }}，居前列。",
    ],
)
def test_the_figures_own_unit_or_none_passes(sentence):
    assert found(sentence) == []


@pytest.mark.parametrize(
    ("sentence", "wrong"),
    [
        ("It was {{ gdp }} million yuan.", ["million yuan"]),
        ("It was {{ gdp }} billion yuan.", []),
        ("It was {{ trade_total }} billion yuan.", ["billion yuan"]),
        ("There were {{ above_scale_industrial_firms }} firms.", []),
        ("It grew {{ gdp_growth }} times.", ["times"]),
    ],
)
def test_units_of_english_sentences(sentence, wrong):
    assert found(sentence, "en") == wrong


def test_the_problem_says_which_unit_it_should_be_and_where():
    (problem,) = unit.check_template(template_of("好。\n生产总值{{ gdp }}万元。"), city(), "zh")
    assert problem.where.row == 2
    assert "亿元" in problem.says("zh") and "生产总值{{gdp}}万元。" in problem.says("en")
