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
from collections.abc import Iterator
from typing import NamedTuple

import ibis
import pyarrow as pa
import pyarrow.compute as pc

from shazhou.city.model import City
from shazhou.ledger.ledger import Ledger

NAMING = ("name", "alias", "name_en", "uscc", "stock_code")
"""Variables whose texts stand for an entity."""


class Names:
    """Which entities a text stands for."""

    def __init__(self, city: City) -> None:
        self._found: dict[tuple[str, str], set[str]] = defaultdict(set)
        for place in city.places.values():
            for text in (place.key, place.code, place.name.zh, place.name.en, *place.aliases):
                self.add("place", text, place.entity)

    @classmethod
    def of(cls, city: City, ledger: Ledger) -> Names:
        """The names that a city's definitions and a ledger's statements give."""
        names = cls(city)
        connection = ibis.duckdb.connect()
        stated = ledger.observations(connection).filter(ibis._.variable.isin(NAMING), ibis._.text.notnull())
        for row in connection.to_pyarrow(stated.select("entity", "text").distinct()).to_pylist():
            names.add(row["entity"].partition(":")[0], row["text"], row["entity"])
        connection.disconnect()
        return names

    def add(self, kind: str, text: str, entity: str) -> None:
        """Notes that a text stands for an entity."""
        if text:
            self._found[kind, text].add(entity)

    def learn(self, observations: pa.Table) -> None:
        """Takes up the names that observations state."""
        naming = observations.filter(pc.is_in(observations.column("variable"), pa.array(NAMING)))
        for entity, text in zip(naming.column("entity").to_pylist(), naming.column("text").to_pylist(), strict=True):
            self.add(entity.partition(":")[0], text or "", entity)

    def entities(self, kind: str, text: str) -> list[str]:
        """The entities of a kind that a text stands for; a whole id stands for itself."""
        if text.startswith(f"{kind}:"):
            return [text]
        return sorted(self._found.get((kind, text), ()))

    def all(self, kind: str) -> dict[str, set[str]]:
        """Texts by entity."""
        texts: dict[str, set[str]] = defaultdict(set)
        for (of, text), entities in self._found.items():
            if of == kind:
                for entity in entities:
                    texts[entity].add(text)
        return texts


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
    """Pairs of entities whose names share their distinctive part."""
    cores: dict[str, str] = {}
    shown: dict[str, str] = {}
    for entity, texts in sorted(names.all(kind).items()):
        chinese = sorted((text for text in texts if re.search(r"[\u4e00-\u9fff]", text)), key=len)
        if chinese:
            shown[entity] = chinese[-1]
            cores[entity] = min((_COMMON.sub("", text) for text in chinese), key=len)
    entities = [entity for entity in cores if len(cores[entity]) >= 2]
    for number, first in enumerate(entities):
        for second in entities[number + 1 :]:
            a, b = cores[first], cores[second]
            if a == b:
                reasons = (f"both reduce to {a}", f"去掉通用词后均为“{a}”")
            elif a in b or b in a:
                reasons = (f"one contains the other: {a} / {b}", f"名称相互包含：{a} / {b}")
            else:
                continue
            yield Proposal(first, shown[first], second, shown[second], *reasons)
