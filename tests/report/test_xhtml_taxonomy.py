"""Names, units and aspects of the taxonomy: what may be named how, and what keeps two facts apart."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from arelle_reading import read, written
from fact_documents import chance_document, chance_entry, chance_figure, expected, zhangjiagang

from shazhou.city.folder import read_city
from shazhou.city.model import Place, Text
from shazhou.city.unit import UNITS
from shazhou.report.compose.quoting import quote
from shazhou.report.xhtml.aspects import at_instant, coordinates, element_name
from shazhou.report.xhtml.taxonomy import measure_of, names, write_taxonomy
from shazhou.report.xhtml.xhtml import write_xhtml

ODD_KEYS = ["中国", "_x4e2d__x56fd_", "x", "ÅÄ", "a.b-c_d", "K", "٣"]


def test_names_of_elements_are_plain_and_never_collide() -> None:
    named = [element_name(key) for key in ODD_KEYS]
    assert len(set(named)) == len(ODD_KEYS)
    assert all(name.isascii() for name in named)
    assert element_name("320582") == "320582"
    assert element_name("new_energy") == "new_energy"


def test_the_namespace_follows_the_definitions_and_is_no_address() -> None:
    city = zhangjiagang()
    assert names(city).namespace == f"urn:shazhou:city:zhangjiagang:definitions:{city.version[:16]}"
    changed = names(city.model_copy(update={"version": "0" * 64}))
    assert changed.namespace != names(city).namespace
    assert changed.schema != names(city).schema


@pytest.mark.parametrize(
    ("unit", "measure"),
    [
        ("100m_cny", "iso4217:CNY"),
        ("10k_usd", "iso4217:USD"),
        ("percent", "xbrli:pure"),
        ("10k", "xbrli:pure"),
        ("million_tonnes", "city:tonnes"),
        ("km2", "city:m2"),
        ("10k_persons", "city:persons"),
        ("percentage_points", "city:percentage_points"),
    ],
)
def test_units_are_stated_in_their_base(unit: str, measure: str) -> None:
    assert measure_of(unit) == measure


def test_every_unit_has_a_measure() -> None:
    assert all(":" in measure_of(unit) for unit in UNITS)


def test_stocks_hold_at_a_moment_and_flows_over_a_period() -> None:
    city = zhangjiagang()
    assert at_instant(city, city.indicators["area_total"])
    assert not at_instant(city, city.indicators["gdp"])
    growth = city.indicators["area_total"].model_copy(update={"formula": "yoy(value(area_total))"})
    assert not at_instant(city, growth)


@pytest.mark.parametrize(
    "difference",
    [
        {"place": "320582100"},
        {"place": "enterprise:e1"},
        {"industry": "metallurgy"},
        {"period": "2021-12"},
        {"kind": "target"},
        {"status": "provisional"},
        {"qualifier": ">"},
        {"simulated": True},
        {"recorded": True},
        {"disputed": True},
        {"break_in_series": True},
    ],
    ids=lambda difference: next(iter(difference)),
)
def test_figures_that_differ_in_an_aspect_stand_in_different_contexts(difference: dict[str, object]) -> None:
    city = zhangjiagang()
    plain = replace(
        chance_figure(Random(0), city),
        **{"indicator": "area_total", "place": "320582", "industry": "", "period": "2021", "kind": "actual"},
        **{"status": "actual", "qualifier": "=", "simulated": False, "recorded": False, "disputed": False},
        **{"break_in_series": False, "others": ()},
    )
    assert coordinates(replace(plain, **difference), city) != coordinates(plain, city)


def test_places_of_any_name_and_other_cities_are_read_by_arelle(tmp_path: Path) -> None:
    counties = read_city(Path(__file__).parents[2] / "examples" / "us-counties")
    odd = {key: Place(key=key, name=Text(zh="<&>", en="a\x0bb"), kind="town", parent="nowhere") for key in ODD_KEYS}
    city = counties.model_copy(update={"places": dict(list(counties.places.items())[:50]) | odd, "id": "us & counties"})
    figures = [replace(chance_figure(Random(seed), city), place=ODD_KEYS[seed % 7]) for seed in range(40)]
    trail = tuple(chance_entry(quote(each, city, "en", n), city, "en") for n, each in enumerate(figures, 1))
    document = replace(chance_document(1, "en"), blocks=(), trail=trail)
    reading = read(written(tmp_path, write_xhtml(document, city), write_taxonomy(document, city)), tmp_path)
    assert reading.complaints == ()
    assert len(reading.facts) == len(expected(document, city))
    places = {dict(fact.dimensions)["PlaceDimension"] for fact in reading.facts}
    assert places == {f"Place.{element_name(key)}" for key in ODD_KEYS}
