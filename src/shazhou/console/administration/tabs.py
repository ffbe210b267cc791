"""The pages of the administration that a visitor may open."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from shazhou.console.access.rules import Action, somewhere
from shazhou.console.access.visitor import visitor_of

TABS = (
    ("people", _("People"), Action.ADMINISTER),
    ("audit", _("Audit log"), Action.READ_AUDIT),
    ("administration-health", _("Health"), Action.ADMINISTER),
)


def tabs(request: HttpRequest) -> list[tuple[str, str, str]]:
    """Name, text and address of each."""
    visitor = visitor_of(request)
    return [(name, str(text), reverse(name)) for name, text, action in TABS if somewhere(visitor, action)]
