"""The page of the indicators: chart, table, pins, downloads; works without a script."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.http import QueryDict
from django.test import Client
from lxml import html
from openpyxl import load_workbook

from shazhou.city.model import Text
from shazhou.console.access.models import Happening
from shazhou.console.access.rules import Visitor
from shazhou.console.evidence import current
from shazhou.console.indicators import export
from shazhou.console.indicators.board import Board, boards
from shazhou.console.indicators.choice import Asked, chosen
from shazhou.console.indicators.form import SECTIONS
from shazhou.report.words.naming import Names

ENGLISH, CHINESE = {"accept-language": "en"}, {"accept-language": "zh-CN"}
GDP = "/indicators/?indicator=gdp&from=2016&to=2023"


def page(site: Client, address: str, language: dict[str, str] = ENGLISH) -> html.HtmlElement:
    return html.fromstring(site.get(address, headers=language).content.decode())


def words(element: html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


def board(query: str) -> Board:
    head = current.head()
    return boards([chosen(Asked.of(QueryDict(query)), current.city(head))], head, Visitor())[0]


def option(found: html.HtmlElement, id: str) -> dict[str, Any]:
    drawn: dict[str, Any] = json.loads(found.xpath(f'string(//script[@id="{id}"])'))
    return drawn


def test_the_form_offers_what_there_is_and_says_where_nothing_is_known(site: Client) -> None:
    found = page(site, "/indicators/")
    offered = found.xpath('//input[@name="indicator"]/@value')
    assert set(offered) == set(current.city().indicators)
    [online] = found.xpath('//input[@value="enterprises_online"]/..')
    assert "no evidence yet" in words(online)
    assert "Choose an indicator" in words(found)
    assert "请选择指标" in words(page(site, "/indicators/", CHINESE))


def test_every_section_of_the_city_has_words(site: Client) -> None:
    assert {each.section for each in current.city().indicators.values()} <= set(SECTIONS)


def test_a_chosen_indicator_is_a_chart_and_a_table_whose_numbers_lead_to_trails(site: Client) -> None:
    found = page(site, GDP)
    assert words(found.xpath("//section//h2")[0]) == "Gross domestic product · Zhangjiagang"
    rows = {words(row[0]): row for row in found.xpath("//section//tbody/tr")}
    assert list(rows) == [str(year) for year in range(2016, 2024)]
    assert words(rows["2021"][1]) == "3,030.21 100 million CNY"
    assert words(rows["2022"][1]) == "—"
    assert "provisional" in rows["2023"].xpath(".//abbr/@title")
    [link] = rows["2021"].xpath('.//a[@class="figure"]/@href')
    assert site.get(link).status_code == 200
    drawn = option(found, "chart-1-1")
    assert drawn["xAxis"]["data"] == list(rows)
    [series] = drawn["series"]
    assert [each and each["value"] for each in series["data"]][5:] == [3030.21, None, 3365.8]
    assert series["data"][7]["symbol"] == "emptyCircle"
    assert "provisional" in series["data"][7]["shown"]
    assert "Sources:" in words(found)


def test_without_a_time_the_evidence_says_it(site: Client) -> None:
    assert board("indicator=rd_share_of_gdp").periods == ("2016", "2017")


def test_periods_as_reported_are_offered_where_the_years_have_none(site: Client) -> None:
    found = page(site, "/indicators/?indicator=above_scale_industrial_firms&place=320582100&from=2017&to=2018")
    [link] = found.xpath("//section//*[@class='empty']/a/@href")
    assert not found.xpath("//section//table")
    reported = page(site, f"/indicators/{link}")
    assert reported.xpath("//section//tbody//a[@class='figure']")


def test_places_stand_side_by_side_and_units_in_charts_of_their_own(site: Client) -> None:
    found = page(
        site, "/indicators/?indicator=area&indicator=population&place=jingang&place=320582101&from=2018&to=2021"
    )
    heads = [words(each) for each in found.xpath("//section//thead//th")]
    assert heads[1:] == [
        f"{indicator} · {place}"
        for indicator in ("Area", current.city().indicators["population"].name.en)
        for place in ("Jingang (Bonded Zone)", "Tangqiao")
    ]
    assert [option(found, f"chart-1-{n}")["yAxis"]["name"] for n in (1, 2)] == ["km²", "10,000 persons"]


def test_many_series_over_few_periods_run_down_the_table(site: Client) -> None:
    found = page(site, "/indicators/?indicator=area&place=jingang&place=320582101&place=320582104&from=2019&to=2019")
    assert [words(each) for each in found.xpath("//section//tbody//th")] == [
        "Jingang (Bonded Zone)",
        "Tangqiao",
        "Leyu",
    ]
    assert [words(each) for each in found.xpath("//section//thead//th")] == ["Series", "2019"]


def test_a_pin_stays_beside_the_next_choice_until_it_is_taken_off(site: Client) -> None:
    first = page(site, GDP)
    [pin] = first.xpath('//a[text()="Pin beside the next choice"]/@href')
    assert parse_qs(urlsplit(pin).query) == {"pin": ["indicator=gdp&from=2016&to=2023"]}
    pinned = page(site, f"/indicators/{pin}")
    [kept] = pinned.xpath('//form//input[@name="pin"]/@value')
    both = page(site, "/indicators/?" + urlencode({"indicator": "area", "pin": kept}))
    assert [words(each) for each in both.xpath("//section//h2")] == [
        "Area · Zhangjiagang",
        "Gross domestic product · Zhangjiagang",
    ]
    [off] = both.xpath('//a[text()="Unpin"]/@href')
    assert parse_qs(urlsplit(off).query) == {"indicator": ["area"]}
    [change] = both.xpath('//a[text()="Change"]/@href')
    assert parse_qs(urlsplit(change).query) == {"indicator": ["gdp"], "from": ["2016"], "to": ["2023"]}


@pytest.mark.parametrize(
    ("query", "english", "chinese"),
    [
        ("indicator=nope", "There is no indicator nope.", "没有这个指标：nope。"),
        ("indicator=gdp&from=2010&to=x", "x is no period", "x 不是"),
        ("indicator=gdp&from=1990-01-01&to=2024&frequency=D", "More than 5,000 figures", "超过 5,000 个"),
        ("indicator=gdp&as_of=yesterday", "yesterday is neither a time nor a head", "yesterday 既不是时间"),
        ("indicator=gdp&pin=indicator%3Dnope", "There is no indicator nope.", "没有这个指标：nope。"),
        ("&".join(["pin=indicator%3Dgdp"] * 7), "7 choices are pinned; 6 can be.", "已固定 7 个图表，最多 6 个。"),
    ],
)
def test_a_bad_choice_is_a_sentence_in_the_page(site: Client, query: str, english: str, chinese: str) -> None:
    answer = site.get(f"/indicators/?{query}", headers=ENGLISH)
    assert answer.status_code == 400
    found = html.fromstring(answer.content.decode())
    assert english in words(found.xpath('//*[@role="alert"]')[0])
    assert found.xpath('//form[@id="choice"]')
    assert chinese in words(page(site, f"/indicators/?{query}", CHINESE).xpath('//*[@role="alert"]')[0])


def test_the_most_that_can_be_asked_is_asked_of_all_series_together(site: Client) -> None:
    every = "&".join(f"indicator={name}" for name in current.city().indicators)
    answer = site.get(f"/indicators/?{every}&from=1990&to=2024", headers=ENGLISH)
    assert answer.status_code == 400 and b"More than 5,000 figures" in answer.content


def test_csv_has_a_row_for_each_figure_with_its_id_and_sources(site: Client) -> None:
    answer = site.get("/indicators/figures.csv?indicator=gdp&from=2021&to=2022", headers=ENGLISH)
    assert answer["Content-Disposition"].endswith('.csv"')
    assert answer.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [(row["period"], row["value"], row["unit"]) for row in rows] == [
        ("2021", "3030.21", "100 million CNY"),
        ("2022", "", "100 million CNY"),
    ]
    assert rows[0]["figure"] == board("indicator=gdp&from=2021&to=2021").series[0].figures[0].id
    assert rows[0]["head"] == current.head()
    assert rows[0]["sources"] and "'=" not in rows[0].values()


def test_xlsx_has_the_same_rows_with_heads_in_the_language_of_the_page(site: Client) -> None:
    answer = site.get("/indicators/figures.xlsx?indicator=gdp&from=2021&to=2022", headers=CHINESE)
    sheet = load_workbook(io.BytesIO(answer.content)).active
    assert sheet is not None
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0][:8] == ("指标编号", "指标", "地方编号", "地方", "产业编号", "产业", "时期", "数值")
    assert rows[1][6:8] == ("2021", 3030.21)
    assert rows[2][6:8] == ("2022", None)


def test_what_looks_like_a_formula_is_a_text_in_both_files(site: Client) -> None:
    city = current.city()
    evil = '=HYPERLINK("http://example.org")'
    named = city.indicators["gdp"].model_copy(update={"name": Text(zh=evil, en=evil)})
    names = Names(city.model_copy(update={"indicators": {**city.indicators, "gdp": named}}), "en")
    shown = board("indicator=gdp&from=2021&to=2021")
    rows = list(csv.reader(io.StringIO(export.as_csv(shown, names).decode("utf-8-sig"))))
    assert rows[1][1] == f"'{evil}"
    sheet = load_workbook(io.BytesIO(export.as_xlsx(shown, names))).active
    assert sheet is not None
    cell = sheet.cell(2, 2)
    assert (cell.value, cell.data_type) == (evil, "s")


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_bad_download_is_refused_with_a_sentence(site: Client, form: str) -> None:
    answer = site.get(f"/indicators/figures.{form}?indicator=nope", headers=ENGLISH)
    assert answer.status_code == 400
    assert answer.content.decode() == "There is no indicator nope. Choose from the lists."


def test_a_download_is_in_the_audit_log(signed_in: Callable[..., Client]) -> None:
    signed_in("analyst").get("/indicators/figures.csv?indicator=gdp&from=2021&to=2021")
    [line] = Happening.objects.filter(what="exported")
    assert line.subject == "indicators.csv"
    assert line.details["choice"] == "indicator=gdp&from=2021&to=2021"


def test_the_page_as_of_an_earlier_moment_shows_what_was_known_then(site: Client) -> None:
    first = current.ledger().submissions()[0].head
    assert "There is no evidence for this choice yet" in words(page(site, f"{GDP}&as_of={first}"))
