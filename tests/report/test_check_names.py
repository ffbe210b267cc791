"""Names of the definitions and terms of report.yaml carry no amounts into a report."""

from __future__ import annotations

import pytest
from report.zhangjiagang_report import city, template

from shazhou.city.model import City, Text
from shazhou.city.problem import Problem
from shazhou.report.checks import names

TARGET = "smart_manufacturing_key_projects_2021"
"""100 projects."""
MONEY = "industrial_output_above_scale_2025"
"""6,500 times 100 million yuan, or 650 billion."""


def renamed(kind: str, id: str, name: str) -> City:
    defined = dict(getattr(city(), kind))
    defined[id] = defined[id].model_copy(update={"name": Text(zh=name, en=name)})
    return city().model_copy(update={kind: defined})


def problems(changed: City, language: str = "zh", more: tuple[str, ...] = ()) -> list[Problem]:
    terms = (*template(language).terms, *more)
    return list(names.check_names(changed, language, terms))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_names_and_terms_of_the_city_that_ships_pass(language):
    assert problems(city(), language) == []
    assert list(names.check_terms(template(language).terms, language)) == []


@pytest.mark.parametrize("term", ["5800亿元", "三百家", "百强", "9999", "超5800亿元", "两成", "百分之五", "八大"])
def test_a_term_that_is_a_bare_number_is_refused(term):
    assert [problem.found for problem in names.check_terms((term,), "zh")] == [term]


@pytest.mark.parametrize("term", ["300", "three hundred", "over 5,800 billion yuan", "8%"])
def test_an_english_term_that_is_a_bare_number_is_refused(term):
    assert [problem.found for problem in names.check_terms((term,), "en")] == [term]


def test_terms_that_are_more_than_a_number_pass():
    assert list(names.check_terms(("一本账", "三次产业", "“十四五”", "百强名单"), "zh")) == []
    assert list(names.check_terms(("the 14th Five-Year Plan", "Top 100 towns"), "en")) == []


@pytest.mark.parametrize(
    ("name", "amount"),
    [
        ("冶金新材料（五千亿元）", "五千亿元"),
        ("9999亿元装备产业", "9999亿元"),
        ("8888", "8888"),
        ("冶金新材料8888", "8888"),
        ("三百家企业", "三百家"),
        ("增长8%的产业", "8%"),
        ("500亿产业", "500亿"),
    ],
)
@pytest.mark.parametrize(("kind", "id"), [("industries", "metallurgy"), ("places", "320582100"), ("indicators", "gdp")])
def test_an_amount_in_a_name_is_refused_unless_it_is_a_term(kind, id, name, amount):
    (problem,) = problems(renamed(kind, id, name))
    assert (problem.rule.id, problem.found) == ("report-name-amount", amount)
    assert id in problem.says("zh") and name in problem.says("en")
    whole = f"{name}之乡"
    assert problems(renamed(kind, id, whole), more=(whole,)) == []


@pytest.mark.parametrize("name", ["9,999 billion yuan of steel", "Steel 8888", "Five thousand tonnes", "Steel, up 8%"])
def test_an_amount_in_an_english_name_is_refused(name):
    assert [problem.rule.id for problem in problems(renamed("industries", "metallurgy", name), "en")] == [
        "report-name-amount"
    ]


@pytest.mark.parametrize(
    "name", ["5G基站", "PM2.5浓度", "世界500强", "千亿级产业集群", "第七次人口普查", "较2020年增长", "三次产业"]
)
def test_a_number_that_names_and_does_not_count_passes(name):
    assert problems(renamed("industries", "metallurgy", name)) == []


@pytest.mark.parametrize("name", ["5G sites", "PM2.5", "Fortune Global 500 companies", "Growth since 2020"])
def test_an_english_number_that_names_and_does_not_count_passes(name):
    assert problems(renamed("industries", "metallurgy", name), "en") == []


@pytest.mark.parametrize(
    ("id", "name", "language"),
    [
        (TARGET, "实施100个智能制造重点项目", "zh"),
        (TARGET, "100 key projects", "en"),
        (MONEY, "产值达到6500亿元", "zh"),
        (MONEY, "Output of 650 billion yuan", "en"),
        (MONEY, "世界500强企业的产值（四大产业）", "zh"),
    ],
)
def test_the_name_of_a_target_may_say_its_own_value(id, name, language):
    assert problems(renamed("targets", id, name), language) == []


@pytest.mark.parametrize(
    ("id", "name", "language"),
    [
        (TARGET, "实施1000个智能制造重点项目", "zh"),
        (TARGET, "实施一千个智能制造重点项目", "zh"),
        (TARGET, "实施100亿元智能制造重点项目", "zh"),
        (TARGET, "200 key projects", "en"),
        (MONEY, "产值达到6500万元", "zh"),
        (MONEY, "Output of 6500 billion yuan", "en"),
    ],
)
def test_the_name_of_a_target_may_say_no_other_value(id, name, language):
    (problem,) = problems(renamed("targets", id, name), language)
    assert problem.rule.id == "report-target-name"
    assert id in problem.says("zh") and f"{city().targets[id].value:f}" in problem.says("en")


def test_the_city_and_the_door_of_an_indicator_hold_no_amount_either():
    (problem,) = problems(city().model_copy(update={"name": Text(zh="张家港300家", en="Zhangjiagang")}))
    assert problem.found == "300家"
    indicators = dict(city().indicators)
    indicators["gdp"] = indicators["gdp"].model_copy(update={"door": "五千亿元的报表"})
    (problem,) = problems(city().model_copy(update={"indicators": indicators}))
    assert problem.found == "五千亿元"
