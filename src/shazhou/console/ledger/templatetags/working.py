"""The steps of a verification in words."""

from __future__ import annotations

from django import template
from django.utils.translation import gettext as _

register = template.Library()


@register.filter
def verify_step(step: str) -> str:
    """What a verification is doing."""
    return {
        "starting": _("Starting"),
        "manifest": _("Hashing the files"),
        "content": _("Hashing the observations"),
    }.get(step, step)
