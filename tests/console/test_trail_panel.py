"""The trail of a figure: a panel beside the page, or a page without JavaScript."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from small_town import MANY

from shazhou.console.access.models import Happening
from shazhou.console.evidence.trails import ROWS_AT_ONCE
from shazhou.ledger.ledger import Ledger

ENGLISH = {"accept-language": "en"}
CHINESE = {"accept-language": "zh-CN"}
GDP = {"indicator": "gdp", "place": "city", "period": "2021"}

pytestmark = pytest.mark.usefixtures("in_town")


def page(browser: Client, address: str = "/trail/", asked: dict[str, str] | None = None, **headers: str) -> str:
    answer = browser.get(address, asked or {}, headers={**ENGLISH, **headers}, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def test_every_figure_leads_to_its_formula_submission_document_and_row(site: Client, town: Path) -> None:
    shown = page(site, asked=GDP)
    mended = Ledger.open(town).submissions()[6]
    for part in ("125 CNY", "value(gdp)", "as stated of the place", "Submission 7", "gdp2.csv", "provisional"):
        assert part in shown
    assert f'href="/documents/{mended.document}/?row=2#row-2"' in shown
    assert Ledger.open(town).head() in shown
    assert "<html" in shown


def test_beside_a_page_only_the_panel_is_sent(site: Client) -> None:
    shown = page(site, asked=GDP, hx_request="true")
    assert "125 CNY" in shown
    assert "<html" not in shown


def test_what_other_sources_state_stands_beside(site: Client) -> None:
    shown = page(site, asked=GDP)
    assert "What other sources state of the same" in shown
    assert "118 CNY" in shown
    assert "heard" in shown


def test_a_figure_as_of_then_says_that_it_differs_now(site: Client, town: Path) -> None:
    then = Ledger.open(town).submissions()[4].head
    shown = page(site, asked={**GDP, "as_of": then})
    assert "120 CNY" in shown
    assert "Now it differs:" in shown
    assert "125 CNY" in shown
    other = page(site, asked={**GDP, "period": "2020", "as_of": then})
    assert "Now it is the same:" in other


def test_a_long_trail_comes_in_parts(site: Client) -> None:
    asked = {"indicator": "staff_of_all", "place": "north", "period": "2021"}
    first = page(site, asked=asked)
    assert first.count("<strong>") == ROWS_AT_ONCE
    assert f"{2 * MANY - ROWS_AT_ONCE} more observations" in first
    rest = page(site, asked={**asked, "first": str(2 * MANY - 20)})
    assert rest.count("<strong>") == 20
    assert "more observation" not in rest


def test_an_address_that_is_none_of_the_web_is_no_link(site: Client) -> None:
    assert "javascript:" not in page(site, asked={"indicator": "staff_of_all", "place": "north", "period": "2021"})


def test_the_trail_of_what_enterprises_report_stops_at_the_aggregate(signed_in: Callable[..., Client]) -> None:
    asked = {"indicator": "output_of_all", "place": "city", "period": "2021"}
    stranger = page(Client(), asked=asked)
    assert "has not been released" in stranger
    assert "800 CNY" not in stranger
    assert "enterprise:a" not in stranger
    leader = page(signed_in("analyst"), asked=asked)
    assert "800 CNY" in leader
    assert "enterprise:a" in leader
    assert Happening.objects.filter(what="microdata seen").count() == 1
    town = page(signed_in("town", places=("south",)), asked=asked)
    assert "800 CNY" in town
    assert "The trail stops here" in town
    assert "enterprise:a" not in town


def test_an_enterprise_follows_its_own_figures_down_to_the_row(signed_in: Callable[..., Client]) -> None:
    asked = {"indicator": "output_stated", "place": "enterprise:b", "period": "2021"}
    own = page(signed_in("reporter", enterprises=("enterprise:b",)), asked=asked)
    assert "300 CNY" in own
    assert "returns.xlsx" in own
    other = page(signed_in("reporter", enterprises=("enterprise:a",)), asked=asked)
    assert "300 CNY" not in other
    assert "returns.xlsx" not in other


def test_an_id_is_kept_by_whoever_has_signed_in_and_computed_again_for_anybody(
    site: Client, signed_in: Callable[..., Client]
) -> None:
    asked = {**GDP, "period": "2019"}
    assert site.post("/trail/keep/", asked).headers["Location"].startswith("/sign-in/")
    analyst = signed_in("analyst")
    kept = analyst.post("/trail/keep/", asked, headers=ENGLISH)
    address = kept.headers["Location"]
    shown = page(site, address)
    assert "the same value as quoted" in shown
    assert "90 CNY" in shown
    found = site.get("/trail/", {"id": address.strip("/").split("/")[-1]})
    assert found.headers["Location"] == address


def test_what_is_not_seen_is_not_kept(signed_in: Callable[..., Client]) -> None:
    reporter = signed_in("reporter", enterprises=("enterprise:c",))
    asked = {"indicator": "output_of_all", "place": "city", "period": "2021"}
    assert reporter.post("/trail/keep/", asked).status_code == 403


@pytest.mark.parametrize(
    ("address", "asked"),
    [
        ("/trail/", {**GDP, "indicator": "nothing"}),
        ("/trail/", {**GDP, "as_of": "yesterday"}),
        ("/trail/fzzzzzzzzzzzz/", {}),
    ],
)
def test_what_is_not_there_is_said_in_both_languages(site: Client, address: str, asked: dict[str, str]) -> None:
    english = site.get(address, asked, headers=ENGLISH)
    assert english.status_code == 404
    assert "This trail cannot be shown" in english.content.decode()
    assert "无法显示此溯源" in site.get(address, asked, headers=CHINESE).content.decode()


def test_without_a_question_one_may_enter_an_id(site: Client) -> None:
    assert 'name="id"' in page(site)
