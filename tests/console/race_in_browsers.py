"""Two real browsers race: in each a reviewer and somebody who feeds the reviewers press, at random, the buttons that
their tabs offer. Half of the tabs are pressed as they stood when they were last looked at."""

from __future__ import annotations

import random
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from desk_race import ENTITIES, PASSWORD, YEAR
from playwright.sync_api import Browser, Page, Response
from running_site import LOCALES, chromium

SIDES = (("first", "reporter"), ("second", "town"))
"""Who sits at which browser."""

ENTERPRISES = ENTITIES[:2]
"""Few, so that they often meet."""

BUTTON = "form.return button[name=act]"

FAULT = "fault:"
"""How an answer of 500 or more, or an error of a page's script, begins among what happened."""

LIKELY = {"submit": 32, "pass": 32, "approve": 32, "withdraw": 8, "correct": 4, "": 4, "send back": 4}
"""How often a button, or none, is chosen where another is chosen once: so that returns get as far as the ledger."""


def race(address: str, seconds: float, seed: int) -> Counter[str]:
    """What happened: presses by button and answer (``done`` or a status), those told that somebody was quicker as
    ``quicker``, and any `FAULT`."""
    with ThreadPoolExecutor(len(SIDES)) as sides:
        sat = [sides.submit(_side, address, names, seconds, random.Random(f"{names}{seed}")) for names in SIDES]
        return sum((each.result() for each in sat), Counter())


def _side(address: str, names: tuple[str, ...], seconds: float, chance: random.Random) -> Counter[str]:
    happened: Counter[str] = Counter()
    with chromium() as browser:
        tabs = [tab for name in names for tab in _tabs(browser, address, name, happened)]
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            _press(chance.choice(tabs), chance, happened)
    return happened


def _tabs(browser: Browser, address: str, name: str, happened: Counter[str]) -> list[Page]:
    """A tab for each return, of somebody who has signed in."""
    context = browser.new_context(locale=LOCALES["en"], base_url=address)

    def answered(response: Response) -> None:
        if response.status >= 500:
            happened[f"{FAULT} {response.status} {response.url}"] += 1

    context.on("response", answered)
    context.on("weberror", lambda error: happened.update([f"{FAULT} {error.error}"]))
    page = context.new_page()
    page.goto("/sign-in/")
    page.locator("[name=username]").fill(name)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("main form button").click()
    page.locator("header", has_text=name).wait_for()
    page.close()
    tabs = [context.new_page() for _ in ENTERPRISES]
    for tab, key in zip(tabs, ENTERPRISES, strict=True):
        tab.goto(f"/desk/yearly/enterprise:{key}/{YEAR}/")
    return tabs


def _press(tab: Page, chance: random.Random, happened: Counter[str]) -> None:
    """Looks again, or does not, and presses one of the buttons that are there, or none, with what it needs."""
    if chance.random() < 0.5 or not tab.locator(BUTTON).count():
        tab.goto(tab.url.removesuffix("act/"))
    acts = [button.get_attribute("value") or "" for button in tab.locator(BUTTON).all()]
    act = chance.choices(["", *acts], [LIKELY.get(each, 1) for each in ("", *acts)])[0]
    if not act:
        return
    if tab.locator("[name=reason]").count():
        tab.locator("[name=reason]").fill("so it is")
    if tab.locator("#value-output").count():
        tab.locator("#value-output").fill(str(chance.randint(50, 150)))
    with tab.expect_navigation() as navigation:
        tab.locator(f"{BUTTON}[value='{act}']").click()
    response = navigation.value
    done = response.request.redirected_from is not None
    happened[f"{act} {'done' if done else response.status}"] += 1
    if response.status == 409 and tab.get_by_text("was quicker").count():
        happened["quicker"] += 1
