"""Units of expressions: what a formula's result is measured in, and whether its parts fit together.

The dimension of an expression is its base unit, or None where a product or quotient makes one that has no name of its
own (CNY per person); an indicator then states the unit, and its factor applies.
"""

from __future__ import annotations

from collections.abc import Mapping

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
)

UNLIKE_UNITS = Rule(
    "formula-unlike-units",
    "{operation} needs two numbers of one unit, but they are in {left} and {right}.",
    "{operation} 的两项单位须相同，实际为 {left} 和 {right}。",
    "Use ratio(a, b) for a quotient of different units, or correct the variables.",
    "不同单位相除请用 ratio(a, b)，或改正指标项。",
)
WRONG_UNIT = Rule(
    "indicator-unit",
    "The formula gives {left}, but the indicator {found} is declared in {right}.",
    "公式结果的单位是 {left}，而指标 {found} 声明的单位是 {right}。",
    "Declare the indicator in a unit of {left}, or change the formula (share gives percent, ratio a plain number).",
    "请把指标单位改为以 {left} 为基本单位，或修改公式（share 得百分数，ratio 得纯数）。",
)

ANY = None


def check_unit(indicator: Indicator, expression: Expression, variables: Mapping[str, Variable], where: Where) -> None:
    """Raises Refused where the formula's parts, or the formula and the indicator's unit, do not fit."""
    dimension = dimension_of(expression, variables, where)
    unit = UNITS[indicator.unit]
    if dimension is ANY and unit.base != "percent":
        return
    if dimension != unit.base:
        values = {"left": dimension or "ratio", "right": unit.id}
        raise Refused([Problem(WRONG_UNIT, where, indicator.id, values)])


def dimension_of(expression: Expression, variables: Mapping[str, Variable], where: Where) -> str | None:
    """The base unit of an expression's value, or None where any unit may be declared."""
    match expression:
        case Number():
            return ANY
        case Aggregate(function, variable):
            return "count" if function == "count" else UNITS[variables[variable].unit].base
        case Negative(operand) | Cumulative(operand):
            return dimension_of(operand, variables, where)
        case Difference(operand):
            base = dimension_of(operand, variables, where)
            return "percentage_points" if base == "percent" else base
        case Growth(operand):
            dimension_of(operand, variables, where)
            return "percent"
        case Share(part, whole):
            _same(part, whole, "share", variables, where)
            return "percent"
        case Binary(operator, left, right):
            return _binary(operator, left, right, variables, where)


def _binary(
    operator: str, left: Expression, right: Expression, variables: Mapping[str, Variable], where: Where
) -> str | None:
    if operator in "+-":
        return _same(left, right, operator, variables, where)
    first, second = dimension_of(left, variables, where), dimension_of(right, variables, where)
    if isinstance(right, Number):
        return first
    if isinstance(left, Number) and operator == "*":
        return second
    return ANY


def _same(
    left: Expression, right: Expression, operation: str, variables: Mapping[str, Variable], where: Where
) -> str | None:
    first, second = dimension_of(left, variables, where), dimension_of(right, variables, where)
    if first is ANY or second is ANY or first == second:
        return first if first is not ANY else second
    raise Refused([Problem(UNLIKE_UNITS, where, where.text, {"operation": operation, "left": first, "right": second})])
