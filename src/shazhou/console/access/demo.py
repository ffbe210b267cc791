"""Accounts to try the site with, one for each role. They are made only by ``shazhou serve --demo``."""

from __future__ import annotations

import secrets
from typing import NamedTuple

from shazhou.console.access.models import Person
from shazhou.console.access.people import give, make_person, set_password
from shazhou.console.access.rules import Reach, Role
from shazhou.console.evidence import current, reporting
from shazhou.console.evidence.entities import some_enterprise


class Account(NamedTuple):
    """An account as it is printed at start."""

    role: str
    username: str
    password: str


def demo_scope() -> tuple[list[str], list[str]]:
    """The town and the enterprise of the demo: an enterprise that has something to fill in, and the town that reviews
    it; empty lists where nothing has been loaded."""
    city = current.city_or_none()
    if city is None:
        return [], []
    towns = {key for key, place in city.places.items() if place.parent == city.root}
    day = reporting.today()
    asked = [each for name in city.collections for each in reporting.reporters(name, day).values() if each.enterprise]
    asked = [each for each in asked if each.places & towns]
    if asked:
        first = min(asked, key=lambda each: each.enterprise)
        return sorted(first.places & towns), [first.enterprise]
    enterprise = some_enterprise()
    return sorted(towns)[:1], [enterprise] if enterprise else []


def demo_accounts(places: list[str], enterprises: list[str]) -> list[Account]:
    """An account for each role, each with a new password; roles that would reach nothing have none."""
    scopes: dict[Reach, tuple[list[str], list[str]]] = {
        "everywhere": ([], []),
        "places": (places, []),
        "enterprises": ([], enterprises),
    }
    return [
        Account(role.key, role.key, _opened(role, *scopes[role.reach]))
        for role in Role
        if role.reach == "everywhere" or any(scopes[role.reach])
    ]


def _opened(role: Role, places: list[str], enterprises: list[str]) -> str:
    """The new password of a role's account, which is made where it is missing."""
    password = secrets.token_urlsafe(9)
    person = Person.objects.filter(username=role.key).first()
    if person is not None:
        set_password(person, password)
    else:
        give(make_person(role.key, password), role.key, places, enterprises)
    return password
