"""The releases there are, and releasing the newest head."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from shazhou.city.model import City
from shazhou.city.problem import Refused
from shazhou.console.access.audit import log
from shazhou.console.access.models import Person
from shazhou.console.access.rules import Action, may
from shazhou.console.access.visitor import visitor_of
from shazhou.console.evidence import current
from shazhou.console.look.frame import language
from shazhou.console.release.clear import clearance_at, newest, release, sequence_of
from shazhou.console.release.models import Release
from shazhou.measure.disclosure import Clearance, Decision
from shazhou.measure.disclosure_table import Total
from shazhou.measure.figure import Figure

LINES = 100
"""Figures on one page."""

REASONS = {
    "": gettext_lazy("would be published"),
    "few": gettext_lazy("too few contributors"),
    "dominated": gettext_lazy("one contributor makes up nearly all of it"),
    "alike": gettext_lazy("all contributors are alike, so that each is told"),
    "subtraction": gettext_lazy("by subtraction, others would give one enterprise away"),
}


class Line(NamedTuple):
    """A figure that a release is about; ``value`` as the analyst sees it."""

    decision: Decision
    indicator: Any
    place: Any
    industry: Any
    figure: Figure
    why: str
    others: list[str]


@require_GET
def releases(request: HttpRequest) -> HttpResponse:
    """Every release, newest first, and what has come in since."""
    found = Paginator(Release.objects.select_related("person"), LINES).get_page(request.GET.get("page"))
    last, head = newest(), current.head()
    since = sequence_of(head) - (last.sequence if last is not None else 0)
    content = {"page": found, "since": since, "can_release": may(visitor_of(request), Action.RELEASE)}
    return render(request, "release/releases.html", content)


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """What releasing the newest head would publish and withhold; with POST, releases it."""
    try:
        if request.method == "POST":
            return _release(request)
        head = current.head()
        found = clearance_at(head)
    except Refused as refused:
        says = [(each.says(language()), each.mend(language())) for each in refused.problems]
        return render(request, "release/refused.html", {"problems": says}, status=409)
    return render(request, "release/new.html", _content(request, head, found))


def _release(request: HttpRequest) -> HttpResponse:
    after = request.POST.get("after", "0")
    assert isinstance(request.user, Person)
    made = release(
        request.user,
        current.head(request.POST.get("head", "")),
        request.POST.get("note", ""),
        int(after) if after.isdecimal() else 0,
    )
    log(request, "released", made.head, note=made.note, **made.counts)
    messages.success(request, _("Released: everybody now sees the figures that were cleared."))
    return redirect("releases")


def _content(request: HttpRequest, head: str, found: Clearance) -> dict[str, Any]:
    city, last = current.city(head), newest()
    why, indicator = request.GET.get("why", ""), request.GET.get("indicator", "")
    asked = [each for each in found.decisions if each.reason == why and indicator in ("", each.cell.indicator)]
    page = Paginator(asked, LINES).get_page(request.GET.get("page"))
    figures = current.figures(head, [each.cell for each in page])
    counts = {reason: sum(each.reason == reason for each in found.decisions) for reason in REASONS}
    indicators = dict.fromkeys(each.cell.indicator for each in found.decisions)
    return {
        "page": page,
        "lines": [_line(city, each, figures[each.cell]) for each in page],
        "counts": [(reason, text, counts[reason]) for reason, text in REASONS.items()],
        "whole": len(found.decisions),
        "kept": sum(each.kept for each in found.decisions),
        "keep": f"why={why}&indicator={indicator}&",
        "why": why,
        "why_text": REASONS.get(why, ""),
        "indicator": indicator,
        "indicators": [city.indicators[each] for each in indicators],
        "unfit": [city.indicators[each] for each in found.unfit],
        "rule": city.release,
        "share": f"{(city.release.largest_share * 100).normalize():f}",
        "of": head,
        "after": last.pk if last is not None else 0,
    }


def _line(city: City, decision: Decision, figure: Figure) -> Line:
    cell = decision.cell
    others = [_total(city, each) for each in decision.with_[:4]]
    return Line(
        decision,
        city.indicators[cell.indicator],
        city.places.get(cell.place),
        city.industries.get(cell.industry),
        figure,
        str(REASONS[decision.reason]),
        others,
    )


def _total(city: City, total: Total) -> str:
    variable = city.variables[total.aggregate.variable].name.of(language())
    place = city.places[total.place].name.of(language())
    industry = city.industries[total.industry].name.of(language()) if total.industry else ""
    span = f"{total.start:%Y-%m-%d}–{total.end:%Y-%m-%d}"
    return " · ".join(filter(None, (variable, place, industry, span)))
