"""Draws the console's pictures from the site that `make demo` has opened.

python docs/pictures/console.py [address]
"""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

PICTURES = {
    "console-overview": "/",
    "console-trail": "/indicators/?indicator=gdp&place=320582&from=2016&to=2022&frequency=A",
}
LOCALES = {"zh": "zh-CN", "en": "en-GB"}


def main() -> None:
    address = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        for language, locale in LOCALES.items():
            page = browser.new_context(
                viewport={"width": 1440, "height": 900}, locale=locale, base_url=address, color_scheme="light"
            ).new_page()
            for name, path in PICTURES.items():
                page.goto(path)
                page.wait_for_load_state("networkidle")
                if name.endswith("trail"):
                    page.locator("main td a.figure").last.click()
                    page.locator("#panel h2").first.wait_for()
                page.screenshot(path=Path(__file__).with_name(f"{name}.{language}.png"))
        browser.close()


if __name__ == "__main__":
    main()
