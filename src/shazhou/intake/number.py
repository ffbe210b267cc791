"""Numbers as people write them: 1,234.5 · １３００ · 约2,868 · 超1300家 · 1300+ · 45% · 3.2亿元 · —

A cell becomes an exact number with its qualifier and the unit written beside it, or it is missing, or it is refused with
the reason. Nothing is guessed: `12,34` is no thousand, `10-20` no number.

Qualifiers: 超 超过 逾 多于 > over, "more than", a trailing + 多 or 余 give ``>``; 不少于 至少 ≥ 以上 "at least" give
``>=``; 近 不到 < "nearly", "under" give ``<``; 不超过 ≤ 以下 "at most" give ``<=``; 约 大约 左右 ~ ≈ "about" give ``≈``.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from shazhou.city.problem import Rule

NOT_A_NUMBER = Rule(
    "not-a-number",
    "{found} is not a number.",
    "{found} 不是数字。",
    "Write digits with an optional point, e.g. 1234.5; leave the cell empty where nothing is known.",
    "请写成数字，如 1234.5；未知的请留空。",
)
BAD_THOUSANDS = Rule(
    "thousands-separator",
    "The separators in {found} do not stand before groups of three digits.",
    "{found} 中的千位分隔符位置不对。",
    "Write 1,234 or 1234.",
    "请写成 1,234 或 1234。",
)
RANGE_FOUND = Rule(
    "range-for-number",
    "{found} is a range, not a number.",
    "{found} 是区间而不是数值。",
    "Give one value; describe the range in the note.",
    "请填写单一数值，区间写入备注。",
)
TWO_QUALIFIERS = Rule(
    "two-qualifiers",
    "{found} says two different things about its value.",
    "{found} 同时含有两种修饰语。",
    "Keep one of the words.",
    "请只保留一个修饰语。",
)
TOO_PRECISE = Rule(
    "too-many-decimals",
    "{found} has more than nine decimals in the base unit, or is too large.",
    "{found} 换算后超过九位小数，或数值过大。",
    "Round it yourself, or use a smaller unit; values are never rounded silently.",
    "请自行取整或改用较小单位；系统不会悄悄舍入。",
)


class Number(NamedTuple):
    """A number as written: exact value, qualifier, and the unit written beside it (may be empty)."""

    value: Decimal
    qualifier: str
    unit: str


MISSING = frozenset({"", "-", "--", "—", "——", "–", "―", "…", "……", "/", "n/a", "na", "null", "none", "无", "暂无", "缺"})
"""Cells that say that nothing is known."""

_BEFORE = {
    ">": ("超过", "超", "逾", "突破", "多于", "大于", "高于", "more than", "over", "exceeding", "exceed", ">"),
    ">=": ("不少于", "不低于", "至少", "at least", ">=", "≥", "≧"),
    "<": ("接近", "将近", "近", "不到", "不足", "少于", "低于", "小于", "nearly", "under", "less than", "<"),
    "<=": ("不超过", "不高于", "至多", "at most", "up to", "<=", "≤", "≦"),
    "≈": ("大约", "约为", "约", "大概", "about", "around", "approximately", "ca.", "~", "≈"),
}
_AFTER = {">": ("+", "多", "余", "有余"), ">=": ("以上", "及以上"), "<=": ("以下", "及以下"), "≈": ("左右", "上下")}
_PREFIXES = sorted(((word, sign) for sign, words in _BEFORE.items() for word in words), key=lambda pair: -len(pair[0]))
_SUFFIXES = sorted(((word, sign) for sign, words in _AFTER.items() for word in words), key=lambda pair: -len(pair[0]))
_DIGITS = re.compile(r"[+-]?(?:\d[\d,，']*)?\.?\d+(?:[eE][+-]?\d{1,3})?|[+-]?\d[\d,，']*\.?")
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:[,，']\d{3})+(?:\.\d+)?")
_RANGE = re.compile(r"\d\s*[-–—~～至到]\s*\d")
LARGEST = Decimal(10) ** 28


def read_number(text: str) -> Number | Rule | None:
    """The number in a cell, the rule that it breaks, or None where the cell says that nothing is known."""
    plain = _plain(text)
    if plain.lower() in MISSING:
        return None
    if _RANGE.search(plain) and not re.search(r"[eE]-\d", plain):
        return RANGE_FOUND
    negative = bool(re.fullmatch(r"\(\s*[\d.,]+\s*\)", plain))
    if negative:
        plain = "-" + plain[1:-1].strip()
    rest, before = _stripped(plain, _PREFIXES, front=True)
    match = _DIGITS.match(rest)
    if match is None:
        return NOT_A_NUMBER
    digits, tail = match.group(), rest[match.end() :].strip()
    tail, after = _split_tail(tail)
    if len({sign for sign in (before, *after) if sign}) > 1:
        return TWO_QUALIFIERS
    if re.search(r"[,，']", digits) and not _GROUPED.fullmatch(digits):
        return BAD_THOUSANDS
    try:
        value = Decimal(re.sub(r"[,，']", "", digits))
    except InvalidOperation:
        return NOT_A_NUMBER
    if value and not -40 < value.adjusted() < 28:
        return TOO_PRECISE
    qualifier = before or next((sign for sign in after if sign), "=")
    return Number(value, qualifier, tail)


def exact(value: Decimal, factor: Decimal) -> Decimal | None:
    """``value * factor`` with nine decimals, or None where that would round or overflow."""
    product = value * factor
    if abs(product) >= LARGEST:
        return None
    scaled = product.quantize(Decimal("1e-9"))
    return scaled if scaled == product else None


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).replace("−", "-").replace("\u3000", " ")
    return folded.strip().strip("\u200b\ufeff").strip()


def _stripped(text: str, words: list[tuple[str, str]], front: bool) -> tuple[str, str]:
    lowered = text.lower()
    for word, sign in words:
        if front and lowered.startswith(word):
            return text[len(word) :].strip(), sign
        if not front and lowered.endswith(word):
            return text[: len(text) - len(word)].strip(), sign
    return text, ""


def _split_tail(tail: str) -> tuple[str, list[str]]:
    signs = []
    for word, sign in _SUFFIXES:
        if tail.startswith(word):
            tail = tail[len(word) :].strip()
            signs.append(sign)
            break
    tail, sign = _stripped(tail, _SUFFIXES, front=False)
    return tail, [*signs, sign]
