"""The definitions: what the city folder says, and where each definition is used."""

from __future__ import annotations

import pytest
from console_texts import without_chinese
from django.test import Client
from real_city import ZHANGJIAGANG

from shazhou.city.folder import read_city
from shazhou.console.definitions.parts import NAMES, entries

EN = {"accept-language": "en"}
ZH = {"accept-language": "zh-hans"}


def page(site: Client, address: str, headers: dict[str, str] = EN) -> str:
    answer = site.get(address, headers=headers)
    assert answer.status_code == 200
    return answer.content.decode()


def test_every_part_is_listed_with_how_many_it_has(site: Client) -> None:
    told = page(site, "/definitions/")
    for part in NAMES:
        assert f"/definitions/{part}/" in told


@pytest.mark.parametrize("part", NAMES)
@pytest.mark.parametrize("headers", [EN, ZH], ids=["en", "zh"])
def test_the_first_and_the_last_definition_of_each_part_have_a_page(
    site: Client, part: str, headers: dict[str, str]
) -> None:
    listed = page(site, f"/definitions/{part}/", headers)
    known = entries(read_city(ZHANGJIAGANG), part, "en")
    for each in (known[0], known[-1]):
        assert f'/definitions/{part}/{each.key}/"' in listed
        page(site, f"/definitions/{part}/{each.key}/", headers)


def test_an_indicator_says_its_formula_in_words_and_symbols_and_where_it_is_used(site: Client) -> None:
    told = page(site, "/definitions/indicators/gdp/")
    assert "<code>value(gdp)</code>" in told
    assert "as stated of the place" in told
    promised = page(site, "/definitions/indicators/key_projects_started/")
    assert 'href="/definitions/targets/smart_manufacturing_key_projects_2021/"' in promised
    assert "the gross domestic product of the city came to {{gdp or=forecast}}" in told.replace("{{ ", "{{")


def test_a_sentence_of_the_report_is_shown_in_the_language_of_the_page(site: Client) -> None:
    assert "地区生产总值" in page(site, "/definitions/indicators/gdp/", ZH)
    assert "came to" not in page(site, "/definitions/indicators/gdp/", ZH)


def test_a_variable_says_which_indicators_read_it_and_which_mapping_brings_it(site: Client) -> None:
    assert 'href="/definitions/indicators/gdp/"' in page(site, "/definitions/variables/gdp/")
    assert 'href="/definitions/mappings/projects/"' in page(site, "/definitions/variables/investment_total/")


def test_a_source_says_which_promises_it_made(site: Client) -> None:
    told = page(site, "/definitions/sources/work_report_2021_chinadaily/")
    assert 'href="/definitions/targets/smart_manufacturing_key_projects_2021/"' in told


def test_a_promise_is_written_with_its_unit_and_sign_as_people_write_it(site: Client) -> None:
    told = page(site, "/definitions/targets/smart_manufacturing_key_projects_2021/", ZH)
    assert "≥100 个" in told and "&gt;=" not in told


def test_definitions_are_found_by_name_id_and_formula(site: Client) -> None:
    assert "/definitions/indicators/gdp_growth/" in page(site, "/definitions/indicators/?q=gdp_growth")
    assert "/definitions/indicators/gdp/" in page(site, "/definitions/indicators/?q=地区生产总值", ZH)
    assert "Nothing fits" in page(site, "/definitions/indicators/?q=zzzz")


@pytest.mark.parametrize(
    "address", ["/definitions/secrets/", "/definitions/variables/none/", "/definitions/?as_of=never"]
)
def test_what_is_not_defined_is_not_found(site: Client, address: str) -> None:
    assert site.get(address).status_code == 404


@pytest.mark.parametrize("room", ["definitions", "entities", "registers"])
def test_every_text_has_its_chinese(room: str) -> None:
    assert without_chinese(room) == []
