"""From the periods in which things are stated to the periods that are asked for, by the variable's kind.

- flow: the statement about exactly that span; else the sum of calendar parts that cover it without a gap (days make
  months, months quarters, quarters years); else the difference of two cumulative values, where both ends exist.
  Parts that leave a gap give nothing: a missing month is missing, not zero.
- stock: the last statement within the span.
- rate: the statement about exactly that span.
- attribute: what holds at the end of the span, that is the last statement that begins by then.

All functions take and give tables with the columns entity, industry, start, end and value, ``marks`` where anything
marks the evidence, and ``variable`` where the statements are about several; on return ``start`` and ``end`` are the
span asked for, ``parts`` counts the statements that went in where these can be several, and ``refs`` (where asked for)
lists them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import ibis
import ibis.expr.types as ir

from shazhou.measure.marks import turned
from shazhou.measure.spans import Span, days, fitting_grains, grain, grain_of, holding, table

_WHO = ("variable", "entity", "industry")
_MADE = ("value", "marks", "parts", "refs")


def roll_up(statements: ibis.Table, measure: str, spans: Iterable[Span], grains: str, evidence: bool) -> ibis.Table:
    """Statements of one variable, brought to the spans asked for.

    Args:
        statements: columns entity, industry, start, end, value, marks, ref, and ``variable`` where there are several.
        measure: flow, stock, rate or attribute.
        spans: the spans asked for.
        grains: the grains of the statements' periods, which decide what work there is.
        evidence: carry ``refs``, the list of statements behind each row.
    """
    wanted = sorted(set(spans))
    rows = statements.mutate(refs=ibis.array([statements.ref])) if evidence else statements
    rows = rows.drop("ref")
    if measure == "flow" and needs_parts(wanted, grains):
        return _flows(rows.mutate(parts=ibis.literal(1).cast("int64")), wanted, grains)
    if measure == "stock" and needs_parts(wanted, grains):
        return _last(rows, wanted)
    if measure == "attribute":
        return _held(rows, wanted)
    return _exact(rows, wanted)


def needs_parts(spans: Iterable[Span], grains: str) -> bool:
    """Whether spans may have to be made of statements about shorter ones, with periods of these grains."""
    return any(set(grains) != {grain_of(span)} or grain_of(span) == "R" for span in spans)


def _exact(rows: ibis.Table, spans: list[Span]) -> ibis.Table:
    wanted = table(spans)
    return rows.semi_join(wanted, [rows.start == wanted.span_start, rows.end == wanted.span_end])


def _flows(rows: ibis.Table, spans: list[Span], grains: str) -> ibis.Table:
    chains: dict[tuple[str, str], list[Span]] = defaultdict(list)
    for span in spans:
        chain = "".join(unit for unit in fitting_grains(span) if unit in grains)
        chains[grain_of(span), chain].append(span)
    found = [_tiled(rows, wanted, kind, chain, grains) for (kind, chain), wanted in chains.items()]
    result = found[0] if len(found) == 1 else ibis.union(*found)
    late = [span for span in spans if _has_ends(span, grains)]
    return _preferring(result, _differences(rows, late)) if late else result


def _has_ends(span: Span, grains: str) -> bool:
    """Whether a span can be the difference of two cumulative values; between calendar units only a range can."""
    start, end = span
    begins_later = start.year == end.year and (start.month, start.day) != (1, 1)
    return begins_later and ("R" in grains or grain_of(span) == "R")


def _tiled(rows: ibis.Table, spans: list[Span], kind: str, chain: str, grains: str) -> ibis.Table:
    exact = _exact(rows, spans).select(*_columns(rows))
    if not chain:
        return exact
    parts = _level(rows, chain[0])
    for unit in chain[1:]:
        first, last = holding(parts.start, unit)
        whole = _complete(parts.mutate(span_start=first, span_end=last))
        parts = _preferring(_level(rows, unit), whole)
    whole = _complete(_inside(parts, spans, kind))
    return _preferring(exact, whole) if kind in grains else whole


def _inside(parts: ibis.Table, spans: list[Span], kind: str) -> ibis.Table:
    wanted = table(spans)
    if kind == "R":
        return parts.join(wanted, [parts.start >= wanted.span_start, parts.end <= wanted.span_end])
    keyed = parts.mutate(unit_start=holding(parts.start, kind)[0])
    return keyed.join(wanted, keyed.unit_start == wanted.span_start).drop("unit_start")


def _level(rows: ibis.Table, unit: str) -> ibis.Table:
    return rows.filter(grain(rows.start, rows.end) == unit).select(*_columns(rows))


def _complete(parts: ibis.Table) -> ibis.Table:
    sums = parts.group_by(*_who(parts), "span_start", "span_end").agg(
        covered=days(parts.start, parts.end).sum(), **_summed(parts)
    )
    whole = sums.filter(sums.covered == days(sums.span_start, sums.span_end))
    return whole.select(*_who(parts), *_made(parts), start="span_start", end="span_end")


def _preferring(first: ibis.Table, second: ibis.Table) -> ibis.Table:
    """Rows of ``first``, and rows of ``second`` for what ``first`` does not have."""
    rest = second.anti_join(first, (*_who(first), "start", "end"))
    return ibis.union(first.select(*_columns(first)), rest.select(*_columns(first)))


def _differences(rows: ibis.Table, spans: list[Span]) -> ibis.Table:
    cumulative = rows.filter(
        (rows.start.month() == 1) & (rows.start.day() == 1) & (rows.start.year() == rows.end.year())
    )
    wanted = table(spans)
    late = cumulative.join(wanted, cumulative.end == wanted.span_end)
    early = cumulative.view()
    before = late.span_start - ibis.interval(days=1)
    same = [late[name] == early[name] for name in _who(rows)]
    both = late.join(early, [*same, before == early.end], rname="{name}_early")
    columns = {
        "value": both.value - both.value_early,
        "parts": both.parts + both.parts_early,
    }
    if "marks" in rows.columns:
        columns["marks"] = both.marks | turned(both.marks_early)
    if "refs" in rows.columns:
        columns["refs"] = both.refs.concat(both.refs_early)
    return both.select(*_who(rows), start="span_start", end="span_end", **columns)


def _last(rows: ibis.Table, spans: list[Span]) -> ibis.Table:
    wanted = table(spans)
    inside = rows.join(wanted, [rows.start >= wanted.span_start, rows.end <= wanted.span_end])
    inside = inside.mutate(order=inside.end.epoch_days() * 1_000_000 + days(inside.start, inside.end))
    return _latest(inside)


def _held(rows: ibis.Table, spans: list[Span]) -> ibis.Table:
    wanted = table(spans)
    begun = rows.join(wanted, rows.start <= wanted.span_end)
    begun = begun.mutate(order=begun.start.epoch_days() * 1_000_000 - days(begun.start, begun.end))
    return _latest(begun)


def _latest(rows: ibis.Table) -> ibis.Table:
    kept = {name: rows[name].argmax(rows.order) for name in _made(rows)}
    latest = rows.group_by(*_who(rows), "span_start", "span_end").agg(**kept)
    return latest.select(*_who(rows), *kept, start="span_start", end="span_end")


def _summed(parts: ibis.Table) -> dict[str, ir.Scalar]:
    summed = {"value": parts.value.sum(), "parts": parts.parts.sum()}
    if "marks" in parts.columns:
        summed["marks"] = parts.marks.bit_or()
    if "refs" in parts.columns:
        summed["refs"] = parts.refs.collect().flatten()
    return summed


def _who(rows: ibis.Table) -> list[str]:
    return [name for name in _WHO if name in rows.columns]


def _made(rows: ibis.Table) -> list[str]:
    return [name for name in _MADE if name in rows.columns]


def _columns(rows: ibis.Table) -> list[str]:
    return [*_who(rows), "start", "end", *_made(rows)]
