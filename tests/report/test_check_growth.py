"""Growth that its two levels do not give stops the report; growth at comparable prices or across a revised base says so
and passes."""

from __future__ import annotations

from functools import cache

import pytest
from report.zhangjiagang_report import TODAY, city, draft, draft_of, measure_of, template_of

from shazhou.measure.measure import Measure
from shazhou.report.checks import growth
from shazhou.report.compose.composing import Draft, compose
from shazhou.report.words.growth import growth_of

REVENUE = "一般公共预算收入增长{{ general_budget_revenue_growth period=(year-2) }}。"
GDP = "地区生产总值增长{{ gdp_growth }}。"


@cache
def nominal() -> Measure:
    """The city with a misprinted growth of revenue in 2019 and GDP growth that is said to be nominal."""

    def misprinted(text: str) -> str:
        return text.replace(
            "city,general_budget_revenue_growth,一般公共预算收入增速,2019,5.8,",
            "city,general_budget_revenue_growth,一般公共预算收入增速,2019,7.8,",
        )

    def without_basis(text: str) -> str:
        start = text.index("\ngdp_growth:")
        return text[:start] + text[start:].replace("price_basis: comparable", "price_basis: nominal", 1)

    return measure_of(observations=misprinted, variables=without_basis, indicators=without_basis)


def mutated(text: str) -> Draft:
    return compose(nominal(), template_of(text), 2021, "zh", TODAY)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_all_growth_in_the_reports_that_ship_passes(language):
    assert list(growth.check_draft(draft(language), city())) == []


def test_published_growth_at_comparable_prices_passes_and_says_so():
    made = draft_of(GDP)
    (entry,) = made.document.trail
    now, before = made.quotes.levels(entry.quote.figure)
    least, most = growth.growth_between(now, before)
    assert str(entry.quote.figure.value) == "8.0"
    assert f"{least:.1f}" == f"{most:.1f}" == "12.8"
    assert entry.quote.marks == ("按可比价",)
    assert list(growth.check_draft(made, city())) == []


def test_nominal_growth_within_rounding_of_its_levels_passes():
    assert list(growth.check_draft(draft_of(REVENUE), city())) == []


def test_nominal_growth_that_its_levels_do_not_give_stops_the_report_with_sentence_and_reason():
    (problem,) = growth.check_draft(mutated(REVENUE), nominal().city)
    assert problem.rule.id == "report-growth"
    assert problem.found == "7.8"
    assert problem.where.row == 1
    for language in ("zh", "en"):
        said = problem.says(language)
        assert "一般公共预算收入增长" in said
        assert "247.00" in said and "233.40" in said and "5.5" in said


def test_growth_of_gdp_would_stop_the_report_if_it_were_said_to_be_nominal():
    (problem,) = growth.check_draft(mutated(GDP), nominal().city)
    assert problem.found == "8.0"
    assert "12.79 to 12.79" in problem.says("en")


def test_nominal_growth_onto_a_revised_base_passes_and_is_marked():
    made = mutated("地区生产总值增长{{ gdp_growth period=2020 }}。")
    (entry,) = made.document.trail
    assert entry.quote.marks == ("口径调整",)
    assert list(growth.check_draft(made, nominal().city)) == []


def test_growth_in_a_table_is_checked_too():
    made = mutated(
        '{{ table: rows=indicators of=general_budget_revenue_growth columns=periods from=2019 to=2021 title="增速" }}'
    )
    (problem,) = growth.check_draft(made, nominal().city)
    assert "增速" in problem.says("zh")


def test_an_indicator_knows_whether_it_states_growth():
    assert growth_of(city(), "gdp") is None
    stated = growth_of(city(), "gdp_growth")
    assert stated is not None and (stated.level, stated.basis, stated.stated) == ("gdp", "comparable", True)
    computed = growth_of(city(), "gdp_growth_nominal")
    assert computed is not None and (computed.level, computed.basis, computed.stated) == ("gdp", "nominal", False)
