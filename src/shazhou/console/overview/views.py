"""The overview and the outlines of its map."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Any

import brotli
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from shazhou.city.model import City
from shazhou.city.problem import Refused
from shazhou.console.access.models import Person
from shazhou.console.access.visitor import visitor_of
from shazhou.console.evidence import current
from shazhou.console.evidence.published import audience
from shazhou.console.look.frame import language
from shazhou.console.overview.atlas import atlas, outlines_of
from shazhou.console.overview.changes import changes
from shazhou.console.overview.missing import gaps
from shazhou.console.overview.promises import by_course, tiles
from shazhou.console.overview.visit import COOKIE, KEPT, visit

FOREVER = "public, max-age=31536000, immutable"


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """The promises as tiles, the map, what changed since the last visit, what is missing."""
    if current.city_or_none() is None:
        return redirect("first-run") if not Person.objects.exists() else render(request, "overview/empty.html")
    try:
        head = current.head(request.GET.get("as_of") or None)
        city = current.city(head)
    except Refused as refused:
        return render(request, "overview/refused.html", {"problems": refused.problems}, status=400)
    now = timezone.now()
    seen = visit(request.COOKIES.get(COOKIE, ""), current.head(), now)
    page = render(request, "overview/overview.html", _content(request, city, head, seen.before, timezone.localdate()))
    page.set_cookie(COOKIE, str(seen), KEPT, secure=settings.DEPLOYMENT.https, httponly=True, samesite="Lax")
    return page


def _content(request: HttpRequest, city: City, head: str, since: str, today: date) -> dict[str, Any]:
    visitor = visitor_of(request)
    found = tiles(head, audience(visitor, head), today)
    course = request.GET.get("course", "")
    shown = [each for each in found if not each.status.target.headline and course in ("", each.status.course)]
    asked = {name: request.GET.get(name, "") for name in ("map", "by", "period")}
    return {
        "headline": [each for each in found if each.status.target.headline],
        "others": [each for each in shown if each.status.figure or each.withheld],
        "unproved": [each for each in shown if not (each.status.figure or each.withheld)],
        "courses": by_course(found),
        "course": course,
        "atlas": atlas(city, head, visitor, asked, language()),
        "changes": changes(since, head, visitor, today),
        "gaps": gaps(city, head, found),
    }


@require_safe
def outline(request: HttpRequest, version: str, map: str) -> HttpResponse:
    """The outlines of a map as GeoJSON; ``version`` is that of the definitions, so that an answer never changes."""
    city = current.city(request.GET.get("as_of") or None)
    if version != city.version or map not in {each.id for each in city.maps}:
        raise Http404
    geojson = outlines_of(city, next(each for each in city.maps if each.id == map)).geojson
    packed = "br" in request.headers.get("Accept-Encoding", "")
    answer = HttpResponse(_packed(geojson) if packed else geojson, "application/geo+json")
    if packed:
        answer["Content-Encoding"] = "br"
    answer["Cache-Control"], answer["Vary"] = FOREVER, "Accept-Encoding"
    return answer


@lru_cache(maxsize=16)
def _packed(content: bytes) -> bytes:
    return bytes(brotli.compress(content))
