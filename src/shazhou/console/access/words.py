"""What roles and scopes are called."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from shazhou.city.model import City
from shazhou.city.problem import Language
from shazhou.console.access.models import Assignment
from shazhou.console.evidence import reporting

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
    """Roles with the names of their places and enterprises; ids where they have none."""
    given = list(assignments)
    places = city.places if city is not None else {}
    enterprises = [name for each in given for name in each.enterprises]
    names = reporting.texts("name", enterprises) if enterprises and city is not None else {}
    return [
        Held(
            each.pk,
            str(ROLES.get(each.role, each.role)),
            [places[key].name.of(language) if key in places else key for key in each.places],
            [names.get(name, name) for name in each.enterprises],
        )
        for each in given
    ]
