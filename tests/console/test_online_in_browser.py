"""The machine side in a real browser, 500 enterprises: whole, light, refreshed by itself, readable without script."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from online_city import live, online_city
from playwright.sync_api import Browser, expect
from running_site import PASSWORD, chromium, run, serving
from whole_page import complaints, faults, signed_in

from shazhou.city.folder import read_city
from shazhou.telemetry.enrolment import enrolled
from shazhou.telemetry.store import derived
from shazhou.telemetry.store.store import folder_of

pytestmark = pytest.mark.slow

CITY = Path(__file__).parents[2] / "cities" / "zhangjiagang"
MANY = 500
HEAVIEST = 300_000
PAGES = {
    "wall": "/online/",
    "wall as a table": "/online/?as=table&level=2&industry=equipment",
    "enterprise": "/online/{live}/",
    "enterprise with doubts": "/online/{doubted}/",
    "enterprise never heard": "/online/{silent}/",
    "machine": "/online/{live}/press/",
}


class Site:
    """A running site over 500 enterprises whose host runs for as long as the tests do."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "ledger"
        self.now = int(time.time() * 1000)
        ledger = online_city(self.data, MANY, now=self.now)
        self.nodes = sorted(enrolled(ledger, read_city(CITY)))
        self.speak(self.nodes)

    def speak(self, nodes: list[str]) -> None:
        """The host tells of the present: of these nodes, at a moment that stays recent."""
        told = live(self.nodes, self.now + 3_600_000)
        gone = {
            node: {**told["nodes"][node], "online": False}
            for node in self.nodes
            if node not in nodes and node in told["nodes"]
        }
        derived.put_live(folder_of(self.data), {**told, "nodes": {**told["nodes"], **gone}})

    def address(self, page: str) -> str:
        """The address of a page of an enterprise that is of a sort."""
        silent, _, doubted, alive, *_ = self.nodes
        return page.format(live=alive, doubted=doubted, silent=silent)


@pytest.fixture(scope="module")
def connected(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return Site(tmp_path_factory.mktemp("machines"))


@pytest.fixture(scope="module")
def site(connected: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    known = {"SHAZHOU_DATA": str(connected.data), "SHAZHOU_CITY": str(CITY)}
    run("user", "add", "analyst", "--role", "analyst", SHAZHOU_PASSWORD=PASSWORD, **known)
    with serving(tmp_path_factory.mktemp("log") / "serve.log", **known) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def analyst(site: str, browser: Browser) -> Any:
    return signed_in(site, browser, "analyst")


@pytest.mark.parametrize("name", PAGES)
def test_a_page_of_the_machine_side_is_whole_and_reads_without_javascript(
    connected: Site, site: str, browser: Browser, analyst: Any, name: str
) -> None:
    address = connected.address(PAGES[name])
    assert "\n".join(faults(site, browser, address, analyst)) == ""
    assert complaints(site, browser, address, analyst) == []


@pytest.mark.parametrize("address", ["/online/", "/online/?as=table", "/online/{live}/", "/online/{live}/press/"])
def test_a_page_of_the_machine_side_is_light(
    connected: Site, site: str, browser: Browser, analyst: Any, address: str
) -> None:
    context = browser.new_context(base_url=site, storage_state=analyst, java_script_enabled=False)
    answer = context.new_page().goto(connected.address(address))
    assert answer is not None and len(answer.body()) < HEAVIEST
    context.close()


def test_all_of_them_are_seen_at_once(connected: Site, site: str, browser: Browser, analyst: Any) -> None:
    context = browser.new_context(base_url=site, storage_state=analyst, viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.goto("/online/")
    seats = page.locator(".wall a.seat")
    assert seats.count() == MANY
    last = seats.last.bounding_box()
    assert last is not None and last["y"] + last["height"] <= 900
    context.close()


def test_an_open_wall_shows_what_changed_by_itself_and_keeps_the_focus(
    connected: Site, site: str, browser: Browser, analyst: Any
) -> None:
    context = browser.new_context(base_url=site, storage_state=analyst)
    page = context.new_page()
    page.goto("/online/")
    gone = connected.nodes[3]
    seat = page.locator(f"#n-{gone}")
    expect(seat).to_have_text("3")
    seat.focus()
    try:
        connected.speak([node for node in connected.nodes if node != gone])
        expect(seat).to_have_text("0")
        assert page.evaluate("document.activeElement.id") == f"n-{gone}"
    finally:
        connected.speak(connected.nodes)
    expect(seat).to_have_text("3")
    context.close()


def test_the_wall_is_narrowed_without_javascript(connected: Site, site: str, browser: Browser, analyst: Any) -> None:
    context = browser.new_context(base_url=site, storage_state=analyst, java_script_enabled=False)
    page = context.new_page()
    page.goto("/online/")
    page.locator("[name=level]").select_option("0")
    page.locator(".filters button").click()
    assert page.locator(".wall a.seat").count() == MANY // 5
    page.locator(".wall a.seat").first.click()
    assert page.locator("table.heat td").count() > 0
    context.close()
