"""What the frame of every page needs: the city, the head looked at, the language, and the menu of what one may see."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from shazhou.city.problem import Language, Refused
from shazhou.console.access.rules import Action, somewhere
from shazhou.console.access.visitor import visitor_of
from shazhou.console.evidence import current
from shazhou.console.evidence.origins import origins

MENU = (
    ("overview", _("Overview"), Action.SEE_PUBLISHED),
    ("indicators", _("Indicators"), Action.SEE_PUBLISHED),
    ("registers", _("Registers"), Action.SEE_PUBLISHED),
    ("online", _("Online"), Action.SEE_PUBLISHED),
    ("report", _("Work report"), Action.SEE_PUBLISHED),
    ("ledger", _("Ledger"), Action.SEE_PUBLISHED),
    ("definitions", _("Definitions"), Action.SEE_PUBLISHED),
    ("desk", _("Desk"), Action.SIGNED_IN),
    ("releases", _("Releases"), Action.RELEASE),
    ("administration", _("Administration"), Action.READ_AUDIT),
)


def language() -> Language:
    """The language of this request, as the city's texts know it."""
    return "zh" if (get_language() or "zh").startswith("zh") else "en"


def frame(request: HttpRequest) -> dict[str, Any]:
    """The context that every template has."""
    visitor = visitor_of(request)
    as_of = request.GET.get("as_of", "").strip()
    try:
        head = current.head(as_of or None)
        city = current.city(head)
    except Refused:
        head, city = "", None
    return {
        "visitor": visitor,
        "city": city,
        "head": head,
        "as_of": as_of,
        "lang": language(),
        "origins": origins(head),
        "menu": [(name, text, _address(name)) for name, text, action in MENU if somewhere(visitor, action)],
    }


def _address(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
