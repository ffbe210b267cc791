"""Entities of a kind with what attributes say of them on a day: lists of members, such as who has to report."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import ibis
from ibis import _

from shazhou.city.model import City
from shazhou.measure.condition import columns_named, holds
from shazhou.measure.expression import Condition, variables
from shazhou.measure.statements import Statements

NAMING = ("name", "alias")
"""Attributes of which every entity that a document brought has at least one."""


class Members:
    """Members at one head."""

    def __init__(self, statements: Statements, city: City) -> None:
        self._statements = statements
        self._city = city

    def on(self, day: date, kind: str, attributes: Sequence[str], condition: Condition | None = None) -> ibis.Table:
        """Every named entity of a kind for which a condition holds: columns entity, and ``of_<attribute>`` for each
        attribute asked for (null where nothing is said).

        What has begun by that day and was not said anew counts; of names also what is said later. Numeric attributes
        are in base units. The city must define a name or an alias.
        """
        naming = [name for name in NAMING if name in self._city.variables]
        named = ibis.union(*(self._held(name, day).select("entity") for name in naming), distinct=True)
        rows = named.filter(named.entity.startswith(f"{kind}:"))
        for name in dict.fromkeys((*attributes, *variables(condition))):
            other = self._held(name, day)
            rows = rows.left_join(other, "entity").drop("entity_right")
        if condition is not None:
            rows = rows.filter(holds(condition, self._city, columns_named(rows)))
        return rows.select("entity", *(f"of_{name}" for name in dict.fromkeys(attributes)))

    def _held(self, variable: str, day: date) -> ibis.Table:
        if self._city.variables[variable].type in ("number", "integer"):
            stated = self._statements.numbers([variable], "actual")
        else:
            stated = self._statements.texts(variable)
        begun = stated if variable in NAMING else stated.filter(_.start <= day)
        newest = ibis.window(group_by="entity", order_by=[_.start.desc(), _.end])
        first = begun.mutate(order=ibis.row_number().over(newest)).filter(_.order == 0)
        return first.select("entity", **{f"of_{variable}": first.value})
