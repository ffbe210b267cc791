"""The first page shows the promises, the map, what changed, and what is missing."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime, timedelta

import brotli
import pytest
from django.test import Client
from lxml import html

from shazhou.console.evidence import current
from shazhou.console.overview.visit import COOKIE, Visit

ENGLISH, CHINESE = {"accept-language": "en"}, {"accept-language": "zh-CN"}


def page(site: Client, address: str = "/", language: dict[str, str] = ENGLISH) -> html.HtmlElement:
    return html.fromstring(site.get(address, headers=language).content.decode())


def words(element: html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


def tile(found: html.HtmlElement, target: str) -> html.HtmlElement:
    [element] = found.xpath(f'//*[@id="{target}"]')
    return element


def option(found: html.HtmlElement) -> dict[str, object]:
    option: dict[str, object] = json.loads(found.xpath('string(//script[@id="map-option"])'))
    return option


def test_a_stranger_sees_the_headline_promises_and_that_there_is_no_evidence(site: Client) -> None:
    found = page(site).xpath('//div[contains(@class, "tiles-headline")]/article')
    assert [words(each)[:9] for each in found] == ["100 key s", "500 indus"]
    assert all("no evidence" in words(each) for each in found)
    assert "telemetry would bring it" in words(found[1])


def test_a_tile_says_what_was_promised_so_far_its_share_course_and_date_in_both_languages(site: Client) -> None:
    said = words(tile(page(site), "innovation_carrier_area_2025"))
    assert said.startswith("Floor space of incubators and innovation carriers 500 10,000 m² reached")
    assert "Promised>400 10,000 m² Share reached125.0 % Due2025-12-31 Figure of2025" in said
    said = words(tile(page(site, language=CHINESE), "innovation_carrier_area_2025"))
    assert said.startswith("科创载体面积 500 万平方米 已达到")
    assert "承诺值>400 万平方米 完成比例125.0 % 期限2025-12-31 数值时期2025年" in said


def test_every_number_of_a_tile_leads_to_a_trail(site: Client) -> None:
    element = tile(page(site), "innovation_carrier_area_2025")
    numbers = element.xpath('.//a[contains(@class, "figure")]')
    assert [words(each) for each in numbers] == ["500 10,000 m²", ">400 10,000 m²", "125.0 %"]
    assert all(each.get("href").startswith("/trail/?indicator=innovation_carrier_area&") for each in numbers)
    assert "kind=target" in numbers[1].get("href")
    points = element.xpath(".//figure//a")
    assert [each.get("aria-label") for each in points] == ["2022: 200 10,000 m²", "2025: 500 10,000 m²"]
    assert all(site.get(each.get("href")).status_code == 200 for each in [*numbers, *points])


def test_a_promise_that_no_document_states_leads_to_its_definition(site: Client) -> None:
    [link] = tile(page(site), "industrial_enterprises_to_cloud_2021").xpath('.//a[@class="figure"]')
    assert link.get("href") == "/definitions/targets/industrial_enterprises_to_cloud_2021/"
    assert site.get(link.get("href")).status_code == 200


def test_promises_are_listed_by_their_course(site: Client) -> None:
    found = page(site, "/?course=reached")
    assert [each.get("id") for each in found.xpath('//section[@id="promises"]//article')] == [
        "innovation_carrier_area_2025"
    ]
    assert not found.xpath('//section[@id="promises"]//table')
    [chosen] = found.xpath('//a[contains(@class, "chip")][@aria-current]')
    assert words(chosen) == "reached 1"
    assert "No other promise has this course" in words(page(site, "/?course=nonsense"))


def test_towns_stand_on_the_map_at_the_seats_on_record_and_nowhere_else(site: Client) -> None:
    found = page(site, "/?map=city&by=area&period=2019")
    city = current.city()
    towns = [place for place in city.places.values() if place.parent == city.root]
    seats = {
        (float(p.longitude), float(p.latitude)) for p in towns if p.longitude is not None and p.latitude is not None
    }
    regions, symbols = (each["data"] for each in option(found)["series"])  # type: ignore[attr-defined]
    assert {tuple(each["value"][:2]) for each in symbols} == seats and len(symbols) == 7
    assert regions == []
    assert "Tangqiao 94.40 km²" in words(found.xpath('//*[@class="beside"]')[0])
    jingang = next(each for each in symbols if each["title"] == "Jingang (Bonded Zone)")
    assert jingang["value"][2] == 135 and jingang["shown"] == "135.00 km²"
    assert site.get(jingang["address"]).status_code == 200


def test_counties_without_evidence_have_no_colour_and_the_page_says_so(site: Client) -> None:
    found = page(site, "/?map=jiangsu&by=gdp&period=2021")
    regions = option(found)["series"][0]["data"]  # type: ignore[index]
    assert [each["title"] for each in regions if "value" in each] == ["Zhangjiagang"]
    assert len(regions) == 95
    said = words(found.xpath('//section[@id="map"]')[0])
    assert "1 of 9 places have evidence for this; the others are left without colour." in said
    assert "86 more outlines are drawn for orientation" in said
    assert "3,030.21" in words(found.xpath('//section[@id="map"]//table')[0])


@pytest.mark.parametrize(
    ("address", "said", "chinese"),
    [
        ("/?map=mars", "The map has no map mars. Choose from the list.", "地图没有这个图幅：mars。"),
        ("/?by=nope", "The map has no indicator nope.", "地图没有这个指标：nope。"),
        ("/?by=area&period=1812", "The map has no period 1812.", "地图没有这个时期：1812。"),
    ],
)
def test_a_map_that_does_not_exist_is_answered_with_a_sentence_and_another_map(
    site: Client, address: str, said: str, chinese: str
) -> None:
    found = page(site, address)
    assert said in words(found.xpath('//section[@id="map"]//*[@role="alert"]')[0])
    assert option(found)["geo"]["map"] == "city"  # type: ignore[index]
    assert chinese in words(page(site, address, CHINESE))


def test_an_indicator_that_nothing_is_known_of_on_another_map_gives_way_with_a_word(site: Client) -> None:
    address = "/?map=suzhou&by=area&period=2019"
    said = words(page(site, address).xpath('//section[@id="map"]//*[@role="alert"]')[0])
    assert said.startswith("Nothing is known of “Area” on this map; Industrial enterprises above designated size")
    assert "本图没有“面积”的数据，现显示规上工业企业数。" in words(page(site, address, CHINESE))


def test_outlines_come_from_our_own_address_packed_and_kept(site: Client) -> None:
    [element] = page(site, "/?map=suzhou").xpath("//*[@data-outline]")
    plain = site.get(element.get("data-outline"))
    features = json.loads(plain.content)["features"]
    assert {each["properties"]["name"] for each in features} >= {"320582", "320581", "320583", "320585"}
    assert "immutable" in plain["Cache-Control"]
    packed = site.get(element.get("data-outline"), headers={"accept-encoding": "br"})
    assert brotli.decompress(packed.content) == plain.content
    assert len(packed.content) < 12_000
    assert site.get("/outlines/0000/suzhou.json").status_code == 404
    assert site.get(element.get("data-outline").replace("suzhou", "mars")).status_code == 404


def test_neighbours_share_their_border_on_the_map(site: Client) -> None:
    [element] = page(site, "/?map=suzhou").xpath("//*[@data-outline]")
    features = json.loads(site.get(element.get("data-outline")).content)["features"]
    points = {
        each["properties"]["name"]: {
            tuple(point) for polygon in each["geometry"]["coordinates"] for ring in polygon for point in ring
        }
        for each in features
    }
    assert len(points["320581"] & points["320582"]) > 20


def test_who_was_never_here_sees_the_newest_submissions(site: Client) -> None:
    found = page(site).xpath('//section[@aria-labelledby="changes-title"]')[0]
    assert words(found).startswith("Newest submissions")
    assert len(found.xpath(".//li")) == 6
    assert "All 8 submissions" in words(found)
    assert site.get(found.xpath(".//li/a/@href")[0]).status_code == 200


@pytest.mark.slow
def test_who_comes_back_sees_what_was_submitted_and_which_promises_moved_since(site: Client) -> None:
    chain = current.ledger().submissions()
    before = chain[-4].head
    then = datetime.now(UTC) - timedelta(days=3)
    site.cookies[COOKIE] = str(Visit("", before, then))
    found = page(site).xpath('//section[@aria-labelledby="changes-title"]')[0]
    assert words(found).startswith("Since your last visit")
    assert len(found.xpath('.//ul[contains(@class, "submissions")]/li')) == 3
    assert "Floor space of incubators and innovation carriers: — → 500" in words(found)
    again = page(site).xpath('//section[@aria-labelledby="changes-title"]')[0]
    assert words(again) == words(found), "what is new stays new during a visit"
    site.cookies[COOKIE] = str(Visit(before, chain[-1].head, then))
    assert "Nothing has been submitted since." in words(page(site))


def test_a_cookie_that_is_none_of_ours_is_that_of_a_stranger(site: Client) -> None:
    for cookie in ("nonsense", str(Visit("", "a" * 64, datetime.now(UTC) - timedelta(days=1)))):
        site.cookies[COOKIE] = cookie
        assert "Newest submissions" in words(page(site))


def test_what_is_missing_is_listed_with_the_door_that_would_bring_it(site: Client) -> None:
    found = page(site).xpath('//section[@aria-labelledby="missing-title"]')[0]
    first = found.xpath("./details")[0]
    assert words(first).startswith("Would come by telemetry 1 promise · 3 indicators 500 industrial enterprises online")
    assert "Industrial enterprises online never observed: Days online in the month" in words(first)


def test_a_moment_that_is_none_is_told(site: Client) -> None:
    answer = site.get("/?as_of=yesterday", headers=ENGLISH)
    assert answer.status_code == 400
    assert "yesterday is neither a time nor a head of this ledger" in answer.content.decode()


def test_the_page_as_of_an_earlier_moment_shows_what_was_known_then(site: Client) -> None:
    first = current.ledger().submissions()[0].head
    found = page(site, f"/?as_of={first}")
    assert not found.xpath('//section[@id="promises"]//article')
    assert "Nothing is known yet of the places on this map" in words(found)


def test_the_page_is_small(site: Client) -> None:
    answer = site.get("/", headers={**ENGLISH, "accept-encoding": "gzip"})
    assert answer["Content-Encoding"] == "gzip"
    assert len(answer.content) < 25_000
    assert b"</html>" in gzip.decompress(answer.content)
