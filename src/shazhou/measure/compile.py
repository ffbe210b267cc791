"""From a formula's leaves to one Ibis expression.

Requests of one shape are read together, variable beside variable; all tables are united under the numbers of the
cells. Everything that reads evidence happens inside this one expression, in whatever engine Ibis speaks to; what is
left for Python is arithmetic on a handful of exact numbers per cell.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date
from typing import Literal, NamedTuple

import ibis
import ibis.expr.types as ir

from shazhou.city.model import City
from shazhou.measure.condition import columns_named, holds
from shazhou.measure.expression import Aggregate, Condition, Function, variables
from shazhou.measure.kept import Kept
from shazhou.measure.marks import QUALIFIERS, marks_of, unsure
from shazhou.measure.population import Population
from shazhou.measure.request import Request, Wanted
from shazhou.measure.rollup import needs_parts, roll_up
from shazhou.measure.spans import Span
from shazhou.measure.statements import POSITIONS, Statements

_WHEN = ("start", "end")


MANY = 50_000
"""Statements from which on the places are computed together, what flows came to in a span is kept, and not all
references are carried where who is cited is all that is asked."""

Carried = Literal["", "cited", "whole"]
"""Which references to statements come with an answer: none; enough to know whose statements they are, and whether there
is more than one; all."""


class Shape(NamedTuple):
    """What requests must share to be answered together. ``own`` is the variable where the conditions are about it or
    it is a text; other variables of one shape differ only by their name."""

    function: Function
    kind: str
    measure: str
    of: frozenset[str]
    own: str
    test: Condition | None
    where: Condition | None


class Compiler:
    """Compiles requests against the statements of one head; ``keep``: what many of them came to in longer spans is
    kept for further questions."""

    def __init__(self, connection: ibis.BaseBackend, statements: Statements, city: City, keep: bool) -> None:
        self._statements = statements
        self._city = city
        self._population = Population(connection, statements, city)
        self._kept = Kept(connection) if keep else None

    def size(self, variable: str, kind: str) -> int:
        """How many statements there are about a variable."""
        return self._statements.size(variable, kind)

    def compiled(self, asked: Sequence[Request], evidence: Carried = "") -> ibis.Table:
        """One expression for all requests.

        Returns columns ``number`` (of the cell), ``v`` (exact value in base units; for mean and median as in
        `shazhou.measure.evaluate.Found`), ``m`` (marks), ``n`` (statements), ``c`` (contributors), ``k`` (values) and
        with ``evidence`` ``r`` (refs of the statements, see `Carried`); only cells for which there is evidence.
        """
        if self._kept is not None:
            self._kept.make_room()
        shapes: dict[Shape, list[Request]] = defaultdict(list)
        for request in asked:
            shapes[self._shape(request.leaf.aggregate, request.kind)].append(request)
        tables = [
            self._stated(shape, Wanted(alike), evidence != "")
            if shape.function == "value"
            else self._over_entities(shape, Wanted(alike), evidence)
            for shape, alike in shapes.items()
        ]
        return tables[0] if len(tables) == 1 else ibis.union(*tables)

    def contributions(
        self,
        aggregate: Aggregate,
        kind: str,
        spans: Sequence[Span],
        industries: Collection[str],
        open_to: Collection[str],
    ) -> ibis.Table:
        """What each entity that is no place puts into an aggregate, over all places, in each span.

        Columns entity, start, end, member, industries (see `Population.lying`), value (exact, base units; for a count 1
        or whether the test holds), and ref (the first statement behind it). What rests on statements of the sources
        ``open_to`` alone is left out.
        """
        shape = self._shape(aggregate, kind)
        rows = self._rows([aggregate.variable], shape, spans, evidence=True)
        rows = rows.filter(~rows.entity.startswith("place:"))
        if open_to:
            about = self._statements.about([aggregate.variable], kind)
            closed = about.filter(~about.source.isin(sorted(open_to))).select("ref")
            behind = rows.select("entity", *_WHEN, ref=rows.refs.unnest())
            rows = rows.semi_join(behind.semi_join(closed, "ref"), ("entity", *_WHEN))
        rows = self._with_conditions(shape, rows.mutate(ref=rows.refs.mins()).drop("refs"), spans, evidence=False)
        counted = ibis.literal(1) if aggregate.test is None else rows.passes.cast("int64")
        value = counted if aggregate.function == "count" else rows.value
        told = rows.group_by("entity", *_WHEN).agg(ref=rows.ref.min(), value=value.cast("decimal(38, 9)").sum())
        return self._population.lying(told, industries)

    def _shape(self, aggregate: Aggregate, kind: str) -> Shape:
        variable = self._city.variables[aggregate.variable]
        alone = aggregate.test is not None or aggregate.where is not None or not self._is_number(variable.id)
        of = frozenset() if aggregate.function == "value" else frozenset(variable.of)
        own = variable.id if alone else ""
        return Shape(aggregate.function, kind, variable.measure, of, own, aggregate.test, aggregate.where)

    def _stated(self, shape: Shape, wanted: Wanted, evidence: bool) -> ibis.Table:
        """What is stated about places and entities themselves."""
        cells = wanted.by_entity(self._statements.canonical)
        rolled = self._rows(wanted.variables, shape, wanted.spans, evidence, cells.select("entity"))
        joined = cells.join(rolled, ("variable", "entity", "industry", *_WHEN))
        one = ibis.literal(1).cast("int64")
        columns = {"v": joined.value, "m": marks_of(joined), "n": _parts(joined), "c": one, "k": one}
        return joined.select("number", **columns, **({"r": joined.refs} if evidence else {}))

    def _over_entities(self, shape: Shape, wanted: Wanted, evidence: Carried) -> ibis.Table:
        of_places = shape.of <= {"place", "industry"}
        rows = self._rows(wanted.variables, shape, wanted.spans, evidence != "")
        if of_places or shape.of & {"place", "industry"}:
            rows = rows.filter(rows.entity.startswith("place:") == of_places)
        rows = self._with_conditions(shape, rows, wanted.spans, evidence != "")
        assign = self._population.placed_values if of_places else self._population.placed
        placed = assign(rows, wanted.places, wanted.industries)
        keys = ("variable", "at_place", "at_industry", *_WHEN)
        cells = wanted.by_place()
        many = evidence == "cited" and self.is_many(wanted.variables, shape.kind)
        summary = _summary(shape, placed, keys, of_places, evidence != "" and not many)
        if many:
            summary = summary.join(self._witnesses(placed, keys), keys)
        joined = cells.join(summary, keys)
        refs = {"r": joined.r} if evidence else {}
        return joined.select("number", "v", m=marks_of(joined), n=joined.n, c=joined.c, k=joined.k, **refs)

    def _rows(
        self,
        names: Sequence[str],
        shape: Shape,
        spans: Sequence[Span],
        evidence: bool,
        entities: ibis.Table | None = None,
    ) -> ibis.Table:
        """What counts of variables in the spans asked for, with the column ``variable``."""
        if shape.own and not self._is_number(shape.own):
            statements = self._statements.texts(shape.own, shape.kind)
        else:
            within = _within(shape.measure, spans)
            statements = self._statements.numbers(names, shape.kind, within, entities)
        grains = "".join(sorted({grain for name in names for grain in self._statements.spread(name, shape.kind)}))

        def rolled_up() -> ibis.Table:
            return roll_up(statements, shape.measure, spans, grains, evidence)

        summed = shape.measure == "flow" and entities is None and needs_parts(spans, grains)
        if self._kept is not None and summed and self.is_many(names, shape.kind):
            rolled = self._kept.table((*names, shape.kind, *spans, evidence), rolled_up)
        else:
            rolled = rolled_up()
        return rolled if "variable" in rolled.columns else rolled.mutate(variable=ibis.literal(names[0]))

    def _with_conditions(self, shape: Shape, rows: ibis.Table, spans: Sequence[Span], evidence: bool) -> ibis.Table:
        names = dict.fromkeys((*variables(shape.test), *variables(shape.where)))
        if shape.own in names:
            rows = rows.mutate(marks=unsure(marks_of(rows)))
        elif shape.function == "count" and "marks" in rows.columns:
            rows = rows.mutate(marks=rows.marks & ~int(QUALIFIERS))
        for name in names:
            if name != shape.own:
                rows = self._beside(rows, name, shape.kind, spans, evidence)
        if shape.where is not None:
            rows = rows.filter(holds(shape.where, self._city, columns_named(rows, shape.own)))
        if shape.test is not None:
            rows = rows.mutate(passes=holds(shape.test, self._city, columns_named(rows, shape.own)).fill_null(False))
        return rows

    def _beside(self, rows: ibis.Table, variable: str, kind: str, spans: Sequence[Span], evidence: bool) -> ibis.Table:
        """Rows with what another variable says of the same entity and span, in the column ``of_<variable>``."""
        kind = kind if self._is_number(variable) else "actual"
        shape = Shape("value", kind, self._city.variables[variable].measure, frozenset(), variable, None, None)
        other = self._rows([variable], shape, spans, evidence)
        if self._statements.has_cells(variable):
            other = other.filter(other.industry == "")
        columns = {f"of_{variable}": other.value, "marks_beside": marks_of(other)}
        if evidence:
            columns["refs_beside"] = other.refs
        joined = rows.left_join(other.select("entity", *_WHEN, **columns), ("entity", *_WHEN))
        marks = marks_of(joined) | unsure(joined.marks_beside.coalesce(0))
        refs = {"refs": joined.refs.concat(joined.refs_beside.coalesce([]))} if evidence else {}
        beside = joined.mutate(marks=marks, **refs)
        return beside.select(*dict.fromkeys([*rows.columns, "marks", f"of_{variable}"]))

    def _witnesses(self, rows: ibis.Table, keys: Sequence[str]) -> ibis.Table:
        """By ``keys``, ``r``: of each submission that cites one source throughout the first and last ref, of others
        all refs."""
        each = rows.select(*keys, ref=rows.refs.unnest())
        sequence = each.ref // POSITIONS
        mixed = sequence.isin(self._statements.mixed) if self._statements.mixed else ibis.literal(False)
        ends = each.group_by(*keys, of=mixed.ifelse(each.ref, -sequence)).agg(first=each.ref.min(), last=each.ref.max())
        return ends.group_by(*keys).agg(r=ends.first.collect().concat(ends.last.collect()))

    def is_many(self, names: Sequence[str], kind: str) -> bool:
        """Whether there are `MANY` statements about variables."""
        return sum(self.size(name, kind) for name in names) >= MANY

    def _is_number(self, variable: str) -> bool:
        return self._city.variables[variable].type in ("number", "integer")


def _parts(rows: ibis.Table) -> ir.IntegerValue:
    return rows.parts if "parts" in rows.columns else ibis.literal(1).cast("int64")


def _within(measure: str, spans: Sequence[Span]) -> Span | None:
    if measure == "attribute":
        return None
    first = min(span[0] for span in spans)
    return date(first.year, 1, 1) if measure == "flow" else first, max(span[1] for span in spans)


def _summary(shape: Shape, rows: ibis.Table, keys: Sequence[str], of_places: bool, refs: bool) -> ibis.Table:
    columns = {
        "v": _aggregated(shape, rows),
        "n": rows.parts.sum() if "parts" in rows.columns else rows.count(),
        "c": rows.entity.nunique() if of_places else rows.count(),
        "k": rows.count(),
    }
    if "marks" in rows.columns:
        columns["marks"] = rows.marks.bit_or()
    if refs:
        columns["r"] = rows.refs.collect().flatten()
    return rows.group_by(*keys).agg(**columns)


def _aggregated(shape: Shape, rows: ibis.Table) -> ir.Scalar:
    match shape.function:
        case "count":
            counted = rows.entity.nunique() if shape.test is None else rows.passes.cast("int64").sum()
            return counted.cast("decimal(38, 9)")
        case "min":
            return rows.value.min()
        case "max":
            return rows.value.max()
        case "median":
            ordered = rows.value.collect(order_by=rows.value)
            return ordered[(ordered.length() - 1) // 2] + ordered[ordered.length() // 2]
        case _:
            return rows.value.sum()
