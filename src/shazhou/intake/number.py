"""Numbers as people write them: the text of a cell becomes an exact number with its qualifier, or it is refused.

    1,234.5  １２３４.5  1，234.5      1234.5
    1300+    超1300    1300余家       1300, qualifier ``>``
    2.8%     5.2亿元   30多万         2.8 with the unit %, 5.2 with the unit 亿元, more than 30 with the unit 万
    (1,234)  −1234                    -1234
    —  /  无  n/a                     missing: there is none

Qualifiers keep what the words mean:

    ``>``   超 超过 逾 多于 大于 高于 突破, 多 余 and + behind the number, over, more than, above, exceeding
    ``>=``  以上 (the number itself included) 至少 不少于 不低于 ≥, at least, no less than
    ``<``   近 接近 不足 不到 少于 低于 小于, nearly, almost, less than, below, under ("nearly 300" is not yet 300)
    ``<=``  以下 以内 不超过 至多 最多 ≤, at most, up to, no more than
    ``≈``   约 大约 左右 上下 ~, about, around, approximately

What is not understood is refused: ranges (10-20), wrong grouping (12,34), words, dates, superscripts, results of broken
formulas (#DIV/0!), several numbers in one cell. Nothing is rounded.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final, NamedTuple

from shazhou.city.problem import Rule
from shazhou.city.unit import Unit, unit_named

NOT_A_NUMBER = Rule(
    "not-a-number",
    "“{found}” is not a number.",
    "“{found}”不是数字。",
    "Write one number such as 1234.5; leave the cell empty or write — where nothing is known.",
    "请填写一个数字，如 1234.5；没有数据时留空或填“—”。",
)
RANGE_FOUND = Rule(
    "range-for-number",
    "“{found}” is a range, not one number.",
    "“{found}”是区间，不是一个数字。",
    "Give one number, with ≥ or ≤ where it is a bound, and describe the range in the note.",
    "请填写一个数字（可加 ≥ 或 ≤ 表示界限），区间写入备注。",
)
DATE_FOUND = Rule(
    "date-for-number",
    "“{found}” is a date, not a number.",
    "“{found}”是日期，不是数字。",
    "Enter the number; spreadsheets turn entries such as 3-5 into dates, so give the cell the number format first.",
    "请填写数字；表格软件会把 3-5 之类的输入变成日期，请先将单元格设为数值格式。",
)
BAD_THOUSANDS = Rule(
    "thousands-separator",
    "The separators in “{found}” do not group by thousands.",
    "“{found}”中的分隔符不是千位分隔。",
    "Write 1,234.5 or 1234.5.",
    "请写成 1,234.5 或 1234.5。",
)
BROKEN_FORMULA = Rule(
    "broken-formula",
    "The cell holds {found}, the error of a spreadsheet formula.",
    "该单元格是公式错误 {found}。",
    "Correct the formula, or enter the value.",
    "请改正公式，或直接填写数值。",
)
TWO_QUALIFIERS = Rule(
    "two-qualifiers",
    "“{found}” says two different things about how exact the number is.",
    "“{found}”对数字精确程度的说明互相矛盾。",
    "Keep one of the words.",
    "请只保留其中一种说明。",
)
TOO_LARGE = Rule(
    "number-too-large",
    "“{found}” has more than 29 digits before the point in base units.",
    "“{found}”换算为基本单位后整数部分超过 29 位。",
    "Check the number and its unit.",
    "请核对数字和单位。",
)
TOO_FINE = Rule(
    "too-many-decimals",
    "“{found}” has more than nine decimals in base units.",
    "“{found}”换算为基本单位后小数超过九位。",
    "Round it yourself to what is meant; values are never rounded silently.",
    "请自行保留有效位数；系统不会悄悄舍入。",
)
UNKNOWN_UNIT = Rule(
    "unknown-unit",
    "“{unit}” in “{found}” is no known unit.",
    "“{found}”中的“{unit}”不是已知单位。",
    "Write a unit such as 亿元, 万元, 万人, %, or a unit id.",
    "请使用 亿元、万元、万人、% 等单位或单位编号。",
)
UNIT_CONFLICT = Rule(
    "unit-conflict",
    "The cell “{found}” says {unit}, but the unit of the column or the variable is {expected}.",
    "单元格“{found}”写的是“{unit}”，而该列或该指标项的单位是 {expected}。",
    "Write the number in that unit, or correct the unit that is stated.",
    "请按该单位填写，或改正注明的单位。",
)
WRONG_UNIT = Rule(
    "wrong-unit",
    "“{found}” is in {unit}, which cannot be converted to {expected}, the unit of {variable}.",
    "“{found}”的单位 {unit} 不能换算为指标项 {variable} 的单位 {expected}。",
    "Correct the unit, or the variable.",
    "请改正单位或指标项。",
)


class Unreadable(Exception):
    """A cell breaks a rule; who reads the document adds the place."""

    def __init__(self, rule: Rule, **values: str) -> None:
        super().__init__(rule.id)
        self.rule = rule
        self.values = values


class Number(NamedTuple):
    """A number as written: exact value, qualifier, and the unit written behind it (may be empty)."""

    value: Decimal
    qualifier: str = "="
    unit: str = ""


MISSING: Final = frozenset(
    {
        "",
        "-",
        "--",
        "---",
        "—",
        "——",
        "–",
        "－",
        "−",
        "―",
        "─",
        "…",
        "……",
        "...",
        "/",
        "\\",
        "空",
        "无",
        "暂无",
        "缺",
        "不详",
    }
    | {"n/a", "na", "n.a.", "none", "null", "nil"}
)
"""Cells that say that there is no number."""


def _longest_first(words: dict[str, str]) -> dict[str, str]:
    pairs = [(word, qualifier) for qualifier, joined in words.items() for word in joined.split("|")]
    return dict(sorted(pairs, key=lambda pair: -len(pair[0])))


_BEFORE: Final = _longest_first(
    {
        ">=": "≥|≧|>=|达到或超过|至少|不少于|不低于|at least|no less than|not less than",
        "<=": "≤|≦|<=|不超过|不高于|不多于|至多|最多|at most|up to|no more than|not more than",
        ">": ">|超过|超|逾|多于|大于|高于|突破|over|more than|above|exceeding|greater than",
        "<": "<|将近|接近|近|不足|不到|少于|低于|小于|nearly|almost|less than|below|under|fewer than",
        "≈": "≈|~|大约|大概|约为|约|about|around|approximately|approx.|circa|ca.",
    }
)
_BEHIND: Final = _longest_first(
    {">=": "及以上|以上|or more", "<=": "及以下|以下|以内|or less", ">": "+|有余|余|多", "≈": "左右|上下"}
)
_AMID: Final = {"余": ">", "多": ">"}
_SCALES: Final = {"千": 3, "万": 4, "百万": 6, "千万": 7, "亿": 8, "万亿": 12}

_SPACES: Final = "\u00a0\u202f\u2009"
_BLANK: Final = " \t\r\n\u3000\ufeff\u200b" + _SPACES
_FOLDED: Final[dict[int, int]] = {
    **{0xFF01 + offset: 0x21 + offset for offset in range(94)},
    **{ord(given): ord(plain) for given, plain in zip("−–—―﹣〜∼", "-----~~", strict=True)},
}
_DIGITS = re.compile(rf"([0-9][0-9,{_SPACES}]*(?:\.[0-9]*)?|\.[0-9]+)(?:[eE]([+-]?[0-9]{{1,3}})(?![0-9]))?")
_GROUPED = re.compile(rf"[0-9]{{1,3}}([,{_SPACES}])[0-9]{{3}}(?:\1[0-9]{{3}})*(?:\.[0-9]+)?")
_PLAIN = re.compile(r"[0-9]+(?:\.[0-9]+)?|\.[0-9]+")
_RANGE = re.compile(r"[0-9]\s*(?![eE])[^0-9.,\s]{0,4}\s*(?:[-~至到]|\bto\b)\s*[^0-9\s]{0,2}[0-9]")
_BROKEN = re.compile(
    r"#(?:DIV/0!|N/A|NAME\?|NULL!|NUM!|REF!|VALUE!|SPILL!|CALC!|ERROR!|[A-Z_]{2,20}[!?])", re.IGNORECASE
)
_DATE = re.compile(r"[0-9]{4}([-/.])[0-9]{1,2}\1[0-9]{1,2}(?:[ T][0-9:.]+)?|[0-9]{4}年[0-9]{1,2}月(?:[0-9]{1,2}日)?")
_LONGEST = 100


def is_missing(cell: str) -> bool:
    """Whether a cell says that there is no value."""
    return cell.strip(_BLANK).lower() in MISSING


def read_number(cell: str) -> Number | None:
    """The number that a cell states, or None where it says that there is none.

    Raises:
        Unreadable: the cell does not hold one number.
    """
    if is_missing(cell):
        return None
    if _BROKEN.fullmatch(cell.strip(_BLANK)):
        raise Unreadable(BROKEN_FORMULA)
    if len(cell) > _LONGEST:
        raise Unreadable(NOT_A_NUMBER)
    text = cell.translate(_FOLDED).strip(_BLANK)
    before, text = _leading(text, _BEFORE)
    negative, text = _sign(text)
    match = _DIGITS.match(text)
    if _DATE.fullmatch(text):
        raise Unreadable(DATE_FOUND)
    if _RANGE.search(text):
        raise Unreadable(RANGE_FOUND)
    if match is None:
        raise Unreadable(NOT_A_NUMBER)
    value = _value(match)
    behind, unit = _tail(text[match.end() :].strip(_BLANK))
    qualifiers = {before, *behind} - {""}
    if len(qualifiers) > 1:
        raise Unreadable(TWO_QUALIFIERS)
    return Number(-value if negative else value, next(iter(qualifiers), "="), unit)


def in_base(number: Number, stated: str, expected: Unit, variable: str) -> tuple[Decimal, Unit]:
    """The number in base units, exactly, and the unit that it was given in.

    Args:
        number: the number as written.
        stated: the unit that its row or mapping states; empty: ``expected`` is meant unless the cell says otherwise.
        expected: the variable's unit.
        variable: the variable, for the sentence of a refusal.

    Raises:
        Unreadable: a unit is unknown, of another kind, or contradicted by the cell; or the value needs more digits than
            are kept.
    """
    declared = unit_named(stated) if stated else expected
    if declared is None:
        raise Unreadable(UNKNOWN_UNIT, unit=stated)
    unit, power = _unit_of(number.unit, declared, bool(stated))
    if unit.base != expected.base:
        raise Unreadable(WRONG_UNIT, unit=unit.id, expected=expected.id, variable=variable)
    return exact(number.value, unit.factor, power), unit


def exact(value: Decimal, factor: Decimal, power: int = 0) -> Decimal:
    """``value * factor * 10**power`` without rounding.

    Raises:
        Unreadable: it has more than 29 digits before the point or 9 behind it.
    """
    sign, digits, exponent = value.as_tuple()
    _, factor_digits, factor_exponent = factor.as_tuple()
    power += int(exponent) + int(factor_exponent)
    whole = int("".join(map(str, digits))) * int("".join(map(str, factor_digits)))
    if not whole:
        return Decimal(0)
    while whole % 10 == 0:
        whole, power = whole // 10, power + 1
    if len(str(whole)) + power > 29:
        raise Unreadable(TOO_LARGE)
    if power < -9:
        raise Unreadable(TOO_FINE)
    whole, power = whole * 10 ** max(power, 0), min(power, 0)
    return Decimal((sign, tuple(map(int, str(whole))), power))


def _leading(text: str, words: dict[str, str]) -> tuple[str, str]:
    lowered = text.lower()
    for word, qualifier in words.items():
        rest = text[len(word) :]
        letters = word[-1].isascii() and word[-1].isalpha()
        if lowered.startswith(word) and not (letters and rest[:1].isalpha()):
            return qualifier, rest.strip(_BLANK)
    return "", text


def _trailing(text: str) -> tuple[str, str]:
    for word, qualifier in _BEHIND.items():
        if text.lower().endswith(word):
            return qualifier, text[: -len(word)].strip(_BLANK)
    return "", text


def _sign(text: str) -> tuple[bool, str]:
    if text.startswith("("):
        inner = text[1:-1].strip(_BLANK)
        if not text.endswith(")") or inner[:1] in ("-", "+"):
            raise Unreadable(NOT_A_NUMBER)
        return True, inner
    if text[:1] in ("-", "+"):
        return text[0] == "-", text[1:].lstrip(_BLANK)
    return False, text


def _value(match: re.Match[str]) -> Decimal:
    digits, exponent = match.groups()
    digits = digits.rstrip(_SPACES)
    if not _PLAIN.fullmatch(digits):
        if not _GROUPED.fullmatch(digits):
            raise Unreadable(BAD_THOUSANDS if re.search(f"[,{_SPACES}]", digits) else NOT_A_NUMBER)
        digits = re.sub(f"[,{_SPACES}]", "", digits)
    return Decimal(f"{digits}e{exponent or 0}")


def _tail(text: str) -> tuple[list[str], str]:
    """The qualifiers and the unit behind the digits: 余万元, 万余元, %以上, 多."""
    first, rest = _leading(text, _BEHIND)
    last, rest = _trailing(rest)
    amid, scale = "", ""
    for word in sorted(_SCALES, key=len, reverse=True):
        qualifier, behind = _leading(rest[len(word) :], _AMID)
        if rest.startswith(word) and qualifier:
            amid, scale, rest = qualifier, word, behind
            break
    unit = scale + rest
    if unit.isdigit() or (
        unit_named(unit) is None and (re.match(r"[^\w%％$¥㎡/]|[0-9]", unit) or re.search(r"[0-9]\s*$", unit))
    ):
        raise Unreadable(NOT_A_NUMBER)
    return [first, amid, last], unit


def _unit_of(written: str, declared: Unit, stated: bool) -> tuple[Unit, int]:
    if not written:
        return declared, 0
    if written in _SCALES:
        power = _SCALES[written]
        if declared.factor == 1 and declared.base not in ("percent", "percentage_points", "ratio", "rank", "text"):
            return declared, power
        if declared.factor == Decimal(10) ** power:
            return declared, 0
        raise Unreadable(UNIT_CONFLICT, unit=written, expected=declared.id)
    unit = unit_named(written)
    if unit is None:
        raise Unreadable(UNKNOWN_UNIT, unit=written)
    if stated and unit.id != declared.id:
        raise Unreadable(UNIT_CONFLICT, unit=written, expected=declared.id)
    return unit, 0
