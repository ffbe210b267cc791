"""The city that ships with the source: in order, and with nothing of its evidence left out."""

from __future__ import annotations

import csv
import re
import unicodedata
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest

from shazhou.city.check import check
from shazhou.city.folder import read_city
from shazhou.city.model import City
from shazhou.city.period import Period
from shazhou.city.unit import UNITS
from shazhou.intake.mapping_check import check_mappings
from shazhou.measure.check import check_indicators

FOLDER = Path(__file__).parents[2] / "cities" / "zhangjiagang"


@cache
def city() -> City:
    return read_city(FOLDER)


@cache
def evidence(name: str) -> list[dict[str, str]]:
    with (FOLDER / "evidence" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_folder_is_in_order() -> None:
    assert check(FOLDER, extra=[check_mappings, check_indicators]) == ()


def test_every_published_indicator_is_a_variable_and_an_indicator_in_the_published_unit() -> None:
    published = {row["indicator"]: row["unit"] for row in evidence("observations")}
    assert len(published) == 194
    for name, unit in published.items():
        assert city().variables[name].unit == unit
        assert (city().indicators[name].formula, city().indicators[name].unit) == (f"value({name})", unit)


def test_every_published_value_can_be_shown_as_printed_and_lies_in_the_variables_range() -> None:
    assert len(evidence("observations")) == 360
    for row in evidence("observations"):
        value, variable = Decimal(row["value"]), city().variables[row["indicator"]]
        assert -value.as_tuple().exponent <= city().indicators[row["indicator"]].decimals
        assert variable.minimum is None or value >= variable.minimum
        assert variable.maximum is None or value <= variable.maximum


def test_a_growth_rate_states_the_growth_of_a_level_in_a_unit_that_grows() -> None:
    rates = [variable for variable in city().variables.values() if variable.growth_of]
    assert {"gdp_growth", "retail_sales_growth", "resident_population_growth"} <= {rate.id for rate in rates}
    for rate in rates:
        assert rate.unit == "percent"
        assert city().variables[rate.growth_of].measure != "attribute"
    assert city().variables["gdp_growth"].price_basis == "comparable"
    assert city().variables["general_budget_revenue_growth"].price_basis == "nominal"


def test_every_cited_title_is_a_source_once() -> None:
    titles = [source.title for source in city().sources.values()]
    cited = {row["source_title"] for row in evidence("observations")}
    assert len(cited) == 56
    assert cited <= set(titles)
    assert len(titles) == len(set(titles))


def test_a_statistical_communique_outranks_all_others_and_a_machine_summary_nearly_all() -> None:
    order = [rank.id for rank in city().precedence]
    assert order[0] == "communique"
    assert (
        order.index("work_report")
        < order.index("plan_report")
        < order.index("state_media")
        < order.index("third_party")
    )
    assert order.index("summary") > order.index("third_party")
    assert city().sources["communique_2021"].rank == "communique"
    assert all(source.rank == "summary" for source in city().sources.values() if "summary" in source.title)


def test_the_eight_leading_industries_are_four_and_four() -> None:
    groups = {key: industry.group for key, industry in city().industries.items() if industry.group}
    assert [key for key, group in groups.items() if group == "established"] == [
        *("metallurgy", "equipment", "chemicals", "textiles"),
    ]
    assert [key for key, group in groups.items() if group == "emerging"] == [
        *("new_energy", "digital", "biomedicine", "semiconductors"),
    ]
    assert all(city().industries[key].codes and city().industries[key].stages for key in groups)
    assert (city().industries["hydrogen"].part_of, city().industries["automotive"].part_of) == (
        "new_energy",
        "equipment",
    )


def test_every_industry_of_the_evidence_is_an_industry_of_the_city() -> None:
    known = {industry.name.zh for industry in city().industries.values()}
    stated = {row["industry"] for row in (*evidence("projects"), *evidence("enterprises"))}
    subjects = {
        row["subject"].removeprefix("industry:") for row in evidence("observations") if "industry:" in row["subject"]
    }
    assert stated | subjects <= known


def test_every_division_of_the_evidence_is_a_place_with_its_code_names_and_source() -> None:
    places = {place.name.zh: place for place in city().places.values()}
    for row in evidence("places"):
        place = places[row["name_zh"]]
        assert (place.code, place.name.en, place.kind, place.source) == (
            *(row["code"], row["name_en"], row["kind"], row["source_url"]),
        )
        assert row["note"] in place.note
        assert row["parent_code"] in (place.parent, *re.findall(r"\d+", place.note))


def test_every_subject_of_a_place_stands_for_one_place() -> None:
    aliases = {alias: place.key for place in city().places.values() for alias in place.aliases}
    subjects = {row["subject"] for row in evidence("places")} - {""}
    stated = {
        row["subject"] for row in evidence("observations") if row["subject"].startswith(("city", "town:", "zone:"))
    }
    assert stated | subjects <= set(aliases)
    assert aliases["town:金港(保税区)"] == "jingang"


def test_units_that_share_an_administration_stand_under_one_place_so_that_nothing_counts_twice() -> None:
    below = sorted(place.key for place in city().places.values() if place.parent == "320582")
    assert below == [
        *("320582100", "320582101", "320582103", "320582104", "320582105", "320582106", "320582107"),
        *("320582400", "320582407", "jingang"),
    ]
    assert {"320582001", "320582002", "320582003", "320582403", "chemical_park"} < city().descendants("jingang")
    assert city().places["320582401"].parent == "320582100"
    assert city().places["hightech_zone"].parent == "320582101"
    assert city().places["320582406"].parent == "320582103"


def test_no_town_has_an_outline_for_none_is_published() -> None:
    towns = city().descendants("320582") - {"320582"}
    assert not any(city().places[key].outline for key in towns)
    assert city().places["320582"].outline == "outlines/zhangjiagang_320582.geojson#320582"


def test_the_headline_targets_are_the_two_of_the_work_report_of_2021() -> None:
    headline = {key: target for key, target in city().targets.items() if target.headline}
    assert {(target.indicator, target.value, target.period) for target in headline.values()} == {
        ("key_projects_started", Decimal(100), "2021"),
        ("enterprises_online", Decimal(500), "2021"),
    }
    assert {city().sources[target.source].date for target in headline.values()} == {"2021-01-15"}
    assert list(city().targets)[:2] == list(headline)


def test_every_published_target_is_a_target_with_its_source() -> None:
    published = [row for row in evidence("observations") if row["kind"] == "target"]
    stated = sorted(
        (str(target.value), target.unit, city().sources[target.source].title) for target in city().targets.values()
    )
    assert stated == sorted((row["value"], row["unit"], row["source_title"]) for row in published)
    for target in city().targets.values():
        assert UNITS[target.unit].base == UNITS[city().indicators[target.indicator].unit].base
        assert Period.parse(target.period).end.year >= 2020


@pytest.mark.parametrize(
    ("target", "direction", "period", "start"),
    [
        ("industrial_output_above_scale_2025", ">", "2025", ""),
        ("listed_companies_2025", ">=", "2025", ""),
        ("innovation_carrier_area_added_5y_total_2025", ">", "2021-01-01/P5Y", "2021"),
        ("new_tech_projects_3y_total_2026", ">=", "2024-01-01/P3Y", "2024"),
        ("quarter_major_projects_2023_03", ">=", "2023-Q1", ""),
    ],
)
def test_directions_and_periods_are_those_of_the_promise(target: str, direction: str, period: str, start: str) -> None:
    found = city().targets[target]
    assert (found.direction, found.period, found.start) == (direction, period, start)


def test_a_promise_without_a_year_has_no_deadline_to_miss() -> None:
    undated = {key for key, target in city().targets.items() if target.undated}
    assert undated == {
        f"cluster_scale_etdz_{key}_2025_10" for key in ("semiconductors", "equipment", "automotive", "textiles")
    }


def test_only_identical_names_or_stock_codes_make_two_enterprises_one() -> None:
    codes = {row["name_zh_short"]: row["code"] for row in evidence("listed_firms")}
    codes |= {row["name_zh"]: row["listed_code"] for row in evidence("industrial_enterprises")}
    confirmed = [row for row in evidence("matches") if row["ruling"] == "same"]
    assert len(confirmed) == 4
    for row in confirmed:
        first, second = (unicodedata.normalize("NFKC", row[column]) for column in ("alias", "same_as"))
        assert first == second or (codes[row["alias"]] and codes[row["alias"]] == codes[row["same_as"]])


def test_a_match_names_enterprises_of_the_evidence() -> None:
    known = {row["name_zh"] for row in (*evidence("enterprises"), *evidence("industrial_enterprises"))}
    known |= {row["name_zh_short"] for row in evidence("listed_firms")}
    known |= {row["subject"].removeprefix("enterprise:") for row in evidence("observations")}
    for row in evidence("matches"):
        assert {row["alias"], row["same_as"]} <= known


def test_the_enterprises_online_are_counted_by_the_rule_for_presence() -> None:
    rule = city().presence
    counted = f"count(online_days >= {rule.days} and challenges_passed >= {rule.challenges})"
    assert city().indicators["enterprises_online"].formula == counted
