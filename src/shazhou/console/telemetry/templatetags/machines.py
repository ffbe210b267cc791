"""How pages write moments, codes, amounts and marks of the machine side."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from shazhou.console.look.templatetags.shown import DASH
from shazhou.console.telemetry import words

register = template.Library()

LONGEST = 120
"""Characters of a piece of evidence."""

MARKS = {"simulated": "S", "recorded": "R"}


@register.filter
def moment(at: int, zone: str) -> str:
    """A moment (ms) by the city's clock."""
    return words.moment(at, zone)


@register.filter
def moment_day(at: int, zone: str) -> str:
    """The day of a moment."""
    return words.moment(at, zone, "%Y-%m-%d")


@register.filter
def clock(at: int, zone: str) -> str:
    """Hour and minute of a moment."""
    return words.moment(at, zone, "%H:%M")


@register.filter
def reason(code: str) -> str:
    """Why not."""
    return words.reason_words(code)


@register.filter
def doubt(kind: str) -> str:
    """What a doubt says."""
    return words.doubt_words(kind)


@register.filter
def mode(code: str) -> str:
    """What an enterprise discloses."""
    return str(words.MODES.get(code, code))


@register.filter
def state(number: int) -> str:
    """A state of equipment."""
    return str(words.STATES[number])


@register.filter
def percent(share: Any) -> str:
    """A share as a number of percent."""
    return f"{float(share) * 100:g}"


@register.filter
def hours(seconds: float) -> str:
    """Seconds as hours."""
    return f"{seconds / 3600:,.1f}"


@register.filter
def minutes(seconds: float) -> str:
    """Seconds as minutes."""
    return f"{seconds / 60:.1f}"


@register.filter
def seconds(milliseconds: int) -> str:
    """Milliseconds as seconds."""
    return f"{milliseconds / 1000:.1f}"


@register.filter
def amount(value: float | None, decimals: int = 0) -> str:
    """A number with grouped digits; a dash for none."""
    return DASH if value is None else f"{value:,.{decimals}f}"


@register.filter
def coordinate(value: float) -> str:
    """A coordinate of a drawing, with a point in every language."""
    return f"{value:g}"


@register.filter
def shortened(value: Any) -> str:
    """A piece of evidence, cut where it is long."""
    text = str(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


@register.simple_tag
def origin_mark(origin: str) -> SafeString:
    """The mark of what is simulated or played back from a recording; nothing for what is real."""
    if origin not in MARKS:
        return SafeString("")
    return format_html(' <abbr class="mark" title="{}">{}</abbr>', words.ORIGINS[origin], MARKS[origin])
