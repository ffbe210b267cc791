"""The registers: all kinds, one kind, and one kind as a file."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from shazhou.city.problem import Refused
from shazhou.console.access.audit import log
from shazhou.console.access.rules import Action
from shazhou.console.access.visitor import visitor_of
from shazhou.console.evidence import current
from shazhou.console.evidence import register as evidence
from shazhou.console.evidence.visible import Sight, sight
from shazhou.console.look.frame import language
from shazhou.console.registers import kinds
from shazhou.console.registers.asking import Asked, asked, written
from shazhou.console.registers.export import MOST_XLSX_ROWS, csv_lines, xlsx

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
def registers(request: HttpRequest) -> HttpResponse:
    """All registers, with how many entities each has."""
    head, how_far = _asked_of(request)
    counts = evidence.register(head).kinds(how_far)
    listed = [(kind, name, counts.get(kind, 0), kinds.MISSING[kind]) for kind, name in kinds.NAMES.items()]
    return render(request, "registers/registers.html", {"registers": listed})


@require_safe
def register(request: HttpRequest, kind: str) -> HttpResponse:
    """One register; for htmx only its rows."""
    head, how_far = _asked_of(request)
    wanted = _wanted(request, head, kind)
    known = evidence.register(head)
    page = known.page(wanted.question, how_far, wanted.after)
    if any(row.whole for row in page.rows):
        log(request, "microdata seen", f"register {kind}", asked=dict(wanted.given))
    whole = wanted.after is None and page.following is None
    context: dict[str, Any] = _described(head, kind, wanted)
    context |= {
        "lines": _lines(head, kind, page.rows),
        "count": len(page.rows) if whole else known.count(wanted.question, how_far),
        "most": evidence.COUNTED,
        "following": wanted.address(after=written(page.following)) if page.following else "",
        "first": wanted.address() if wanted.after else "",
    }
    if request.headers.get("HX-Request") == "true":
        answer = render(request, "registers/rows.html", context)
    else:
        city, statuses = current.city(head), known.statuses(kind, how_far)
        context["statuses"] = [(each, kinds.status(city, kind, each, language())) for each in statuses]
        context |= {"places": _places(head), "empty": kinds.MISSING[kind]}
        answer = render(request, "registers/register.html", context)
    patch_vary_headers(answer, ["HX-Request"])
    return answer


@require_safe
def export_csv(request: HttpRequest, kind: str) -> HttpResponseBase:
    """A register as CSV, as far as the visitor may take it away."""
    head, how_far = _asked_of(request, Action.EXPORT_MICRODATA)
    wanted = _wanted(request, head, kind)
    log(request, "exported", f"register {kind}", form="csv", asked=dict(wanted.given))
    rows = evidence.register(head).all(wanted.question, how_far)
    lines = csv_lines(current.city(head), kind, language(), rows)
    return _file(StreamingHttpResponse(lines, "text/csv; charset=utf-8"), kind, "csv")


@require_safe
def export_xlsx(request: HttpRequest, kind: str) -> HttpResponseBase:
    """A register as XLSX, as far as the visitor may take it away; one that is too long is refused."""
    head, how_far = _asked_of(request, Action.EXPORT_MICRODATA)
    wanted = _wanted(request, head, kind)
    known = evidence.register(head)
    if known.count(wanted.question, how_far) > MOST_XLSX_ROWS:
        told = _("More than %(most)s rows: narrow the register, or take it as CSV.") % {"most": f"{MOST_XLSX_ROWS:,}"}
        return render(request, "registers/told.html", {"told": told}, status=400)
    log(request, "exported", f"register {kind}", form="xlsx", asked=dict(wanted.given))
    content = xlsx(current.city(head), kind, language(), known.all(wanted.question, how_far))
    return _file(HttpResponse(content, XLSX), kind, "xlsx")


def _asked_of(request: HttpRequest, action: Action = Action.SEE_MICRODATA) -> tuple[str, Sight]:
    """The head looked at, and how far the visitor sees there."""
    try:
        head = current.head(request.GET.get("as_of", "").strip() or None)
        return head, sight(visitor_of(request), head, action)
    except Refused as refused:
        raise Http404(str(refused)) from refused


def _wanted(request: HttpRequest, head: str, kind: str) -> Asked:
    if kind not in kinds.NAMES:
        raise Http404
    return asked(request.GET.dict(), current.city(head), kind)


def _described(head: str, kind: str, wanted: Asked) -> dict[str, Any]:
    city = current.city(head)
    shown = kinds.columns(city, kind, language())
    return {
        "kind": kind,
        "title": kinds.NAMES[kind],
        "columns": [(each, _sorting(wanted, each.sort)) for each in shown],
        "by_name": _sorting(wanted, "name"),
        "asked": wanted.given,
        "csv": wanted.address(),
        "industries": list(city.industries.values()),
        "most_xlsx": MOST_XLSX_ROWS,
    }


def _sorting(wanted: Asked, by: str | None) -> tuple[str, str]:
    """Where a column's title leads, and how the register is sorted by it now: ascending, descending or not at all."""
    if by is None:
        return "", ""
    now = {by: "ascending", f"-{by}": "descending"}.get(wanted.given["sort"], "none")
    return wanted.address(sort=f"-{by}" if now == "ascending" else by), now


def _lines(head: str, kind: str, rows: tuple[evidence.Row, ...]) -> list[dict[str, Any]]:
    city, shown = current.city(head), kinds.columns(current.city(head), kind, language())
    return [
        {"row": row, "cells": [(each, kinds.text(city, each, row, language()), _linked(each, row)) for each in shown]}
        for row in rows
    ]


def _linked(column: kinds.Column, row: evidence.Row) -> str:
    """The entity that a cell names, if it names one."""
    said = getattr(row, column.field) if column.field in ("place", "industry") else ""
    return f"{column.field}:{said}" if said else ""


def _places(head: str) -> list[tuple[str, str]]:
    """The places of the city, each below the one it is part of, with how deep it lies."""
    city = current.city(head)
    inside = city.descendants(city.root)
    found: list[tuple[str, str]] = []

    def add(key: str, depth: int) -> None:
        found.append((key, "\u3000" * depth + city.places[key].name.of(language())))
        for place in city.places.values():
            if place.parent == key and place.key in inside:
                add(place.key, depth + 1)

    add(city.root, 0)
    return found


def _file(answer: HttpResponseBase, kind: str, form: str) -> HttpResponseBase:
    answer.headers["Content-Disposition"] = f'attachment; filename="{kind}.{form}"'
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer
