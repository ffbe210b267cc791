"""Addresses with their rule: no page without one.

``page("ledger/", views.ledger, "ledger", Action.SEE_PUBLISHED)`` makes a route whose view runs only for a visitor who
may do that to the subject of the address. The rule stays readable on the route, so that a test can walk every route
with every role, and fails where a route has none.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.urls import URLPattern, path

from shazhou.console.access.rules import Action, Subject, may, somewhere
from shazhou.console.access.visitor import visitor_of

View = Callable[..., HttpResponseBase]
SubjectOf = Callable[..., Subject]
"""Gives the subject of an address: called with the request and what the address names."""


@dataclass(frozen=True)
class Rule:
    """What a visitor must be allowed to do, and to what; without ``subject`` it must be allowed somewhere, and the view
    shows only what one may see."""

    action: Action
    subject: SubjectOf | None = None


def page(route: str, view: View, name: str, action: Action, subject: SubjectOf | None = None) -> URLPattern:
    """A route with its rule."""
    return path(route, ruled(view, Rule(action, subject)), name=name)


def ruled(view: View, rule: Rule) -> View:
    """A view that runs only for those who may: others are asked to sign in, or refused where they have."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        visitor = visitor_of(request)
        allowed = (
            somewhere(visitor, rule.action)
            if rule.subject is None
            else may(visitor, rule.action, rule.subject(request, *args, **kwargs))
        )
        if allowed:
            return view(request, *args, **kwargs)
        if visitor.signed_in:
            raise PermissionDenied
        return redirect_to_login(request.get_full_path())

    guarded.rule = rule  # type: ignore[attr-defined]
    return guarded
