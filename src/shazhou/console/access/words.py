"""What roles and scopes are called."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from shazhou.city.model import City
from shazhou.city.problem import Language
from shazhou.console.access.models import Assignment

ROLES: dict[str, str | Promise] = {
    "leadership": _("Leadership"),
    "analyst": _("Bureau analyst"),
    "reviewer": _("Bureau reviewer"),
    "town": _("Town or zone officer"),
    "reporter": _("Enterprise reporter"),
    "administrator": _("Administrator"),
}


class Held(NamedTuple):
    """A role that somebody holds, as it is shown."""

    id: int
    role: str
    places: list[str]
    enterprises: list[str]


def held(assignments: Iterable[Assignment], city: City | None, language: Language) -> list[Held]:
    """Roles with the names of their places."""
    places = city.places if city is not None else {}
    return [
        Held(
            each.pk,
            str(ROLES.get(each.role, each.role)),
            [places[key].name.of(language) if key in places else key for key in each.places],
            each.enterprises,
        )
        for each in assignments
    ]
