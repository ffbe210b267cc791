"""Making, finding and revoking tokens."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import replace
from datetime import timedelta

from django.http import HttpRequest
from django.utils import timezone

from shazhou.city.problem import Problem, Refused, Rule, Where
from shazhou.console.access.audit import log
from shazhou.console.access.models import Person
from shazhou.console.access.rules import Action, Visitor
from shazhou.console.access.visitor import person_as_visitor
from shazhou.console.api.models import SCOPES, Token

PREFIX = "shazhou_"
"""Lets whoever finds a secret in a log or a repository know what it is."""

DAYS = (7, 30, 90, 365)
"""How long a token can be good for."""

MOST = 20
"""Tokens that a person can have at once."""

ALLOWED = {
    "published": frozenset[Action](),
    "aggregates": frozenset({Action.SEE_AGGREGATES}),
    "microdata": frozenset({Action.SEE_AGGREGATES, Action.SEE_MICRODATA, Action.EXPORT_MICRODATA}),
}

BAD_TOKEN = Rule(
    "token-form",
    "A token needs a name, a scope and a number of days that are offered.",
    "令牌须有名称，并选择所列的权限范围和有效天数。",
    "Fill in the form again.",
    "请重新填写。",
)
TOO_MANY = Rule(
    "too-many-tokens",
    "You have {found} valid tokens, which is as many as one person can have.",
    "您已有 {found} 个有效令牌，达到上限。",
    "Revoke one that you no longer need.",
    "请先吊销不再使用的令牌。",
)


def make(request: HttpRequest, person: Person, name: str, scope: str, days: int) -> str:
    """A new token; returns its secret, which is known to nobody afterwards.

    Raises:
        Refused: it has no name, or there is no such scope or number of days, or the person has too many.
    """
    if not name.strip() or scope not in SCOPES or days not in DAYS:
        raise Refused([Problem(BAD_TOKEN, Where())])
    valid = Token.objects.filter(person=person, revoked_at=None, expires_at__gt=timezone.now()).count()
    if valid >= MOST:
        raise Refused([Problem(TOO_MANY, Where(), str(valid))])
    secret = PREFIX + secrets.token_urlsafe(32)
    expires = timezone.now() + timedelta(days=days)
    made = Token.objects.create(
        person=person, name=name.strip()[:100], digest=_digest(secret), scope=scope, expires_at=expires
    )
    log(request, "token made", made.name, scope=scope, days=days)
    return secret


def revoke(request: HttpRequest, person: Person, key: int) -> None:
    """Revokes a token of a person; one that is revoked already stays so."""
    for token in Token.objects.filter(person=person, pk=key, revoked_at=None):
        token.revoked_at = timezone.now()
        token.save(update_fields=["revoked_at"])
        log(request, "token revoked", token.name)


def bearer(secret: str) -> tuple[Person, Visitor] | None:
    """Who a token stands for, with no more rights than its scope; None where it opens nothing."""
    token = Token.objects.select_related("person").filter(digest=_digest(secret)).first()
    if token is None or not token.valid or not isinstance(token.person, Person) or not token.person.is_active:
        return None
    today = timezone.localdate()
    if token.used_on != today:
        Token.objects.filter(pk=token.pk).update(used_on=today)
    return token.person, replace(person_as_visitor(token.person), only=ALLOWED[token.scope])


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
