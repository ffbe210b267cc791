"""The wall, an enterprise, a machine: what they show, to whom, and that an open page is refreshed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from online_city import NOW, online_city

from shazhou.console.evidence import current
from shazhou.console.telemetry import known
from shazhou.telemetry.store.store import Store, folder_of

EN = {"accept-language": "en"}
ZH = {"accept-language": "zh-hans"}
LIVE = {**EN, "hx-request": "true"}


@pytest.fixture(scope="module")
def connected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A city whose machines are connected; read-only for tests that share it."""
    folder = tmp_path_factory.mktemp("online") / "ledger"
    online_city(folder)
    return folder


@pytest.fixture
def machines(connected: Path, site: Client, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The site over it at its moment; gives the nodes."""
    settings.DEPLOYMENT = replace(settings.DEPLOYMENT, data=connected)
    current.ledger.cache_clear()
    monkeypatch.setattr(known, "now", lambda: NOW + 1_000)
    yield sorted(known.register(current.head()))
    current.ledger.cache_clear()


def page(browser: Client, address: str, headers: dict[str, str] = EN) -> str:
    answer = browser.get(address, headers=headers)
    assert answer.status_code == 200, answer
    return answer.content.decode()


def levels(text: str) -> list[str]:
    """The levels of the seats on a wall."""
    return re.findall(r'<a id="n-[^"]+" class="seat l(\d)"', text)


def test_the_wall_has_a_seat_for_every_enterprise_with_its_level(
    machines: list[str], signed_in: Callable[..., Client]
) -> None:
    text = page(signed_in("analyst"), "/online/")
    assert sorted(levels(text)) == sorted("01234" * 6)
