"""Amounts in text that may hold digits: names from the definitions, and the `terms` of report.yaml.

A name may hold a number (世界500强, 5G, 四大产业集群), but not an amount: a number with a unit or measure word behind
it (五千亿元, "9,999 billion yuan"), or a name that ends with a number which is no year.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from shazhou.report.words.units import unit_word

_MEASURES = "家|个|项|名|人|户|台|套|条|件|枚|艘|辆|座|处|所|间|倍|成|番|元|圆|亩|吨|公里|股|笔"
_NO_MEASURE_AFTER = r"(?!目|工|均|才|口|民|为|立|长|果)"
_NUMERAL = "一二两三四五六七八九十百千"
_SPELLED = (
    "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen"
    "|(?:twen|thir|for|fif|six|seven|eigh|nine)ty"
)
_SCALE = "(?:dozen|hundred|thousand|million|billion|trillion)s?"
_NO_NAME_AFTER = r"(?![GDKA](?![A-Za-z]))"
"""5G, 3D, 4K and the like are names, no numbers."""
_NUMBER = {
    "zh": re.compile(
        rf"(?<![A-Za-z第\d.\-])(\d[\d,，.]*{_NO_NAME_AFTER}|(?=[万亿几数]*[{_NUMERAL}])[{_NUMERAL}万亿几数〇零]+[余多来]?)"
    ),
    "en": re.compile(
        rf"(?<![A-Za-z\d.\-])(\d[\d,.]*{_NO_NAME_AFTER}|\b(?:{_SPELLED}|{_SCALE})\b)(?:\s*\b{_SCALE}\b)*", re.IGNORECASE
    ),
}
_UNIT = {
    "zh": re.compile(rf"\s*[百千万亿]*[余多来]?(?:{_MEASURES}){_NO_MEASURE_AFTER}|\s*(?<=\d)[百千万亿]+"),
    "en": re.compile(rf"\s*{_SCALE}\b", re.IGNORECASE),
}
_ONLY = {
    "zh": re.compile(
        rf"分之|[\d{_NUMERAL}万亿几数〇零半第约近超过逾达余多来上共计\s\W]|{_MEASURES}|[次大强级类位届轮期批种年月日季周度天]"
    ),
    "en": re.compile(
        rf"\d|\b(?:{_SPELLED}|{_SCALE}|half|over|about|nearly|more|less|than|a|an|of|and)\b|\W", re.IGNORECASE
    ),
}
_YEAR = re.compile(r"(?:19|20)\d\d")
_PLAN = re.compile(rf"\W*十[{_NUMERAL}]五\W*")
"""The name of a five-year plan (“十四五”), which reads like a number and is none."""


@dataclass(frozen=True)
class Quantity:
    """A number in a text as ``written``, with the ``unit`` or measure word behind it (may be empty). ``last``: the
    text ends with it. ``ranking``: it names a list of the best (500强)."""

    written: str
    unit: str
    last: bool
    ranking: bool

    @property
    def is_digits(self) -> bool:
        """Whether it is written in digits and is no year."""
        return self.written[:1].isdecimal() and not _YEAR.fullmatch(self.written)

    @property
    def is_amount(self) -> bool:
        """Whether it says how much there is of something."""
        return bool(self.unit) or (self.last and self.is_digits)


def quantities(text: str, language: str) -> Iterator[Quantity]:
    """Every number in a text, with what it counts."""
    for found in _NUMBER[language].finditer(text):
        written = found.group(1).rstrip(",.，")
        rest = text[found.start() + len(written) :]
        unit = unit_word(rest, language) or _matched(_UNIT[language], text, found.start() + len(written))
        yield Quantity(written, unit.strip(), not rest.strip(), rest.lstrip().startswith("强"))


def is_bare(text: str, language: str) -> bool:
    """Whether a text is a number, with or without a unit, and holds no other letters."""
    if _PLAN.fullmatch(text) or not any(quantities(text, language)):
        return False
    while text:
        word = unit_word(text, language) or _matched(_ONLY[language], text, 0)
        if not word:
            return False
        text = text[len(word) :]
    return True


def _matched(pattern: re.Pattern[str], text: str, at: int) -> str:
    found = pattern.match(text, at)
    return found.group() if found else ""
