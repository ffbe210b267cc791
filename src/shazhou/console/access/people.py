"""Making people and giving them roles."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.exceptions import ValidationError

from shazhou.console.access.models import Assignment, Person
from shazhou.console.access.rules import BY_KEY


def make_person(username: str, password: str, name: str = "", title: str = "") -> Person:
    """A new person with a password.

    Raises:
        ValidationError: the user name is taken, or is none.
    """
    person = Person(username=username, first_name=name, title=title)
    person.set_password(password)
    person.full_clean()
    person.save()
    return person


def give(person: Person, role: str, places: Sequence[str] = (), enterprises: Sequence[str] = ()) -> Assignment:
    """Grants a role within a scope.

    Raises:
        ValidationError: there is no such role, or its scope is missing.
    """
    if role not in BY_KEY:
        raise ValidationError(f"{role}: {', '.join(BY_KEY)}")
    reach = BY_KEY[role].reach
    if (reach == "places" and not places) or (reach == "enterprises" and not enterprises):
        raise ValidationError(f"{role} needs {reach} 需要范围")
    return Assignment.objects.create(person=person, role=role, places=list(places), enterprises=list(enterprises))
