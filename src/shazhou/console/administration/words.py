"""What the audit log's lines are called."""

from __future__ import annotations

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from shazhou.console.access.words import ROLES

WHATS: dict[str, str | Promise] = {
    "signed in": _("signed in"),
    "signed out": _("signed out"),
    "sign-in failed": _("sign-in failed"),
    "password changed": _("password changed"),
    "second factor changed": _("second factor changed"),
    "person added": _("person added"),
    "person changed": _("details of a person changed"),
    "permissions changed": _("permissions changed"),
    "microdata seen": _("data of single enterprises seen"),
    "exported": _("data exported"),
    "submitted": _("return submitted"),
    "reviewed": _("return reviewed"),
    "withdrawn": _("withdrawn from the ledger"),
    "released": _("head released"),
    "verified": _("ledger verified"),
    "token made": _("token for programs made"),
    "token revoked": _("token for programs revoked"),
}

DETAILS: dict[str, str | Promise] = {
    "change": _("change"),
    "role": _("role"),
    "places": _("places of the role"),
    "enterprises": _("enterprises of the role"),
    "name": _("name of the person"),
    "title": _("post"),
}

CHANGES: dict[str, str | Promise] = {
    "role given": _("role given"),
    "role taken": _("role taken away"),
    "activated": _("activated"),
    "deactivated": _("deactivated"),
    "set up": _("set up"),
    "removed": _("taken off"),
}


def detail(name: str, value: Any) -> str:
    """A detail of a line, as it is read; empty lists say nothing."""
    if value in ([], "", None):
        return ""
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    words = {"change": CHANGES, "role": ROLES}.get(name, {})
    return f"{DETAILS.get(name, name)}: {words.get(text, text)}"
