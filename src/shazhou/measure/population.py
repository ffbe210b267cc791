"""Who counts where: from an entity's attributes to the places and industries that are asked for.

An enterprise, project or platform belongs to the place that its attribute ``place`` names at the end of the span,
and so to every place above it; without that attribute to the city as a whole. It belongs to the industry of its
attribute ``industry`` or to those whose classification prefixes hold its industry code, and to the industries these
are part of. A value of a place counts at the lowest places of the tree (no place is counted with its own parts), a
cell of place by industry at the lowest industries; all industries of a place together are its stated total, or its
lowest industries where none is stated.
"""

from __future__ import annotations

from collections.abc import Iterable

import ibis
import ibis.expr.types as ir

from shazhou.city.model import City
from shazhou.measure.marks import Marks
from shazhou.measure.statements import Statements

_CELL = ("entity", "start", "end", "at_industry")
_DOOR_MARKS = int(Marks.SIMULATED | Marks.RECORDED)


class Population:
    """Assigns rows about entities to the places and industries asked for."""

    def __init__(self, statements: Statements, city: City) -> None:
        self._statements = statements
        self._city = city

    def at_places(self, rows: ibis.Table, places: Iterable[str]) -> ibis.Table:
        """Rows about enterprises, projects …, once for each asked place they are in (column ``at_place``)."""
        members = self._place_members(places)
        if not self._statements.spread("place", "actual"):
            located = rows.mutate(member=ibis.literal(self._city.root))
        else:
            where = self._held("place")
            joined = rows.left_join(where, _holding(rows, where), rname="{name}_where")
            located = joined.mutate(
                member=joined.text.coalesce(self._city.root).re_replace("^place:", ""),
                marks=joined.marks | (joined.marks_where.coalesce(0) & _DOOR_MARKS),
            ).select(*rows.columns, "member")
        return located.join(members, "member").drop("member")

    def of_places(self, rows: ibis.Table, places: Iterable[str]) -> ibis.Table:
        """Rows about places, each lowest place once for each asked place it lies in (column ``at_place``)."""
        parents = {place.parent for place in self._city.places.values()}
        members = self._place_members(places, leave_out=parents)
        named = rows.mutate(member=rows.entity.re_replace("^place:", ""))
        return named.join(members, "member").drop("member")

    def in_industries(self, rows: ibis.Table, industries: Iterable[str]) -> ibis.Table:
        """Rows about enterprises, projects …, once for each asked industry (column ``at_industry``)."""
        kinds = [(self._held("industry"), self._industry_members(industries))]
        for variable in self._city.variables.values():
            if variable.code == "gbt4754" and self._statements.spread(variable.id, "actual"):
                kinds.append((self._held(variable.id), self._code_members(industries)))
        found = [self._in_members(rows, held, members) for held, members in kinds]
        return found[0] if len(found) == 1 else ibis.union(*found, distinct=True)

    def _in_members(self, rows: ibis.Table, held: ibis.Table, members: ibis.Table) -> ibis.Table:
        known = held.join(members, "text").drop("text")
        joined = rows.join(known, _holding(rows, known), rname="{name}_where")
        marks = joined.marks | (joined.marks_where & _DOOR_MARKS)
        return joined.mutate(marks=marks).select(*rows.columns, "at_industry")

    def of_industries(self, rows: ibis.Table, industries: Iterable[str]) -> ibis.Table:
        """Cells of place by industry, each lowest industry once for each asked one (column ``at_industry``). Where all
        industries together are asked for (empty), the stated total of a place counts, else its lowest industries."""
        inner = {industry.part_of for industry in self._city.industries.values()}
        pairs = [
            {"industry": key, "at_industry": asked}
            for asked in industries
            for key in (self._parts(asked) if asked else self._city.industries)
            if key not in inner
        ]
        members = ibis.memtable(pairs, schema={"industry": "string", "at_industry": "string"})
        cells = rows.join(members, "industry")
        if "" not in industries:
            return cells
        totals = rows.filter(rows.industry == "").mutate(at_industry=ibis.literal(""))
        untotalled = cells.anti_join(totals, _CELL)
        return ibis.union(totals, untotalled.select(*totals.columns))

    def _held(self, variable: str) -> ibis.Table:
        """What an attribute says of each entity, and since when until when: columns entity, text, marks, since,
        until."""
        texts = self._statements.texts(variable)
        shortest = ibis.window(group_by=("entity", "start"), order_by="end")
        first = texts.mutate(place=ibis.row_number().over(shortest)).filter(ibis._.place == 0)
        order = ibis.window(group_by="entity", order_by="start")
        until = first.start.lead().over(order).coalesce(ibis.date("9999-12-31"))
        return first.select("entity", "marks", text="value", since="start", until=until)

    def _place_members(self, places: Iterable[str], leave_out: Iterable[str] = ()) -> ibis.Table:
        out = set(leave_out)
        pairs = [
            {"member": member, "at_place": place}
            for place in places
            for member in sorted(self._city.descendants(place))
            if member not in out
        ]
        return ibis.memtable(pairs, schema={"member": "string", "at_place": "string"})

    def _industry_members(self, industries: Iterable[str]) -> ibis.Table:
        pairs = [{"text": key, "at_industry": asked} for asked in industries for key in self._parts(asked)]
        return ibis.memtable(pairs, schema={"text": "string", "at_industry": "string"})

    def _code_members(self, industries: Iterable[str]) -> ibis.Table:
        prefixes = {
            asked: tuple(code for key in self._parts(asked) for code in self._city.industries[key].codes)
            for asked in industries
        }
        pairs = [
            {"text": code, "at_industry": asked}
            for asked, starts in prefixes.items()
            for code in self._city.classification
            if starts and code.startswith(starts)
        ]
        return ibis.memtable(pairs, schema={"text": "string", "at_industry": "string"})

    def _parts(self, industry: str) -> list[str]:
        found, todo = [], [industry]
        while todo:
            key = todo.pop()
            found.append(key)
            todo.extend(each.key for each in self._city.industries.values() if each.part_of == key)
        return sorted(set(found))


def _holding(rows: ibis.Table, held: ibis.Table) -> list[ir.BooleanValue]:
    return [rows.entity == held.entity, held.since <= rows.end, rows.end < held.until]
