"""Codes with a form or a check digit: unified social credit codes, industry, place and stock codes.

Each check returns the reason why a code is wrong, as a pair of sentences (Chinese, English), or None where it is right.
"""

from __future__ import annotations

from collections.abc import Callable

from shazhou.city.model import City

Reason = tuple[str, str]

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""The 31 characters of GB 32100-2015; I, O, S, V and Z do not occur."""

_WEIGHTS = tuple(pow(3, position, 31) for position in range(17))


def check_character(body: str) -> str:
    """The 18th character for the first 17 of a unified social credit code (GB 32100-2015, 5.2)."""
    total = sum(ALPHABET.index(character) * weight for character, weight in zip(body, _WEIGHTS, strict=True))
    return ALPHABET[(31 - total % 31) % 31]


def wrong_uscc(code: str) -> Reason | None:
    """Checks a unified social credit code: length, alphabet, place part and check character."""
    if len(code) != 18:
        return f"应为 18 位，实际 {len(code)} 位", f"it must have 18 characters, not {len(code)}"
    strange = sorted(set(code) - set(ALPHABET))
    if strange:
        return f"含有不允许的字符 {' '.join(strange)}", f"the characters {' '.join(strange)} do not occur in it"
    if not code[2:8].isdigit():
        return "第 3–8 位应为行政区划代码", "characters 3 to 8 must be digits, a place code"
    expected = check_character(code[:17])
    if expected != code[17]:
        return f"校验码应为 {expected}", f"its check character should be {expected}"
    return None


def wrong_industry_code(code: str, city: City) -> Reason | None:
    """Checks a code of the city's industry classification; a section letter in front is allowed."""
    known = city.classification
    if code in known or (len(code) > 1 and code[0].isalpha() and code[1:] in known):
        return None
    return "国民经济行业分类中没有此代码", "it is not in the city's industry classification"


def wrong_place(code: str, city: City) -> Reason | None:
    """Checks a place by key or code."""
    if code in city.places or any(place.code == code for place in city.places.values()):
        return None
    return "城市定义中没有此地方", "it is not among the city's places"


def wrong_industry(code: str, city: City) -> Reason | None:
    """Checks a key of the city's industries."""
    return None if code in city.industries else ("城市定义中没有此产业", "it is not among the city's industries")


def wrong_stock_code(code: str, city: City) -> Reason | None:
    """Checks the form of a stock code of a Chinese exchange."""
    if len(code) == 6 and code.isdigit():
        return None
    return "证券代码应为 6 位数字", "a stock code has 6 digits"


CHECKS: dict[str, Callable[[str, City], Reason | None]] = {
    "uscc": lambda code, city: wrong_uscc(code),
    "gbt4754": wrong_industry_code,
    "place": wrong_place,
    "industry": wrong_industry,
    "stock": wrong_stock_code,
}
"""Checks by the name that a variable's ``code`` gives."""
