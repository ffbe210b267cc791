"""The wall, one enterprise, one machine."""

from __future__ import annotations

import hashlib
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from shazhou.city.model import City
from shazhou.city.problem import Refused
from shazhou.console.access.audit import log
from shazhou.console.access.models import Happening
from shazhou.console.access.rules import Action, may
from shazhou.console.access.visitor import visitor_of
from shazhou.console.evidence import current
from shazhou.console.evidence.visible import sight
from shazhou.console.telemetry import known, kpis, promise
from shazhou.console.telemetry.asking import asked
from shazhou.console.telemetry.drawing import drawn
from shazhou.console.telemetry.shown import heat, name_of, wall_shown
from shazhou.console.telemetry.words import PROVES, STATES, level_name
from shazhou.telemetry.asked import day_asked, month_asked
from shazhou.telemetry.names import HIGHEST
from shazhou.telemetry.wall.day import MINUTE, day_of
from shazhou.telemetry.wall.month import bounds, month_at, month_of
from shazhou.telemetry.wall.promise import promised
from shazhou.telemetry.wall.standing import Standing

REFRESHED = 5
"""Seconds between two looks of an open page."""

LOGGED_EVERY = timedelta(hours=1)
"""Of somebody who leaves the wall open the audit log tells once in this time."""

MOST = 100
"""Gaps, challenges and doubts of a month that a page lists, the newest."""


@require_safe
def wall(request: HttpRequest) -> HttpResponse:
    """All enterprises as far as the visitor sees them; for htmx only what changes, and nothing where nothing did."""
    city = _city()
    head, visitor, now = current.head(), visitor_of(request), known.now()
    try:
        wanted = asked(request.GET.dict(), city, month_at(now, city.zone))
    except Refused as refused:
        return _wrong(request, refused, reverse("online"))
    whole = known.wall(head, wanted.month, now)
    counted = may(visitor, Action.SEE_AGGREGATES)
    single = known.seen(whole, sight(visitor, head))
    shown = wall_shown(city, whole, counted, single, wanted, promised(city))
    context: dict[str, Any] = {
        "asked": wanted,
        "promise": promise.of(visitor, head, wanted.month),
        "rule": city.presence,
        "shown": shown,
        "state": hashlib.sha256(repr(shown).encode()).hexdigest()[:16],
        "refreshed": 0 if wanted.still else REFRESHED,
        "levels": [(level, level_name(level), proves) for level, proves in PROVES.items()],
    }
    if single:
        _log_now_and_then(request)
    if request.headers.get("HX-Request") == "true":
        request.unattended = True  # type: ignore[attr-defined]
        same = request.GET.get("state") == context["state"]
        answer = HttpResponse(status=204) if same else render(request, "telemetry/live.html", context)
    else:
        context |= {"places": _towns(city), "industries": list(city.industries.values())}
        answer = render(request, "telemetry/wall.html", context)
    patch_vary_headers(answer, ["HX-Request"])
    return answer


@require_safe
def enterprise(request: HttpRequest, node: str) -> HttpResponse:
    """A month of one enterprise."""
    city, now = _city(), known.now()
    today = datetime.fromtimestamp(now / 1000, ZoneInfo(city.zone)).date()
    try:
        wanted = month_asked(request.GET.get("month") or f"{today:%Y-%m}")
    except Refused as refused:
        return _wrong(request, refused, reverse("online-enterprise", args=[node]))
    standing, store = _standing(node, wanted), known.store()
    log(request, "microdata seen", standing.entity, month=wanted)
    told = month_of(store, node, wanted, city.zone) if store is not None else None
    context: dict[str, Any] = {
        "standing": standing,
        "name": name_of(standing),
        "month": wanted,
        "months": _beside(wanted, city, today),
        "told": told,
        "heat": heat(told, today) if told is not None else [],
        "clock": range(24),
        "levels": [(level, level_name(level), proves) for level, proves in PROVES.items()],
        "highest": HIGHEST.get(standing.mode),
        "most": MOST,
        "rule": city.presence,
        "zone": city.zone,
        "origins": {standing.origin} - {""},
    }
    if told is not None:
        context |= {name: list(reversed(getattr(told, name)))[:MOST] for name in ("doubts", "gaps", "challenges")}
    return render(request, "telemetry/enterprise.html", context)


@require_safe
def machine(request: HttpRequest, node: str, device: str) -> HttpResponse:
    """A day of one machine."""
    city, store, now = _city(), known.store(), known.now()
    standing = _standing(node, month_at(now, city.zone))
    today = datetime.fromtimestamp(now / 1000, ZoneInfo(city.zone)).date()
    if store is None:
        raise Http404
    try:
        day = day_asked(request.GET.get("day") or str(today), today=today)
    except Refused as refused:
        return _wrong(request, refused, reverse("online-machine", args=[node, device]))
    told = day_of(store, node, device, day, city.zone)
    if not told.hours and not known.ever_heard(store, node, device, now):
        raise Http404
    log(request, "microdata seen", f"{standing.entity} {device}"[:300], day=day.isoformat())
    working = known.register(current.head())[node].calendar(city)
    context: dict[str, Any] = {
        "standing": standing,
        "name": name_of(standing),
        "device": device,
        "day": day,
        "before": day - timedelta(days=1),
        "after": day + timedelta(days=1) if day < today else None,
        "told": told,
        "drawn": drawn(told),
        "kpis": kpis.lines(store, working, node, device, told.start, min(told.stop, now - now % MINUTE)),
        "states": list(enumerate(STATES)),
        "zone": city.zone,
        "origins": {told.origin, standing.origin} - {""},
    }
    return render(request, "telemetry/machine.html", context)


def _city() -> City:
    city = current.city_or_none()
    if city is None:
        raise Http404
    return city


def _wrong(request: HttpRequest, refused: Refused, right: str) -> HttpResponse:
    """A page that says what makes no sense in the address, and leads to the same without it."""
    return render(request, "telemetry/wrong.html", {"problems": refused.problems, "right": right}, status=400)


def _standing(node: str, month: str) -> Standing:
    """Where the enterprise of an address stands in a month.

    Raises:
        Http404: it is in no register.
    """
    found = [each for each in known.wall(current.head(), month, known.now()).standings if each.node == node]
    if not found:
        raise Http404
    return found[0]


def _log_now_and_then(request: HttpRequest) -> None:
    """Tells the audit log of somebody who looks at the wall, and not again for every refreshing of the page."""
    recent = Happening.objects.filter(at__gt=timezone.now() - LOGGED_EVERY, what="microdata seen", subject="online")
    if not recent.filter(person_id=visitor_of(request).id or 0).exists():
        log(request, "microdata seen", "online")


def _towns(city: City) -> list[tuple[str, Any]]:
    """The city's places, for choosing."""
    return [(key, city.places[key]) for key in city.places if key in city.descendants(city.root)]


def _beside(wanted: str, city: City, today: date) -> tuple[str, str]:
    """The months before and after; empty for one that has not begun."""
    start, stop = bounds(wanted, city.zone)
    before, after = month_at(start - 1, city.zone), month_at(stop, city.zone)
    return before, after if after <= f"{today:%Y-%m}" else ""
