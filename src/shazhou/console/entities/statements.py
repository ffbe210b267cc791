"""Statements as an entity's page shows them: in words, each with the address of the row that said so."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from shazhou.city.model import City, Variable
from shazhou.city.problem import Language
from shazhou.city.unit import UNITS
from shazhou.console.evidence.entities import Dossier, Told
from shazhou.console.evidence.states import NAMES

SIGNS = {"=": "", ">=": "≥", "<=": "≤"}
FIRST = (*NAMES, "uscc", "place", "industry", "industry_code")
"""Attributes that stand first, in this order; the others follow in the city's."""


@dataclass(frozen=True)
class Said:
    """A statement in words. ``entity``: the entity that it names, if it names one; ``row``: the address of the row of
    the document, empty where there is none; ``marks``: pairs of a short mark and its explanation."""

    told: Told
    text: str
    entity: str
    row: str
    marks: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Attribute:
    """An attribute: what holds on the day asked about (None: nothing yet), and all that was ever said, newest first."""

    variable: Variable
    held: Said | None
    history: tuple[Said, ...]


@dataclass(frozen=True)
class Series:
    """A variable of one kind over periods: one cell for each period of its table, None for nothing."""

    variable: Variable
    kind: str
    cells: tuple[Said | None, ...]


@dataclass(frozen=True)
class Table:
    """Numbers whose periods are of one length: the newest periods first."""

    periods: tuple[str, ...]
    series: tuple[Series, ...]


def attributes(city: City, dossier: Dossier, on: date, language: Language) -> list[Attribute]:
    """The attributes of an entity, as they hold on a day."""
    held = dossier.holding(on)
    place = {name: at for at, name in enumerate((*FIRST, *city.variables))}
    found = []
    known = [name for name, told in dossier.attributes.items() if told[-1].text != dossier.entity]
    for name in sorted(known, key=lambda each: place.get(each, len(place))):
        history = tuple(said(city, told, language) for told in reversed(dossier.attributes[name]))
        now = next((each for each in history if each.told == held.get(name)), None)
        found.append(Attribute(city.variables[name], now, history))
    return found


def tables(city: City, dossier: Dossier, language: Language, periods: int) -> list[Table]:
    """The numbers of an entity, one table for each length of periods, with so many of the newest."""
    lengths: dict[str, dict[tuple[str, str], dict[str, Told]]] = defaultdict(lambda: defaultdict(dict))
    for key, history in dossier.numbers.items():
        for told in history:
            lengths[_length(told)][key][told.period] = told
    return [_table(city, series, language, periods) for _length_, series in sorted(lengths.items())]


def said(city: City, told: Told, language: Language) -> Said:
    """A statement in words."""
    variable = city.variables[told.variable]
    text, entity = (
        _number(variable, told, language) if told.value is not None else _words(city, variable, told, language)
    )
    return Said(told, text, entity, row_address(told), tuple(_marks(told)))


def row_address(told: Told) -> str:
    """The address of the row of the document that states something; empty where there is none."""
    if not (told.document and told.row):
        return ""
    asked = {"row": str(told.row)} | ({"sheet": told.sheet} if told.sheet else {})
    return f"{reverse('document', args=[told.document])}?{urlencode(asked)}#row-{told.row}"


def _table(city: City, series: Mapping[tuple[str, str], Mapping[str, Told]], language: Language, count: int) -> Table:
    ends = {told.period: told.end for cells in series.values() for told in cells.values()}
    newest = sorted(ends, key=lambda period: ends[period], reverse=True)[:count]
    order = {name: at for at, name in enumerate(city.variables)}
    rows = []
    for variable, kind in sorted(series, key=lambda key: (order[key[0]], key[1])):
        cells = series[variable, kind]
        shown = tuple(said(city, cells[each], language) if each in cells else None for each in newest)
        rows.append(Series(city.variables[variable], kind, shown))
    return Table(tuple(newest), tuple(row for row in rows if any(row.cells)))


def _length(told: Told) -> str:
    days = (told.end - told.start).days + 1
    limits = (("1-day", 1), ("2-month", 31), ("3-quarter", 92), ("4-half", 184), ("5-year", 366))
    return next((name for name, most in limits if days <= most), "6-longer")


def _number(variable: Variable, told: Told, language: Language) -> tuple[str, str]:
    unit = UNITS[variable.unit]
    amount = ((told.value or Decimal(0)) / unit.factor).normalize()
    name = unit.zh if language == "zh" else unit.en
    return f"{SIGNS.get(told.qualifier, told.qualifier)}{amount:,f}\u00a0{name}".replace("-", "−").strip(), ""


def _words(city: City, variable: Variable, told: Told, language: Language) -> tuple[str, str]:
    text = told.text or ""
    key = text.partition(":")[2] if text.startswith(("place:", "industry:")) else text
    if (variable.id == "place" or variable.code == "place") and key in city.places:
        return city.places[key].name.of(language), f"place:{key}"
    if (variable.id == "industry" or variable.code == "industry") and key in city.industries:
        return city.industries[key].name.of(language), f"industry:{key}"
    if variable.code == "gbt4754" and text in city.classification:
        return f"{text} {city.classification[text]}", ""
    return variable.said(text, language), text if variable.id in ("same_as", "not_same_as") else ""


def _marks(told: Told) -> Iterable[tuple[str, str]]:
    known = {
        "P": ("p", _("provisional")),
        "E": ("e", _("estimated")),
        "F": ("f", _("expected, not yet reached")),
        "simulated": ("S", _("simulated")),
        "recorded": ("R", _("played back from a recording")),
    }
    status = "F" if told.kind == "forecast" else told.status
    yield from (known[each] for each in (status, told.origin) if each in known)
    if told.disputed:
        yield "≠", _("sources differ")
    if not told.opened:
        yield "◆", _("not open to all")
