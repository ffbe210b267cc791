"""Releases as people use them: an analyst looks and releases, a stranger then sees what was cleared, nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from closed_city import LONE, closed_ledger, looking_at
from disclosure_city import TOWNS
from django.test import Client

from shazhou.console.access.models import Happening
from shazhou.console.access.rules import Visitor
from shazhou.console.evidence.published import SEES_ALL, audience, figures_for, sees_trail, tabulated_for
from shazhou.console.release.models import Release
from shazhou.measure.figure import Cell

CITY = Cell("output", "city", "2021-01")
BESIDE_A_LONE_FIRM = Cell("output", TOWNS[0], "2021-01", "steel")
"""With all of metal, of which steel is a part, it would tell the one firm that is in metal but not in steel."""
STRANGER = Visitor()

Prepared = tuple[Path, list[str]]


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    folder = tmp_path_factory.mktemp("closed") / "ledger"
    _, heads = closed_ledger(folder)
    return folder, heads


@pytest.fixture
def closed(site: Client, prepared: Prepared, settings: Any) -> Iterator[list[str]]:
    folder, heads = prepared
    with looking_at(folder, settings):
        yield heads


@pytest.fixture
def first_released(closed: list[str], signed_in: Callable[..., Client], monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The head after the first delivery has been released, when it was the newest."""
    monkeypatch.setattr("shazhou.console.release.views.current.head", lambda as_of=None: as_of or closed[0])
    answer = signed_in("analyst").post("/releases/new/", {"head": closed[0], "note": "January", "after": "0"})
    assert answer.status_code == 302
    monkeypatch.undo()
    return closed


def test_before_any_release_a_stranger_sees_no_figure_of_returns(closed: list[str]) -> None:
    found = figures_for(STRANGER, None, [CITY, BESIDE_A_LONE_FIRM])
    assert all(each.withheld and each.value is None and not each.sources for each in found.values())
    assert figures_for(SEES_ALL, None, [CITY])[CITY].value is not None


def test_an_analyst_sees_what_would_be_published_and_why_the_rest_is_not(
    closed: list[str], signed_in: Callable[..., Client]
) -> None:
    analyst = signed_in("analyst")
    page = analyst.get("/releases/new/", HTTP_ACCEPT_LANGUAGE="en")
    text = page.content.decode()
    assert page.status_code == 200 and "would be published" in text and "Never cleared" in text
    why = analyst.get("/releases/new/?why=subtraction&indicator=output", HTTP_ACCEPT_LANGUAGE="en").content.decode()
    assert "By subtraction, others would give one enterprise away" in why and "2021-01" in why


def test_a_release_shows_a_stranger_what_it_cleared_and_stops_the_trail_there(first_released: list[str]) -> None:
    found = figures_for(STRANGER, None, [CITY, BESIDE_A_LONE_FIRM])
    assert found[CITY].value is not None and found[CITY].head == first_released[0]
    assert "returns" not in {each.title for each in found[CITY].sources}
    assert not sees_trail(STRANGER, found[CITY])
    assert found[BESIDE_A_LONE_FIRM].withheld and found[BESIDE_A_LONE_FIRM].value is None
    assert audience(STRANGER).release == first_released[0]


def test_a_table_for_a_stranger_says_what_is_withheld(first_released: list[str]) -> None:
    table = tabulated_for(
        STRANGER, None, ["output"], ["city", TOWNS[0]], ["2021-01"], ["", "metal", "steel"]
    ).to_pylist()
    shown = {(row["place"], row["industry"]): (row["value"] is not None, row["withheld"]) for row in table}
    assert shown["city", ""] == (True, False) and shown[TOWNS[0], "metal"] == (True, False)
    assert shown[TOWNS[0], "steel"] == (False, True)


def test_a_figure_that_one_late_return_changed_stays_as_it_was_released(
    first_released: list[str], signed_in: Callable[..., Client]
) -> None:
    before = figures_for(STRANGER, None, [CITY])[CITY]
    after = Release.objects.get().pk
    answer = signed_in("analyst").post("/releases/new/", {"head": first_released[1], "after": after})
    assert answer.status_code == 302
    again = figures_for(STRANGER, None, [CITY])[CITY]
    assert (again.head, again.value) == (before.head, before.value)
    assert figures_for(SEES_ALL, None, [CITY])[CITY].value != before.value
    assert Release.objects.first().counts["kept"] > 0


def test_nobody_sees_at_an_earlier_head_what_was_released_later(first_released: list[str]) -> None:
    assert figures_for(STRANGER, first_released[0], [CITY])[CITY].value is not None
    Release.objects.update(sequence=3)
    assert figures_for(STRANGER, first_released[0], [CITY])[CITY].withheld


def test_of_two_analysts_who_looked_at_once_one_releases(
    first_released: list[str], signed_in: Callable[..., Client]
) -> None:
    answer = signed_in("analyst").post("/releases/new/", {"head": first_released[1], "after": "0"})
    assert answer.status_code == 409 and Release.objects.count() == 1


def test_a_release_is_listed_for_everybody_and_audited(first_released: list[str], site: Client) -> None:
    page = site.get("/releases/").content.decode()
    assert first_released[0][:12] in page and "January" in page
    happening = Happening.objects.get(what="released")
    assert happening.subject == first_released[0] and happening.details["published"] > 0


def test_a_condition_on_closed_attributes_tells_a_stranger_nothing(closed: list[str]) -> None:
    asked = Cell("output", "city", "2021-01", where="staff > 120")
    assert figures_for(STRANGER, None, [asked])[asked].withheld


def test_a_reporter_sees_the_own_figure_and_no_other(closed: list[str], signed_in: Callable[..., Client]) -> None:
    from shazhou.console.access.models import Person
    from shazhou.console.access.visitor import person_as_visitor

    signed_in("reporter", enterprises=(f"enterprise:{LONE}",))
    reporter = person_as_visitor(Person.objects.get(username__startswith="reporter"))
    assert figures_for(reporter, None, [CITY])[CITY].withheld


def test_the_page_of_releases_names_what_is_missing(closed: list[str], site: Client) -> None:
    page = site.get("/releases/", HTTP_ACCEPT_LANGUAGE="en").content.decode()
    assert re.search(r'class="empty".*No head has been released yet', page, re.DOTALL)
