"""How a figure is shown: sign, grouped digits, unit, marks, and always a link to its trail."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from shazhou.city.unit import UNITS
from shazhou.console.look.frame import language
from shazhou.measure.figure import Figure

register = template.Library()

SIGNS = {"=": "", "": "", ">=": "≥", "<=": "≤"}
DASH = "—"
WITHHELD = "⋯"


def marks(figure: Figure) -> list[tuple[str, str]]:
    """Pairs of a short mark and its explanation."""
    found = {
        "provisional": ("p", _("provisional")),
        "forecast": ("f", _("expected, not yet reached")),
        "estimated": ("e", _("estimated")),
    }
    marked = [found[figure.status]] if figure.status in found else []
    marked += [("≠", _("sources differ"))] if figure.disputed else []
    marked += [("S", _("simulated"))] if figure.simulated else []
    marked += [("R", _("played back from a recording"))] if figure.recorded else []
    return marked


def digits(value: Decimal) -> str:
    """A number with grouped digits and a true minus sign."""
    return f"{value:,f}".replace("-", "−")


def trail_address(figure: Figure) -> str:
    """The address of a figure's trail."""
    cell = figure.cell
    asked = {
        "indicator": cell.indicator,
        "place": cell.place,
        "period": cell.period,
        "industry": cell.industry,
        "kind": cell.kind,
        "where": cell.where,
        "as_of": figure.head,
    }
    return "/trail/?" + urlencode({name: value for name, value in asked.items() if value})


@register.simple_tag
def figure(figure: Figure | None, unit: bool = True) -> SafeString:
    """A figure as a link that opens its trail in the panel; a dash where there is none."""
    if figure is not None and figure.withheld:
        return format_html('<span class="none" title="{}">{}</span>', _("held back until it is released"), WITHHELD)
    if figure is None or figure.value is None:
        return format_html('<span class="none" title="{}">{}</span>', _("no evidence yet"), DASH)
    sign = SIGNS.get(figure.qualifier, figure.qualifier)
    text = f"{sign}{digits(figure.value)}"
    named = f"\u00a0{unit_name(figure.unit)}" if unit and unit_name(figure.unit) else ""
    address = trail_address(figure)
    linked = format_html(
        '<a class="figure" href="{}" hx-get="{}" hx-target="#panel" data-figure="{}">{}'
        '<span class="unit">{}</span></a>',
        address,
        address,
        figure.id,
        text,
        named,
    )
    marked = [format_html('<abbr class="mark" title="{}">{}</abbr>', words, mark) for mark, words in marks(figure)]
    return SafeString(linked + SafeString("").join(marked))


@register.filter
def unit_name(unit: str) -> str:
    """A unit as people write it."""
    known = UNITS.get(unit)
    return "" if known is None else (known.zh if language() == "zh" else known.en)


@register.filter
def named(thing: Any) -> str:
    """The name of anything bilingual: a definition with a name, or a text itself."""
    if thing is None:
        return ""
    text = getattr(thing, "name", thing)
    return str(text.of(language())) if hasattr(text, "of") else str(text)


@register.filter
def short(head: str) -> str:
    """A head or hash, shortened where the whole one stands elsewhere."""
    return head[:12]
