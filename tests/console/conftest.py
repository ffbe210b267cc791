"""The site over a ledger with the city's real evidence, and people with each role."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from online_city import NOW, online_city
from real_city import PASSWORD, PLAIN_FILES, ZHANGJIAGANG
from small_town import shared_town

from shazhou.city.folder import read_city
from shazhou.console.access.models import Person
from shazhou.console.access.people import give, make_person
from shazhou.console.evidence import current
from shazhou.console.telemetry import known
from shazhou.intake.load import load_evidence
from shazhou.ledger.ledger import Ledger


@pytest.fixture(scope="session")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger with the city's own evidence; read-only for tests that share it."""
    folder = tmp_path_factory.mktemp("console") / "ledger"
    load_evidence(Ledger.create(folder), read_city(ZHANGJIAGANG), ZHANGJIAGANG, "tester")
    return folder


@pytest.fixture
def site(evidence: Path, settings: Any, db: None) -> Iterator[Client]:
    """The site, looked at by a stranger."""
    settings.DEPLOYMENT = replace(settings.DEPLOYMENT, data=evidence, city=ZHANGJIAGANG)
    settings.STORAGES = PLAIN_FILES
    settings.AXES_ENABLED = False
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    current.ledger.cache_clear()
    yield Client()
    current.ledger.cache_clear()


@pytest.fixture
def signed_in(site: Client) -> Callable[..., Client]:
    """Gives a browser in which somebody with a role has signed in."""

    def sign_in(role: str, places: tuple[str, ...] = (), enterprises: tuple[str, ...] = ()) -> Client:
        name = f"{role}{Person.objects.count()}"
        person = make_person(name, PASSWORD)
        give(person, role, places, enterprises)
        browser = Client()
        browser.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        return browser

    return sign_in


@pytest.fixture
def town() -> Path:
    """A ledger of a small town."""
    return shared_town()


@contextmanager
def laid_over(settings: Any, data: Path) -> Iterator[None]:
    """The site shows another ledger."""
    settings.DEPLOYMENT = replace(settings.DEPLOYMENT, data=data)
    current.ledger.cache_clear()
    yield
    current.ledger.cache_clear()


@pytest.fixture
def in_town(town: Path, site: Client, settings: Any) -> Iterator[None]:
    """The site over that ledger."""
    with laid_over(settings, town):
        yield


@pytest.fixture(scope="module")
def connected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A city whose machines are connected; read-only for tests that share it."""
    folder = tmp_path_factory.mktemp("online") / "ledger"
    online_city(folder)
    return folder


@pytest.fixture
def machines(connected: Path, site: Client, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The site over it at its moment; gives the nodes."""
    monkeypatch.setattr(known, "now", lambda: NOW + 1_000)
    with laid_over(settings, connected):
        yield sorted(known.register(current.head()))
