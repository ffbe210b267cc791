"""Registers find entities as people type them, and a page follows a page."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from django.test import Client

from shazhou.console.access.models import Happening
from shazhou.console.evidence.register import Question, Register
from shazhou.console.evidence.stated import with_stated
from shazhou.console.evidence.states import kept
from shazhou.console.evidence.visible import Sight

EN = {"accept-language": "en"}
ZH = {"accept-language": "zh-hans"}


def found(site: Client, address: str) -> list[str]:
    """The ids of the entities that a register lists."""
    page = site.get(address, headers=EN).content.decode()
    return re.findall(r'<th scope="row"><a href="/entities/([^/"]+)/', page)


@pytest.mark.parametrize("typed", ["沙钢集团", "shagangjituan", "jssgjtyxgs", "jiangsu shagang group", "SHAGANG 沙钢"])
def test_an_enterprise_is_found_by_name_pinyin_first_letters_and_english(site: Client, typed: str) -> None:
    page = site.get("/registers/enterprise/", {"q": typed}, headers=ZH).content.decode()
    assert "江苏沙钢集团有限公司" in page


def test_names_that_begin_with_what_is_typed_come_first(site: Client) -> None:
    page = site.get("/registers/enterprise/", {"q": "sg"}, headers=ZH).content.decode()
    assert page.index("沙钢股份") < page.index("江苏港城汽车运输集团")


def test_a_code_of_an_exchange_finds_its_enterprise(site: Client) -> None:
    assert len(found(site, "/registers/enterprise/?q=002172")) == 1


def test_a_merged_enterprise_is_one_entry_and_found_by_both_names(site: Client) -> None:
    by_alias = found(site, "/registers/enterprise/?q=海陆重工")
    assert len(by_alias) == 1
    assert by_alias == found(site, "/registers/enterprise/?q=苏州海陆重工股份有限公司")


def test_pages_follow_one_another_without_gap_or_repetition(site: Client) -> None:
    address, seen = "/registers/enterprise/", []
    while address:
        page = site.get(address, headers=EN).content.decode()
        seen += re.findall(r'<th scope="row"><a href="/entities/([^/"]+)/', page)
        following = re.search(r'rel="next" href="([^"]+)"', page)
        address = following[1].replace("&amp;", "&") if following else ""
    assert len(seen) == len(set(seen)) == 111


@pytest.mark.parametrize("sort", ["name", "-name", "place", "-industry", "status", "code"])
def test_every_sort_shows_every_row_once(site: Client, sort: str) -> None:
    address, seen = f"/registers/enterprise/?sort={sort}", []
    while address:
        page = site.get(address, headers=EN).content.decode()
        seen += re.findall(r'<th scope="row"><a href="/entities/([^/"]+)/', page)
        following = re.search(r'rel="next" href="([^"]+)"', page)
        address = following[1].replace("&amp;", "&") if following else ""
    assert len(seen) == len(set(seen)) == 111


def test_a_place_is_asked_for_with_those_below_it(site: Client) -> None:
    city, town = found(site, "/registers/project/?place=320582"), found(site, "/registers/project/?place=320582100")
    assert set(town) < set(city)
    assert town


def test_filters_hold_together(site: Client) -> None:
    both = set(found(site, "/registers/project/?place=320582100&industry=equipment"))
    one, other = (
        found(site, "/registers/project/?place=320582100"),
        found(site, "/registers/project/?industry=equipment"),
    )
    assert both == set(one) & set(other) != set()


def test_htmx_gets_the_rows_alone_and_a_browser_without_it_the_whole_page(site: Client) -> None:
    rows = site.get("/registers/enterprise/?q=sg", headers={**EN, "hx-request": "true"})
    whole = site.get("/registers/enterprise/?q=sg", headers=EN)
    assert b"<html" not in rows.content
    assert b"<html" in whole.content
    assert b'method="get"' in whole.content
    assert "HX-Request" in rows["Vary"]


def test_an_empty_register_says_which_door_brings_its_entities(site: Client) -> None:
    assert "door telemetry" in site.get("/registers/equipment/", headers=EN).content.decode()
    assert "一张网" in site.get("/registers/equipment/", headers=ZH).content.decode()


def test_all_registers_are_listed_with_what_they_hold(site: Client) -> None:
    page = site.get("/registers/", headers=EN).content.decode()
    assert "Enterprises" in page
    assert ">111<" in page


@pytest.mark.parametrize(
    "address", ["/registers/secret/", "/registers/enterprise/?as_of=nothing", "/registers/none/csv/"]
)
def test_what_does_not_exist_is_not_found(site: Client, address: str) -> None:
    assert site.get(address).status_code == 404


@pytest.mark.parametrize(
    "asked", ["?after=x", "?after=99999999999999.1", "?sort=1;drop", "?place=nowhere", "?q=%00%27%22--", "?q=%25"]
)
def test_what_makes_no_sense_is_no_error(site: Client, asked: str) -> None:
    assert site.get(f"/registers/enterprise/{asked}").status_code == 200


def test_a_register_is_taken_away_as_csv_with_every_row_of_the_search(site: Client) -> None:
    answer = site.get("/registers/enterprise/csv/?q=沙钢", headers=EN)
    text = b"".join(answer).decode("utf-8-sig")  # type: ignore[call-overload]
    rows = list(csv.DictReader(io.StringIO(text)))
    assert {row["Name"] for row in rows} == {"江苏沙钢集团有限公司", "沙钢股份", "沙钢集团"}
    assert Happening.objects.filter(what="exported", subject="register enterprise").count() == 1


def test_a_register_is_taken_away_as_xlsx(site: Client) -> None:
    answer = site.get("/registers/project/xlsx/", headers=ZH)
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0]
    assert sheet.max_row == 33
    assert sheet.cell(1, 2).value == "名称"


def test_as_of_a_moment_before_the_evidence_nothing_is_listed(site: Client, evidence: Path) -> None:
    from shazhou.ledger.ledger import Ledger

    first = Ledger.open(evidence).submissions()[0].head
    page = site.get(f"/registers/enterprise/?as_of={first[:16]}", headers=EN).content.decode()
    assert "No enterprise is known yet" in page


def test_everybody_signed_in_sees_the_open_register(signed_in: Callable[..., Client]) -> None:
    assert len(found(signed_in("analyst"), "/registers/project/")) == 32


def test_a_coded_status_is_shown_by_what_it_is_called(site: Client) -> None:
    page = site.get("/registers/enterprise/", headers={"accept-language": "zh"}).content.decode()
    assert '<option value="listed">上市</option>' in page
    assert "<td>上市</td>" in page and "<td>listed</td>" not in page


def test_what_was_asked_of_a_register_is_not_asked_again_but_for_each_sight_by_itself(
    site: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    known, asked = Register(with_stated(None, kept)), list[object]()
    ask = known._ask
    monkeypatch.setattr(known, "_ask", lambda question: asked.append(question) or ask(question))
    question, ids = Question("enterprise", search="沙"), {"enterprise:shagang_group": 1}
    for sight in (Sight(everywhere=True), Sight()):
        before = len(asked)
        first = known.page(question, sight), known.count(question, sight), known.entities(list(ids), sight)
        between = len(asked)
        again = known.page(replace(question), sight), known.count(question, sight), known.entities(ids.keys(), sight)
        assert first == again
        assert before < between == len(asked)
    assert len(known.page(question, Sight(), None, 1).rows) == 1 < len(known.page(question, Sight(), None, 2).rows)
