"""Pages about the API: what it offers, and one's own tokens."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shazhou.city.problem import Refused
from shazhou.console.access.models import Person
from shazhou.console.api import tokens
from shazhou.console.api.models import SCOPES
from shazhou.console.api.problems import problem
from shazhou.console.api.site import document
from shazhou.console.look.frame import language


@require_GET
def about(request: HttpRequest) -> HttpResponse:
    """Every operation with its parameters."""
    whole = document()
    found = [
        {"path": path, "method": method.upper(), **operation}
        for path, methods in whole["paths"].items()
        for method, operation in methods.items()
    ]
    return render(request, "api/about.html", {"operations": found, "info": whole["info"]})


@require_GET
def openapi(request: HttpRequest) -> HttpResponse:
    """The OpenAPI document."""
    return JsonResponse(document(), json_dumps_params={"ensure_ascii": False})


def unknown(request: HttpRequest, rest: str) -> HttpResponse:
    """Whatever else is asked for below the API."""
    return problem(request, 404)


@never_cache
@require_http_methods(["GET", "POST"])
def own_tokens(request: HttpRequest) -> HttpResponse:
    """One's own tokens; with POST, a new one, whose secret is shown this once."""
    person, secret, problems = _own(request), "", list[str]()
    if request.method == "POST":
        days = request.POST.get("days", "")
        try:
            secret = tokens.make(
                request,
                person,
                request.POST.get("name", ""),
                request.POST.get("scope", ""),
                int(days) if days.isascii() and days.isdecimal() and len(days) < 5 else 0,
            )
        except Refused as refused:
            problems = [f"{each.says(language())} {each.mend(language())}" for each in refused.problems]
    context: dict[str, Any] = {
        "tokens": person.tokens.all(),
        "secret": secret,
        "problems": problems,
        "scopes": SCOPES,
        "days": tokens.DAYS,
    }
    return render(request, "api/tokens.html", context, status=400 if problems else 200)


@require_POST
def revoke(request: HttpRequest, token: int) -> HttpResponse:
    """Revokes a token of one's own."""
    tokens.revoke(request, _own(request), token)
    return redirect("tokens")


def _own(request: HttpRequest) -> Person:
    assert isinstance(request.user, Person)
    return request.user
