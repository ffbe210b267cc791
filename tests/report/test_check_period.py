"""A year or period cannot pass for an amount."""

from __future__ import annotations

import pytest
from report.zhangjiagang_report import FOLDER, template_of

from shazhou.city.problem import Refused
from shazhou.report.checks import period


def found(text: str, language: str = "zh") -> list[str]:
    return [problem.found for problem in period.check_template(template_of(text, language), language)]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_templates_that_ship_write_no_unit_behind_a_period(language):
    text = (FOLDER / "report" / f"work_report.{language}.md").read_text(encoding="utf-8")
    assert found(text, language) == []


@pytest.mark.parametrize(
    ("sentence", "unit"),
    [
        ("新增{{ year+1 }}家企业。", "家"),
        ("增长{{ year }}%。", "%"),
        ("产值 **{{ year }}** 亿元。", "亿元"),
        ("产值{{ period: 2000 }}万元。", "万元"),
        ("引进{{ year }}百家。", "家"),
        ('{{ chart: bars of=gdp from=2019 to=2021 title="新增(year+1)家" }}', "家"),
    ],
)
def test_a_unit_behind_a_period_is_found(sentence, unit):
    assert found(sentence) == [unit]


def test_a_unit_behind_a_period_of_an_english_sentence_is_found():
    assert found("It grew by {{ year }}% to {{ year-1 }} billion yuan.", "en") == ["%", "billion yuan"]
    assert found("In {{ year }} the city grew; {{ year-1 }}, firms.", "en") == []


@pytest.mark.parametrize(
    "sentence",
    [
        "{{ year }}末，{{ year }}年度、{{ year }}人均。",
        "{{ year }}项目进展，{{ year }}个体工商户。",
        "{{ year }}千方百计。",
    ],
)
def test_other_words_behind_a_period_pass(sentence):
    assert found(sentence) == []


@pytest.mark.parametrize(
    "reference",
    ["{{ period: 3000 }}", "{{ period: 1899 }}", "{{ gdp period=2021-01-01/P90Y }}", "{{ gdp period=9999 }}"],
)
def test_a_period_beyond_the_times_that_a_report_tells_of_is_refused(reference):
    with pytest.raises(Refused) as refused:
        template_of(f"全市产值{reference}。")
    (problem,) = refused.value.problems
    assert problem.rule.id == "report-reference"
    assert "1900" in problem.says("zh") and "2100" in problem.says("en")


def test_the_first_and_the_last_year_pass():
    assert len(list(template_of("{{ period: 1900 }}至{{ period: 2100 }}。").references())) == 2
