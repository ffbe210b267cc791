"""Who counts where: from an entity's attributes to the places and industries that are asked for.

An enterprise, project or platform belongs to the place that its attribute ``place`` names at the end of the span,
and so to every place above it; without that attribute to the city as a whole. It belongs to the industry of its
attribute ``industry`` or to those whose classification prefixes hold its industry code, and to the industries these
are part of. A value of a place counts at the lowest places of the tree (no place is counted with its own parts), a
cell of place by industry at the lowest industries; all industries of a place together are its stated total, or its
lowest industries where none is stated.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import ibis

from shazhou.city.model import City
from shazhou.measure.spell import Spells, columns_of, held_at_end, marked
from shazhou.measure.statements import Statements

_CELL = ("variable", "entity", "start", "end", "at_place")


class Population:
    """Assigns rows about entities to the places and industries asked for. What attributes say is worked out once and
    kept in the engine."""

    def __init__(self, connection: ibis.BaseBackend, statements: Statements, city: City) -> None:
        self._statements = statements
        self._city = city
        self._spells = Spells(connection, statements)

    def placed(self, rows: ibis.Table, places: Collection[str], industries: Collection[str]) -> ibis.Table:
        """Rows about enterprises, projects …, once for each asked place and industry they are in (columns
        ``at_place`` and ``at_industry``); the industry "" is all of them."""
        where, asked = sorted(places), sorted(filter(None, industries))
        found = []
        if "" in industries:
            found.append(self._at_places(rows, where).mutate(at_industry=ibis.literal("")))
        if asked:
            found.append(self._in_industries(rows, where, asked))
        return _united(found)

    def placed_values(self, rows: ibis.Table, places: Collection[str], industries: Collection[str]) -> ibis.Table:
        """Values of places, or of cells of place by industry, once for each asked place and industry they lie in."""
        where, asked = sorted(places), sorted(filter(None, industries))
        lying = self._of_places(rows, where)
        found = []
        if "" in industries:
            found.append(self._of_all_industries(lying))
        if asked:
            found.append(lying.join(_pairs("industry", "at_industry", self._lowest(asked)), "industry"))
        return _united([part.select(*lying.columns, "at_industry") for part in found])

    def lying(self, rows: ibis.Table, industries: Collection[str]) -> ibis.Table:
        """Rows about enterprises, projects …, each once, with the place that it belongs to itself (``member``) and the
        keys of those ``industries`` that hold it, between bars."""
        located = self._located(rows)
        lying = located.select(*rows.columns, "member")
        if not industries:
            return lying.mutate(industries=ibis.literal(""))
        tops = sorted(key for key, place in self._city.places.items() if place.parent not in self._city.places)
        inside = self._in_industries(rows, tops, sorted(industries)).select("entity", "start", "end", "at_industry")
        held = inside.distinct().group_by("entity", "start", "end")
        keys = held.agg(industries=ibis._.at_industry.group_concat("|", order_by=ibis._.at_industry))
        joined = lying.left_join(keys, ("entity", "start", "end"))
        return joined.select(*lying.columns, industries=joined.industries.coalesce(""))

    def _located(self, rows: ibis.Table) -> ibis.Table:
        if not self._statements.spread("place", "actual"):
            return rows.mutate(member=ibis.literal(self._city.root))
        where = self._spells.of("place")
        joined = rows.left_join(where, held_at_end(rows, where), rname="{name}_where")
        return marked(joined).mutate(member=joined.text.coalesce(self._city.root))

    def _at_places(self, rows: ibis.Table, places: list[str]) -> ibis.Table:
        located = self._located(rows)
        return located.join(self._members(places), "member").select(*columns_of(rows, located), "at_place")

    def _in_industries(self, rows: ibis.Table, places: list[str], industries: list[str]) -> ibis.Table:
        found = []
        for variable in self._naming_industries():
            spells = self._industry_spells(variable, places, industries)
            joined = marked(rows.join(spells, held_at_end(rows, spells), rname="{name}_where"))
            found.append(joined.select(*columns_of(rows, joined), "at_place", "at_industry"))
        if not found:
            nowhere = rows.mutate(at_place=ibis.literal(""), at_industry=ibis.literal(""))
            return nowhere.filter(ibis.literal(False))
        return found[0] if len(found) == 1 else _once(_united(found))

    def _naming_industries(self) -> list[str]:
        """The attributes with evidence that say which industry an entity is in."""
        return [
            variable.id
            for variable in self._city.variables.values()
            if variable.id == "industry" or variable.code == "gbt4754"
            if self._statements.spread(variable.id, "actual")
        ]

    def _industry_spells(self, variable: str, places: list[str], industries: list[str]) -> ibis.Table:
        """Which entity is in which of the asked places and industries, since when until when."""
        keys = self._industry_keys(industries) if variable == "industry" else self._industry_codes(industries)
        pairs = _pairs("text", "at_industry", keys)

        def located() -> ibis.Table:
            spells = self._spells.of(variable).join(pairs, "text").drop("text")
            if self._statements.spread("place", "actual"):
                cut = self._spells.cut(spells, "place")
                named = cut.mutate(member=cut.text.coalesce(self._city.root)).drop("text")
            else:
                named = spells.mutate(member=ibis.literal(self._city.root))
            return named.join(self._members(places), "member").drop("member")

        return self._spells.kept((variable, *places, "", *industries), located)

    def _of_places(self, rows: ibis.Table, places: list[str]) -> ibis.Table:
        parents = {place.parent for place in self._city.places.values()}
        named = rows.mutate(member=rows.entity.re_replace("^place:", ""))
        return named.join(self._members(places, parents), "member").drop("member")

    def _of_all_industries(self, rows: ibis.Table) -> ibis.Table:
        inner = {industry.part_of for industry in self._city.industries.values()}
        lowest = sorted(set(self._city.industries) - inner)
        totals = rows.filter(rows.industry == "")
        cells = rows.filter(rows.industry.isin(lowest)).anti_join(totals, _CELL)
        return ibis.union(totals, cells.select(*totals.columns)).mutate(at_industry=ibis.literal(""))

    def _members(self, places: Sequence[str], left_out: Collection[str] = ()) -> ibis.Table:
        below = {place: sorted(self._city.descendants(place) - set(left_out)) for place in places}
        return _pairs("member", "at_place", below)

    def _lowest(self, industries: Sequence[str]) -> dict[str, list[str]]:
        inner = {industry.part_of for industry in self._city.industries.values()}
        return {
            asked: [key for key in keys if key not in inner] for asked, keys in self._industry_keys(industries).items()
        }

    def _industry_keys(self, industries: Sequence[str]) -> dict[str, list[str]]:
        """Each industry with those that are part of it."""
        return {asked: sorted(self._city.parts(asked)) for asked in industries}

    def _industry_codes(self, industries: Sequence[str]) -> dict[str, list[str]]:
        """The classification codes that make up each industry."""
        found = {}
        for asked, keys in self._industry_keys(industries).items():
            prefixes = tuple(code for key in keys for code in self._city.industries[key].codes)
            found[asked] = [code for code in self._city.classification if prefixes and code.startswith(prefixes)]
        return found


def _pairs(member: str, asked: str, members: dict[str, list[str]]) -> ibis.Table:
    rows = [{member: each, asked: name} for name, found in members.items() for each in found]
    return ibis.memtable(rows, schema={member: "string", asked: "string"})


def _united(tables: Sequence[ibis.Table]) -> ibis.Table:
    """Tables of the same columns, together; marks may be missing in some."""
    if len(tables) == 1:
        return tables[0]
    names = max((table.columns for table in tables), key=len)
    nothing = ibis.literal(0).cast("int64")
    return ibis.union(
        *((table if "marks" in table.columns else table.mutate(marks=nothing)).select(*names) for table in tables)
        if "marks" in names
        else tables
    )


def _once(placed: ibis.Table) -> ibis.Table:
    """Each row once where several attributes put its entity into one industry."""
    single = [name for name in ("value", "parts", "passes") if name in placed.columns]
    keys = [name for name in placed.columns if name not in (*single, "marks", "refs")]
    kept = {name: placed[name].arbitrary() for name in single}
    reasons = {"refs": placed.refs.collect().flatten()} if "refs" in placed.columns else {}
    marks = {"marks": placed.marks.bit_or()} if "marks" in placed.columns else {}
    together = placed.group_by(*keys).agg(**kept, **marks, **reasons)
    return together.select(*placed.columns)
