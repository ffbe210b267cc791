"""Operations with their rule: none without one, as with pages.

Who calls is told by the token in the header ``Authorization: Bearer …`` alone; without one it is the public. Cookies
are not looked at, so that no other site can make a browser call.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from ninja import Router

from shazhou.console.access.routing import Rule, SubjectOf
from shazhou.console.access.rules import Action, Visitor, may, somewhere
from shazhou.console.api.problems import Failure
from shazhou.console.api.tokens import bearer

F = TypeVar("F", bound=Callable[..., Any])

SCHEME = "Bearer "


def operation(
    router: Router, method: str, path: str, response: Any, action: Action, subject: SubjectOf | None = None
) -> Callable[[F], F]:
    """Makes a function an operation of the API that runs only for those who may."""
    rule = Rule(action, subject)

    def made(function: F) -> F:
        @wraps(function)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            visitor = identify(request)
            asked = None if subject is None else subject(request, *args, **kwargs)
            if somewhere(visitor, action) if asked is None else may(visitor, action, asked):
                return function(request, *args, **kwargs)
            raise Failure(403 if visitor.signed_in else 401)

        guarded.rule = rule  # type: ignore[attr-defined]
        # Names in annotations are those of the function's own module.
        guarded.__signature__ = inspect.signature(function, eval_str=True)  # type: ignore[attr-defined]
        summary = (function.__doc__ or "").strip().split("\n\n")[0].replace("\n    ", " ")
        register = router.api_operation([method], path, response=response, summary=summary, description=summary)
        register(guarded)
        return function

    return made


def identify(request: HttpRequest) -> Visitor:
    """Who calls; the request knows it from now on.

    Raises:
        Failure: a token is shown that opens nothing.
    """
    header = request.headers.get("Authorization", "")
    if not header:
        request.user = AnonymousUser()
        visitor = Visitor()
    else:
        found = bearer(header.removeprefix(SCHEME).strip()) if header.startswith(SCHEME) else None
        if found is None:
            raise Failure(401)
        request.user, visitor = found
    request.visitor = visitor  # type: ignore[attr-defined]
    return visitor
