"""Words and links on the page of an entity."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shazhou.console.entities.statements import Said, row_address
from shazhou.console.evidence.entities import Told
from shazhou.console.evidence.register import Row
from shazhou.console.look.frame import language

register = template.Library()

KINDS: dict[str, Any] = {
    "enterprise": gettext_lazy("Enterprises"),
    "project": gettext_lazy("Projects"),
    "platform": gettext_lazy("Platforms"),
    "equipment": gettext_lazy("Equipment"),
    "place": gettext_lazy("Places"),
    "industry": gettext_lazy("Industries"),
}
VALUE_KINDS: dict[str, Any] = {
    "actual": gettext_lazy("actual"),
    "target": gettext_lazy("target"),
    "forecast": gettext_lazy("forecast"),
}
SECTIONS: dict[str, Any] = {
    "clusters": gettext_lazy("Clusters"),
    "digital": gettext_lazy("Digital economy"),
    "economy": gettext_lazy("Economy"),
    "industries": gettext_lazy("Industries"),
    "innovation": gettext_lazy("Innovation"),
    "investment": gettext_lazy("Investment"),
    "online": gettext_lazy("Online"),
    "people": gettext_lazy("People and income"),
    "places": gettext_lazy("Towns and zones"),
    "projects": gettext_lazy("Projects"),
    "trade": gettext_lazy("Trade"),
    "upgrading": gettext_lazy("Upgrading"),
}


@register.filter
def kind_name(kind: str) -> str:
    """The entities of a kind, in words."""
    return str(KINDS.get(kind, kind))


@register.filter
def value_kind(kind: str) -> str:
    """A kind of value, in words."""
    return str(VALUE_KINDS.get(kind, kind))


@register.filter
def section_name(section: str) -> str:
    """A section of the indicators, in words; one that has no words stays as the city folder has it."""
    return str(SECTIONS.get(section, section or _("Other")))


@register.filter
def nth(items: Sequence[Any], number: str) -> Any:
    """The item at a place, counted from 0; None behind the end."""
    return items[int(number)] if int(number) < len(items) else None


@register.simple_tag
def shown_name(row: Row) -> str:
    """What an entity is called in the language of the page."""
    return (row.name_en if language() == "en" else "") or row.name


@register.simple_tag(takes_context=True)
def stated(context: dict[str, Any], said: Said) -> SafeString:
    """A statement: the entity that it names as a link, anything else as a link to the row that states it."""
    address = reverse("entity", args=[said.entity]) + context["kept"] if said.entity else said.row
    if not address:
        address = reverse("submission", args=[said.told.sequence])
    linked = format_html('<a class="figure" href="{}">{}</a>', address, said.text)
    marked = [format_html('<abbr class="mark" title="{}">{}</abbr>', words, mark) for mark, words in said.marks]
    return SafeString(linked + SafeString("").join(marked))


@register.simple_tag
def submission_link(told: Told) -> SafeString:
    """The submission and row that a statement stands in."""
    row = _("row %(row)s") % {"row": told.row} if told.row else ""
    text = _("submission %(number)s") % {"number": told.sequence}
    inner = format_html('<a href="{}">{}</a>', reverse("submission", args=[told.sequence]), text)
    if not (row and told.document):
        return inner
    return format_html('{}, <a href="{}">{}</a>', inner, row_address(told), row)
