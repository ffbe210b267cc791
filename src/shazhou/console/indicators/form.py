"""The form of a choice: what can be chosen, and what is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from shazhou.city.model import City
from shazhou.city.problem import Language
from shazhou.console.evidence.coverage import coverage
from shazhou.console.indicators.choice import FREQUENCIES, WHOLE, Asked
from shazhou.report.words.naming import KINDS

SECTIONS = {
    "economy": gettext_noop("Economy"),
    "industries": gettext_noop("Industries"),
    "clusters": gettext_noop("Clusters"),
    "innovation": gettext_noop("Innovation"),
    "upgrading": gettext_noop("Upgrading"),
    "digital": gettext_noop("Digital economy"),
    "online": gettext_noop("Enterprises online"),
    "projects": gettext_noop("Key projects"),
    "investment": gettext_noop("Investment"),
    "trade": gettext_noop("Trade and opening-up"),
    "people": gettext_noop("People and talent"),
    "places": gettext_noop("Towns and zones"),
}
"""Words for the sections that a city may sort its indicators into; others are shown as they are."""

FREQUENCY_WORDS = {
    "A": gettext_noop("years"),
    "Q": gettext_noop("quarters"),
    "M": gettext_noop("months"),
    "D": gettext_noop("days"),
    "R": gettext_noop("as reported"),
}


@dataclass(frozen=True)
class Option:
    """Something that can be chosen. ``known``: there is evidence for it."""

    value: str
    name: str
    chosen: bool
    known: bool = True


@dataclass(frozen=True)
class Group:
    """Options under a heading; ``open`` where one of them is chosen."""

    name: str
    options: tuple[Option, ...]

    @property
    def open(self) -> bool:
        return any(option.chosen for option in self.options)


@dataclass(frozen=True)
class Form:
    """Everything that can be chosen."""

    indicators: tuple[Group, ...]
    places: tuple[Group, ...]
    industries: tuple[Option, ...]
    frequencies: tuple[Option, ...]
    kinds: tuple[Option, ...]


def form(asked: Asked, city: City, head: str, language: Language) -> Form:
    """The form with what is asked for filled in."""
    return Form(
        tuple(_indicators(asked, city, head, language)),
        tuple(_places(asked, city, language)),
        (
            Option(WHOLE, _("all industries"), WHOLE in asked.industries),
            *(Option(k, each.name.of(language), k in asked.industries) for k, each in city.industries.items()),
        ),
        tuple(Option(each, _(FREQUENCY_WORDS[each]), each == asked.frequency) for each in FREQUENCIES),
        (
            Option("", _("as defined"), not asked.kind),
            *(Option(kind, words[language == "en"], kind == asked.kind) for kind, words in KINDS.items()),
        ),
    )


def _indicators(asked: Asked, city: City, head: str, language: Language) -> Iterable[Group]:
    known = coverage(head)
    by_section: dict[str, list[Option]] = defaultdict(list)
    for name, each in city.indicators.items():
        option = Option(name, each.name.of(language), name in asked.indicators, known.is_covered(name, asked.kind))
        by_section[each.section].append(option)
    for section in [*SECTIONS, *(each for each in by_section if each not in SECTIONS)]:
        if by_section[section]:
            yield Group(_(SECTIONS.get(section, section)) if section else _("Others"), tuple(by_section[section]))


def _places(asked: Asked, city: City, language: Language) -> Iterable[Group]:
    """The city and what lies in it, then what it lies in, then the others."""
    within = city.descendants(city.root)
    above = set()
    key = city.places[city.root].parent
    while key:
        above.add(key)
        key = city.places[key].parent
    options = {k: Option(k, each.name.of(language), k in asked.places) for k, each in city.places.items()}
    yield Group(
        _("In the city"),
        tuple(options[k] for k in [city.root, *(p for p in options if p in within and p != city.root)]),
    )
    for name, keys in ((_("Above it"), above), (_("For comparison"), options.keys() - within - above)):
        if keys:
            yield Group(name, tuple(option for key, option in options.items() if key in keys))
