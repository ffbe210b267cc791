"""Units of expressions: what a formula's result is measured in, and whether its parts fit together.

The dimension of an expression is a product of powers of base units: CNY, CNY per person, or nothing at all for a ratio
of likes and for plain numbers. Within a product or quotient a percentage is a plain number. Where a dimension has no
unit of its own (CNY per person) the indicator states the unit, and its factor applies.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from decimal import Decimal

from shazhou.city.model import Indicator, Variable
from shazhou.city.problem import Problem, Refused, Rule, Where
from shazhou.city.unit import UNITS
from shazhou.measure.expression import (
    Aggregate,
    Binary,
    Cumulative,
    Difference,
    Expression,
    Growth,
    Negative,
    Number,
    Share,
    leaves,
)

UNLIKE_UNITS = Rule(
    "formula-unlike-units",
    "{operation} needs two numbers of one unit, but they are in {left} and {right}.",
    "{operation} 的两项单位须相同，实际为 {left} 和 {right}。",
    "Use ratio(a, b) for a quotient of different units, or correct the variables.",
    "不同单位相除请用 ratio(a, b)，或改正指标项。",
)
NUMBER_BESIDE_QUANTITY = Rule(
    "formula-unlike-units",
    "{operation} puts a plain number beside a quantity in {left}: {found}",
    "{operation} 把纯数与单位为 {left} 的量放在一起：{found}",
    "A plain number may multiply or divide; 1 and 100 may also stand beside a ratio or a percentage (100 - share).",
    "纯数只能用于乘除；只有 1 和 100 可以与比率或百分数相加减（如 100 减比重）。",
)
WRONG_UNIT = Rule(
    "indicator-unit",
    "The formula gives {left}, but the indicator {found} is declared in {right}.",
    "公式结果的单位是 {left}，而指标 {found} 声明的单位是 {right}。",
    "Declare the indicator in a unit of {left}, or change the formula (share gives percent, ratio a plain number).",
    "请把指标单位改为以 {left} 为基本单位，或修改公式（share 得百分数，ratio 得纯数）。",
)

Dimension = tuple[tuple[str, int], ...]
"""Base units with their powers, in order; empty for a plain number."""

PLAIN: Dimension = ()
_PERCENT: Dimension = (("percent", 1),)
_WITHOUT_DIMENSION = ("percent", "percentage_points", "ratio")
_WHOLES = (Decimal(1), Decimal(100))
"""The numbers that may stand beside a ratio or percentage: the whole that it is a share of, the base of an index."""


def check_unit(indicator: Indicator, expression: Expression, variables: Mapping[str, Variable], where: Where) -> None:
    """Raises Refused where the formula's parts, or the formula and the indicator's unit, do not fit."""
    dimension = dimension_of(expression, variables, where)
    unit = UNITS[indicator.unit]
    has_own_unit = dimension == PLAIN or (len(dimension) == 1 and dimension[0][1] == 1)
    if (unit.base == "percent" or has_own_unit) and dimension != _base(unit.base):
        raise Refused([Problem(WRONG_UNIT, where, indicator.id, {"left": _written(dimension), "right": unit.id})])


def dimension_of(expression: Expression, variables: Mapping[str, Variable], where: Where) -> Dimension:
    """The dimension of an expression's value; Refused where unlike ones are added, subtracted or made a share."""
    match expression:
        case Number():
            return PLAIN
        case Aggregate(function, variable):
            return _base("count" if function == "count" else UNITS[variables[variable].unit].base)
        case Negative(operand) | Cumulative(operand):
            return dimension_of(operand, variables, where)
        case Difference(operand):
            dimension = dimension_of(operand, variables, where)
            return _base("percentage_points") if dimension == _PERCENT else dimension
        case Growth(operand):
            dimension_of(operand, variables, where)
            return _PERCENT
        case Share(part, whole):
            _same(part, whole, "share", variables, where)
            return _PERCENT
        case Binary("+" | "-" as operator, left, right):
            return _same(left, right, operator, variables, where)
        case Binary(operator, left, right):
            return _product(operator, left, right, variables, where)


def _base(unit: str) -> Dimension:
    return PLAIN if unit == "ratio" else ((unit, 1),)


def _product(
    operator: str, left: Expression, right: Expression, variables: Mapping[str, Variable], where: Where
) -> Dimension:
    first, second = dimension_of(left, variables, where), dimension_of(right, variables, where)
    if not leaves(right):
        return first
    if not leaves(left) and operator == "*":
        return second
    powers = Counter({unit: power for unit, power in first if unit not in _WITHOUT_DIMENSION})
    for unit, power in second:
        if unit not in _WITHOUT_DIMENSION:
            powers[unit] += power if operator == "*" else -power
    return tuple(sorted((unit, power) for unit, power in powers.items() if power))


def _same(
    left: Expression, right: Expression, operation: str, variables: Mapping[str, Variable], where: Where
) -> Dimension:
    first, second = dimension_of(left, variables, where), dimension_of(right, variables, where)
    if bool(leaves(left)) != bool(leaves(right)):
        number, dimension = (left, second) if leaves(right) else (right, first)
        _check_number(number, dimension, operation, where)
        return dimension
    if first != second:
        values = {"operation": operation, "left": _written(first), "right": _written(second)}
        raise Refused([Problem(UNLIKE_UNITS, where, where.text, values)])
    return first


def _check_number(number: Expression, dimension: Dimension, operation: str, where: Where) -> None:
    is_whole = isinstance(number, Number) and number.value in _WHOLES
    if operation == "share" or not is_whole or dimension not in (PLAIN, _PERCENT):
        values = {"operation": operation, "left": _written(dimension)}
        raise Refused([Problem(NUMBER_BESIDE_QUANTITY, where, where.text, values)])


def _written(dimension: Dimension) -> str:
    """A dimension as text: ``cny/persons``; ``ratio`` where it is none."""
    over = "*".join(_power(unit, power) for unit, power in dimension if power > 0)
    under = "/".join(_power(unit, -power) for unit, power in dimension if power < 0)
    return (over or ("1" if under else "ratio")) + (f"/{under}" if under else "")


def _power(unit: str, power: int) -> str:
    return unit if power == 1 else f"{unit}^{power}"
