"""How observations are shown: what was stated, of whom, and where it stands in its document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django import template
from django.urls import reverse
from django.utils.translation import gettext as _

from shazhou.city.model import City
from shazhou.city.unit import UNITS
from shazhou.console.look.frame import language
from shazhou.console.look.templatetags.shown import DASH, SIGNS, digits, marks, unit_name
from shazhou.measure.figure import Figure, Statement

register = template.Library()


@register.filter
def amount(figure: Figure) -> str:
    """A figure as text, with unit and marks in words; a dash where there is no evidence."""
    if figure.value is None:
        return DASH
    told = f"{_signed(figure.qualifier)}{digits(figure.value)} {unit_name(figure.unit)}".strip()
    words = [words for _mark, words in marks(figure)]
    return f"{told} ({', '.join(words)})" if words else told


@register.simple_tag
def other_amount(statement: Statement, figure: Figure) -> str:
    """What another source states of a figure."""
    return f"{_signed(statement.qualifier)}{digits(statement.value)} {unit_name(figure.unit)}".strip()


@register.filter
def stated(row: Any) -> str:
    """What an observation states, as it was given; a row of the ledger, or an observation of a trail."""
    value, text = _of(row, "value"), _of(row, "text")
    if value is None and text is None:
        return _("withdrawn")
    if text is not None:
        return str(text)
    given, unit = str(_of(row, "given")), unit_name(str(_of(row, "unit")))
    given = given or digits(value)
    return _signed(str(_of(row, "qualifier"))) + (given if not unit or given.endswith(unit) else f"{given} {unit}")


@register.filter
def mark_words(row: Any) -> list[str]:
    """The marks of an observation in words."""
    statuses = {
        "P": _("provisional"),
        "E": _("estimated"),
        "F": _("expected, not yet reached"),
        "B": _("break in series"),
        "U": _("low reliability"),
    }
    origins = {"simulated": _("simulated"), "recorded": _("played back from a recording")}
    kinds = {"target": _("promised"), "forecast": _("expected, not yet reached")}
    found = (kinds.get(_of(row, "kind")), statuses.get(_of(row, "status")), origins.get(_of(row, "origin")))
    return list(dict.fromkeys(each for each in found if each))


@register.simple_tag
def subject(row: Any, city: City, names: Mapping[str, str] | None = None) -> str:
    """Whom an observation is about: a place, industry or entity by its name, or by its id where nothing names it."""
    entity, industry = str(_of(row, "entity")), str(_of(row, "industry"))
    place = city.places.get(entity.removeprefix("place:")) if entity.startswith("place:") else None
    name = place.name.of(language()) if place else (names or {}).get(entity, entity)
    cell = city.industries.get(industry)
    return f"{name} · {cell.name.of(language()) if cell else industry}" if industry else name


@register.simple_tag
def subject_of_figure(figure: Figure, city: City) -> str:
    """What a figure is of: a place by its name, and an industry."""
    place = city.places.get(figure.place.removeprefix("place:"))
    industry = city.industries.get(figure.industry)
    parts = (place.name.of(language()) if place else figure.place, industry.name.of(language()) if industry else "")
    return " · ".join(part for part in parts if part)


@register.filter
def web(address: str) -> str:
    """An address that a reader can open; empty where it is none of the web."""
    return address if address.startswith(("https://", "http://")) else ""


@register.simple_tag
def indicator_name(id: str, city: City) -> str:
    """The name of an indicator."""
    known = city.indicators.get(id)
    return known.name.of(language()) if known else id


@register.filter
def grouped(number: int) -> str:
    """A count with its digits grouped."""
    return f"{number:,}"


@register.simple_tag
def variable_name(row: Any, city: City) -> str:
    """The name of the variable that an observation is of."""
    known = city.variables.get(str(_of(row, "variable")))
    return known.name.of(language()) if known else str(_of(row, "variable"))


@register.simple_tag
def row_address(row: Any, document: str) -> str:
    """The address of the document, opened at the row of an observation."""
    place = {"row": _of(row, "row") or "", "sheet": _of(row, "sheet")}
    query = urlencode({name: value for name, value in place.items() if value})
    return reverse("document", args=[document]) + (f"?{query}#row-{place['row']}" if query else "")


@register.simple_tag
def source_of(id: str, city: City) -> str:
    """The title of the source with an id."""
    known = city.sources.get(id)
    return known.title if known else id


@register.filter
def door_name(door: str) -> str:
    """A door in words."""
    doors = {
        "file": _("loaded file"),
        "form": _("form"),
        "telemetry": _("telemetry"),
        "dataset": _("dataset"),
        "simulation": _("simulation"),
        "definitions": _("city definitions"),
    }
    return doors.get(door, door)


@register.filter
def measured(variable: Any) -> str:
    """What a variable measures and in which unit: flow, 100 million CNY."""
    kinds = {"flow": _("flow"), "stock": _("level"), "rate": _("rate"), "attribute": _("attribute")}
    unit = UNITS.get(variable.unit)
    shown = unit_name(variable.unit) if unit else ""
    return f"{kinds[variable.measure]}, {shown}" if shown else kinds[variable.measure]


def _signed(qualifier: str) -> str:
    return SIGNS.get(qualifier, qualifier)


def _of(row: Any, name: str) -> Any:
    return row[name] if isinstance(row, Mapping) else getattr(row, name)
