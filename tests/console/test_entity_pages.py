"""The page of an entity: what was stated of it, each value with the row that said so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from published_city import LIST, RETURN, deliver, small_ledger
from real_city import PLAIN_FILES

from shazhou.console.access.models import Happening, Person
from shazhou.console.access.people import give, make_person
from shazhou.console.evidence import current
from shazhou.console.evidence.register import Question, register
from shazhou.console.evidence.visible import Sight
from shazhou.ledger.ledger import Ledger

EN = {"accept-language": "en"}
PASSWORD = "correct horse battery staple"


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger with a public list and a return that is not public; read-only for tests that share it."""
    folder = tmp_path_factory.mktemp("published") / "ledger"
    small_ledger(folder)
    return folder


@pytest.fixture
def over(settings: Any, db: None) -> Iterator[Any]:
    """Makes the site one over a ledger."""

    def laid_over(folder: Path) -> Client:
        settings.DEPLOYMENT = replace(settings.DEPLOYMENT, data=folder)
        settings.STORAGES = PLAIN_FILES
        settings.AXES_ENABLED = False
        current.ledger.cache_clear()
        return Client()

    yield laid_over
    current.ledger.cache_clear()


def as_(role: str, places: tuple[str, ...] = (), enterprises: tuple[str, ...] = ()) -> Client:
    """A browser in which somebody with a role has signed in."""
    person = make_person(f"{role}{Person.objects.count()}", PASSWORD)
    give(person, role, places, enterprises)
    browser = Client()
    browser.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return browser


def page(browser: Client, address: str) -> str:
    answer = browser.get(address, headers=EN)
    assert answer.status_code == 200
    return answer.content.decode()


def listed(browser: Client, address: str) -> set[str]:
    return set(re.findall(r'<th scope="row"><a href="/entities/([^/"]+)/', page(browser, address)))


def test_a_stranger_sees_of_an_enterprise_what_the_public_list_says(over: Any, small: Path) -> None:
    told = page(over(small), "/entities/enterprise:alpha/")
    assert "Alpha Steel" in told
    assert ">East<" in told
    assert RETURN not in told
    assert "West" not in told
    assert "70" not in told.split("<main", 1)[1].split("</main>")[0].replace("1970", "")


def test_an_enterprise_of_which_only_a_return_tells_does_not_exist_for_a_stranger(over: Any, small: Path) -> None:
    site = over(small)
    assert site.get("/entities/enterprise:beta/").status_code == 404
    assert listed(site, "/registers/enterprise/") == {"enterprise:alpha", "enterprise:gamma"}
    assert listed(site, "/registers/enterprise/?q=乙秘密厂") == set()
    assert listed(site, "/registers/enterprise/?q=yimimi") == set()


def test_a_stranger_is_not_told_where_a_return_has_moved_an_enterprise(over: Any, small: Path) -> None:
    site = over(small)
    assert listed(site, "/registers/enterprise/?place=east") == {"enterprise:alpha"}
    assert listed(site, "/registers/enterprise/?place=west") == {"enterprise:gamma"}


def test_an_analyst_sees_everything_and_the_audit_log_knows(over: Any, small: Path) -> None:
    over(small)
    analyst = as_("analyst")
    told = page(analyst, "/entities/enterprise:alpha/")
    assert ">West<" in told
    assert ">12" in told
    assert RETURN in told
    assert Happening.objects.filter(what="microdata seen", subject="enterprise:alpha").count() == 1
    assert len(listed(analyst, "/registers/enterprise/")) == 3
    assert Happening.objects.filter(what="microdata seen", subject="register enterprise").count() == 1


def test_what_is_open_is_looked_at_without_a_line_in_the_log(over: Any, small: Path) -> None:
    site = over(small)
    page(site, "/entities/enterprise:alpha/")
    page(site, "/registers/enterprise/")
    page(as_("analyst"), "/entities/enterprise:gamma/")
    assert not Happening.objects.filter(what="microdata seen").exists()


@pytest.mark.parametrize(
    ("place", "seen", "unseen"),
    [("west", {"enterprise:alpha", "enterprise:gamma"}, "enterprise:beta"), ("east", {"enterprise:beta"}, "")],
)
def test_a_town_sees_the_returns_of_those_that_lie_in_it(
    over: Any, small: Path, place: str, seen: set[str], unseen: str
) -> None:
    over(small)
    town = as_("town", (place,))
    assert seen <= listed(town, "/registers/enterprise/")
    assert (RETURN in page(town, "/entities/enterprise:alpha/")) == (place == "west")
    assert not unseen or town.get(f"/entities/{unseen}/").status_code == 404


def test_an_enterprise_sees_its_own_return_and_no_other(over: Any, small: Path) -> None:
    over(small)
    reporter = as_("reporter", (), ("enterprise:beta",))
    assert "乙秘密厂" in page(reporter, "/entities/enterprise:beta/")
    assert RETURN not in page(reporter, "/entities/enterprise:alpha/")
    assert listed(reporter, "/registers/enterprise/?place=west") == {"enterprise:gamma"}


