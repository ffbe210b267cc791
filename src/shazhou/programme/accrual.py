"""What adds up over time: the output of a year is that of its months together; a share or a head count is not."""

from __future__ import annotations

from collections.abc import Mapping

from shazhou.city.model import Measure, Variable
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


def adds_up(expression: Expression, variables: Mapping[str, Variable]) -> bool:
    """Whether the values of a period's parts make up the value of the period: sums of flows, and multiples of them."""
    match expression:
        case Aggregate(function, variable):
            return function in ("value", "sum") and variables[variable].measure == "flow"
        case Binary("+" | "-", left, right):
            return adds_up(left, variables) and adds_up(right, variables)
        case Binary("/", left, right):
            return adds_up(left, variables) and not leaves(right)
        case Binary(_, left, right):
            factors = ((left, right), (right, left))
            return any(adds_up(one, variables) and not leaves(other) for one, other in factors)
        case Negative(operand) | Cumulative(operand) | Difference(operand):
            return adds_up(operand, variables)
        case Number() | Share() | Growth():
            return False


def measures(expression: Expression, variables: Mapping[str, Variable]) -> frozenset[Measure]:
    """What kinds of variables a formula reads: flows, stocks, rates, attributes."""
    return frozenset(variables[leaf.aggregate.variable].measure for leaf in leaves(expression))
