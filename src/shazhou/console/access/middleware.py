"""Puts the visitor on every request, when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from django.utils.functional import SimpleLazyObject

from shazhou.console.access.visitor import visitor_of


def visitor(following: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """The middleware."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        request.visitor = SimpleLazyObject(lambda: _fresh(request))  # type: ignore[attr-defined]
        return following(request)

    return middleware


def _fresh(request: HttpRequest) -> object:
    del request.visitor  # type: ignore[attr-defined]
    found = visitor_of(request)
    request.visitor = found  # type: ignore[attr-defined]
    return found
