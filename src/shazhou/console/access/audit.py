"""The audit log: every sign-in, view of micro-data, export, submission, review and change of permissions."""

from __future__ import annotations

from typing import Any, Literal

from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest

from shazhou.console.access.models import Happening, Person

What = Literal[
    "signed in",
    "signed out",
    "sign-in failed",
    "microdata seen",
    "exported",
    "submitted",
    "reviewed",
    "withdrawn",
    "released",
    "permissions changed",
    "verified",
    "token made",
]


def log(request: HttpRequest | None, what: What, subject: str = "", name: str = "", **details: Any) -> None:
    """Adds a line to the audit log."""
    person = getattr(request, "user", None)
    Happening.objects.create(
        person=person if isinstance(person, Person) else None,
        name=name,
        what=what,
        subject=subject[:300],
        details=details,
        address=request.META.get("REMOTE_ADDR") or None if request is not None else None,
    )


@receiver(user_logged_in)
def _signed_in(request: HttpRequest, user: Person, **_: Any) -> None:
    log(request, "signed in", user.username)


@receiver(user_logged_out)
def _signed_out(request: HttpRequest, user: Person | None, **_: Any) -> None:
    if user is not None:
        log(request, "signed out", user.username)


@receiver(user_login_failed)
def _failed(credentials: dict[str, Any], request: HttpRequest | None = None, **_: Any) -> None:
    log(request, "sign-in failed", name=str(credentials.get("username", ""))[:150])
