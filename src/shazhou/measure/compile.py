"""From a formula's leaves to one Ibis expression.

Each leaf becomes a table keyed by the cells that are asked for, with its exact value and what stands behind it; all
leaves are joined to the cells. Everything that reads evidence happens inside this one expression, in whatever
engine Ibis speaks to; what is left for Python is arithmetic on a handful of exact numbers per cell.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import reduce

import ibis
import ibis.expr.types as ir

from shazhou.city.model import City
from shazhou.city.unit import UNITS
from shazhou.measure.cells import Cells
from shazhou.measure.expression import (
    Aggregate,
    Among,
    AnyOf,
    Compare,
    Condition,
    Every,
    Leaf,
    Not,
    variables,
)
from shazhou.measure.population import Population
from shazhou.measure.rollup import roll_up
from shazhou.measure.spans import Span
from shazhou.measure.statements import Statements

_WHEN = ("start", "end")


class Compiler:
    """Compiles leaves against the statements of one head."""

    def __init__(self, statements: Statements, city: City) -> None:
        self._statements = statements
        self._city = city
        self._population = Population(statements, city)

    def aggregates(self, leaves: Sequence[Leaf], cells: Cells, kind: str, evidence: bool) -> ibis.Table:
        """One expression for leaves that aggregate over entities, over all cells.

        Returns columns ``cell`` (number of the cell) and for each leaf i: ``v<i>`` (exact value in base units, null
        without evidence), ``m<i>`` (marks), ``n<i>`` (statements), ``c<i>`` (contributors) and with ``evidence``
        ``r<i>`` (their refs).
        """
        tables = [self._aggregate(leaf, cells, leaf.aggregate.kind or kind, evidence) for leaf in leaves]
        named = [
            table.rename({f"{name}{i}": name for name in table.columns if name != "cell"})
            for i, table in enumerate(tables)
        ]
        result = named[0]
        for table in named[1:]:
            joined = result.outer_join(table, "cell")
            result = joined.mutate(cell=joined.cell.coalesce(joined.cell_right)).drop("cell_right")
        return result

    def stated(self, asked: Cells, leaves: Sequence[Leaf], kind: str, evidence: bool) -> ibis.Table:
        """One expression for what is stated about places and entities themselves, over several variables of one
        measure.

        ``leaves`` gives the leaf of each of ``asked``. Returns columns ``cell`` and v, m, n, c, r as in `aggregates`,
        for the numbers for which there is evidence.
        """
        variables = [leaf.aggregate.variable for leaf in leaves]
        wanted = asked.stated(leaves, variables)
        names = sorted(set(variables))
        measure = self._city.variables[names[0]].measure
        spans = asked.spans_of(leaves)
        statements = self._statements.numbers(names, kind, _within(measure, spans), wanted.select("entity"))
        if len(names) == 1:
            statements = statements.mutate(variable=ibis.literal(names[0]))
        grains = "".join(sorted({grain for name in names for grain in self._statements.spread(name, kind)}))
        rolled = roll_up(statements, measure, spans, grains, evidence)
        joined = wanted.join(rolled, ("variable", "entity", "industry", *_WHEN))
        columns = {"v": joined.value, "m": joined.marks, "n": joined.parts, "c": ibis.literal(1).cast("int64")}
        return joined.select("cell", **columns, **({"r": joined.refs} if evidence else {}))

    def _aggregate(self, leaf: Leaf, cells: Cells, kind: str, evidence: bool) -> ibis.Table:
        aggregate = leaf.aggregate
        variable = self._city.variables[aggregate.variable]
        spans = cells.spans(leaf)
        rows = self._rows(variable.id, kind, spans, evidence)
        of_places = set(variable.of) <= {"place", "industry"}
        if not of_places or set(variable.of) & {"place", "industry"}:
            rows = rows.filter(rows.entity.startswith("place:") == of_places)
        rows = self._with_conditions(aggregate, rows, kind, spans)
        if of_places:
            rows = self._population.of_places(rows, cells.distinct_places)
        else:
            rows = self._population.at_places(rows, cells.distinct_places)
        return self._by_industry(leaf, rows, cells, of_places, evidence)

    def _rows(self, variable: str, kind: str, spans: Sequence[Span], evidence: bool) -> ibis.Table:
        definition = self._city.variables[variable]
        if definition.type not in ("number", "integer"):
            statements = self._statements.texts(variable)
        else:
            statements = self._statements.numbers([variable], kind, _within(definition.measure, spans))
        grains = self._statements.spread(variable, kind)
        return roll_up(statements, definition.measure, spans, grains, evidence)

    def _with_conditions(self, aggregate: Aggregate, rows: ibis.Table, kind: str, spans: Sequence[Span]) -> ibis.Table:
        names = dict.fromkeys((*variables(aggregate.test), *variables(aggregate.where)))
        for name in names:
            if name != aggregate.variable:
                other = self._rows(name, kind if self._is_number(name) else "actual", spans, evidence=False)
                other = other.select("entity", *_WHEN, **{f"of_{name}": other.value, f"marks_of_{name}": other.marks})
                rows = rows.left_join(other, ("entity", *_WHEN)).drop("entity_right", "start_right", "end_right")
                rows = rows.mutate(marks=rows.marks | rows[f"marks_of_{name}"].coalesce(0))
        if aggregate.where is not None:
            rows = rows.filter(self._holds(aggregate.where, rows, aggregate.variable))
        if aggregate.test is not None:
            rows = rows.mutate(passes=self._holds(aggregate.test, rows, aggregate.variable).fill_null(False))
        return rows

    def _by_industry(self, leaf: Leaf, rows: ibis.Table, cells: Cells, of_places: bool, evidence: bool) -> ibis.Table:
        in_cells = of_places and "industry" in self._city.variables[leaf.aggregate.variable].of
        found = []
        for industries in (
            ["" for each in cells.distinct_industries if not each],
            [*filter(None, cells.distinct_industries)],
        ):
            if not industries:
                continue
            if of_places and (in_cells or industries != [""]):
                placed = self._population.of_industries(rows, industries)
            elif industries == [""]:
                placed = rows.mutate(at_industry=ibis.literal(""))
            else:
                placed = self._population.in_industries(rows, industries)
            found.append(_summary(leaf, placed, cells, of_places, evidence))
        return found[0] if len(found) == 1 else ibis.union(*found)

    def _holds(self, condition: Condition, rows: ibis.Table, own: str) -> ir.BooleanValue:
        def column(name: str) -> ir.Value:
            return rows.value if name == own else rows[f"of_{name}"]

        match condition:
            case Compare(variable, comparison, constant):
                return _compared(column(variable), comparison, self._in_base(variable, constant))
            case Among(variable, constants):
                return column(variable).isin([self._in_base(variable, constant) for constant in constants])
            case Not(inner):
                return ~self._holds(inner, rows, own)
            case Every(conditions):
                return reduce(lambda a, b: a & b, (self._holds(each, rows, own) for each in conditions))
            case AnyOf(conditions):
                return reduce(lambda a, b: a | b, (self._holds(each, rows, own) for each in conditions))

    def _in_base(self, variable: str, constant: object) -> object:
        if isinstance(constant, str):
            return constant
        return constant * UNITS[self._city.variables[variable].unit].factor  # type: ignore[operator]

    def _is_number(self, variable: str) -> bool:
        return self._city.variables[variable].type in ("number", "integer")


def _within(measure: str, spans: Sequence[Span]) -> Span | None:
    if measure == "attribute":
        return None
    first = min(span[0] for span in spans)
    return date(first.year, 1, 1) if measure == "flow" else first, max(span[1] for span in spans)


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


def _summary(leaf: Leaf, rows: ibis.Table, cells: Cells, of_places: bool, evidence: bool) -> ibis.Table:
    columns = {
        "v": _aggregated(leaf.aggregate, rows),
        "m": rows.marks.bit_or(),
        "n": rows.parts.sum(),
        "c": rows.entity.nunique() if of_places else rows.count(),
    }
    if evidence:
        columns["r"] = rows.refs.collect().flatten()
    keys = ("at_place", "at_industry", *_WHEN)
    totals = rows.group_by(*keys).agg(**columns)
    return cells.placed(leaf).join(totals, keys).select("cell", *columns)


def _aggregated(aggregate: Aggregate, rows: ibis.Table) -> ir.Scalar:
    match aggregate.function:
        case "count":
            counted = rows.entity.nunique() if aggregate.test is None else rows.passes.cast("int64").sum()
            return counted.cast("decimal(38, 9)")
        case "min":
            return rows.value.min()
        case "max":
            return rows.value.max()
        case "median":
            return rows.value.median().cast("decimal(38, 9)")
        case _:
            return rows.value.sum()
