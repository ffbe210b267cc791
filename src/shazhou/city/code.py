"""Codes with a form or a check digit: unified social credit, organisation, industry, place and stock codes, working
hours and public keys.

Each check returns the reason why a code is wrong, as a pair of sentences (Chinese, English), or None where it is right.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from difflib import get_close_matches

from shazhou.city.calendar import Calendar, lines_of
from shazhou.city.model import City, Place
from shazhou.city.problem import Refused

Reason = tuple[str, str]

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""The 31 characters of GB 32100-2015; I, O, S, V and Z do not occur."""

_WEIGHTS = tuple(pow(3, position, 31) for position in range(17))

_ORGANISATION_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)

PLACE_LENGTHS = (2, 4, 6, 9, 12)
"""Digits of a statistical division code: province, prefecture, county, town, village (or any, filled up with zeros)."""


def check_character(body: str) -> str:
    """The 18th character for the first 17 of a unified social credit code (GB 32100-2015)."""
    total = sum(ALPHABET.index(character) * weight for character, weight in zip(body, _WEIGHTS, strict=True))
    return ALPHABET[(31 - total % 31) % 31]


def organisation_check_character(body: str) -> str:
    """The 9th character for the first 8 of an organisation code (GB 11714-1997)."""
    pairs = zip(body, _ORGANISATION_WEIGHTS, strict=True)
    remainder = 11 - sum(_ORGANISATION_ALPHABET.index(character) * weight for character, weight in pairs) % 11
    return {10: "X", 11: "0"}.get(remainder, str(remainder))


def wrong_uscc(code: str) -> Reason | None:
    """Checks a unified social credit code: length, alphabet, place part and check character."""
    if len(code) != 18:
        return f"应为 18 位，实际 {len(code)} 位", f"it must have 18 characters, not {len(code)}"
    strange = _strange(code, ALPHABET)
    if strange:
        return f"含有不允许的字符 {strange}", f"the characters {strange} do not occur in such a code"
    if not code[2:8].isdecimal():
        return "第 3–8 位应为行政区划代码", "characters 3 to 8 must be digits, a place code"
    expected = check_character(code[:17])
    if expected != code[17]:
        return f"校验码应为 {expected}", f"its check character should be {expected}"
    return None


def wrong_organisation_code(code: str) -> Reason | None:
    """Checks an organisation code (GB 11714-1997), also as it stands in characters 9 to 17 of a social credit code.

    It is a check of its own: `wrong_uscc` asks only for what GB 32100-2015 asks for.
    """
    plain = code.replace("-", "") if len(code) == 10 and code[8] == "-" else code
    if len(plain) != 9:
        return f"应为 9 位，实际 {len(plain)} 位", f"it must have 9 characters, not {len(plain)}"
    strange = _strange(plain[:8], _ORGANISATION_ALPHABET)
    if strange:
        return f"含有不允许的字符 {strange}", f"the characters {strange} do not occur in such a code"
    expected = organisation_check_character(plain[:8])
    if expected != plain[8]:
        return f"校验码应为 {expected}", f"its check character should be {expected}"
    return None


def wrong_industry_code(code: str, city: City) -> Reason | None:
    """Checks a code of the city's industry classification; a section letter in front is allowed (C3120)."""
    known = city.classification
    if code in known or (len(code) > 1 and code[0] in known and code[1:] in known):
        return None
    shorter = next((code[:length] for length in range(len(code) - 1, 1, -1) if code[:length] in known), "")
    if shorter:
        zh, en = f"，已知上级 {shorter} {known[shorter]}", f"; {shorter} is {known[shorter]}"
        return f"行业分类中没有此代码{zh}", f"it is not in the city's industry classification{en}"
    return "行业分类中没有此代码", "it is not in the city's industry classification"


def place_of_code(code: str, city: City) -> Place | None:
    """The place that a division code names; zeros that fill a code up to 6, 9 or 12 digits do not matter."""
    by_code = {place.code: place for place in city.places.values() if place.code}
    shorter = [code[:length] for length in PLACE_LENGTHS if length <= len(code) and not code[length:].strip("0")]
    return next((by_code[each] for each in reversed(shorter) if each in by_code), None)


def wrong_place(code: str, city: City) -> Reason | None:
    """Checks a place by key or code."""
    if code in city.places or any(place.code == code for place in city.places.values() if code):
        return None
    meant = place_of_code(code, city) if code.isdecimal() else None
    if meant:
        return f"应写作 {meant.code}（{meant.name.zh}）", f"write it as {meant.code} ({meant.name.en})"
    if code.isdecimal() and len(code) not in PLACE_LENGTHS:
        lengths = "、".join(map(str, PLACE_LENGTHS)), ", ".join(map(str, PLACE_LENGTHS))
        return f"区划代码应为 {lengths[0]} 位", f"a division code has {lengths[1]} digits"
    return "城市定义中没有此地方", "it is not among the city's places"


def wrong_industry(code: str, city: City) -> Reason | None:
    """Checks a key of the city's industries."""
    if code in city.industries:
        return None
    close = get_close_matches(code, city.industries, 1)
    hint = (f"，是否为 {close[0]}？", f"; did you mean {close[0]}?") if close else ("", "")
    return f"城市定义中没有此产业{hint[0]}", f"it is not among the city's industries{hint[1]}"


def wrong_stock_code(code: str, city: City) -> Reason | None:
    """Checks the form of a stock code of a mainland exchange."""
    if len(code) == 6 and code.isascii() and code.isdecimal():
        return None
    return "证券代码应为 6 位数字", "a stock code has 6 digits"


def wrong_hours(code: str, city: City) -> Reason | None:
    """Checks working hours: lines of `shazhou.city.calendar`, parted by semicolons."""
    try:
        Calendar.parse(lines_of(code), city.zone)
    except Refused as refused:
        [first, *_] = refused.problems
        return first.says("zh").rstrip("。"), first.says("en").rstrip(".")
    return None


def wrong_public_key(code: str) -> Reason | None:
    """Checks the form of an Ed25519 public key: 32 bytes in base64, and of the texts that decode to them the one that
    they encode to, so that two keys are the same where their texts are."""
    try:
        raw = base64.b64decode(code, validate=True)
    except ValueError:
        return "不是 base64 编码", "it is not base64"
    if len(raw) != 32:
        return f"应为 32 字节，实际 {len(raw)} 字节", f"it must have 32 bytes, not {len(raw)}"
    right = base64.b64encode(raw).decode()
    if code != right:
        return f"公钥只有一种写法，应写作 {right}", f"a key is written in one way alone; write it as {right}"
    return None


def _strange(code: str, alphabet: str) -> str:
    return " ".join(sorted(set(code) - set(alphabet)))


CHECKS: dict[str, Callable[[str, City], Reason | None]] = {
    "uscc": lambda code, city: wrong_uscc(code),
    "gbt4754": wrong_industry_code,
    "place": wrong_place,
    "industry": wrong_industry,
    "stock": wrong_stock_code,
    "hours": wrong_hours,
    "ed25519": lambda code, city: wrong_public_key(code),
}
"""Checks by the name that a variable's ``code`` gives."""
