"""Every character of a report must have a glyph: one that the typeface lacks stops the report, before it is printed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from shazhou.city.problem import Problem, Refused, Rule, Where
from shazhou.report.typeface.fonts import FAMILY, characters

MISSING_GLYPH = Rule(
    "report-missing-glyph",
    'The character "{found}" ({code}) cannot be printed, the typeface {family} has no glyph for it: "{sentence}"',
    "字符“{found}”（{code}）无法印出，字体 {family} 没有这个字形：“{sentence}”。",
    "Write it with another character in the template, or correct the name or source that holds it and load it again.",
    "请在模板中改用其他字符，或改正含有该字符的名称、来源后重新导入。",
)

_UNPRINTABLE = frozenset({"Cc", "Cs", "Co", "Cn"})
_BYTE_ORDER_MARK = "\ufeff"
_SENTENCE_END = re.compile(r"(?<=[。！？；])|(?<=[.!?;])(?=\s)")
_AROUND = 60


@dataclass(frozen=True)
class Passage:
    """A printed text and the section that it stands in."""

    section: str
    text: str


def check_glyphs(title: str, passages: Iterable[Passage]) -> None:
    """Refuse a report whose ``passages`` hold a character without a glyph; every such character is named once."""
    problems: dict[str, Problem] = {}
    for passage in passages:
        for character in set(passage.text) - problems.keys():
            if not printable(character):
                problems[character] = _problem(title, passage, character)
    if problems:
        raise Refused(problem for _, problem in sorted(problems.items()))


def printable(character: str) -> bool:
    """Whether the typeface has a glyph for a character."""
    if unicodedata.category(character) in _UNPRINTABLE or character == _BYTE_ORDER_MARK:
        return False
    return ord(character) in characters()


def _problem(title: str, passage: Passage, character: str) -> Problem:
    sentence = next(each for each in _SENTENCE_END.split(passage.text) if character in each)
    start = max(0, sentence.index(character) - _AROUND)
    sentence = sentence[start : start + 2 * _AROUND].strip() if len(sentence) > 2 * _AROUND else sentence.strip()
    values = {"code": f"U+{ord(character):04X}", "family": FAMILY, "sentence": _visible(sentence)}
    return Problem(MISSING_GLYPH, Where(title, sheet=passage.section), _visible(character), values)


def _visible(text: str) -> str:
    return "".join(each if each.isprintable() else f"\\u{ord(each):04x}" for each in text)
