"""Operations about figures: single ones, tables, trails, targets."""

from __future__ import annotations

from dataclasses import fields
from decimal import Decimal
from math import prod
from typing import Annotated

import pyarrow as pa
from django.http import HttpRequest
from django.utils import timezone
from ninja import Path, Query, Router
from pydantic import Field

from shazhou.city.problem import Problem, Refused, Rule, Where
from shazhou.console.access.audit import log
from shazhou.console.access.rules import Action
from shazhou.console.access.visitor import visitor_of
from shazhou.console.api.guard import operation
from shazhou.console.api.schemas import (
    CellIn,
    CellsIn,
    FigureOut,
    FiguresOut,
    Name,
    Source,
    TableIn,
    TableOut,
    TargetOut,
    TrailBranch,
    TrailOut,
    TrailRow,
)
from shazhou.console.evidence import current, trails
from shazhou.console.evidence.published import audience, figures_for, tabulated_for, with_measure_for
from shazhou.console.trail.panel import Branch, Panel, panel_of
from shazhou.measure.figure import Cell
from shazhou.measure.trail import Observed
from shazhou.programme.target import statuses

router = Router(tags=["figures"])

MOST = 20_000
"""Figures of one table."""

TOO_MANY = Rule(
    "table-too-large",
    "The table asked for has {found} figures; at most {most} come at once.",
    "所请求的表共有 {found} 个数值，一次最多返回 {most} 个。",
    "Ask for fewer indicators, places, industries or periods at a time.",
    "请减少指标、地区、行业或时期后分次查询。",
)

First = Annotated[int, Field(ge=0, le=10_000_000)]


@operation(router, "GET", "/figures", FigureOut, Action.SEE_PUBLISHED)
def figure(request: HttpRequest, asked: Query[CellIn], as_of: Name = "") -> FigureOut:
    """One figure."""
    cell = asked.cell(current.city(as_of or None))
    return FigureOut.of(figures_for(visitor_of(request), as_of or None, [cell])[cell])


@operation(router, "POST", "/figures", FiguresOut, Action.SEE_PUBLISHED)
def figures(request: HttpRequest, asked: CellsIn) -> FiguresOut:
    """Several figures at one moment, in the order in which they are asked for."""
    head = current.head(asked.as_of or None)
    cells = [each.cell(current.city(head)) for each in asked.cells]
    found = figures_for(visitor_of(request), head, cells)
    return FiguresOut(head=head, figures=[FigureOut.of(found[cell]) for cell in cells])


@operation(router, "GET", "/tabulate", TableOut, Action.SEE_PUBLISHED)
def tabulate(request: HttpRequest, asked: Query[TableIn]) -> TableOut:
    """All combinations of indicators, places, industries, conditions and periods; repeat a parameter for several."""
    head = current.head(asked.as_of or None)
    axes = asked.axes(current.city(head))
    count = prod(map(len, axes))
    if count > MOST:
        raise Refused([Problem(TOO_MANY, Where(), str(count), {"most": str(MOST)})])
    indicators, places, periods, industries, conditions = axes
    visitor = visitor_of(request)
    table = tabulated_for(visitor, head, indicators, places, periods, industries, asked.kind, conditions)
    return TableOut(head=head, columns=table.column_names, rows=_rows(table))


@operation(router, "GET", "/trail", TrailOut, Action.SEE_PUBLISHED)
def trail(request: HttpRequest, asked: Query[CellIn], as_of: Name = "", first: First = 0) -> TrailOut:
    """How a figure came about, down to the rows that went in, from the ``first`` one on."""
    return _trail(request, asked.cell(current.city(as_of or None)), as_of, first)


@operation(router, "GET", "/figures/{figure_id}/trail", TrailOut, Action.SEE_PUBLISHED)
def quoted_trail(
    request: HttpRequest, figure_id: Annotated[str, Path(pattern=r"^[0-9a-z]{1,20}$")], first: First = 0
) -> TrailOut:
    """The trail of a figure that was quoted under an id, at its own head."""
    quotation = trails.quotation(figure_id)
    return _trail(request, quotation.cell, quotation.head, first)


@operation(router, "GET", "/targets", list[TargetOut], Action.SEE_PUBLISHED)
def targets(request: HttpRequest, as_of: Name = "") -> list[TargetOut]:
    """What was promised, and how far it has come today."""
    head = current.head(as_of or None)
    visitor = audience(visitor_of(request), head).visitor
    found = with_measure_for(visitor, head, lambda measure: statuses(measure, timezone.localdate()))
    return [TargetOut.of(each) for each in found]


def _trail(request: HttpRequest, cell: Cell, as_of: str, first: int) -> TrailOut:
    panel = panel_of(visitor_of(request), cell, as_of, first)
    if panel.branches and not panel.figure.withheld and not _is_open(panel):
        log(request, "microdata seen", panel.figure.id)
    return TrailOut(
        figure=FigureOut.of(panel.figure),
        formula=panel.indicator.formula,
        variables=[each.id for each in panel.variables],
        closed=panel.closed,
        submissions=[_branch(each) for each in panel.branches],
        beside=[_branch(each) for each in panel.beside],
        names=dict(panel.names),
        next=panel.last if panel.more else None,
    )


def _is_open(panel: Panel) -> bool:
    from shazhou.console.evidence.visible import is_open

    rows = [row for each in panel.branches for row in each.shown]
    return all(is_open(panel.city, row.citation.title, row.variable) for row in rows)


def _branch(branch: Branch) -> TrailBranch:
    delivered = branch.delivered
    same = [name for name in TrailBranch.model_fields if name not in ("count", "observations")]
    return TrailBranch(
        count=branch.whole,
        observations=[_row(each) for each in branch.shown],
        **{name: getattr(delivered, name) for name in same},
    )


def _row(row: Observed) -> TrailRow:
    plain = {each.name: getattr(row, each.name) for each in fields(row) if each.name not in ("citation", "value")}
    return TrailRow(value=None if row.value is None else f"{row.value:f}", source=Source.of(row.citation), **plain)


def _rows(table: pa.Table) -> list[list[str | int | bool | None]]:
    columns = [table.column(name).to_pylist() for name in table.column_names]
    return [[_plain(value) for value in row] for row in zip(*columns, strict=True)]


def _plain(value: object) -> str | int | bool | None:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    assert value is None or isinstance(value, str | int | bool)
    return value
