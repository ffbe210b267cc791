"""Numbers as people write them: the text of a cell becomes an exact number with its qualifier, or it is refused.

    read_number("1,234.5")      1234.5
    read_number("１２３")        123
    read_number("1300+")        1300    qualifier ">"
    read_number("约30多万")      refused: two qualifiers that disagree
    read_number("2.8%")         2.8     unit "%"
    read_number("5.2亿元")       5.2     unit "亿元"
    read_number("(1,234)")      -1234
    read_number("—")            None    missing

Qualifiers keep what the words mean:

    ``>``   超 超过 逾 多于 大于 高于 突破, 多 余 and + behind the number, over, more than, above, exceeding
    ``>=``  以上 及以上 (the number itself included) 至少 不少于 不低于 达到或超过, at least, no less than
    ``<``   近 接近 不足 不到 少于 低于 小于, nearly, almost, less than, below, under, fewer than ("nearly 300" is not yet 300)
    ``<=``  以下 以内 不超过 至多 最多, at most, up to, no more than
    ``≈``   约 大约 左右 上下, about, around, approximately, ~

What is not understood is refused: ranges (10-20), wrong grouping (12,34), grouping by plain spaces, words, dates, results of
broken formulas (#DIV/0!), several numbers in one cell. Nothing is rounded.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from shazhou.city.problem import Rule
from shazhou.city.unit import Unit, unit_named

NOT_A_NUMBER = Rule(
    "number-form",
    "“{found}” is not a number.",
    "“{found}”不是数字。",
    "Write one number with a point for decimals; leave the cell empty or write — where there is none.",
    "请填写一个数字（小数点用“.”）；没有数据时留空或填“—”。",
)
A_RANGE = Rule(
    "number-range",
    "“{found}” is a range, not one number.",
    "“{found}”是一个区间，不是一个数字。",
    "Write one number, with ≥ or ≤ where it is a bound, and put the range in the note.",
    "请填写一个数字（可加 ≥ 或 ≤ 表示界限），区间写入备注。",
)
BAD_GROUPING = Rule(
    "number-grouping",
    "The separators in “{found}” do not group by thousands.",
    "“{found}”中的分隔符不是千位分隔。",
    "Write 1234.5 or 1,234.5.",
    "请写成 1234.5 或 1,234.5。",
)
BROKEN_FORMULA = Rule(
    "number-broken-formula",
    "The cell holds the error {found} of a spreadsheet formula.",
    "该单元格是公式错误 {found}。",
    "Correct the formula, or enter the value.",
    "请改正公式，或直接填写数值。",
)
TWO_QUALIFIERS = Rule(
    "number-qualifiers",
    "“{found}” says two different things about how exact the number is.",
    "“{found}”对数字精确程度的说明互相矛盾。",
    "Keep one of them.",
    "请只保留其中一种说明。",
)
TOO_LARGE = Rule(
    "number-size",
    "“{found}” has more than 29 digits before the point.",
    "“{found}”的整数部分超过 29 位。",
    "Check the number and its unit.",
    "请核对数字和单位。",
)
TOO_FINE = Rule(
    "number-decimals",
    "“{found}” has more than 9 decimals in base units.",
    "“{found}”换算为基本单位后小数超过 9 位。",
    "Round it yourself to what is meant; nothing is rounded on the way in.",
    "请自行保留有效位数；录入时不做四舍五入。",
)
UNKNOWN_UNIT = Rule(
    "number-unit",
    "“{found}” is followed by “{suffix}”, which is no known unit.",
    "“{found}”后的“{suffix}”不是已知单位。",
    "Use a unit such as 亿元, 万元, 万人, %, or state it in the unit column.",
    "请使用 亿元、万元、万人、% 等单位，或写在单位列。",
)
UNIT_CONFLICT = Rule(
    "number-unit-conflict",
    "The cell says “{suffix}”, but its unit is {unit}.",
    "单元格写的是“{suffix}”，而单位是 {unit}。",
    "Make the cell and the unit column agree.",
    "请使单元格与单位列一致。",
)
UNIT_BASE = Rule(
    "unit-conversion",
    "The unit {found} cannot be converted to {base}, the unit of {variable}.",
    "单位 {found} 不能换算为指标项 {variable} 的单位 {base}。",
    "Use a unit of the same kind.",
    "请使用同类单位。",
)


class Unreadable(Exception):
    """A text breaks a rule; the caller adds the place."""

    def __init__(self, rule: Rule, found: str, **values: str) -> None:
        super().__init__(rule.id)
        self.rule = rule
        self.found = found
        self.values = values


@dataclass(frozen=True)
class Number:
    """A number as written: its value, its qualifier and the unit written behind it (empty: none)."""

    value: Decimal
    qualifier: str = "="
    unit: str = ""


MISSING: Final = frozenset(
    {"", "-", "--", "---", "—", "——", "–", "－", "−", "─", "…", "……", "...", "/", "\\", "*", "空", "无", "暂无", "缺", "不详"}
    | {"n/a", "na", "n.a.", "none", "null", "nil", "not available"}
)
"""What people write for "there is none": understood as no observation."""

_PREFIXES: Final = (
    (">=", "≥ >= ⩾ 达到或超过 至少 不少于 不低于 at least|no less than|not less than|minimum"),
    ("<=", "≤ <= ⩽ 不超过 不高于 不多于 至多 最多 at most|up to|no more than|not more than|maximum"),
    (">", "> 超过 超 逾 多于 大于 高于 突破 over|more than|above|exceeding|greater than"),
    ("<", "< 接近 近 不足 不到 少于 低于 小于 nearly|almost|close to|less than|below|under|fewer than"),
    ("≈", "≈ ~ 大约 约为 约 about|around|approximately|approx.|circa|ca."),
)
_SUFFIXES: Final = (
    (">=", "及以上 以上 or more|and above"),
    ("<=", "及以下 以下 以内 or less"),
    (">", "+ 余 多 plus"),
    ("≈", "左右 上下 or so"),
)


def _words(table: tuple[tuple[str, str], ...]) -> dict[str, str]:
    found = {}
    for qualifier, words in table:
        for word in words.split(" ", maxsplit=words.count(" ", 0, words.find("|")) if "|" in words else -1):
            for each in word.split("|"):
                found[each] = qualifier
    return dict(sorted(found.items(), key=lambda item: -len(item[0])))
