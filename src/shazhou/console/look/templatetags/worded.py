"""Keys and codes as people say them: courses, doors, kinds, periods, places, industries."""

from __future__ import annotations

from typing import Any

from django import template
from django.urls import reverse

from shazhou.city.model import Target
from shazhou.city.period import Period
from shazhou.console.evidence import current
from shazhou.console.look.frame import language
from shazhou.console.look.templatetags.shown import digits, trail_address, unit_name
from shazhou.measure.figure import Figure
from shazhou.report.words.naming import Names

register = template.Library()


def names() -> Names:
    """Names in the language of this request."""
    return Names(current.city(), language())


@register.filter
def course_words(course: str) -> str:
    """Where a promise stands."""
    return names().course(course)


@register.filter
def door_words(door: str) -> str:
    """A way into the ledger."""
    return names().door(door)


@register.filter
def kind_words(kind: str) -> str:
    """Actual, target or forecast."""
    return names().kind(kind)


@register.filter
def period_words(period: str) -> str:
    """A period in words; what is none stays as it is."""
    try:
        Period.parse(period)
    except ValueError:
        return period
    return names().period(period)


@register.filter
def place_name(key: str) -> str:
    """The name of a place, or the key of what is none."""
    return names().place(key)


@register.filter
def industry_name(key: str) -> str:
    """The name of an industry, or the key of what is none."""
    return names().industry(key)


@register.filter
def says(problem: Any) -> str:
    """What is wrong, in the language of this request."""
    return str(problem.says(language()))


@register.filter
def mend(problem: Any) -> str:
    """What can be done about a problem, in the language of this request."""
    return str(problem.mend(language()))


@register.filter
def trail(figure: Figure) -> str:
    """The address of a figure's trail."""
    return trail_address(figure)


DIRECTIONS = {">=": "≥", "<=": "≤", "=": "", ">": ">", "<": "<"}


@register.filter
def promised_text(target: Target) -> str:
    """What was promised: direction, value and unit."""
    return f"{DIRECTIONS[target.direction]}{digits(target.value)} {unit_name(target.unit)}".strip()


@register.filter
def definition_address(target: Target) -> str:
    """Where a target's definition can be read, with its source."""
    return reverse("definition", args=["targets", target.id])
