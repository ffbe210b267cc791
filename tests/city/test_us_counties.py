"""The second city folder: other real data, the same engine."""

from __future__ import annotations

from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq

from shazhou.city.check import check
from shazhou.city.folder import read_city
from shazhou.intake.mapping_check import check_mappings
from shazhou.measure.check import check_indicators

FOLDER = Path(__file__).parents[2] / "examples" / "us-counties"
PANEL = FOLDER / "evidence" / "us_cbp_county_naics4_2017_2021.parquet"


def test_the_folder_is_in_order() -> None:
    assert check(FOLDER, extra=[check_mappings, check_indicators]) == ()


def test_every_county_and_industry_of_the_panel_is_defined() -> None:
    city = read_city(FOLDER)
    panel = pq.read_table(PANEL, columns=["county_fips", "naics"])
    counties = set(panel.column("county_fips").unique().to_pylist())
    assert (len(counties), panel.num_rows) == (3119, 1_164_563)
    assert counties <= {key for key, place in city.places.items() if place.kind == "county"}
    assert set(panel.column("naics").unique().to_pylist()) <= set(city.industries)


def test_the_state_that_the_mapping_ignores_says_nothing_that_the_county_does_not() -> None:
    panel = pq.read_table(PANEL, columns=["county_fips", "state"]).group_by(["county_fips", "state"]).aggregate([])
    states = {place.code: place.aliases[0] for place in read_city(FOLDER).places.values() if place.kind == "state"}
    for county, state in zip(panel.column("county_fips").to_pylist(), panel.column("state").to_pylist(), strict=True):
        assert states[county[:2]] == state


def test_industries_form_the_tree_of_the_classification() -> None:
    industries = read_city(FOLDER).industries
    assert industries["3111"].part_of == "311"
    assert industries["311"].part_of == "31-33"
    assert industries["31-33"].name.zh == "制造业"
    assert all(industry.codes == (key,) for key, industry in industries.items() if len(key) == 4)


def test_every_county_of_the_panel_has_an_outline_and_all_but_the_smallest_a_centre() -> None:
    city = read_city(FOLDER)
    counties = pc.unique(pq.read_table(PANEL, columns=["county_fips"]).column("county_fips")).to_pylist()
    assert all(city.places[key].outline for key in counties)
    assert [city.places[key].name.en for key in counties if city.places[key].latitude is None] == ["Falls Church city"]
