"""A formula in words, in the language of the request."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from shazhou.city.model import City
from shazhou.city.unit import UNITS
from shazhou.console.look.frame import language
from shazhou.measure.expression import (
    Aggregate,
    Among,
    AnyOf,
    Binary,
    Compare,
    Condition,
    Cumulative,
    Difference,
    Every,
    Expression,
    Growth,
    Negative,
    Not,
    Number,
    Share,
)

SIGNS = {"+": "+", "-": "−", "*": "×", "/": "÷"}
COMPARISONS = {"==": "=", "!=": "≠", "<": "<", "<=": "≤", ">": ">", ">=": "≥"}


def in_words(expression: Expression, city: City) -> str:
    """What a formula means, for somebody who does not read formulas."""

    def of(part: Expression) -> str:
        return in_words(part, city)

    match expression:
        case Aggregate():
            return _aggregate(expression, city)
        case Number(value):
            return f"{value:f}"
        case Binary(operator, left, right):
            return f"{_part(left, city)} {SIGNS[operator]} {_part(right, city)}"
        case Negative(operand):
            return f"−{_part(operand, city)}"
        case Share(part, whole):
            return _("%(part)s as a percentage of %(whole)s") % {"part": of(part), "whole": of(whole)}
        case Growth(operand):
            return _("change of %(what)s against the same period a year earlier, in per cent") % {"what": of(operand)}
        case Difference(operand):
            return _("change of %(what)s against the same period a year earlier") % {"what": of(operand)}
        case Cumulative(operand):
            return _("%(what)s from 1 January to the end of the period") % {"what": of(operand)}


def _part(expression: Expression, city: City) -> str:
    text = in_words(expression, city)
    return f"({text})" if isinstance(expression, Binary) else text


def _aggregate(aggregate: Aggregate, city: City) -> str:
    variable = city.variables[aggregate.variable]
    named = f"{_quoted(variable.name.of(language()))}{_kind(aggregate.kind)}"
    if aggregate.function == "value":
        return _("%(variable)s as stated of the place") % {"variable": named}
    whom = _those(variable.of)
    if aggregate.where is not None:
        whom = _("%(whom)s for which %(condition)s") % {"whom": whom, "condition": condition(aggregate.where, city)}
    if aggregate.function == "count":
        if aggregate.test is None:
            return _("number of %(whom)s that state %(variable)s") % {"whom": whom, "variable": named}
        test = condition(aggregate.test, city)
        return _("number of %(whom)s where %(condition)s") % {"whom": whom, "condition": test}
    return {
        "sum": _("sum of %(variable)s over all %(whom)s"),
        "mean": _("mean of %(variable)s over all %(whom)s"),
        "median": _("median of %(variable)s over all %(whom)s"),
        "min": _("smallest %(variable)s of all %(whom)s"),
        "max": _("greatest %(variable)s of all %(whom)s"),
    }[aggregate.function] % {"variable": named, "whom": whom}


def condition(asked: Condition, city: City) -> str:
    """A condition in words."""
    match asked:
        case Compare(variable, comparison, constant):
            return f"{_named(variable, city)} {COMPARISONS[comparison]} {_constant(variable, constant, city)}"
        case Among(variable, constants):
            listed = _(", ").join(_constant(variable, each, city) for each in constants)
            return _("%(variable)s is one of %(values)s") % {"variable": _named(variable, city), "values": listed}
        case Every(conditions):
            return pgettext("between conditions", " and ").join(_inner(each, city) for each in conditions)
        case AnyOf(conditions):
            return pgettext("between conditions", " or ").join(_inner(each, city) for each in conditions)
        case Not(inner):
            return _("not (%(condition)s)") % {"condition": condition(inner, city)}


def _inner(asked: Condition, city: City) -> str:
    text = condition(asked, city)
    return f"({text})" if isinstance(asked, Every | AnyOf) else text


def _named(variable: str, city: City) -> str:
    return _quoted(city.variables[variable].name.of(language()))


def _quoted(name: str) -> str:
    return f"“{name}”"


def _constant(variable: str, constant: object, city: City) -> str:
    unit = UNITS.get(city.variables[variable].unit)
    if isinstance(constant, str) or unit is None:
        return str(constant)
    base = unit.zh if language() == "zh" else unit.en
    return f"{constant} {base}".strip()


def _kind(kind: str) -> str:
    return {"target": _(" (as promised)"), "forecast": _(" (as expected)")}.get(kind, "")


def _those(kinds: Sequence[str]) -> str:
    words = {
        "enterprise": ngettext("enterprise", "enterprises", 2),
        "project": ngettext("project", "projects", 2),
        "platform": ngettext("innovation platform", "innovation platforms", 2),
        "equipment": ngettext("machine", "machines", 2),
        "place": ngettext("place", "places", 2),
        "industry": ngettext("industry", "industries", 2),
    }
    return _(" and ").join(words.get(kind, kind) for kind in kinds)
