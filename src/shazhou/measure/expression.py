"""What a formula means: the small tree that a parsed formula becomes.

Leaves are aggregates over observations; inner nodes are arithmetic and comparisons in time. A node knows nothing of
how it is computed: `shazhou.measure.compile` turns the leaves into a query, `shazhou.measure.evaluate` does the rest.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

Function = Literal["value", "sum", "count", "mean", "median", "min", "max"]
Comparison = Literal["==", "!=", "<", "<=", ">", ">="]
Operator = Literal["+", "-", "*", "/"]


@dataclass(frozen=True)
class Compare:
    """``variable <comparison> constant``; text constants compare with attributes, numbers with numeric variables."""

    variable: str
    comparison: Comparison
    constant: Decimal | str


@dataclass(frozen=True)
class Among:
    """``variable in (…)``."""

    variable: str
    constants: tuple[Decimal | str, ...]


@dataclass(frozen=True)
class Every:
    """All conditions hold (``and``)."""

    conditions: tuple[Condition, ...]


@dataclass(frozen=True)
class AnyOf:
    """Some condition holds (``or``)."""

    conditions: tuple[Condition, ...]


@dataclass(frozen=True)
class Not:
    """The condition does not hold; what is not known is neither true nor false."""

    condition: Condition


Condition = Compare | Among | Every | AnyOf | Not


@dataclass(frozen=True)
class Aggregate:
    """``sum(output, where=size == "large")``: a function over the entities that hold ``variable``.

    For ``count(v >= 20)`` the ``test`` is the condition that is counted; entities that fail it are part of the
    evidence. ``kind`` empty: the kind asked for.
    """

    function: Function
    variable: str
    test: Condition | None = None
    where: Condition | None = None
    kind: str = ""


@dataclass(frozen=True)
class Number:
    """A constant."""

    value: Decimal


@dataclass(frozen=True)
class Binary:
    """Arithmetic on two expressions."""

    operator: Operator
    left: Expression
    right: Expression


@dataclass(frozen=True)
class Negative:
    """``-x``."""

    operand: Expression


@dataclass(frozen=True)
class Share:
    """``share(a, b)``: a as a percentage of b."""

    part: Expression
    whole: Expression


@dataclass(frozen=True)
class Growth:
    """``yoy(a)``: change against the same period a year earlier, in percent of it."""

    operand: Expression


@dataclass(frozen=True)
class Difference:
    """``difference(a)``: change against the same period a year earlier, in the unit of a."""

    operand: Expression


@dataclass(frozen=True)
class Cumulative:
    """``cumulative(a)``: a from 1 January to the end of the period."""

    operand: Expression


Expression = Aggregate | Number | Binary | Negative | Share | Growth | Difference | Cumulative


@dataclass(frozen=True)
class Leaf:
    """An aggregate as it occurs in a formula: so many years earlier, and cumulative or not."""

    aggregate: Aggregate
    years: int
    cumulative: bool


def leaves(expression: Expression, years: int = 0, cumulative: bool = False) -> tuple[Leaf, ...]:
    """Every leaf of the tree once, in the order of first occurrence."""
    match expression:
        case Aggregate():
            found: tuple[Leaf, ...] = (Leaf(expression, years, cumulative),)
        case Number():
            found = ()
        case Binary(_, left, right) | Share(left, right):
            found = leaves(left, years, cumulative) + leaves(right, years, cumulative)
        case Negative(operand):
            found = leaves(operand, years, cumulative)
        case Cumulative(operand):
            found = leaves(operand, years, True)
        case Growth(operand) | Difference(operand):
            found = leaves(operand, years, cumulative) + leaves(operand, years - 1, cumulative)
    return tuple(dict.fromkeys(found))


def narrowed(expression: Expression, condition: Condition) -> Expression:
    """The expression over only those entities for which a condition holds; what is stated of places stays."""

    def of(part: Expression) -> Expression:
        return narrowed(part, condition)

    match expression:
        case Aggregate(function, _, _, where) if function != "value":
            both = condition if where is None else Every((where, condition))
            return replace(expression, where=both)
        case Binary(operator, left, right):
            return Binary(operator, of(left), of(right))
        case Share(part, whole):
            return Share(of(part), of(whole))
        case Negative(operand) | Growth(operand) | Difference(operand) | Cumulative(operand):
            return replace(expression, operand=of(operand))
        case _:
            return expression


def variables(condition: Condition | None) -> tuple[str, ...]:
    """The variables that a condition reads."""
    match condition:
        case None:
            return ()
        case Compare(variable) | Among(variable):
            return (variable,)
        case Not(inner):
            return variables(inner)
        case Every(conditions) | AnyOf(conditions):
            return tuple(dict.fromkeys(name for each in conditions for name in variables(each)))
