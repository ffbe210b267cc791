"""The overview and the indicators in a real browser: maps and charts are drawn, a chart is saved, a page is light."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from running_site import LOCALES, chromium, run, serving

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
ZHANGJIAGANG = ROOT / "cities" / "zhangjiagang"
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
MAP = "/?map=city&by=area&period=2019"
CHART = "/indicators/?indicator=gdp&indicator=rd_share_of_gdp&from=2016&to=2023"
FIRST_LOAD = 300_000
"""Bytes of the first load of a page, compressed, at most."""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("overview")
    known = {"SHAZHOU_DATA": str(folder / "ledger"), "SHAZHOU_CITY": str(ZHANGJIAGANG)}
    run("init", **known)
    run("load", **known)
    with serving(folder / "log", **known) as found:
        yield found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture(params=["zh", "en"])
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page in which nothing may go wrong."""
    context = browser.new_context(locale=LOCALES[request.param], viewport={"width": 1440, "height": 900})
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert complaints == []


def test_the_map_has_the_outline_and_the_towns_and_changes_without_a_new_page(page: Page, address: str) -> None:
    page.goto(address + MAP)
    drawing = page.locator(".chart.map svg")
    expect(drawing.locator("text").filter(has_text="凤凰镇").or_(drawing.get_by_text("Fenghuang"))).to_have_count(1)
    page.evaluate("document.body.dataset.kept = 'yes'")
    page.locator("select[name=map]").select_option("suzhou")
    page.wait_for_url("**map=suzhou**")
    expect(page.locator(".chart.map[data-map=suzhou] svg path").first).to_be_visible()
    assert page.evaluate("document.body.dataset.kept") == "yes"


def test_a_number_opens_its_trail_beside_the_page(page: Page, address: str) -> None:
    page.goto(address + CHART)
    page.locator("tbody a.figure").first.click()
    expect(page.locator("#panel")).to_contain_text("value(gdp)")
    page.keyboard.press("Escape")
    expect(page.locator("#panel")).to_be_empty()


def test_charts_are_drawn_and_saved_as_pictures(page: Page, address: str) -> None:
    page.goto(address + CHART)
    expect(page.locator(".chart svg")).to_have_count(2)
    with page.expect_download() as download:
        page.locator("[data-save-chart]").first.click()
    assert Path(download.value.path()).read_bytes().startswith(b"\x89PNG")


def test_the_list_of_indicators_is_narrowed_as_one_types(page: Page, address: str) -> None:
    page.goto(f"{address}/indicators/")
    page.locator("input[type=search]").fill("rd_spending_implied")
    shown = page.locator("#indicator-list label:visible input")
    expect(shown).to_have_count(1)
    assert shown.get_attribute("value") == "rd_spending_implied"


@pytest.mark.parametrize("path", ["/", MAP, "/?map=jiangsu", CHART])
def test_the_first_load_is_light(browser: Browser, address: str, path: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    network = context.new_cdp_session(page)
    network.send("Network.enable")
    sizes: list[float] = []
    network.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    page.goto(address + path, wait_until="networkidle")
    context.close()
    assert 100_000 < sum(sizes) <= FIRST_LOAD


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("path", [MAP, CHART, "/indicators/"])
def test_nothing_serious_is_in_the_way_of_anybody(browser: Browser, address: str, path: str, theme: str) -> None:
    context = browser.new_context(color_scheme="dark" if theme == "dark" else "light", bypass_csp=True)
    page = context.new_page()
    page.goto(address + path, wait_until="networkidle")
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    context.close()
    assert [each["id"] for each in found["violations"] if each["impact"] in ("serious", "critical")] == []


def test_the_choice_is_made_without_a_script(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    page.goto(f"{address}/indicators/")
    page.get_by_label("Industrial enterprises above designated size", exact=True).check()
    page.get_by_role("button", name="Show").click()
    assert "indicator=above_scale_industrial_firms" in page.url
    expect(page.locator("table.figures tbody tr").first).to_be_visible()
    context.close()
