"""How the deployment is doing: a page, `/health` for load balancers, `/metrics` for Prometheus."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from prometheus_client import CONTENT_TYPE_LATEST

from shazhou.console.administration import health as state
from shazhou.console.administration.metrics import exposition
from shazhou.console.administration.tabs import tabs


def health_page(request: HttpRequest) -> HttpResponse:
    """Versions, disk, ledger, queue, last backup."""
    context = {"tabs": tabs(request), "health": state.look(), "versions": state.versions()}
    return render(request, "administration/health.html", context)


@never_cache
def health(request: HttpRequest) -> HttpResponse:
    """200 where everything that the site needs is there, else 503; says what was checked and nothing else."""
    checks = state.checked()
    said = {"status": _word(all(checks.values())), "checks": {name: _word(ok) for name, ok in checks.items()}}
    return JsonResponse(said, status=200 if all(checks.values()) else 503)


@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """The measurements in the text format of Prometheus."""
    return HttpResponse(exposition(state.look()), content_type=CONTENT_TYPE_LATEST)


def _word(ok: bool) -> str:
    return "ok" if ok else "failing"
