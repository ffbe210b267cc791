"""The panel of a figure, beside the page that quotes it or as a page of its own."""

from __future__ import annotations

from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_GET, require_POST

from shazhou.city.problem import Refused
from shazhou.console.access.audit import log
from shazhou.console.access.visitor import visitor_of
from shazhou.console.evidence import current, trails
from shazhou.console.look.frame import language
from shazhou.console.trail.panel import Panel, panel_of
from shazhou.measure.figure import Cell, Figure
from shazhou.measure.quoted import Quotation

ASKED = ("indicator", "place", "period", "industry", "kind", "where")


@require_GET
def trail(request: HttpRequest) -> HttpResponse:
    """The trail of a figure that is named by what it is of; without that, the way to find one by its id."""
    if request.GET.get("id", "").strip().isalnum():
        return redirect("trail-quoted", figure=request.GET["id"].strip())
    if not request.GET.get("indicator"):
        return render(request, "trail/start.html")
    return _shown(request, None)


@require_GET
def quoted(request: HttpRequest, figure: str) -> HttpResponse:
    """The trail of a figure that was quoted, computed again from the ledger."""
    try:
        return _shown(request, trails.quotation(figure))
    except Refused as refused:
        return _refused(request, refused)


@require_POST
def keep(request: HttpRequest) -> HttpResponse:
    """Keeps the id of a figure for ever, and shows the figure under it."""
    try:
        panel = panel_of(visitor_of(request), _cell(request.POST), request.POST.get("as_of", ""))
        if panel.figure.withheld:
            raise PermissionDenied
        trails.keep(panel.figure)
    except Refused as refused:
        return _refused(request, refused)
    return redirect("trail-quoted", figure=panel.figure.id)


def address_of(figure: Figure, **more: object) -> str:
    """The address of a figure's trail at its head."""
    cell = figure.cell
    asked = {name: getattr(cell, name) for name in ASKED} | {"as_of": figure.head} | more
    return f"{reverse('trail')}?{urlencode({name: value for name, value in asked.items() if value})}"


def _shown(request: HttpRequest, quotation: Quotation | None) -> HttpResponse:
    cell = quotation.cell if quotation else _cell(request.GET)
    as_of = quotation.head if quotation else request.GET.get("as_of", "").strip()
    first = request.GET.get("first", "")
    try:
        panel = panel_of(visitor_of(request), cell, as_of, int(first) if first.isdecimal() and len(first) < 10 else 0)
    except Refused as refused:
        return _refused(request, refused)
    if panel.microdata:
        log(request, "microdata seen", f"trail of {panel.figure.id}")
    return _answer(request, "panel", _context(request, panel, quotation), 200)


def _context(request: HttpRequest, panel: Panel, quotation: Quotation | None) -> dict[str, object]:
    figure = panel.figure
    lasting = reverse("trail-quoted", args=[figure.id]) if panel.kept else address_of(figure)
    return {
        "panel": panel,
        # The panel itself says as of when; the line at the top of other pages would say it twice.
        "as_of": "",
        "figure": figure,
        # A figure that was released is shown as of its release, which is another figure than the one quoted.
        "quotation": quotation if quotation and quotation.head == figure.head else None,
        "asked": [(name, getattr(figure.cell, name)) for name in ASKED if getattr(figure.cell, name)],
        "following": address_of(figure, first=panel.last),
        "newest": address_of(panel.now) if panel.now else "",
        "lasting": request.build_absolute_uri(lasting),
    }


def _cell(asked: QueryDict) -> Cell:
    """The cell that an address or a form names; the city where no place is named."""
    told = {name: asked.get(name, "").strip() for name in ASKED}
    return Cell(**{**told, "place": told["place"] or current.city().root})


def _refused(request: HttpRequest, refused: Refused) -> HttpResponse:
    says = [(each.says(language()), each.mend(language())) for each in refused.problems]
    return _answer(request, "refused", {"problems": says}, 404)


def _answer(request: HttpRequest, what: str, context: dict[str, object], status: int) -> HttpResponse:
    """A fragment for the panel where htmx asks, otherwise a whole page."""
    beside = request.headers.get("HX-Request") == "true"
    template = f"trail/{what}.html" if beside else "trail/page.html"
    # htmx puts only answers that succeed into the page.
    response = render(request, template, {**context, "shown": f"trail/{what}.html"}, status=200 if beside else status)
    patch_vary_headers(response, ["HX-Request"])
    return response
