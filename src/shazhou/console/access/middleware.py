"""What happens around every page: who looks at it, from where, and for how long they stay signed in."""

from __future__ import annotations

import time
from collections.abc import Callable
from ipaddress import ip_address

from django.conf import settings
from django.db import DataError
from django.http import HttpRequest, HttpResponseBase
from django.utils.functional import SimpleLazyObject
from django.views.defaults import bad_request

from shazhou.console.access.visitor import visitor_of

Page = Callable[[HttpRequest], HttpResponseBase]

SEEN = "seen"
"""Where a session keeps when it was last prolonged."""

PROLONGED_EVERY = 300
"""Seconds; so that a click does not mean a write."""


def address(following: Page) -> Page:
    """Takes the visitor's address from a proxy that the deployment names, and from nobody else."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        told = request.META.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2].strip()
        if request.META.get("REMOTE_ADDR") in settings.DEPLOYMENT.proxies and _is_address(told):
            request.META["REMOTE_ADDR"] = told
        return following(request)

    return middleware


def visitor(following: Page) -> Page:
    """Puts the visitor on every request, when it is first asked for."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        request.visitor = SimpleLazyObject(lambda: _fresh(request))  # type: ignore[attr-defined]
        return following(request)

    return middleware


def session(following: Page) -> Page:
    """Prolongs the session of whoever uses it, and keeps what they see out of shared caches. A page that asks again by
    itself (`unattended` on the request) is nobody who uses it."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = following(request)
        if request.user.is_authenticated:
            attended = not getattr(request, "unattended", False)
            if attended and time.time() - request.session.get(SEEN, 0) > PROLONGED_EVERY:
                request.session[SEEN] = int(time.time())
            response.headers.setdefault("Cache-Control", "private, no-cache")
        return response

    return middleware


def unkept(following: Page) -> Page:
    """Answers 400 where a request brings what the database cannot hold, such as zero characters in PostgreSQL."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        return following(request)

    def process_exception(request: HttpRequest, error: Exception) -> HttpResponseBase | None:
        return bad_request(request, error) if isinstance(error, DataError) else None

    middleware.process_exception = process_exception  # type: ignore[attr-defined]
    return middleware


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _fresh(request: HttpRequest) -> object:
    del request.visitor  # type: ignore[attr-defined]
    found = visitor_of(request)
    request.visitor = found  # type: ignore[attr-defined]
    return found
