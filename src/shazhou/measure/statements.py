"""Statements that count: of everything ever stated about a key, the one value that a figure uses.

For each key (entity, industry, variable, kind, span of days) and cited source the newest submission counts, then
the last row of the document. A source whose newest statement is empty has withdrawn. Of several sources the
strongest by the city's precedence counts, then the newest; where they state different values, the statement is
marked as disputed.

Ways of writing one span (`2021` and `2021-01-01/P1Y`) are one key.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

import ibis
import ibis.expr.types as ir
from ibis import _

from shazhou.city.model import City
from shazhou.ledger.observation import KINDS
from shazhou.measure.marks import ORIGIN_MARKS, QUALIFIER_MARKS, STATUS_MARKS, Marks
from shazhou.measure.profile import Profile, Spread
from shazhou.measure.spans import Span

KEY = ("entity", "industry", "start", "end")

POSITIONS = 2**31
"""More rows than a submission can have: sequence and position make one rising number, a statement's ``ref``."""


NAMED_AT_ONCE = 1_000
"""Positions that a query names one by one at most, so that the engine leaves out whole parts of files."""


class Reference(NamedTuple):
    """Where a statement stands in the ledger: submission and position within it."""

    sequence: int
    position: int

    @classmethod
    def of(cls, ref: int) -> Reference:
        return cls(ref // POSITIONS, ref % POSITIONS)


class Statements:
    """The statements that count, variable by variable, at one head."""

    def __init__(self, observations: ibis.Table, city: City, profile: Profile) -> None:
        self._observations = observations
        self._city = city
        self._profile = profile
        self._ranks = ibis.memtable(_ranks(city), schema={"ranked_source": "string", "rank": "int32"})
        self._same = _same(profile.merged) if profile.merged else None

    def canonical(self, entity: str) -> str:
        """The entity that a merged one is now part of, or itself."""
        return self._profile.merged.get(entity, entity)

    @property
    def mixed(self) -> Collection[int]:
        """The sequence numbers of the submissions that do not cite one source throughout."""
        return self._profile.mixed

    def spread(self, variable: str, kind: str) -> str:
        """The grains of the periods for which there are statements."""
        return self._profile.spread(variable, kind).grains

    def size(self, variable: str, kind: str) -> int:
        """How many statements there are about a variable."""
        return self._profile.spread(variable, kind).count

    def has_cells(self, variable: str) -> bool:
        """Whether some statements are about cells of place by industry."""
        return any(self._profile.spread(variable, kind).cells for kind in KINDS)

    def numbers(
        self, variables: Collection[str], kind: str, within: Span | None = None, entities: ibis.Table | None = None
    ) -> ibis.Table:
        """Numeric statements that count: columns entity, industry, start, end, value (DECIMAL, base unit), ref,
        ``variable`` where several are asked for, and ``marks`` where anything marks them.

        Args:
            variables: ids of the variables.
            kind: actual, target or forecast.
            within: first and last day; statements that reach beyond are left out.
            entities: a table with a column ``entity``; statements about others are left out.
        """
        return self._counting(variables, kind, "value", within, entities)

    def texts(self, variable: str, kind: str = "actual") -> ibis.Table:
        """Texts of an attribute that count: columns entity, industry, start, end, value (text), ref,
        and marks where anything marks them."""
        return self._counting([variable], kind, "text").rename(value="text")

    def attributes(self, variables: Collection[str], kind: str = "actual") -> ibis.Table:
        """Texts of several attributes that count: columns as of `texts`, and ``variable``."""
        found = self._counting(variables, kind, "text").rename(value="text")
        return found if "variable" in found.columns else found.mutate(variable=ibis.literal(next(iter(variables))))

    def entities(self) -> ibis.Table:
        """Whatever was ever spoken of, once each: column entity, merged ones as what they are part of."""
        return self._canonical(self._observations.select("entity").distinct()).distinct()

    def closed(self, open_to: Collection[str], hidden: Collection[str]) -> ibis.Table:
        """The observations but those of the sources ``open_to`` about variables that are not ``hidden``."""
        return self._observations.filter(~_.source.isin(sorted(open_to)) | _.variable.isin(sorted(hidden)))

    def about(self, variables: Iterable[str], kind: str) -> ibis.Table:
        """Every statement ever made about variables, with canonical entities, ``ref`` and ``marks``: for trails.
        ``stated_entity`` is the entity before merges."""
        chosen = self._observations.filter(_.variable.isin(list(variables)), _.kind == kind)
        chosen = chosen.mutate(stated_entity=chosen.entity)
        return self._canonical(chosen).mutate(
            ref=_ref(chosen), marks=_marks(chosen, chosen.value.isnull() & chosen.text.isnull())
        )

    def by_reference(self, refs: Collection[int]) -> ibis.Table:
        """The observations with these references, whole, and ``ref``; ``stated_entity`` is the entity before merges."""
        references = [Reference.of(ref) for ref in refs]
        rows = self.of_submissions({each.sequence for each in references})
        positions = sorted({each.position for each in references})
        if len(positions) <= NAMED_AT_ONCE:
            rows = rows.filter(_.position.isin(positions))
        rows = rows.mutate(ref=_ref(rows), stated_entity=rows.entity)
        wanted = ibis.memtable({"ref": sorted(refs)}, schema={"ref": "int64"})
        return self._canonical(rows.semi_join(wanted, "ref"))

    def of_submissions(self, sequences: Collection[int]) -> ibis.Table:
        """The observations of some submissions."""
        return self._observations.filter(_.sequence.isin(sorted(sequences)))

    def _counting(
        self,
        variables: Collection[str],
        kind: str,
        content: str,
        within: Span | None = None,
        entities: ibis.Table | None = None,
    ) -> ibis.Table:
        chosen = self._observations.filter(_.variable.isin(sorted(variables)), _.kind == kind)
        if within is not None:
            chosen = chosen.filter(_.start >= within[0], _.end <= within[1])
        chosen = self._canonical(chosen)
        if entities is not None:
            chosen = chosen.semi_join(entities, "entity")
        spreads = [self._profile.spread(variable, kind) for variable in variables]
        key = [name for name in ("variable", *KEY) if self._varies(name, spreads)]
        stated = self._stated(chosen, key, content, spreads)
        newest = self._contested(stated, key, content) if _contested(spreads) else _newest(stated, key, content)
        if not any(spread.cells for spread in spreads):
            newest = newest.mutate(industry=ibis.literal(""))
        return newest.filter(_live) if "marks" in newest.columns else newest

    def _varies(self, name: str, spreads: Sequence[Spread]) -> bool:
        if name == "industry":
            return any(spread.cells for spread in spreads)
        return name != "variable" or len(spreads) > 1

    def _stated(self, chosen: ibis.Table, key: list[str], content: str, spreads: Sequence[Spread]) -> ibis.Table:
        told, ref = chosen[content], _ref(chosen)
        filled = all(spread.texts if content == "text" else spread.numbers for spread in spreads)
        if filled and all(spread.plain for spread in spreads) and not _contested(spreads):
            return chosen.select(*key, content, ref=ref)
        empty = ibis.literal("") if content == "text" else ibis.literal(0)
        given = told.coalesce(empty.cast(told.type()))
        return chosen.select(
            *key, "source", "source_date", **{content: given}, marks=_marks(chosen, told.isnull()), ref=ref
        )

    def _contested(self, stated: ibis.Table, key: list[str], content: str) -> ibis.Table:
        newest = _newest(stated, [*key, "source"], content, "source_date")
        live = newest.filter(_live)
        ranked = live.left_join(self._ranks, live.source == self._ranks.ranked_source)
        whole = ibis.window(group_by=key)
        best = ibis.window(
            group_by=key,
            order_by=[_.rank.coalesce(len(self._city.precedence)), _.source_date.desc(), _.ref.desc()],
        )
        judged = ranked.mutate(
            place=ibis.row_number().over(best),
            disputed=ranked[content].min().over(whole) != ranked[content].max().over(whole),
        )
        winners = judged.filter(judged.place == 0)
        marks = winners.marks + ibis.ifelse(winners.disputed, int(Marks.DISPUTED), 0)
        return winners.select(*key, content, "ref", marks=marks.cast("int64"))

    def _canonical(self, rows: ibis.Table) -> ibis.Table:
        if self._same is None:
            return rows
        joined = rows.left_join(self._same, rows.entity == self._same.alias_of)
        return joined.mutate(entity=joined.canonical.coalesce(joined.entity)).drop("alias_of", "canonical")


def _same(merged: Mapping[str, str]) -> ibis.Table:
    pairs = [{"alias_of": alias, "canonical": canonical} for alias, canonical in sorted(merged.items())]
    return ibis.memtable(pairs, schema={"alias_of": "string", "canonical": "string"})


def _contested(spreads: Iterable[Spread]) -> bool:
    return any(spread.sources > 1 for spread in spreads)


def _newest(stated: ibis.Table, key: Sequence[str], content: str, *more: str) -> ibis.Table:
    names = [name for name in (content, "marks", *more) if name in stated.columns]
    kept = {name: stated[name].argmax(stated.ref) for name in names}
    return stated.group_by(*key).agg(ref=stated.ref.max(), **kept)


def _live(rows: ibis.Table) -> ir.BooleanValue:
    return (rows.marks & int(Marks.WITHDRAWN)) == 0


def _ref(rows: ibis.Table) -> ir.IntegerColumn:
    return rows.sequence * POSITIONS + rows.position


def _marks(rows: ibis.Table, nothing: ir.BooleanColumn) -> ir.IntegerColumn:
    def bits(column: ir.StringColumn, table: dict[str, Marks]) -> ir.IntegerColumn:
        return ibis.cases(*((column == text, int(mark)) for text, mark in table.items()), else_=0).cast("int64")

    withdrawn = ibis.ifelse(nothing, int(Marks.WITHDRAWN), 0).cast("int64")
    forecast = ibis.ifelse((rows.kind == "forecast") & (rows.status != "F"), int(Marks.FORECAST), 0).cast("int64")
    return (
        bits(rows.status, STATUS_MARKS)
        + bits(rows.qualifier, QUALIFIER_MARKS)
        + bits(rows.origin, ORIGIN_MARKS)
        + withdrawn
        + forecast
    )


def _ranks(city: City) -> list[dict[str, object]]:
    order = {rank.id: number for number, rank in enumerate(city.precedence)}
    return [{"ranked_source": s.title, "rank": order.get(s.rank, len(order))} for s in city.sources.values()]
