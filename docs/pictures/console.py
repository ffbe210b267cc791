"""Draws the console's pictures from the site that `make demo` has opened.

python docs/pictures/console.py [address]
python docs/pictures/console.py address name password      the wall of enterprises, as somebody sees it who signs in
"""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

PICTURES = {
    "console-overview": "/",
    "console-trail": "/indicators/?indicator=gdp&place=320582&from=2016&to=2022&frequency=A",
}
LOCALES = {"zh": "zh-CN", "en": "en-GB"}


def main() -> None:
    address = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        if len(sys.argv) > 3:
            wall(browser, address, sys.argv[2], sys.argv[3])
        else:
            everything_open(browser, address)
        browser.close()


def everything_open(browser: Browser, address: str) -> None:
    for language in LOCALES:
        page = opened(browser, address, language)
        for name, path in PICTURES.items():
            page.goto(path)
            page.wait_for_load_state("networkidle")
            if name.endswith("trail"):
                page.locator("main td a.figure").last.click()
                page.locator("#panel h2").first.wait_for()
            page.screenshot(path=Path(__file__).with_name(f"{name}.{language}.png"))


def wall(browser: Browser, address: str, name: str, password: str) -> None:
    page = opened(browser, address, "zh")
    page.goto("/sign-in/")
    page.locator("[name=username]").fill(name)
    page.locator("[name=password]").fill(password)
    page.locator("main form button").click()
    page.wait_for_url(f"{address}/")
    page.goto("/online/")
    page.screenshot(path=Path(__file__).with_name("online-wall.zh.png"))


def opened(browser: Browser, address: str, language: str) -> Page:
    return browser.new_context(
        viewport={"width": 1440, "height": 900}, locale=LOCALES[language], base_url=address, color_scheme="light"
    ).new_page()


if __name__ == "__main__":
    main()
