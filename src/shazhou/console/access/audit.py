"""The audit log: every sign-in, view of micro-data, export, submission, review and change of permissions."""

from __future__ import annotations

from typing import Any, Literal, get_args

from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db import connection
from django.dispatch import receiver
from django.http import HttpRequest

from shazhou.console.access.models import Happening, Person

What = Literal[
    "signed in",
    "signed out",
    "sign-in failed",
    "password changed",
    "second factor changed",
    "person added",
    "person changed",
    "permissions changed",
    "microdata seen",
    "exported",
    "submitted",
    "reviewed",
    "withdrawn",
    "released",
    "verified",
    "token made",
    "token revoked",
]
WHATS: tuple[What, ...] = get_args(What)


def log(request: HttpRequest | None, what: What, subject: str = "", name: str = "", **details: Any) -> None:
    """Adds a line to the audit log; without a request for what the command line does."""
    person = getattr(request, "user", None)
    Happening.objects.create(
        person=person if isinstance(person, Person) else None,
        name=name,
        what=what,
        subject=subject[:300],
        details=details,
        address=request.META.get("REMOTE_ADDR") or None if request is not None else None,
    )


def seal() -> None:
    """Has the database itself refuse whoever would change or delete a line, by whatever way they come."""
    for statement in _SEALS[connection.vendor]:
        with connection.cursor() as cursor:
            cursor.execute(statement)


_SEALS = {
    "sqlite": [
        f"CREATE TRIGGER IF NOT EXISTS audit_{verb} BEFORE {verb} ON access_happening "
        "BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END"
        for verb in ("UPDATE", "DELETE")
    ]
    + [
        "CREATE TRIGGER IF NOT EXISTS audit_replace BEFORE INSERT ON access_happening "
        "WHEN EXISTS (SELECT 1 FROM access_happening WHERE id = NEW.id) "
        "BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END"
    ],
    "postgresql": [
        "CREATE OR REPLACE FUNCTION audit_only_added() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the audit log is only added to'; END $$",
        "CREATE OR REPLACE TRIGGER audit_sealed BEFORE UPDATE OR DELETE OR TRUNCATE ON access_happening "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_only_added()",
    ],
}


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
