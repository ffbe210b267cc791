"""Whether a page is whole in a real browser: in both languages, wide and narrow, light and dark."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Error, Request
from running_site import LOCALES, PASSWORD

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
SIZES = {"wide": (1440, 900), "narrow": (390, 844)}


def signed_in(site: str, browser: Browser, name: str) -> Any:
    """What a browser keeps of somebody who has signed in."""
    context = browser.new_context(base_url=site)
    page = context.new_page()
    page.goto("/sign-in/")
    page.locator("[name=username]").fill(name)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("main form button").click()
    page.wait_for_url(f"{site}/")
    state = context.storage_state()
    context.close()
    return state


def faults(site: str, browser: Browser, address: str, state: Any = None) -> list[str]:
    """What is wrong with a page: asks elsewhere, is wider than the screen, has a serious fault of accessibility, or an
    error in its script."""
    found: list[str] = []
    for language, locale in LOCALES.items():
        for size, (width, height) in SIZES.items():
            theme = "dark" if (language == "zh") == (size == "wide") else "light"
            context = browser.new_context(
                viewport={"width": width, "height": height},
                locale=locale,
                base_url=site,
                color_scheme=theme,  # type: ignore[arg-type]
                storage_state=state,
                bypass_csp=True,
            )
            page, seen = context.new_page(), f"{language} {size} {theme}"
            page.on("pageerror", partial(_failed, seen, found))
            page.on("request", partial(_asked, site, found))
            answer = page.goto(address)
            assert answer is not None and answer.status == 200, (seen, answer)
            page.wait_for_load_state("networkidle")
            wide = page.evaluate("document.documentElement.scrollWidth")
            found += [f"{seen}: {wide} pixels wide"] if wide > width else []
            page.add_script_tag(path=AXE)
            broken = page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
            found += [
                f"{seen}: {each['id']}: {each['nodes'][0]['target']} {each['nodes'][0]['html'][:150]}"
                for each in broken
                if each["impact"] in ("serious", "critical")
            ]
            context.close()
    return found


def complaints(site: str, browser: Browser, address: str, state: Any = None) -> list[str]:
    """What a browser says against a page, with script and without; its title must be seen either way."""
    said: list[str] = []
    for scripts in (True, False):
        context = browser.new_context(base_url=site, java_script_enabled=scripts, locale="en-GB", storage_state=state)
        page = context.new_page()
        page.on("console", partial(_said, said))
        page.goto(address)
        page.wait_for_load_state("networkidle")
        assert page.locator("main h1").first.is_visible()
        context.close()
    return [text for text in said if "Content Security Policy" in text or "rror" in text]


def _asked(site: str, found: list[str], request: Request) -> None:
    if not request.url.startswith((site, "data:", "blob:")):
        found.append(f"asked elsewhere: {request.url}")


def _failed(seen: str, found: list[str], error: Error) -> None:
    found.append(f"{seen}: {error}")


def _said(said: list[str], message: ConsoleMessage) -> None:
    said.append(message.text)
