"""Spans of days in queries: the grain of a period, the calendar unit that holds it, and its length."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import ibis
import ibis.expr.types as ir

Span = tuple[date, date]
"""First and last day."""

FINER: dict[str, str] = {"A": "DMQ", "Q": "DM", "M": "D", "D": ""}
"""Calendar grains that fit into a grain, finest first."""


def grain(start: ir.DateColumn, end: ir.DateColumn) -> ir.StringColumn:
    """D, M, Q or A where the span is exactly a day, month, quarter or year; R for any other span."""
    from_first = start.day() == 1
    to_last = (end + ibis.interval(days=1)).day() == 1
    months = (end.year() - start.year()) * 12 + end.month() - start.month() + 1
    whole = from_first & to_last
    return ibis.cases(
        (start == end, "D"),
        (whole & (months == 1), "M"),
        (whole & (months == 3) & (start.month() % 3 == 1), "Q"),
        (whole & (months == 12) & (start.month() == 1), "A"),
        else_="R",
    )


def grain_of(span: Span) -> str:
    """The grain of one span, by the same rule as `grain`."""
    start, end = span
    months = (end.year - start.year) * 12 + end.month - start.month + 1
    whole = start.day == 1 and date.fromordinal(end.toordinal() + 1).day == 1
    if start == end:
        return "D"
    if whole and months == 1:
        return "M"
    if whole and months == 3 and start.month % 3 == 1:
        return "Q"
    if whole and months == 12 and start.month == 1:
        return "A"
    return "R"


def fitting_grains(span: Span) -> str:
    """The calendar grains that tile a span without remainder, finest first."""
    kind = grain_of(span)
    if kind != "R":
        return FINER[kind]
    start, end = span
    after = date.fromordinal(end.toordinal() + 1)
    if start.day != 1 or after.day != 1:
        return "D"
    if start.month % 3 != 1 or after.month % 3 != 1:
        return "DM"
    if start.month != 1 or after.month != 1:
        return "DMQ"
    return "DMQA"


def days(start: ir.DateColumn, end: ir.DateColumn) -> ir.IntegerColumn:
    """Number of days of a span, both ends included."""
    return end.epoch_days() - start.epoch_days() + 1


def holding(start: ir.DateColumn, unit: str) -> tuple[ir.DateColumn, ir.DateColumn]:
    """First and last day of the calendar unit (M, Q, A) that holds a day."""
    first = start.truncate("Y" if unit == "A" else unit)
    months = {"M": 1, "Q": 3, "A": 12}[unit]
    last = (first + ibis.interval(months=months)).cast("date") - ibis.interval(days=1)
    return first.cast("date"), last.cast("date")


def table(spans: Iterable[Span]) -> ibis.Table:
    """The distinct spans as a small table with columns ``span_start`` and ``span_end``."""
    rows = [{"span_start": start, "span_end": end} for start, end in sorted(set(spans))]
    return ibis.memtable(rows, schema={"span_start": "date", "span_end": "date"})
