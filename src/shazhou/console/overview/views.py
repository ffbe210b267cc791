"""The overview."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from shazhou.console.access.models import Person
from shazhou.console.evidence import current
from shazhou.programme.target import TargetStatus, statuses


def overview(request: HttpRequest) -> HttpResponse:
    """The promises as tiles."""
    if current.city_or_none() is None:
        return redirect("first-run") if not Person.objects.exists() else render(request, "overview/empty.html")
    found = promises(current.head(request.GET.get("as_of") or None), date.today())
    context = {
        "headline": [each for each in found if each.target.headline],
        "others": [each for each in found if not each.target.headline],
    }
    return render(request, "overview/overview.html", context)


@lru_cache(maxsize=8)
def promises(head: str, today: date) -> tuple[TargetStatus, ...]:
    """Where the city's targets stand on a day, at a head."""
    return current.with_measure(head, lambda measure: statuses(measure, today))
