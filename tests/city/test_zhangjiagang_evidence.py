"""What the city's mappings make of its evidence: periods, qualifiers and statuses as the sources mean them."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import ibis
import pytest

from shazhou.city.folder import read_city
from shazhou.city.model import City
from shazhou.intake.load import load_evidence
from shazhou.ledger.ledger import Ledger

FOLDER = Path(__file__).parents[2] / "cities" / "zhangjiagang"


@cache
def city() -> City:
    return read_city(FOLDER)


@cache
def loaded() -> dict[str, list[dict[str, Any]]]:
    """Observations by document, as `shazhou load` puts them into a ledger."""
    with TemporaryDirectory() as folder:
        ledger = Ledger.create(Path(folder) / "ledger")
        documents = {each.sequence: each.document_name for each in load_evidence(ledger, city(), FOLDER)}
        connection = ibis.duckdb.connect()
        rows = connection.to_pyarrow(ledger.observations(connection)).to_pylist()
        connection.disconnect()
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(documents[row["sequence"]], []).append(row)
    return found


@cache
def figures() -> dict[int, dict[str, Any]]:
    """The observations of observations.csv by row."""
    return {row["row"]: row for row in loaded()["observations.csv"] if row["value"] is not None}


@cache
def given() -> dict[int, dict[str, str]]:
    with (FOLDER / "evidence" / "observations.csv").open(encoding="utf-8", newline="") as file:
        return dict(enumerate(csv.DictReader(file), start=2))


def rows_of(document: str) -> int:
    with (FOLDER / "evidence" / document).open(encoding="utf-8", newline="") as file:
        return len(list(csv.DictReader(file)))


def test_every_row_of_the_published_figures_is_one_observation_with_all_it_said() -> None:
    assert set(figures()) == set(given())
    for number, row in given().items():
        made = figures()[number]
        assert made["variable"] == row["indicator"]
        assert (made["given"], made["unit"], made["kind"]) == (row["value"], row["unit"], row["kind"])
        assert (made["label"], made["note"]) == (row["indicator_zh"], row["note"])
        assert (made["source"], made["source_date"], made["source_address"]) == (
            *(row["source_title"], row["source_date"], row["source_url"]),
        )


def test_no_two_rows_of_one_source_are_about_the_same() -> None:
    keys = [
        tuple(row[name] for name in ("entity", "industry", "variable", "kind", "start", "end", "source"))
        for row in figures().values()
    ]
    assert len(set(keys)) == len(keys) == 360


RANGES = {
    ("fixed_asset_investment_5y_total", "2016"): "2012-01-01/P5Y",
    ("industry_university_platforms_added_5y", "2016"): "2012-01-01/P5Y",
    ("started_completed_projects_investment", "2019"): "2019-01-01/P11M",
    ("industrial_output_above_scale", "2021-06"): "2021-01-01/P6M",
    ("strategic_emerging_output", "2021-06"): "2021-01-01/P6M",
    ("strategic_emerging_share", "2021-06"): "2021-01-01/P6M",
    ("new_listed_companies", "2021-08"): "2021-01-01/P8M",
    ("quarter_foreign_projects", "2023-03"): "2023-Q1",
    ("quarter_foreign_projects_investment", "2023-03"): "2023-Q1",
    ("quarter_major_projects", "2023-03"): "2023-Q1",
    ("quarter_major_projects_investment", "2023-03"): "2023-Q1",
    ("major_projects_completion_rate", "2023-06"): "2023-01-01/P6M",
    ("major_projects_completion_rate", "2023-09"): "2023-01-01/P9M",
    ("gdp_growth", "2025-09"): "2025-01-01/P9M",
    ("industrial_output_above_scale_share_of_city", "2025-09"): "2025-01-01/P9M",
    ("industrial_value_added_growth", "2025-10"): "2025-01-01/P10M",
    ("industrial_investment_5y_total", "2025"): "2021-01-01/P5Y",
    ("industrial_investment_growth_avg_5y", "2025"): "2021-01-01/P5Y",
    ("industrial_output_above_scale_growth_avg_5y", "2025"): "2021-01-01/P5Y",
    ("industry_university_projects_cumulative", "2025"): "2021-01-01/P5Y",
    ("innovation_carrier_area_added_5y_total", "2025"): "2021-01-01/P5Y",
    ("new_above_scale_firms_5y_total", "2025"): "2021-01-01/P5Y",
    ("new_tech_projects_3y_total", "2026"): "2024-01-01/P3Y",
}


def test_year_to_date_and_multi_year_values_are_ranges_and_all_others_keep_their_period() -> None:
    made = {
        (row["indicator"], row["period"]): figures()[number]["period"]
        for number, row in given().items()
        if figures()[number]["period"] != row["period"]
    }
    assert made == RANGES


@pytest.mark.parametrize(
    ("indicator", "period", "value", "qualifier"),
    [
        ("above_scale_industrial_firms", "2021-08", "1300", ">"),
        ("hightech_enterprises", "2020-10", "600", "<"),
        ("innovation_points_enterprises", "2025", "8000", "<"),
        ("listed_companies", "2025", "35", ">="),
        ("low_efficiency_land_renewed", "2026", "650", ">="),
        ("industrial_output_above_scale", "2025", "6500", ">"),
        ("tech_enterprises_cluster", "2028", "10000", ">"),
        ("cluster_output_metallurgy_glass", "2024", "2000", ">"),
        ("population", "2023", "17", "≈"),
        ("population", "2019", "20", "<"),
        ("chemical_share_of_output", "2025", "45", "≈"),
        ("output", "2024", "1000", ">"),
        ("output", "2025", "100", ">"),
        ("enterprises", "2019-01", "30", "≈"),
    ],
)
def test_what_the_source_says_about_a_number_is_its_qualifier(
    indicator: str, period: str, value: str, qualifier: str
) -> None:
    wanted = (indicator, period, value)
    rows = [number for number, row in given().items() if (row["indicator"], row["period"], row["value"]) == wanted]
    assert {figures()[number]["qualifier"] for number in rows} == {qualifier}


def test_a_forecast_of_about_eight_percent_and_the_later_figure_of_eight_differ_in_their_qualifier() -> None:
    growth = [row for row in figures().values() if (row["variable"], row["period"]) == ("gdp_growth", "2021")]
    assert {(row["kind"], row["qualifier"]) for row in growth} == {("forecast", "≈"), ("actual", "=")}


@pytest.mark.parametrize(
    ("indicator", "value"),
    [
        ("output", "140"),
        ("output", "5"),
        ("population", "9"),
        ("area", "135"),
        ("gdp", "2850"),
        ("gdp", "2686.6"),
        ("industrial_enterprises_to_cloud", "500"),
        ("industrial_output_above_scale_share_of_city", "28.5"),
        ("new_tech_projects_3y_total", "5000"),
    ],
)
def test_words_about_another_number_do_not_qualify_this_one(indicator: str, value: str) -> None:
    found = [
        figures()[n]["qualifier"]
        for n, row in given().items()
        if (row["indicator"], row["value"]) == (indicator, value)
    ]
    assert set(found) == {"="}


def test_forecasts_first_estimates_revised_bases_and_doubts_are_statuses() -> None:
    by_status: dict[str, set[str]] = {}
    for row in figures().values():
        by_status.setdefault(row["status"], set()).add(f"{row['variable']} {row['period']}")
        assert row["kind"] != "forecast" or row["status"] == "F"
    assert by_status["B"] == {"gdp 2020"}
    assert by_status["U"] == {"gdp_growth 2025-01-01/P9M", "industrial_value_added_growth 2025-01-01/P10M"}
    assert len(by_status["P"]) == 29
    assert "E" not in by_status


def test_what_the_source_expects_is_marked_as_expected_also_where_the_file_calls_it_actual() -> None:
    expected = {
        f"{row['variable']} {row['period']}"
        for row in figures().values()
        if (row["kind"], row["status"]) == ("actual", "F")
    }
    assert expected == {
        *("listed_companies 2017", "neeq_companies 2017"),
        *("characteristic_parks 2021", "new_projects_over_1bn_cny 2021"),
    }


def test_values_of_an_industry_are_cells_of_the_city_and_that_industry() -> None:
    for number, row in given().items():
        if row["subject"].startswith("industry:"):
            made = figures()[number]
            assert made["entity"] == "place:320582"
            assert city().industries[made["industry"]].name.zh == row["subject"].removeprefix("industry:")


@pytest.mark.parametrize(
    "document", ["places", "listed_firms", "industrial_enterprises", "enterprises", "matches", "projects"]
)
def test_every_row_of_every_other_document_is_observed(document: str) -> None:
    rows = {row["row"] for row in loaded()[f"{document}.csv"]}
    assert len(rows) == rows_of(f"{document}.csv")


def test_a_project_is_dated_by_its_start_or_by_the_next_best_date_that_is_published() -> None:
    names = {row["entity"]: row["text"] for row in loaded()["projects.csv"] if row["variable"] == "name"}
    dated = {
        names[row["entity"]]: row["period"] for row in loaded()["projects.csv"] if row["variable"] == "project_status"
    }
    assert dated["大族激光华东总部基地"] == "2022-06"
    assert dated["天鹏极片中心"] == "2021"
    assert dated["华灿光电项目"] == "2013"
    assert dated["张家港保税区化工中试基地(集成电路先进材料创新中心)"] == "2025-04"
    assert dated["铖沐新能源汽车轻量化零部件"] == "2024-12"
    assert len(dated) == 32


def test_a_project_without_a_published_town_has_no_place_of_its_own() -> None:
    placed = {row["entity"] for row in loaded()["projects.csv"] if row["variable"] == "place"}
    with (FOLDER / "evidence" / "projects.csv").open(encoding="utf-8", newline="") as file:
        towns = [row["town"] for row in csv.DictReader(file)]
    assert len(placed) == len([town for town in towns if town]) < len(towns)


def test_an_open_match_makes_nothing_one() -> None:
    merged = [row for row in loaded()["matches.csv"] if row["variable"] == "same_as"]
    ruled = [row for row in loaded()["matches.csv"] if row["variable"] == "match_ruling"]
    assert (len(merged), len(ruled)) == (4, 18)
    assert all(row["text"].startswith("enterprise:") and row["text"] != row["entity"] for row in merged)
    assert not {row["entity"] for row in merged} & {row["text"] for row in merged}