def test_who_may_see_but_not_take_away_exports_what_is_open(over: Any, small: Path) -> None:
    over(small)
    for browser, all_ in ((as_("leadership"), False), (as_("analyst"), True), (Client(), False)):
        text = b"".join(browser.get("/registers/enterprise/csv/")).decode("utf-8-sig")  # type: ignore[call-overload]
        assert ("乙秘密厂" in text) == all_
        assert ("甲钢厂" in text) is True


def test_exports_hold_no_formula(over: Any, small: Path) -> None:
    site = over(small)
    text = b"".join(site.get("/registers/enterprise/csv/")).decode("utf-8-sig")  # type: ignore[call-overload]
    assert "'=HYPERLINK(1)" in text
    assert ",=HYPERLINK" not in text


def test_attributes_are_as_they_held_on_a_day_with_their_history(over: Any, small: Path) -> None:
    site = over(small)
    early = page(site, "/entities/enterprise:alpha/?on=2021-05-01")
    held = re.search(r'<th scope="row">status</th>\s*<td>(.*?)<details>', early, re.S)
    assert held is not None
    assert ">open<" in held[1]
    assert "since 2022-01-01" in early
    assert ">—<" in page(site, "/entities/enterprise:alpha/?on=2019-01-01")


def test_every_value_leads_to_the_submission_and_the_row_that_said_so(over: Any, small: Path) -> None:
    told = page(over(small), "/entities/enterprise:alpha/")
    rows = re.findall(r'href="(/documents/[0-9a-f]{64}/\?row=(\d+)#row-\d+)"', told)
    assert {row for _address, row in rows} == {"2", "3", "4", "5", "6", "7"}
    assert 'href="/ledger/2/"' in told


def test_a_merged_entity_leads_to_the_one_that_it_is_part_of(over: Any, small: Path) -> None:
    site = over(small)
    answer = site.get("/entities/enterprise:delta/")
    assert (answer.status_code, answer["Location"]) == (302, "/entities/enterprise:gamma/")
    assert "enterprise:delta" in page(site, "/entities/enterprise:gamma/")
    assert "丁织造厂" in page(site, "/entities/enterprise:gamma/")


def test_an_enterprise_and_its_project_know_each_other(over: Any, small: Path) -> None:
    site = over(small)
    assert "/entities/project:p/" in page(site, "/entities/enterprise:alpha/")
    assert "/entities/enterprise:alpha/" in page(site, "/entities/project:p/")


def test_a_place_has_its_figures_and_what_lies_in_it(over: Any, small: Path) -> None:
    site = over(small)
    told = page(site, "/entities/place:city/")
    assert "5.0" in told
    assert "/trail/?indicator=gdp" in told
    assert "/entities/place:east/" in told
    assert "/entities/enterprise:gamma/" in told


def test_a_sum_of_returns_is_for_those_who_may_see_aggregates(over: Any, small: Path) -> None:
    site = over(small)
    assert "/trail/?indicator=output" not in page(site, "/entities/place:city/")
    assert "/trail/?indicator=output" in page(as_("leadership"), "/entities/place:city/")


@pytest.mark.slow
def test_what_is_delivered_next_is_on_the_page_at_once_and_not_before(over: Any, tmp_path: Path) -> None:
    ledger = small_ledger(tmp_path / "ledger")
    site = over(tmp_path / "ledger")
    assert listed(site, "/registers/enterprise/?q=gamma") == {"enterprise:gamma"}
    before = ledger.head()
    new = [("enterprise:gamma", "name", "2024", "新丙厂"), ("enterprise:eps", "name", "2024", "戊厂")]
    deliver(Ledger.open(tmp_path / "ledger"), "next", new, LIST)
    assert listed(site, "/registers/enterprise/?q=新丙厂") == {"enterprise:gamma"}
    assert listed(site, "/registers/enterprise/?q=wuchang") == {"enterprise:eps"}
    assert len(listed(site, "/registers/enterprise/")) == 3
    assert "新丙厂" in page(site, "/entities/enterprise:gamma/")
    assert len(listed(site, f"/registers/enterprise/?as_of={before}")) == 2
    assert site.get(f"/entities/enterprise:eps/?as_of={before}").status_code == 404


@pytest.mark.parametrize("entity", ["enterprise:none", "nonsense", "place:", "enterprise:alpha'--"])
def test_what_nobody_spoke_of_is_not_found(over: Any, small: Path, entity: str) -> None:
    assert over(small).get(f"/entities/{entity}/").status_code == 404


@pytest.mark.slow
@pytest.mark.parametrize(("entity", "language"), [("place:jingang", "en"), ("industry:metallurgy", "zh-hans")])
def test_the_real_places_and_industries_have_their_pages(site: Client, entity: str, language: str) -> None:
    answer = site.get(f"/entities/{entity}/", headers={"accept-language": language})
    assert answer.status_code == 200
    assert b"/trail/?" in answer.content


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_entity_of_the_real_evidence_has_its_page(site: Client, language: str) -> None:
    every = register(None)
    for kind in ("place", "industry", "enterprise", "project"):
        for row in every.all(Question(kind), Sight()):
            assert site.get(f"/entities/{row.entity}/", headers={"accept-language": language}).status_code == 200
