"""Every page in a real browser, in both languages, wide and narrow, light and dark: nothing from elsewhere, nothing
wider than the screen, no serious accessibility fault, no error in the console, and readable without JavaScript.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser
from running_site import PASSWORD, chromium, run, serving
from whole_page import complaints, faults, signed_in

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
OPEN_TO_ALL = {
    "overview": "/",
    "indicators": "/indicators/",
    "chosen indicator": "/indicators/?indicator=gdp&place=320582&from=2016&to=2022&frequency=A",
    "trail": "/trail/?indicator=gdp&place=320582&period=2021",
    "registers": "/registers/",
    "register": "/registers/enterprise/",
    "place": "/entities/place:320582/",
    "industry": "/entities/industry:equipment/",
    "online": "/online/",
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
    "wall without machines": ("reviewer", "/online/"),
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
    roles = sorted({role for role, _ in SIGNED_IN.values()})
    return {"": None, **{role: signed_in(site, browser, role) for role in roles}}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_whole(site: str, browser: Browser, sessions: dict[str, Any], name: str) -> None:
    role, address = PAGES[name]
    assert "\n".join(faults(site, browser, address, sessions[role])) == ""


@pytest.mark.parametrize("name", OPEN_TO_ALL)
def test_a_page_keeps_to_its_security_policy_and_reads_without_javascript(
    site: str, browser: Browser, name: str
) -> None:
    assert complaints(site, browser, OPEN_TO_ALL[name]) == []
