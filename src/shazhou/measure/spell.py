"""Spells: what an attribute says of each entity, since when until when.

An attribute holds from the start of its period until the next statement begins, so the statements about an entity
become spells without a gap: ``since`` is the first day, ``until`` the day on which the next one begins.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import ibis
import ibis.expr.types as ir

from shazhou.measure.kept import Kept
from shazhou.measure.marks import Marks
from shazhou.measure.statements import Statements

_DOOR_MARKS = int(Marks.SIMULATED | Marks.RECORDED)
_ALWAYS, _FOREVER = date(1, 1, 1), date(9999, 12, 31)


class Spells:
    """Tables of spells, made once and kept in the engine."""

    def __init__(self, connection: ibis.BaseBackend, statements: Statements) -> None:
        self._statements = statements
        self._kept = Kept(connection)

    def of(self, variable: str) -> ibis.Table:
        """Columns entity, text, since, until, reasons (refs of the statements), and marks (of the doors) where there
        are any. Of several statements that begin on one day the shortest period counts."""

        def spells() -> ibis.Table:
            texts = self._statements.texts(variable)
            shortest = ibis.window(group_by=("entity", "start"), order_by="end")
            first = texts.mutate(order=ibis.row_number().over(shortest)).filter(ibis._.order == 0)
            following = ibis.window(group_by="entity", order_by="start")
            return first.select(
                "entity",
                text=first.value.re_replace("^place:", "") if variable == "place" else first.value,
                since=first.start,
                until=first.start.lead().over(following).coalesce(_FOREVER),
                reasons=ibis.array([first.ref]),
                marks=first.marks & _DOOR_MARKS if "marks" in first.columns else ibis.literal(0).cast("int64"),
            )

        return self.kept((variable,), spells)

    def cut(self, spells: ibis.Table, variable: str) -> ibis.Table:
        """Spells cut where another attribute of the same entity changes, with its ``text``; null where it says nothing
        yet."""
        said = _from_the_start(self.of(variable))
        meeting = [spells.entity == said.entity, spells.since < said.until, said.since < spells.until]
        both = spells.left_join(said, meeting, rname="{name}_where")
        cut = marked(both).mutate(
            since=ibis.greatest(both.since, both.since_where.coalesce(both.since)),
            until=ibis.least(both.until, both.until_where.coalesce(both.until)),
            reasons=both.reasons.concat(both.reasons_where.coalesce(_no_refs())),
        )
        return cut.select(*columns_of(spells, cut), "text")

    def kept(self, name: tuple[str, ...], make: Callable[[], ibis.Table]) -> ibis.Table:
        """A table that is made when it is first asked for, see `Kept.table`."""
        return self._kept.table(name, make)


def held_at_end(rows: ibis.Table, spells: ibis.Table) -> list[ir.BooleanValue]:
    """Joins rows with what holds of their entity on the last day of their span."""
    return [rows.entity == spells.entity, spells.since <= rows.end, rows.end < spells.until]


def marked(joined: ibis.Table) -> ibis.Table:
    """Rows joined with spells (``…_where``), with the marks of both, and with the reasons among the refs where refs
    are carried."""
    changed: dict[str, ir.Value] = {}
    if "marks" in joined.columns:
        changed["marks"] = joined.marks.coalesce(0)
    if "marks_where" in joined.columns:
        changed["marks"] = changed["marks"] | joined.marks_where.coalesce(0)
    if "refs" in joined.columns:
        changed["refs"] = joined.refs.concat(joined.reasons.coalesce(_no_refs()))
    return joined.mutate(**changed) if changed else joined


def columns_of(rows: ibis.Table, joined: ibis.Table) -> list[str]:
    """The columns of rows, and the marks that a join has brought."""
    return [*rows.columns, *(["marks"] if "marks" in joined.columns and "marks" not in rows.columns else [])]


def _from_the_start(spells: ibis.Table) -> ibis.Table:
    """Spells with one more for each entity before its first, in which nothing is said."""
    before = spells.group_by("entity").agg(until=spells.since.min())
    nothing = {"text": ibis.null("string"), "since": ibis.literal(_ALWAYS), "reasons": _no_refs()}
    if "marks" in spells.columns:
        nothing["marks"] = ibis.literal(0).cast("int64")
    return ibis.union(spells, before.mutate(**nothing).select(*spells.columns))


def _no_refs() -> ir.ArrayScalar:
    return ibis.literal([], type="array<int64>")
