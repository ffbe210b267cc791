"""The page of an entity."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from shazhou.city.problem import Refused
from shazhou.console.access.audit import log
from shazhou.console.access.rules import Visitor
from shazhou.console.access.visitor import visitor_of
from shazhou.console.entities import figures, statements
from shazhou.console.entities.related import related
from shazhou.console.evidence import current
from shazhou.console.evidence.entities import ROWS_READ, dossier
from shazhou.console.evidence.published import audience
from shazhou.console.evidence.register import Row, register
from shazhou.console.evidence.stated import canonical
from shazhou.console.evidence.visible import sight
from shazhou.console.look.frame import language

PERIODS = 12
"""Periods of an entity's numbers in one table."""

SUBMISSIONS = 20


@require_safe
def entity(request: HttpRequest, entity: str) -> HttpResponse:
    """What is known of one entity, as far as the visitor sees it; what is not seen at all is not there."""
    visitor, as_of = visitor_of(request), request.GET.get("as_of", "").strip()
    kept = f"?{urlencode({'as_of': as_of})}" if as_of else ""
    try:
        head = current.head(as_of or None)
        how_far = sight(visitor, head)
    except Refused as refused:
        raise Http404(str(refused)) from refused
    whole, known = canonical(head, entity), register(head)
    row = known.entities([whole], how_far).get(whole)
    if row is None:
        raise Http404
    if whole != entity:
        return redirect(reverse("entity", args=[whole]) + kept)
    told = dossier(head, whole, how_far.reaches(whole, known.lies(whole) or ""))
    if row.whole or told.closed:
        log(request, "microdata seen", whole)
    city, on = current.city(head), _day(request.GET.get("on", ""))
    context: dict[str, Any] = {
        "row": row,
        "kept": kept,
        "aliases": told.aliases,
        "on": on,
        "attributes": statements.attributes(city, told, on, language()),
        "tables": statements.tables(city, told, language(), PERIODS),
        "figures": _figures(visitor, head, row),
        "groups": related(city, known, row, told, how_far),
        "submissions": told.submissions[:SUBMISSIONS],
        "submission_count": len(told.submissions),
        "cut": ROWS_READ if told.cut else 0,
        "zone": city.zone,
    }
    return render(request, "entities/entity.html", context)


def _figures(visitor: Visitor, head: str, row: Row) -> dict[str, list[figures.Line]]:
    key, city = row.entity.partition(":")[2], current.city(head)
    if row.kind == "place" and key in city.places:
        return figures.figures(head, audience(visitor, head), key)
    if row.kind == "industry" and key in city.industries:
        return figures.figures(head, audience(visitor, head), city.root, key)
    return {}


def _day(given: str) -> date:
    try:
        return date.fromisoformat(given)
    except ValueError:
        return timezone.localdate()
