"""How figures are printed: units, digits, scale and accuracy, marks."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from report.zhangjiagang_report import city

from shazhou.measure.figure import Figure
from shazhou.report.compose.quoting import quote
from shazhou.report.document import Quote


def figure(value: str, unit: str = "100m_cny", decimals: int = 2, **fields: object) -> Figure:
    plain = Figure(
        indicator="gdp",
        place="320582",
        industry="",
        period="2021",
        value=Decimal(value),
        unit=unit,
        decimals=decimals,
        kind="actual",
        status="actual",
        qualifier="=",
        observations=1,
        contributors=1,
        sources=(),
        disputed=False,
        others=(),
        simulated=False,
        recorded=False,
        break_in_series=False,
        head="0" * 64,
        definitions="",
    )
    return replace(plain, **fields)


def printed(given: Figure, language: str) -> str:
    made = quote(given, city(), language, 1)
    return f"{made.before}{'-' if made.negative else ''}{made.digits}{made.unit}"


@pytest.mark.parametrize(
    ("value", "unit", "decimals", "zh", "en"),
    [
        ("3030.21", "100m_cny", 2, "3030.21亿元", "303.021 billion yuan"),
        ("10.0000", "100m_usd", 4, "10亿美元", "1 billion US dollars"),
        ("21.10", "10k_cny", 2, "21.1万元", "211,000 yuan"),
        ("8.0", "percent", 1, "8.0%", "8.0%"),
        ("3.45", "percent", 2, "3.45%", "3.45%"),
        ("23", "percent", 0, "23%", "23%"),
        ("1432044", "persons", 0, "1432044人", "1,432,044 persons"),
        ("58.5", "million_tonnes", 1, "5850万吨", "58.5 million tonnes"),
        ("-146", "100m_cny", 0, "-146亿元", "-14.6 billion yuan"),
    ],
)
def test_a_figure_is_printed_in_the_units_of_each_language_without_losing_a_digit(value, unit, decimals, zh, en):
    given = figure(value, unit, decimals)
    assert printed(given, "zh") == zh
    assert printed(given, "en") == en


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(
    ("value", "unit", "decimals", "base"),
    [
        ("3030.21", "100m_cny", 2, "303021000000"),
        ("8.0", "percent", 1, "0.08"),
        ("21.10", "10k_cny", 2, "211000"),
        ("0.5947", "100m_usd", 4, "59470000"),
        ("135", "count", 0, "135"),
    ],
)
def test_digits_times_ten_to_the_scale_are_the_value_in_base_units(language, value, unit, decimals, base):
    made: Quote = quote(figure(value, unit, decimals), city(), language, 1)
    exact = Decimal(made.digits.replace(",", "")).scaleb(made.scale)
    assert exact == Decimal(base)
    assert round(exact, made.accuracy) == exact
    assert exact.quantize(Decimal(1).scaleb(-made.accuracy)) == exact


@pytest.mark.parametrize(
    ("qualifier", "zh", "en"),
    [
        (">", "超", "over "),
        (">=", "不少于", "at least "),
        ("<", "不足", "under "),
        ("≈", "约", "about "),
        ("=", "", ""),
    ],
)
def test_a_qualifier_stands_before_the_number(qualifier, zh, en):
    given = figure("1300", "count", 0, qualifier=qualifier)
    assert quote(given, city(), "zh", 1).before == zh
    assert quote(given, city(), "en", 1).before == en


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"status": "provisional"}, "初步核算数"),
        ({"status": "estimated"}, "估算数"),
        ({"status": "forecast"}, "预计数"),
        ({"kind": "forecast"}, "预计数"),
        ({"kind": "target"}, "目标"),
        ({"disputed": True}, "来源不一"),
        ({"simulated": True}, "模拟数据"),
        ({"recorded": True}, "回放数据"),
        ({"break_in_series": True}, "口径调整"),
    ],
)
def test_whatever_weakens_a_figure_becomes_a_mark(fields, word):
    assert quote(figure("1", **fields), city(), "zh", 1).marks == (word,)
    assert quote(figure("1"), city(), "zh", 1).marks == ()


def test_growth_says_its_price_basis_or_that_its_base_was_revised():
    comparable = figure("8.0", "percent", 1, indicator="gdp_growth")
    nominal = figure("5.5", "percent", 1, indicator="general_budget_revenue_growth")
    assert quote(comparable, city(), "zh", 1).marks == ("按可比价",)
    assert quote(nominal, city(), "zh", 1).marks == ("按现价",)
    assert quote(nominal, city(), "zh", 1, revised=True).marks == ("口径调整",)
    assert quote(comparable, city(), "en", 1).marks == ("at comparable prices",)
