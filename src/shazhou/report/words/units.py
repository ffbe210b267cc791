"""How a report writes a unit: which one it prints, and which words after a number say it.

Chinese bureaus write 3030.21亿元 where an English reader expects 303.021 billion yuan. A printed unit is the
indicator's unit moved by a power of ten, so every digit of the figure is kept and none is added. Where the template
itself goes on with a unit ("{{ gdp }}亿元", "1300家") these words are the unit; otherwise the report adds it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from shazhou.city.unit import UNITS, Unit


@dataclass(frozen=True)
class Printed:
    """A unit as printed: numbers are multiplied by ten to the ``shift`` first; ``text`` follows the number."""

    shift: int
    text: str


_ENGLISH = {
    "cny": Printed(0, " yuan"),
    "1k_cny": Printed(3, " yuan"),
    "10k_cny": Printed(4, " yuan"),
    "1m_cny": Printed(0, " million yuan"),
    "100m_cny": Printed(-1, " billion yuan"),
    "usd": Printed(0, " US dollars"),
    "1k_usd": Printed(3, " US dollars"),
    "10k_usd": Printed(4, " US dollars"),
    "1m_usd": Printed(0, " million US dollars"),
    "100m_usd": Printed(-1, " billion US dollars"),
    "percent": Printed(0, "%"),
    "10k": Printed(4, ""),
    "10k_persons": Printed(4, " persons"),
    "10k_m2": Printed(4, " m²"),
    "10k_tonnes": Printed(4, " tonnes"),
    "10k_tonnes_per_year": Printed(4, " tonnes a year"),
    "10k_vehicles": Printed(4, " vehicles"),
    "10k_kwh": Printed(4, " kWh"),
    "100m_kwh": Printed(-1, " billion kWh"),
}
_CHINESE = {"million_tonnes": Printed(2, "万吨"), "10k": Printed(0, "万户")}

_MORE_WORDS = {"persons": ("名", "位", "人次"), "10k": ("万户", "万家", "万个"), "percent": ("％", "per cent")}
_FOREIGN = {
    "zh": ("倍", "成", "折", "公顷", "公斤", "千克", "米", "欧元", "英镑", "日元", "港元", "韩元", "千瓦", "兆瓦"),
    "en": ("times", "dollars", "euros", "pounds", "yen", "hectares", "acres", "kg", "metres", "kW", "MW"),
}
"""Words that say a unit which no figure has: after a figure they are always wrong."""
_NO_UNIT_AFTER = r"(?!目|工|均|件|才|性|民|口|为|立|果|员|功|本|长|就|居|列)"
"""Chinese unit words that go on as these are other words: 项目, 人工, 人均, 元件, 人才, 个性, 人民, 人口,
成为, 成果, 位居 …"""


def printed(unit: str, language: str) -> Printed:
    """How a language prints a unit."""
    special = (_CHINESE if language == "zh" else _ENGLISH).get(unit)
    if special is not None:
        return special
    text = UNITS[unit].zh if language == "zh" else UNITS[unit].en
    return Printed(0, text if language == "zh" or not text else f" {text}")


def unit_word(text: str, language: str) -> str:
    """The unit that ``text`` begins with, as written (with the space before it), or an empty text."""
    found = _pattern(language).match(text)
    return found.group() if found else ""


def says(word: str, unit: str, language: str) -> bool:
    """Whether a unit word says this unit as the report prints it."""
    shown = printed(unit, language)
    plain = word.strip()
    if plain == shown.text.strip():
        return True
    if shown.shift:
        return (
            any(plain == other.zh for other in UNITS.values() if _same(other, unit, shown.shift)) and language == "zh"
        )
    return plain in UNITS[unit].aliases or plain in _MORE_WORDS.get(unit, ())


def _same(other: Unit, unit: str, shift: int) -> bool:
    own = UNITS[unit]
    return other.base == own.base and other.factor.scaleb(shift) == own.factor


@lru_cache
def _pattern(language: str) -> re.Pattern[str]:
    words = {printed(unit, language).text.strip() for unit in UNITS}
    words |= {word for more in _MORE_WORDS.values() for word in more}
    for unit in UNITS.values():
        words |= {unit.zh, unit.en, *unit.aliases}
    chinese = {word for word in words if any("\u4e00" <= letter <= "\u9fff" for letter in word)}
    wanted = chinese | {"%", "％"} if language == "zh" else words - chinese - {"1", "t", "$", "days", ""}
    ordered = sorted((wanted - {"", "日"}) | set(_FOREIGN[language]), key=len, reverse=True)
    ending = _NO_UNIT_AFTER if language == "zh" else r"(?![A-Za-z])"
    return re.compile(r"\s*(?:" + "|".join(re.escape(word) for word in ordered) + ")" + ending)
