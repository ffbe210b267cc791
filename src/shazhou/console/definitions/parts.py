"""The parts of a city folder, each a list of definitions with a name and a line that says what it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shazhou.city.model import City
from shazhou.city.problem import Language
from shazhou.city.unit import UNITS
from shazhou.intake.mapping import mapping_names, mapping_of

NAMES: dict[str, Any] = {
    "variables": gettext_lazy("Variables"),
    "indicators": gettext_lazy("Indicators"),
    "targets": gettext_lazy("Targets"),
    "sources": gettext_lazy("Sources"),
    "mappings": gettext_lazy("Mappings"),
    "collections": gettext_lazy("Collections"),
    "rules": gettext_lazy("Rules"),
}
MEANING: dict[str, Any] = {
    "variables": gettext_lazy("What can be observed of an entity."),
    "indicators": gettext_lazy("Formulas over variables, computed for a place, an industry and a period."),
    "targets": gettext_lazy("What was promised of an indicator."),
    "sources": gettext_lazy("Who states things, and whose statement counts where two disagree."),
    "mappings": gettext_lazy("How the columns of a document become observations."),
    "collections": gettext_lazy("What is asked of whom, how often and until when."),
    "rules": gettext_lazy("When an enterprise is online, what may be released, and what a return must satisfy."),
}
MEASURES: dict[str, Any] = {
    "flow": gettext_lazy("flow: adds up over time"),
    "stock": gettext_lazy("stock: the last value of a period"),
    "rate": gettext_lazy("rate: neither adds up nor lasts"),
    "attribute": gettext_lazy("attribute: holds until it is changed"),
}
KINDS: dict[str, Any] = {
    "place": gettext_lazy("place"),
    "industry": gettext_lazy("industry"),
    "enterprise": gettext_lazy("enterprise"),
    "project": gettext_lazy("project"),
    "platform": gettext_lazy("platform"),
    "equipment": gettext_lazy("equipment"),
}
FREQUENCIES: dict[str, Any] = {
    "A": gettext_lazy("yearly"),
    "Q": gettext_lazy("quarterly"),
    "M": gettext_lazy("monthly"),
    "D": gettext_lazy("daily"),
}


@dataclass(frozen=True)
class Entry:
    """A definition in a list."""

    part: str
    key: str
    name: str
    line: str


def entries(city: City, part: str, language: Language) -> list[Entry]:
    """The definitions of a part, in the order of the folder."""
    return [Entry(part, *each) for each in _LISTS[part](city, language)]


def unit(key: str, language: Language) -> str:
    """A unit as people write it."""
    known = UNITS[key]
    return known.zh if language == "zh" else known.en


def percent(share: Decimal) -> str:
    """A share in percent, without zeros that say nothing."""
    return f"{(share * 100).normalize():f}"


def name_of(city: City, part: str, key: str, language: Language) -> str | None:
    """What a definition is called; None where there is none."""
    return next((each.name for each in entries(city, part, language) if each.key == key), None)


Found = tuple[str, str, str]


def _variables(city: City, language: Language) -> list[Found]:
    return [
        (
            each.id,
            each.name.of(language),
            ("、" if language == "zh" else ", ").join(str(KINDS[kind]) for kind in each.of),
        )
        for each in city.variables.values()
    ]


def _indicators(city: City, language: Language) -> list[Found]:
    return [(each.id, each.name.of(language), each.formula) for each in city.indicators.values()]


def _targets(city: City, language: Language) -> list[Found]:
    return [
        (key, each.name.of(language), f"{each.direction} {each.value:,f} {unit(each.unit, language)}, {each.period}")
        for key, each in city.targets.items()
    ]


def _sources(city: City, language: Language) -> list[Found]:
    ranks = {each.id: each.name.of(language) for each in city.precedence}
    closed = _("not open to all")
    return [
        (key, each.title, ranks.get(each.rank, each.rank) + ("" if each.public else f" · {closed}"))
        for key, each in city.sources.items()
    ]


def _mappings(city: City, language: Language) -> list[Found]:
    names = (name for name in mapping_names(city) if f"mappings/{name}.yaml" in city.files)
    return [(name, mapping_of(city, name).title.of(language), f"mappings/{name}.yaml") for name in names]


def _collections(city: City, language: Language) -> list[Found]:
    return [(key, each.name.of(language), str(FREQUENCIES[each.frequency])) for key, each in city.collections.items()]


def _rules(city: City, language: Language) -> list[Found]:
    presence = city.presence
    online = _("Online: %(days)s days of the month at L%(level)s or above for %(share)s %% of the working hours") % {
        "days": presence.days,
        "level": presence.level,
        "share": percent(presence.share),
    }
    release = _("Release: at least %(contributors)s contributors, none above %(share)s %% of the total") % {
        "contributors": city.release.contributors,
        "share": percent(city.release.largest_share),
    }
    found = [("presence", online, presence.note), ("release", release, "")]
    for collection in city.collections.values():
        found += [(f"{collection.id}.{rule.id}", rule.why.of(language), rule.check) for rule in collection.rules]
    return found


_LISTS: dict[str, Callable[[City, Language], list[Found]]] = {
    "variables": _variables,
    "indicators": _indicators,
    "targets": _targets,
    "sources": _sources,
    "mappings": _mappings,
    "collections": _collections,
    "rules": _rules,
}
