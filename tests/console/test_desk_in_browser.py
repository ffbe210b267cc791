"""A form of the desk in a real browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from desk_race import PASSWORD, YEAR
from playwright.sync_api import Page, expect
from race_outcome import answer
from running_site import LOCALES, chromium, serving

pytestmark = pytest.mark.slow

TYPE = "(cell, typed) => { cell.value = typed; cell.dispatchEvent(new Event('change', {bubbles: true})); }"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("desk")
    answer("prepare", folder)
    with serving(folder / "serve.log", SHAZHOU_DATA=str(folder / "ledger"), SHAZHOU_DATABASE="") as address:
        yield address


@pytest.fixture
def form(site: str) -> Iterator[Page]:
    """The form of an enterprise, before its reporter."""
    with chromium() as browser:
        page = browser.new_context(locale=LOCALES["en"], base_url=site).new_page()
        page.goto(f"/sign-in/?next=/desk/yearly/enterprise:e1/{YEAR}/")
        page.locator("[name=username]").fill("reporter")
        page.locator("[name=password]").fill(PASSWORD)
        page.locator("main form button").click()
        page.locator("#value-output").wait_for()
        yield page


def test_a_button_is_not_lost_when_a_cell_is_found_wrong_while_it_is_pressed(form: Page) -> None:
    form.locator("#value-output").fill("1O0")
    button = form.locator("form.return button[value=save]")
    button.hover()
    with form.expect_response(lambda response: response.url.endswith("/output/")):
        form.mouse.down()
    form.wait_for_timeout(200)
    with form.expect_navigation():
        form.mouse.up()
    expect(form.locator(".state-draft")).to_be_visible()
    expect(form.locator("#problems-output")).to_contain_text("1O0")


def test_a_cell_found_wrong_while_something_else_is_pressed_is_marked_afterwards(form: Page) -> None:
    form.locator("#value-output").fill("2O0")
    form.locator("h1").hover()
    with form.expect_response(lambda response: response.url.endswith("/output/")):
        form.mouse.down()
    form.wait_for_timeout(200)
    expect(form.locator("#problems-output")).not_to_contain_text("2O0")
    form.mouse.up()
    expect(form.locator("#problems-output")).to_contain_text("2O0")


def test_of_two_answers_about_a_cell_that_come_while_something_is_pressed_the_last_is_shown(form: Page) -> None:
    form.locator("h1").hover()
    form.mouse.down()
    for typed in ("4O0", "5O0"):
        with form.expect_response(lambda response: response.url.endswith("/output/")):
            form.locator("#value-output").evaluate(
                "(cell, typed) => { cell.value = typed; cell.dispatchEvent(new Event('change', {bubbles: true})); }",
                typed,
            )
    form.wait_for_timeout(200)
    expect(form.locator("#problems-output")).not_to_contain_text("5O0")
    form.mouse.up()
    expect(form.locator("#problems-output")).to_contain_text("5O0")


def test_a_cell_is_checked_when_it_is_left(form: Page) -> None:
    form.locator("#value-output").fill("3O0")
    form.keyboard.press("Tab")
    expect(form.locator("#problems-output")).to_contain_text("3O0")
