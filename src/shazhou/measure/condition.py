"""A condition on attributes as a column of a table: true, false, or null where something it compares is not known."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce

import ibis
import ibis.expr.types as ir

from shazhou.city.model import City
from shazhou.city.unit import UNITS
from shazhou.measure.expression import Among, AnyOf, Compare, Condition, Every, Not


def holds(condition: Condition, city: City, column: Callable[[str], ir.Value]) -> ir.BooleanValue:
    """Where a condition holds; ``column`` gives the column of a variable, numbers in base units."""

    def of(part: Condition) -> ir.BooleanValue:
        return holds(part, city, column)

    match condition:
        case Compare(variable, comparison, constant):
            return _compared(column(variable), comparison, _in_base(city, variable, constant))
        case Among(variable, constants):
            return column(variable).isin([_in_base(city, variable, constant) for constant in constants])
        case Not(inner):
            return ~of(inner)
        case Every(conditions):
            return reduce(lambda a, b: a & b, map(of, conditions))
        case AnyOf(conditions):
            return reduce(lambda a, b: a | b, map(of, conditions))


def columns_named(rows: ibis.Table, own: str = "") -> Callable[[str], ir.Value]:
    """The columns ``of_<variable>`` of a table; that of ``own`` is ``value``."""
    return lambda name: rows.value if name == own else rows[f"of_{name}"]


def _in_base(city: City, variable: str, constant: object) -> object:
    if isinstance(constant, str):
        return constant
    return constant * UNITS[city.variables[variable].unit].factor  # type: ignore[operator]


def _compared(column: ir.Value, comparison: str, constant: object) -> ir.BooleanValue:
    match comparison:
        case "==":
            return column == constant
        case "!=":
            return column != constant
        case "<":
            return column < constant
        case "<=":
            return column <= constant
        case ">":
            return column > constant
        case _:
            return column >= constant
