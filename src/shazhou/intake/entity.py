"""Entities: from the names that documents use to opaque ids.

A name, alias or code stands for the entity of which it was stated, exactly as it was written. A text that stands for
several is refused; one that stands for none makes a new entity where the mapping allows it, with an id derived from the
text, so that loading again gives the same. What only looks alike is proposed, and merged by nobody but a confirmed
statement ``same_as``.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

import ibis

from shazhou.city.code import wrong_uscc
from shazhou.city.model import City
from shazhou.intake.stated import Stated
from shazhou.ledger.ledger import Ledger

NAMING = ("name", "alias", "name_en", "uscc", "stock_code")
"""Variables whose texts stand for an entity."""


class Names:
    """Which entities a text stands for."""

    def __init__(self, city: City) -> None:
        self._found: dict[tuple[str, str], set[str]] = defaultdict(set)
        self._ids: set[str] = set()
        self._same: dict[str, str] = {}
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
        connection = ibis.duckdb.connect()
        stated = ledger.observations(connection)
        naming = stated.filter(stated.variable.isin([*NAMING, "same_as"])).order_by("sequence", "position")
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
            if not set(variables.values) & {*NAMING, "same_as"}:
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
            found = {self._same.get(each, each) for each in found}
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
        return self._same.get(first, first) == self._same.get(second, second)

    def codes(self, kind: str) -> Mapping[str, frozenset[str]]:
        """Codes by entity."""
        return {entity: frozenset(filter(_looks_like_code, texts)) for entity, texts in self.all(kind).items()}

    def _take(self, entity: str, variable: str, texts: Iterable[str]) -> None:
        for text in texts:
            if variable == "same_as":
                self._same[entity] = text
            elif variable in NAMING:
                self.add(entity.partition(":")[0], text, entity)


def new_entity(kind: str, text: str) -> str:
    """The opaque id of a new entity first named by this text."""
    digest = hashlib.sha256(f"{kind}\0{text}".encode()).digest()
    return f"{kind}:{kind[0]}{base64.b32encode(digest)[:10].decode().lower()}"


class Proposal(NamedTuple):
    """Two entities that may be one, and why; somebody has to confirm it."""

    first: str
    first_name: str
    second: str
    second_name: str
    reason_en: str
    reason_zh: str


_COMMON = re.compile(
    r"股份有限公司|有限责任公司|有限公司|集团|股份|控股|科技|技术|江苏|苏州|张家港市?|保税区|[（(].*?[)）]|\s|·"
)


def propose(names: Names, kind: str = "enterprise") -> Iterator[Proposal]:
    """Pairs of entities that share a code or the distinctive part of their names, and are not known to be one."""
    cores: dict[str, str] = {}
    shown: dict[str, str] = {}
    for entity, texts in sorted(names.all(kind).items()):
        chinese = sorted((text for text in texts if re.search(r"[\u4e00-\u9fff]", text)), key=len)
        shown[entity] = chinese[-1] if chinese else min(texts)
        cores[entity] = min((_COMMON.sub("", text) for text in chinese), key=len, default="")
    codes = names.codes(kind)
    entities = list(cores)
    for number, first in enumerate(entities):
        for second in entities[number + 1 :]:
            reason = _reason(cores[first], cores[second], codes[first] & codes[second])
            if reason is not None and not names.same(first, second):
                yield Proposal(first, shown[first], second, shown[second], *reason)


def _reason(first: str, second: str, codes: frozenset[str]) -> tuple[str, str] | None:
    if codes:
        return f"both have the code {min(codes)}", f"代码相同：{min(codes)}"
    if len(first) < 2 or len(second) < 2:
        return None
    if first == second:
        return f"both reduce to {first}", f"去掉通用词后均为“{first}”"
    if first in second or second in first:
        return f"one contains the other: {first} / {second}", f"名称相互包含：{first} / {second}"
    return None


def _looks_like_code(text: str) -> bool:
    return wrong_uscc(text) is None or (len(text) == 6 and text.isascii() and text.isdigit())
