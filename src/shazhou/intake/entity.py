"""Entities: from the names that documents use to opaque ids.

A name, alias or code stands for the entity of which it was stated, exactly as it was written. A text that stands for
several is refused; one that stands for none makes a new entity where the mapping allows it, with an id derived from the
text, so that loading again gives the same. What only looks alike is proposed (`shazhou.intake.matching`), and merged by
nobody but a confirmed statement ``same_as``.
"""

from __future__ import annotations

import base64
import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping

from shazhou.city.model import City
from shazhou.intake.stated import Stated
from shazhou.ledger.engine import connect
from shazhou.ledger.ledger import Ledger

NAMING = ("name", "alias", "name_en", "uscc", "stock_code")
"""Variables whose texts stand for an entity."""

RULINGS = ("same_as", "not_same_as")
"""Variables whose texts are ids of entities that were confirmed to be the same, or another."""


class Names:
    """Which entities a text stands for."""

    def __init__(self, city: City) -> None:
        self._found: dict[tuple[str, str], set[str]] = defaultdict(set)
        self._ids: set[str] = set()
        self._same: dict[str, str] = {}
        self._different: set[frozenset[str]] = set()
        for place in city.places.values():
            for text in (place.key, place.code, place.name.zh, place.name.en, *place.aliases):
                self.add("place", text, place.entity)
        for industry in city.industries.values():
            for text in (industry.key, industry.name.zh, industry.name.en, *industry.aliases):
                self.add("industry", text, f"industry:{industry.key}")

    @classmethod
    def of(cls, city: City, ledger: Ledger) -> Names:
        """The names that a city's definitions and a ledger's statements give; withdrawn ones stand for nothing."""
        names = cls(city)
        connection = connect()
        stated = ledger.observations(connection)
        naming = stated.filter(stated.variable.isin([*NAMING, *RULINGS])).order_by("sequence", "position")
        columns = ("entity", "variable", "period", "source", "text")
        table = connection.to_pyarrow(naming.select(*columns))
        entities = connection.to_pyarrow(stated.select("entity").distinct())
        connection.disconnect()
        names._ids |= set(entities.column("entity").to_pylist())
        held: dict[tuple[str, ...], list[str]] = defaultdict(list)
        for *key, text in zip(*(table.column(name).to_pylist() for name in columns), strict=True):
            if text is None:
                held.pop(tuple(key), None)
            else:
                held[tuple(key)].append(text)
        for (entity, variable, *_), texts in held.items():
            names._take(entity, variable, texts)
        return names

    def add(self, kind: str, text: str, entity: str) -> None:
        """Notes that a text stands for an entity."""
        self._ids.add(entity)
        if text:
            self._found[kind, text].add(entity)

    def learn(self, stated: Iterable[Stated]) -> None:
        """Takes up the names that observations state."""
        for part in stated:
            entities, variables = part.texts["entity"], part.texts["variable"]
            self._ids |= set(entities.values) - {""}
            if not set(variables.values) & {*NAMING, *RULINGS}:
                continue
            for entity, variable, text in zip(entities.codes, variables.codes, part.said.codes, strict=True):
                self._take(entities.values[entity], variables.values[variable], [part.said.values[text]])

    def entities(self, kind: str, text: str) -> list[str]:
        """The entities of a kind that a text stands for (kind empty: of any); the id of a known one stands for itself.

        Of entities that were confirmed to be one, that one is given.
        """
        if text in self._ids and (not kind or text.startswith(f"{kind}:")):
            return [text]
        if kind:
            found = self._found.get((kind, text), set())
        else:
            found = {each for (_, name), those in self._found.items() if name == text for each in those}
        if len(found) > 1:
            found = {self._counting(each) for each in found}
        return sorted(found)

    def all(self, kind: str) -> dict[str, set[str]]:
        """Texts by entity."""
        texts: dict[str, set[str]] = defaultdict(set)
        for (of, text), entities in self._found.items():
            if of == kind:
                for entity in entities:
                    texts[entity].add(text)
        return texts

    def place_keys(self) -> Mapping[str, frozenset[str]]:
        """Keys of places by every text that stands for them."""
        return {
            text: frozenset(each.removeprefix("place:") for each in found)
            for (kind, text), found in self._found.items()
            if kind == "place"
        }

    def same(self, first: str, second: str) -> bool:
        """Whether two entities were confirmed to be one."""
        return self._counting(first) == self._counting(second)

    def different(self, first: str, second: str) -> bool:
        """Whether two entities were confirmed to be two."""
        return frozenset({first, second}) in self._different

    def _counting(self, entity: str) -> str:
        """The entity that counts for one that was confirmed to be another, which may itself be another."""
        seen = {entity}
        while self._same.get(entity, entity) not in seen:
            entity = self._same[entity]
            seen.add(entity)
        return entity

    def _take(self, entity: str, variable: str, texts: Iterable[str]) -> None:
        for text in texts:
            if variable == "same_as":
                self._same[entity] = text
            elif variable == "not_same_as":
                self._different.add(frozenset({entity, text}))
            elif variable in NAMING:
                self.add(entity.partition(":")[0], text, entity)


def new_entity(kind: str, text: str) -> str:
    """The opaque id of a new entity first named by this text."""
    digest = hashlib.sha256(f"{kind}\0{text}".encode()).digest()
    return f"{kind}:{kind[0]}{base64.b32encode(digest)[:10].decode().lower()}"
