"""Reporters: the entities of which a collection asks a return, and who fills it in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from shazhou.city.collection import Collection
from shazhou.city.model import City
from shazhou.measure.measure import Measure

_NAMES = ("name", "name_en", "alias")


@dataclass(frozen=True)
class Reporter:
    """An entity that a collection asks about. ``place`` is the key of the place it lies in (the city where none is
    said) and ``places`` that and all above it; ``enterprise`` is who fills in the return, empty: the town does."""

    entity: str
    name: str
    name_en: str
    place: str
    places: frozenset[str]
    enterprise: str

    def called(self, language: str) -> str:
        """The name in a language, or in the other where there is none."""
        return (self.name if language == "zh" else self.name_en) or self.name or self.entity


def reporters(measure: Measure, collection: Collection, day: date) -> tuple[Reporter, ...]:
    """Who has to report, by what attributes say on a day: the day on which the return opens. In order of their ids."""
    city, of = measure.city, collection.reporters
    known = [name for name in (*_NAMES, "place", collection.filled_by) if name in city.variables]
    found = dict(measure.members(day, collection.of, known, of.where)) if of.by_condition else {}
    inside = city.descendants(of.place or city.root)
    found = {entity: said for entity, said in found.items() if _place(city, said) in inside}
    listed = set(of.entities) - found.keys()
    if listed:
        everybody = measure.members(day, collection.of, known)
        found |= {entity: everybody.get(entity, {}) for entity in listed}
    fillers = _enterprises(measure, day) if collection.filled_by else {}
    return tuple(_reporter(city, collection, entity, found[entity], fillers) for entity in sorted(found))


def _reporter(
    city: City, collection: Collection, entity: str, said: Mapping[str, Any], fillers: Mapping[str, str]
) -> Reporter:
    place = _place(city, said)
    named = str(said.get(collection.filled_by) or "") if collection.filled_by else ""
    return Reporter(
        entity=entity,
        name=said.get("name") or said.get("alias") or entity,
        name_en=said.get("name_en") or "",
        place=place,
        places=above(city, place),
        enterprise=entity if collection.of == "enterprise" else fillers.get(named, ""),
    )


def above(city: City, place: str) -> frozenset[str]:
    """A place and every place that it lies in, by key."""
    found: set[str] = set()
    while place in city.places and place not in found:
        found.add(place)
        place = city.places[place].parent
    return frozenset(found)


def _place(city: City, said: Mapping[str, Any]) -> str:
    place = said.get("place")
    return str(place) if place in city.places else city.root


def _enterprises(measure: Measure, day: date) -> dict[str, str]:
    """Enterprises by their ids and by the texts that stand for just one of them."""
    known = [name for name in _NAMES if name in measure.city.variables]
    found: dict[str, set[str]] = {}
    for entity, said in measure.members(day, "enterprise", known).items():
        for text in {entity, *(text for text in said.values() if text)}:
            found.setdefault(text, set()).add(entity)
    return {text: next(iter(entities)) for text, entities in found.items() if len(entities) == 1}
