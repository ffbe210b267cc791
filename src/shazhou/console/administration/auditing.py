"""The page of the audit log."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from shazhou.console.access.models import Happening
from shazhou.console.access.rules import Action, somewhere
from shazhou.console.access.visitor import visitor_of
from shazhou.console.administration.tabs import tabs
from shazhou.console.administration.words import WHATS, detail

ON_A_PAGE = 100


def entrance(request: HttpRequest) -> HttpResponse:
    """Leads to the first page of the administration that a visitor may open."""
    return redirect("people" if somewhere(visitor_of(request), Action.ADMINISTER) else "audit")


def audit(request: HttpRequest) -> HttpResponse:
    """The audit log, newest first, as far as the filters choose."""
    asked = {name: request.GET.get(name, "").strip() for name in ("what", "who", "subject", "since", "until")}
    lines = _chosen(asked)
    before = request.GET.get("before", "")
    if before.isdecimal():
        lines = lines.filter(pk__lt=min(int(before), 2**63 - 1))
    found = list(lines.select_related("person")[: ON_A_PAGE + 1])
    shown = found[:ON_A_PAGE]
    kept = {name: value for name, value in asked.items() if value}
    context = {
        "tabs": tabs(request),
        "asked": asked,
        "whats": WHATS.items(),
        "rows": [
            (each, WHATS.get(each.what, each.what), [detail(*pair) for pair in each.details.items()]) for each in shown
        ],
        "older": urlencode({**kept, "before": shown[-1].pk}) if len(found) > ON_A_PAGE else "",
    }
    return render(request, "administration/audit.html", context)


def _chosen(asked: dict[str, str]) -> QuerySet[Happening]:
    chosen = Q()
    if asked["what"]:
        chosen &= Q(what=asked["what"])
    if asked["who"]:
        chosen &= (
            Q(person__username__icontains=asked["who"])
            | Q(person__first_name__icontains=asked["who"])
            | Q(name__icontains=asked["who"])
        )
    if asked["subject"]:
        chosen &= Q(subject__icontains=asked["subject"])
    since, until = _midnight(asked["since"]), _midnight(asked["until"])
    if since is not None:
        chosen &= Q(at__gte=since)
    if until is not None:
        chosen &= Q(at__lt=until + timedelta(days=1))
    return Happening.objects.filter(chosen)


def _midnight(text: str) -> datetime | None:
    """The beginning of a day where the site is; None for what is no date."""
    try:
        day = date.fromisoformat(text)
        return timezone.make_aware(datetime(day.year, day.month, day.day))
    except (ValueError, OverflowError):
        return None
