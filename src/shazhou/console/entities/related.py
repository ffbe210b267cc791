"""What an entity has to do with others: what it is part of, its parts, and those that lie in it or belong to it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from shazhou.city.model import City
from shazhou.console.evidence.entities import Dossier
from shazhou.console.evidence.register import Question, Register, Row
from shazhou.console.evidence.states import NAMES
from shazhou.console.evidence.visible import Sight

SHOWN = 8
"""Entities listed in a group; the register has all."""

OWNER = "project_enterprise"
"""The attribute of a project that names its enterprise."""


@dataclass(frozen=True)
class Group:
    """Some related entities: what they are, the first of them, how many there are, and where all of them stand."""

    title: str
    rows: tuple[Row, ...]
    count: int
    all: str


def related(city: City, known: Register, row: Row, dossier: Dossier, sight: Sight) -> list[Group]:
    """The groups that are not empty."""
    key = row.entity.partition(":")[2]
    groups: dict[str, Any] = {"place": _of_place, "industry": _of_industry, "project": _of_project}
    found = groups.get(row.kind, _of_enterprise)(city, known, key, dossier, sight)
    return [each for each in found if each.count]


def _of_place(city: City, known: Register, key: str, _dossier: Dossier, sight: Sight) -> Iterable[Group]:
    below = [each.entity for each in city.places.values() if each.parent == key]
    yield _rows(_("Is part of"), known, [f"place:{city.places[key].parent}"] if key in city.places else [], sight)
    yield _rows(_("Its parts"), known, below, sight)
    inside = city.descendants(key)
    for kind, title in (("enterprise", _("Enterprises")), ("project", _("Projects")), ("platform", _("Platforms"))):
        yield _register(title, known, Question(kind, places=inside, sort="name"), {"place": key}, sight)


def _of_industry(city: City, known: Register, key: str, _dossier: Dossier, sight: Sight) -> Iterable[Group]:
    parts = [f"industry:{each.key}" for each in city.industries.values() if each.part_of == key]
    whole = city.industries[key].part_of if key in city.industries else ""
    yield _rows(_("Is part of"), known, [f"industry:{whole}"] if whole else [], sight)
    yield _rows(_("Its parts"), known, parts, sight)
    inside = city.parts(key)
    for kind, title in (("enterprise", _("Enterprises")), ("project", _("Projects"))):
        yield _register(title, known, Question(kind, industries=inside, sort="name"), {"industry": key}, sight)


def _of_project(_city: City, known: Register, _key: str, dossier: Dossier, sight: Sight) -> Iterable[Group]:
    said = {told.text or "" for told in dossier.attributes.get(OWNER, ())}
    named = known.named([*said, *(text.partition(" (")[0] for text in said)], "enterprise", sight)
    yield Group(_("Enterprise of the project"), tuple(named[:SHOWN]), len(named), "")


def _of_enterprise(_city: City, known: Register, _key: str, dossier: Dossier, sight: Sight) -> Iterable[Group]:
    names = {told.text or "" for name in NAMES for told in dossier.attributes.get(name, ())}
    owned = known.saying(OWNER, names, "project", sight)
    yield Group(_("Its projects"), tuple(owned[:SHOWN]), len(owned), "")


def _rows(title: str, known: Register, ids: list[str], sight: Sight) -> Group:
    rows = known.entities(ids, sight)
    shown = tuple(rows[each] for each in ids if each in rows)
    return Group(title, shown, len(shown), "")


def _register(title: str, known: Register, question: Question, asked: dict[str, str], sight: Sight) -> Group:
    rows = known.page(question, sight, None, SHOWN).rows
    address = f"{reverse('register', args=[question.kind])}?{urlencode(asked)}"
    return Group(title, rows, known.count(question, sight) if len(rows) == SHOWN else len(rows), address)
