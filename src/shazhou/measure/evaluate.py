"""Arithmetic on the exact values of a formula's leaves, column by column, with qualifiers and one rounding.

Decimal arithmetic with 50 digits is the same on every engine and any number of threads; databases divide decimals each
in its own way. Missing is missing: an operation on a missing value gives none, and so does a division by zero.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from shazhou.city.problem import Problem, Refused, Rule, Where
from shazhou.measure import marks
from shazhou.measure.expression import (
    Aggregate,
    Binary,
    Cumulative,
    Difference,
    Expression,
    Growth,
    Leaf,
    Negative,
    Number,
    Operator,
    Share,
)

CONTEXT = Context(prec=50, rounding=ROUND_HALF_UP)
WHOLE_DIGITS = 29
"""Digits before the point that a figure can hold: those of the ledger's DECIMAL(38, 9)."""

TOO_LARGE = Rule(
    "figure-too-large",
    "The formula gives {found}, more than the {digits} digits before the point that a figure can hold.",
    "公式结果为 {found}，超过数值可容纳的 {digits} 位整数。",
    "Check the formula's units and factors, and the observations behind it.",
    "请检查公式的单位与系数，以及所用的观测值。",
)


class Quantity(NamedTuple):
    """A value with the qualifier that its inputs force on it."""

    value: Decimal
    qualifier: str


class Found(NamedTuple):
    """What a leaf found for one cell: exact value in base units (for a mean the sum, for a median the sum of the two in
    the middle), marks, numbers of statements, of entities and of values, and references to the statements (int64, in no
    order, some perhaps twice) where these were asked for."""

    value: Decimal | None
    marks: int
    statements: int
    contributors: int
    values: int
    refs: npt.NDArray[np.int64]


_ZERO = Quantity(Decimal(0), "=")
_HUNDRED = Quantity(Decimal(100), "=")
NO_REFS: npt.NDArray[np.int64] = np.empty(0, np.int64)
NOTHING = Found(None, 0, 0, 0, 0, NO_REFS)


def evaluate(
    expression: Expression, found: Mapping[Leaf, Sequence[Found]], cells: int, years: int = 0, cumulative: bool = False
) -> list[Quantity | None]:
    """The values of an expression over some cells, None where evidence is missing; ``found`` has as many for each
    leaf."""

    def of(part: Expression, earlier: int = 0) -> list[Quantity | None]:
        return evaluate(part, found, cells, years - earlier, cumulative)

    match expression:
        case Number(value):
            return [Quantity(value, "=")] * cells
        case Aggregate():
            return [_leaf(expression, each) for each in found[Leaf(expression, years, cumulative)]]
        case Negative(operand):
            return [_minus(_ZERO, each) for each in of(operand)]
        case Cumulative(operand):
            return evaluate(operand, found, cells, years, True)
        case Binary(operator, left, right):
            return list(map(_ARITHMETIC[operator], of(left), of(right)))
        case Share(part, whole):
            return [_times(each, _HUNDRED) for each in map(_over, of(part), of(whole))]
        case Difference(operand):
            return list(map(_minus, of(operand), of(operand, 1)))
        case Growth(operand):
            return list(map(_grown, of(operand), of(operand, 1)))


def rounded(value: Decimal, factor: Decimal, decimals: int) -> Decimal:
    """The value in a unit of that factor, rounded half up to so many decimals: the one rounding of a figure.

    Raises:
        Refused: it has more digits than a figure can hold.
    """
    exact = CONTEXT.divide(value, factor)
    if exact and exact.adjusted() >= WHOLE_DIGITS:
        raise Refused([Problem(TOO_LARGE, Where(), f"{exact:.3E}", {"digits": str(WHOLE_DIGITS)})])
    return exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP, CONTEXT)


def _leaf(aggregate: Aggregate, found: Found) -> Quantity | None:
    if found.value is None:
        return None
    sign = marks.qualifier(found.marks)
    match aggregate.function:
        case "mean":
            return Quantity(CONTEXT.divide(found.value, Decimal(found.values)), sign)
        case "median":
            middle = CONTEXT.divide(found.value, Decimal(2))
            return Quantity(middle, sign if found.values == 1 else marks.weakened(sign))
        case "min" | "max" if found.values > 1:
            return Quantity(found.value, marks.weakened(sign))
    return Quantity(found.value, sign)


def _plus(left: Quantity | None, right: Quantity | None) -> Quantity | None:
    if left is None or right is None:
        return None
    return Quantity(CONTEXT.add(left.value, right.value), marks.combined(left.qualifier, right.qualifier))


def _minus(left: Quantity | None, right: Quantity | None) -> Quantity | None:
    if left is None or right is None:
        return None
    sign = marks.combined(left.qualifier, marks.flipped(right.qualifier))
    return Quantity(CONTEXT.subtract(left.value, right.value), sign)


def _times(left: Quantity | None, right: Quantity | None) -> Quantity | None:
    if left is None or right is None:
        return None
    return Quantity(CONTEXT.multiply(left.value, right.value), _scaled(left, right, flip=False))


def _over(left: Quantity | None, right: Quantity | None) -> Quantity | None:
    if left is None or right is None or right.value == 0:
        return None
    return Quantity(CONTEXT.divide(left.value, right.value), _scaled(left, right, flip=True))


def _scaled(left: Quantity, right: Quantity, flip: bool) -> str:
    if left.qualifier == right.qualifier == "=":
        return "="
    first = left.qualifier if right.value >= 0 else marks.flipped(left.qualifier)
    second = right.qualifier if left.value >= 0 else marks.flipped(right.qualifier)
    return marks.combined(first, marks.flipped(second) if flip else second)


def _grown(now: Quantity | None, before: Quantity | None) -> Quantity | None:
    if before is None or before.value <= 0:
        return None
    return _minus(_times(_over(now, before), _HUNDRED), _HUNDRED)


_ARITHMETIC: Mapping[Operator, Callable[[Quantity | None, Quantity | None], Quantity | None]] = {
    "+": _plus,
    "-": _minus,
    "*": _times,
    "/": _over,
}
