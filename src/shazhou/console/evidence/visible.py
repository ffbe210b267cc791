"""What a visitor sees of the evidence.

A statement is open to all where its variable and its source are public. Any other is seen by those who may see the
micro-data of the enterprise that it is about; where it is about a place, by those who may see those of that place.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from shazhou.console.access.rules import Action, Subject, Visitor, may
from shazhou.console.evidence import current

PLACE = "place"
"""The attribute that says in which place an entity lies."""


class About(NamedTuple):
    """What decides who may see a statement."""

    entity: str
    variable: str
    source: str


def is_public(about: About) -> bool:
    """Whether a statement is open to all."""
    city = current.city()
    variable = city.variables.get(about.variable)
    return variable is not None and variable.public and about.source in _public_titles()


def seen(visitor: Visitor, statements: Sequence[About]) -> list[bool]:
    """For each statement whether a visitor sees it."""
    if may(visitor, Action.SEE_MICRODATA):
        return [True] * len(statements)
    closed = {each for each in statements if not is_public(each)}
    subjects = subjects_of(each.entity for each in closed)
    closed = {each for each in closed if not may(visitor, Action.SEE_MICRODATA, subjects[each.entity])}
    return [each not in closed for each in statements]


def subjects_of(entities: Iterable[str]) -> dict[str, Subject]:
    """Entities as subjects of access: with the places in which they lie now."""
    wanted = dict.fromkeys(entities)
    others = [each for each in wanted if not each.startswith("place:")]
    known = PLACE in current.city().variables and others
    where = current.with_measure(None, lambda measure: measure.texts(PLACE, others)) if known else {}
    return {each: _subject(each, where.get(each, "")) for each in wanted}


def _subject(entity: str, where: str) -> Subject:
    place = entity if entity.startswith("place:") else where
    places = frozenset({place.removeprefix("place:")} - {""})
    return Subject(entity if entity.startswith("enterprise:") else "", places)


def _public_titles() -> frozenset[str]:
    return frozenset(source.title for source in current.city().sources.values() if source.public)
