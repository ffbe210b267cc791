"""What single enterprises report is not told by a condition that one of them fulfils, nor by the hash of its rows."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from test_api_calls import called, new_token

from shazhou.console.access.rules import Grant, Role, Visitor
from shazhou.console.evidence.published import figures_for, tabulated_for
from shazhou.measure.figure import Cell

TOWN_OF_NORTH = Visitor(1, "town", (Grant(Role.TOWN, places=frozenset({"north"})),))
ONE = "output >= 400"
"""Of the three enterprises with an output, which is not public, one fulfils it."""


def singled_out(visitor: Visitor, place: str) -> bool:
    cell = Cell("output_of_all", place, "2021", where=ONE)
    figure = figures_for(visitor, None, [cell])[cell]
    table = tabulated_for(visitor, None, ["output_of_all"], [place], ["2021"], where=[ONE]).to_pylist()
    assert (table[0]["value"], table[0]["withheld"]) == (figure.value, figure.withheld)
    return not figure.withheld


@pytest.mark.usefixtures("in_town")
def test_a_condition_singles_an_enterprise_out_only_for_those_who_see_what_it_reports() -> None:
    assert singled_out(Visitor(2, "analyst", (Grant(Role.ANALYST),)), "city")
    assert singled_out(TOWN_OF_NORTH, "north")
    assert not singled_out(TOWN_OF_NORTH, "city") and not singled_out(TOWN_OF_NORTH, "south")
    assert not singled_out(Visitor(), "city")
    plain = Cell("output_of_all", "city", "2021")
    assert figures_for(TOWN_OF_NORTH, None, [plain])[plain].value is not None


@pytest.mark.usefixtures("in_town")
def test_a_token_for_aggregates_singles_no_enterprise_out(signed_in: Callable[..., Client]) -> None:
    asked = "/figures?indicator=output_of_all&place=city&period=2021"
    analyst = signed_in("analyst")
    aggregates, microdata = new_token(analyst, "aggregates"), new_token(analyst, "microdata")
    assert called(asked, aggregates).json()["value"] is not None
    assert called(f"{asked}&where={ONE}", aggregates).json()["withheld"]
    assert called(f"{asked}&where={ONE}", microdata).json()["value"] == "500"


@pytest.mark.usefixtures("in_town")
def test_the_hash_of_rows_is_told_to_those_who_see_them(signed_in: Callable[..., Client]) -> None:
    returns = called("/submissions/4").json()
    assert returns["head"] and not returns["seen"] and returns["content"] is None
    assert called("/submissions/2").json()["content"]
    assert called("/submissions/4", new_token(signed_in("analyst"), "microdata")).json()["content"]


@pytest.mark.usefixtures("in_town")
def test_the_overview_tells_a_stranger_no_count_of_a_submission_that_is_not_open() -> None:
    page = Client(headers={"accept-language": "en"}).get("/").content.decode()
    line = next(each for each in page.split("<li>") if "Submission 8, not open to you" in each)
    assert "observation" not in line.split("</li>")[0]
