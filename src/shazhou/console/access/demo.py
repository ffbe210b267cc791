"""Accounts to try the site with, one for each role. They are made only by ``shazhou serve --demo``."""

from __future__ import annotations

import secrets
from typing import NamedTuple

from shazhou.city.model import City
from shazhou.console.access.models import Person
from shazhou.console.access.people import give, make_person, set_password
from shazhou.console.access.rules import Role


class Account(NamedTuple):
    """An account as it is printed at start."""

    role: str
    username: str
    password: str


def demo_accounts(city: City | None, enterprise: str) -> list[Account]:
    """An account for each role, each with a new password: the town's for the first place below the city, the
    reporter's for ``enterprise``. Roles that would reach nothing, since nothing has been loaded, have none."""
    towns = [place.key for place in city.places.values() if place.parent == city.root] if city is not None else []
    scopes = {
        "places": (towns[:1], []),
        "enterprises": ([], [enterprise] if enterprise else []),
        "everywhere": ([], []),
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
