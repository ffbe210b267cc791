"""Every page in a real browser, in both languages, wide and narrow, light and dark: nothing from elsewhere, nothing
wider than the screen, no serious accessibility fault, no error in the console, and readable without JavaScript.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Error, Request
from running_site import LOCALES, PASSWORD, chromium, run, serving

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
SIZES = {"wide": (1440, 900), "narrow": (390, 844)}
OPEN_TO_ALL = {
    "overview": "/",
    "indicators": "/indicators/",
    "chosen indicator": "/indicators/?indicator=gdp&place=320582&from=2016&to=2022&frequency=A",
    "trail": "/trail/?indicator=gdp&place=320582&period=2021",
    "registers": "/registers/",
    "register": "/registers/enterprise/",
    "place": "/entities/place:320582/",
    "industry": "/entities/industry:equipment/",
    "report": "/report/?year=2021",
    "ledger": "/ledger/",
    "submission": "/ledger/6/",
    "definitions": "/definitions/",
    "sign-in": "/sign-in/",
}
SIGNED_IN = {
    "account": ("reviewer", "/account/"),
    "desk": ("reviewer", "/desk/"),
    "burden": ("reviewer", "/desk/burden/"),
    "release": ("analyst", "/releases/"),
    "administration": ("administrator", "/administration/"),
    "audit": ("administrator", "/administration/audit/"),
    "health": ("administrator", "/administration/health/"),
}
PAGES = {**{name: ("", address) for name, address in OPEN_TO_ALL.items()}, **SIGNED_IN}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("pages")
    known = {"SHAZHOU_DATA": str(folder / "ledger"), "SHAZHOU_CITY": str(ROOT / "cities" / "zhangjiagang")}
    run("init", **known)
    run("load", **known)
    for role in {role for role, _ in SIGNED_IN.values()}:
        run("user", "add", role, "--role", role, SHAZHOU_PASSWORD=PASSWORD, **known)
    with serving(folder / "serve.log", **known) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def sessions(site: str, browser: Browser) -> dict[str, Any]:
    """What a browser keeps of each role that has signed in."""
    found: dict[str, Any] = {"": None}
    for role in {role for role, _ in SIGNED_IN.values()}:
        context = browser.new_context(base_url=site)
        page = context.new_page()
        page.goto("/sign-in/")
        page.locator("[name=username]").fill(role)
        page.locator("[name=password]").fill(PASSWORD)
        page.locator("main form button").click()
        page.wait_for_url(f"{site}/")
        found[role] = context.storage_state()
        context.close()
    return found


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_whole(site: str, browser: Browser, sessions: dict[str, Any], name: str) -> None:
    role, address = PAGES[name]
    faults: list[str] = []
    for language, locale in LOCALES.items():
        for size, (width, height) in SIZES.items():
            theme = "dark" if (language == "zh") == (size == "wide") else "light"
            context = browser.new_context(
                viewport={"width": width, "height": height},
                locale=locale,
                base_url=site,
                color_scheme=theme,  # type: ignore[arg-type]
                storage_state=sessions[role],
                bypass_csp=True,
            )
            page, seen = context.new_page(), f"{language} {size} {theme}"
            page.on("pageerror", partial(_failed, seen, faults))
            page.on("request", partial(_asked, site, faults))
            answer = page.goto(address)
            assert answer is not None and answer.status == 200, (seen, answer)
            page.wait_for_load_state("networkidle")
            wide = page.evaluate("document.documentElement.scrollWidth")
            faults += [f"{seen}: {wide} pixels wide"] if wide > width else []
            page.add_script_tag(path=AXE)
            found = page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
            faults += [
                f"{seen}: {each['id']}: {each['nodes'][0]['target']} {each['nodes'][0]['html'][:150]}"
                for each in found
                if each["impact"] in ("serious", "critical")
            ]
            context.close()
    assert "\n".join(faults) == ""


@pytest.mark.parametrize("name", OPEN_TO_ALL)
def test_a_page_keeps_to_its_security_policy_and_reads_without_javascript(
    site: str, browser: Browser, name: str
) -> None:
    for scripts in (True, False):
        context = browser.new_context(base_url=site, java_script_enabled=scripts, locale="en-GB")
        page, said = context.new_page(), list[str]()
        page.on("console", partial(_said, said))
        page.goto(OPEN_TO_ALL[name])
        page.wait_for_load_state("networkidle")
        assert page.locator("main h1").first.is_visible()
        assert [text for text in said if "Content Security Policy" in text or "rror" in text] == []
        context.close()


def _asked(site: str, faults: list[str], request: Request) -> None:
    if not request.url.startswith((site, "data:", "blob:")):
        faults.append(f"asked elsewhere: {request.url}")


def _failed(seen: str, faults: list[str], error: Error) -> None:
    faults.append(f"{seen}: {error}")


def _said(said: list[str], message: ConsoleMessage) -> None:
    said.append(message.text)
