"""Accounts to try the site with, one for each role. They are made only by ``shazhou serve --demo``."""

from __future__ import annotations

import secrets
from typing import NamedTuple

from shazhou.city.model import City
from shazhou.console.access.models import Person
from shazhou.console.access.people import give, make_person


class Account(NamedTuple):
    """An account as it is printed at start."""

    role: str
    username: str
    password: str


def demo_accounts(city: City, enterprise: str) -> list[Account]:
    """One account for each role, each with a new password; the town's is for the first place below the city."""
    town = next(place.key for place in city.places.values() if place.parent == city.root)
    scopes: dict[str, tuple[list[str], list[str]]] = {
        "leadership": ([], []),
        "analyst": ([], []),
        "reviewer": ([], []),
        "town": ([town], []),
        "reporter": ([], [enterprise]),
        "administrator": ([], []),
    }
    found = []
    for role, (places, enterprises) in scopes.items():
        password = secrets.token_urlsafe(9)
        person = Person.objects.filter(username=role).first()
        if person is None:
            person = make_person(role, password)
            give(person, role, places, enterprises)
        else:
            person.set_password(password)
            person.save()
        found.append(Account(role, role, password))
    return found
