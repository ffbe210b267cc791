"""A currency beside a figure that is not the figure's stops the report."""

from __future__ import annotations

import pytest
from report.zhangjiagang_report import FOLDER, city, template_of

from shazhou.report.checks import currency


def found(text: str, language: str = "zh") -> list[str]:
    return [problem.found for problem in currency.check_template(template_of(text, language), city(), language)]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_templates_that_ship_name_no_wrong_currency(language):
    text = (FOLDER / "report" / f"work_report.{language}.md").read_text(encoding="utf-8")
    assert found(text, language) == []


@pytest.mark.parametrize(
    ("sentence", "wrong"),
    [
        ("进出口人民币{{ trade_total }}。", "人民币"),
        ("进出口{{ trade_total }}（人民币）。", "人民币"),
        ("进出口{{ trade_total }}亿美元（以人民币计）。", "人民币"),
        ("折合人民币约 **{{ trade_total }}** 。", "人民币"),
        ("生产总值美元{{ gdp }}。", "美元"),
        ("生产总值{{ gdp }}（欧元）。", "欧元"),
        ("企业人民币{{ above_scale_industrial_firms }}。", "人民币"),
    ],
)
def test_another_currency_directly_beside_a_figure_is_found(sentence, wrong):
    assert found(sentence) == [wrong]


@pytest.mark.parametrize(
    ("sentence", "wrong"),
    [
        ("Trade came to RMB {{ trade_total }}.", ["RMB"]),
        ("Trade came to {{ trade_total }} (in yuan).", ["yuan"]),
        ("Output came to ${{ gdp }}.", ["$"]),
        ("Output came to RMB {{ gdp }}, trade to US${{ trade_total }}.", []),
        ("Output came to {{ gdp }} billion yuan.", []),
    ],
)
def test_currencies_of_english_sentences(sentence, wrong):
    assert found(sentence, "en") == wrong


@pytest.mark.parametrize(
    "sentence",
    [
        "生产总值人民币{{ gdp }}，进出口{{ trade_total }}（美元）。",
        "以人民币结算的业务，进出口{{ trade_total }}；人民币稳定。",
    ],
)
def test_the_figures_own_currency_or_one_that_stands_apart_passes(sentence):
    assert found(sentence) == []


def test_the_problem_names_figure_currency_and_sentence_in_both_languages():
    (problem,) = currency.check_template(template_of("好。\n人民币{{ trade_total }}。"), city(), "zh")
    assert problem.where.row == 2
    for language in ("zh", "en"):
        assert "USD" in problem.says(language) and "人民币{{trade_total}}。" in problem.says(language)
