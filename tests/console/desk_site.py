"""The desk as people use it: who is signed in, the page of a return, and its forms."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from desk_city import NOW, desk_ledger
from django.http import HttpResponse
from django.test import Client

from shazhou.console.access.models import Person
from shazhou.console.access.people import give, make_person
from shazhou.console.desk.models import Return
from shazhou.console.evidence import current, reporting
from shazhou.ledger.ledger import Ledger

HERE = "/desk/yearly/enterprise:e1/2023/"
PASSWORD = "correct horse battery staple"


class Desk:
    """The site over a ledger of its own, in English."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.people: dict[str, Client] = {}

    def person(self, role: str, places: tuple[str, ...] = (), enterprises: tuple[str, ...] = ()) -> Client:
        """A browser in which somebody with a role has signed in."""
        name = f"{role}{Person.objects.count()}"
        person = make_person(name, PASSWORD)
        give(person, role, places, enterprises)
        browser = Client(headers={"accept-language": "en"})
        browser.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        return browser

    @property
    def reporter(self) -> Client:
        return self._one("reporter", (), ("enterprise:e1",))

    @property
    def town(self) -> Client:
        return self._one("town", ("north",), ())

    @property
    def bureau(self) -> Client:
        return self._one("reviewer", (), ())

    def _one(self, role: str, places: tuple[str, ...], enterprises: tuple[str, ...]) -> Client:
        if role not in self.people:
            self.people[role] = self.person(role, places, enterprises)
        return self.people[role]

    def submitted(self, at: str = HERE, **values: str) -> Return:
        """A return that the reporter has handed in."""
        act(self.reporter, "submit", at, follow=False, **({"output": "100"} | values))
        return Return.objects.get()

    def checked(self) -> Return:
        """A return that the town has checked."""
        self.submitted()
        act(self.town, "pass", follow=False)
        return Return.objects.get()

    def approved(self) -> Return:
        """A return that the bureau has approved."""
        self.checked()
        act(self.bureau, "approve", follow=False)
        return Return.objects.get()


def page(browser: Client, at: str = HERE) -> str:
    """The page of a return."""
    answer = browser.get(at)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def hidden(text: str) -> dict[str, str]:
    """The hidden fields of the forms on a page."""
    return dict(re.findall(r'<input type="hidden" name="(revision|version)" value="(\d+)">', text))


def typed(text: str) -> dict[str, str]:
    """What stands in the cells of a page's grid."""
    found = re.findall(r'<input class="form-control[^"]*" id="value-(\w+)" name="value-\w+" value="([^"]*)"', text)
    chosen = re.findall(r'<select [^>]*name="value-(\w+)".*?</select>', text, re.S)
    for name in chosen:
        options = text.split(f'name="value-{name}"')[1].split("</select>")[0]
        found += [(name, value) for value in re.findall(r'<option value="([^"]*)" selected>', options) or [""]]
    return {name: unescape(value) for name, value in found}


def act(
    browser: Client, name: str, at: str = HERE, seen: str = "", reason: str = "", follow: bool = True, **values: str
) -> HttpResponse:
    """Presses a button of the page that was seen (now, where it is not said); ``values`` by variable are typed into
    its cells, all others stay as they are shown; ``why_…`` are reasons beside cells."""
    text = seen or page(browser, at)
    form: dict[str, str] = {"act": name, "reason": reason, **hidden(text)}
    form |= {f"value-{variable}": value for variable, value in typed(text).items()}
    for key, value in values.items():
        form[f"reason-{key.removeprefix('why_')}" if key.startswith("why_") else f"value-{key}"] = value
    answer: Any = browser.post(f"{at}act/", form, follow=follow)
    return answer  # type: ignore[no-any-return]


def said(answer: Any) -> str:
    """The text of an answer."""
    return unescape(answer.content.decode())


@pytest.fixture
def moment(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Sets the clock of the desk."""

    def at(when: datetime) -> None:
        monkeypatch.setattr(reporting, "now", lambda: when)

    at(NOW)
    return at


@pytest.fixture(scope="session")
def desk_evidence(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger to be copied."""
    return desk_ledger(tmp_path_factory.mktemp("desk") / "ledger").folder


@pytest.fixture
def desk(desk_evidence: Path, tmp_path: Path, settings: Any, db: None, moment: Any) -> Iterator[Desk]:
    """The desk over a small city's ledger of its own."""
    ledger = Ledger.open(shutil.copytree(desk_evidence, tmp_path / "ledger"))
    settings.DEPLOYMENT = replace(settings.DEPLOYMENT, data=ledger.folder)
    settings.STORAGES = {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.AXES_ENABLED = False
    current.ledger.cache_clear()
    yield Desk(ledger)
    current.ledger.cache_clear()


__all__ = ["HERE", "Desk", "act", "current", "desk", "desk_evidence", "hidden", "moment", "page", "said", "typed"]
