"""The kinds of entities that have a register, and the columns of each."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from shazhou.city.model import City, Variable
from shazhou.city.problem import Language
from shazhou.city.unit import UNITS
from shazhou.console.evidence.register import Row, Sort
from shazhou.console.evidence.states import status_variable

NAMES: dict[str, Any] = {
    "enterprise": _("Enterprises"),
    "project": _("Projects"),
    "platform": _("Platforms"),
    "equipment": _("Equipment"),
    "place": _("Places"),
    "industry": _("Industries"),
}
MISSING: dict[str, Any] = {
    "enterprise": _("No enterprise is known yet. A list of enterprises brings them: shazhou load, door file."),
    "project": _("No project is known yet. A list of projects brings them: shazhou load, door file."),
    "platform": _("No platform is known yet. A list of platforms brings them: shazhou load, door file."),
    "equipment": _("No equipment is known yet. Machines that are connected bring it: door telemetry."),
    "place": _("The city folder defines no place: places.csv."),
    "industry": _("The city folder defines no industry: industries.yaml."),
}
FURTHER = {
    "enterprise": ("stock_code",),
    "project": ("project_enterprise", "investment_total", "project_start", "project_due"),
    "platform": ("level",),
    "equipment": ("enterprise",),
}
"""Further attributes that a register shows where the city has them."""


@dataclass(frozen=True)
class Column:
    """A column: what it is called, what it is sorted by (empty: it is not), and the attribute it shows where it is none
    of the columns that every register has."""

    field: str
    title: str
    sort: Sort | None = None
    variable: Variable | None = None

    @property
    def is_number(self) -> bool:
        """Whether it holds numbers."""
        return self.variable is not None and self.variable.type in ("number", "integer")


def columns(city: City, kind: str, language: Language) -> list[Column]:
    """The columns after the name, in their order; the last are the further attributes."""
    titles = {
        "place": (_("Division code"), _("Lies in"), None, _("Kind")),
        "industry": (None, None, _("Part of"), _("Group")),
        "enterprise": (_("Credit code"), _("Located in"), _("Industry"), _("Status")),
    }.get(kind, (None, _("Located in"), _("Industry"), _("Status")))
    fields: tuple[Sort, ...] = ("code", "place", "industry", "status")
    found = [Column(field, str(title), field) for field, title in zip(fields, titles, strict=True) if title]
    known = [city.variables[name] for name in FURTHER.get(kind, ()) if name in city.variables]
    return found + [Column(each.id, _titled(each, language), None, each) for each in known]


def _titled(variable: Variable, language: Language) -> str:
    unit = UNITS[variable.unit]
    shown = unit.zh if language == "zh" else unit.en
    name = variable.name.of(language)
    return f"{name} ({shown})" if shown and variable.type in ("number", "integer") else name


def text(city: City, column: Column, row: Row, language: Language) -> str:
    """What a row says in a column, as people read it; empty for nothing."""
    if column.variable is not None:
        said = row.more.get(column.variable.id, "")
        return _amount(column.variable, said) if said and column.is_number else column.variable.said(said, language)
    said = str(getattr(row, column.field))
    if column.field == "place" and said in city.places:
        return city.places[said].name.of(language)
    if column.field == "industry" and said in city.industries:
        return city.industries[said].name.of(language)
    return status(city, row.kind, said, language) if column.field == "status" else said


def status(city: City, kind: str, said: str, language: Language) -> str:
    """A status as people read it."""
    variable = city.variables.get(status_variable(city, kind))
    if variable is not None:
        return variable.said(said, language)
    return str(GROUPS.get(said, said)) if kind == "industry" else said


GROUPS = {"established": _("established"), "emerging": _("emerging")}


def _amount(variable: Variable, base: str) -> str:
    amount = (Decimal(base) / UNITS[variable.unit].factor).normalize()
    return f"{amount:,f}".replace("-", "−")
