"""How problems, states and values are shown at the desk."""

from __future__ import annotations

from decimal import Decimal

from django import template
from django.urls import reverse

from shazhou.city.model import Variable
from shazhou.city.problem import Problem
from shazhou.console.desk.outlier import Standing
from shazhou.console.desk.words import ACTS, STATES
from shazhou.console.evidence import current, reporting
from shazhou.console.look.frame import language
from shazhou.console.look.templatetags.shown import digits
from shazhou.intake.held import Held

register = template.Library()


@register.filter
def says(problem: Problem | dict[str, str]) -> str:
    """What is wrong."""
    return problem[language()] if isinstance(problem, dict) else problem.says(language())


@register.filter
def mends(problem: Problem | dict[str, str]) -> str:
    """What can be done about it."""
    return problem[f"mend_{language()}"] if isinstance(problem, dict) else problem.mend(language())


@register.filter
def state_name(key: str) -> str:
    """A state in words."""
    return str(STATES.get(key, key))


@register.filter
def act_name(key: str) -> str:
    """An act in words."""
    return str(ACTS[key].name) if key in ACTS else key


@register.filter
def grouped(value: Decimal | None) -> str:
    """A number with grouped digits."""
    return "—" if value is None else digits(value.normalize() if value == value.to_integral_value() else value)


@register.filter
def change(value: Decimal | None) -> str:
    """A change in per cent with its sign."""
    if value is None:
        return "—"
    if abs(value) >= 10_000:
        return "≫" if value > 0 else "≪"
    return f"{value:+,.1f} %".replace("-", "−")


@register.filter
def stands(standing: Standing | None) -> str:
    """How far a value stands from others."""
    return "—" if standing is None else f"{standing.score:+.1f}".replace("-", "−")


@register.filter
def said(variable: Variable, text: str) -> str:
    """What a text of a coded variable is called."""
    return variable.said(text, language())


@register.filter
def variable_name(name: str) -> str:
    """What a variable is called."""
    known = current.city().variables.get(name)
    return name if known is None else known.name.of(language())


@register.filter
def stated_at(held: Held) -> str:
    """The address of the row of the document that states something, or of its submission."""
    found = reporting.submission(held.submission)
    if found is None:
        return ""
    if not found.document or not held.row:
        return reverse("submission", args=(found.sequence,))
    return f"{reverse('document', args=(found.document,))}?row={held.row}#row-{held.row}"


@register.filter
def submission_at(name: str) -> str:
    """The address of a submission of the ledger."""
    found = reporting.submission(name)
    return "" if found is None else reverse("submission", args=(found.sequence,))
