"""Matches: entities that may be one, proposed with a reason for somebody to confirm or to reject.

Proposed are pairs that share a code, or whose Chinese or English names agree once the words are taken off that any firm
may have (股份有限公司, Jiangsu, Co., Ltd.). Nothing follows from a proposal: two entities are one only where a document
states ``same_as``, and a pair of which one states ``not_same_as`` is not proposed again.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from shazhou.city.code import wrong_uscc
from shazhou.city.model import City
from shazhou.city.problem import Problem, Refused, Where
from shazhou.intake.entity import NAMING, Names
from shazhou.intake.rules import UNKNOWN_KIND


class Proposal(NamedTuple):
    """Two entities that may be one, and why; somebody has to confirm it."""

    first: str
    first_name: str
    second: str
    second_name: str
    reason_en: str
    reason_zh: str


Reason = tuple[str, str]
"""English, Chinese."""

_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_COMMON = re.compile(
    r"股份有限公司|有限责任公司|有限公司|集团|股份|控股|科技|技术|江苏省?|苏州市?|张家港市?|保税区|\(.*?\)|\s|·"
)
_COMMON_WORDS = frozenset(
    {
        *("co", "ltd", "limited", "inc", "corp", "corporation", "company", "companies", "llc", "plc", "ag", "gmbh"),
        *("group", "holding", "holdings", "share", "shares", "stock", "technology", "technologies", "tech", "science"),
        *("industry", "industries", "industrial", "china", "jiangsu", "suzhou", "zhangjiagang", "the", "and", "of"),
    }
)


def refuse_unknown_kind(city: City, kind: str) -> None:
    """Raises Refused where the city names no entities of a kind."""
    known = sorted({of for name in NAMING if name in city.variables for of in city.variables[name].of})
    if kind not in known:
        raise Refused([Problem(UNKNOWN_KIND, Where(column="--kind"), kind, {"known": ", ".join(known)})])


def propose(names: Names, kind: str = "enterprise") -> Iterator[Proposal]:
    """Pairs of entities of a kind that may be one and on which nobody has ruled, in the order of their ids."""
    texts = {entity: sorted(found, key=lambda text: (len(text), text)) for entity, found in names.all(kind).items()}
    shown = {entity: _shown(found) for entity, found in texts.items()}
    for (first, second), (en, zh) in sorted(_alike(texts).items()):
        if not names.same(first, second) and not names.different(first, second):
            yield Proposal(first, shown[first], second, shown[second], en, zh)


def _alike(texts: Mapping[str, Iterable[str]]) -> dict[tuple[str, str], Reason]:
    """Pairs with the strongest reason: a code, then Chinese names, then English ones."""
    found: dict[tuple[str, str], Reason] = {}
    codes, chinese, english = (defaultdict[str, set[str]](set) for _ in range(3))
    for entity, names in texts.items():
        for name in names:
            if _looks_like_code(name):
                codes[name].add(entity)
            elif _CHINESE.search(name):
                chinese[chinese_core(name)].add(entity)
            else:
                english[english_core(name)].add(entity)
    for code, entities in sorted(codes.items()):
        _pair(found, entities, entities, (f"both have the code {code}", f"代码相同：{code}"))
    for core, entities in sorted(chinese.items()):
        if len(core) >= 2:
            _pair(found, entities, entities, (f"both reduce to {core}", f"去掉通用词后均为“{core}”"))
            for inner in _within(core, chinese):
                en, zh = f"one contains the other: {inner} / {core}", f"名称相互包含：{inner} / {core}"
                _pair(found, entities, chinese[inner], (en, zh))
    for core, entities in sorted(english.items()):
        if len(core) >= 4:
            _pair(found, entities, entities, (f"both reduce to {core}", f"英文名去掉通用词后均为“{core}”"))
    return found


def _pair(found: dict[tuple[str, str], Reason], some: set[str], others: set[str], reason: Reason) -> None:
    for one in some:
        for other in others:
            if one < other:
                found.setdefault((one, other), reason)
            elif other < one:
                found.setdefault((other, one), reason)


def _within(core: str, cores: Mapping[str, set[str]]) -> list[str]:
    """The cores that stand within one, each of two characters at least."""
    spans = {core[start:end] for start in range(len(core)) for end in range(start + 2, len(core) + 1)}
    return sorted(span for span in spans if span != core and span in cores)


def chinese_core(name: str) -> str:
    """What distinguishes a Chinese name: without legal form, place, brackets and blanks, whatever their width."""
    return _COMMON.sub("", unicodedata.normalize("NFKC", name))


def english_core(name: str) -> str:
    """What distinguishes an English name: its words in small letters, without those that any firm may have."""
    words = re.findall(r"[a-z0-9]+", unicodedata.normalize("NFKC", name).lower().replace("'", ""))
    return " ".join(word for word in words if word not in _COMMON_WORDS)


def _shown(texts: list[str]) -> str:
    chinese = [text for text in texts if _CHINESE.search(text)]
    return chinese[-1] if chinese else texts[-1]


def _looks_like_code(text: str) -> bool:
    return wrong_uscc(text) is None or (len(text) == 6 and text.isascii() and text.isdigit())
