"""What a definition says, field by field, in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from django.utils.translation import gettext as _

from shazhou.city.model import City, Variable
from shazhou.city.problem import Language
from shazhou.console.definitions.parts import FREQUENCIES, KINDS, MEASURES, percent, unit
from shazhou.console.evidence import current
from shazhou.console.look.templatetags.worded import DIRECTIONS
from shazhou.console.trail.wording import in_words
from shazhou.intake.mapping import mapping_of
from shazhou.telemetry.presence.level import LEVELS


class Fact(NamedTuple):
    """A field: what it is called, what it says, and the address of what it names (empty: it names nothing).
    ``is_code``: it is notation, not words; ``is_file``: the whole of a file."""

    title: str
    text: str
    part: str = ""
    key: str = ""
    is_code: bool = False
    is_file: bool = False


def facts(head: str, part: str, key: str, language: Language) -> list[Fact]:
    """The fields of a definition that say something."""
    city = current.city(head)
    said = _FACTS[part](city, key, language)
    if part == "indicators":
        expression = current.expression(head, key)
        said = iter([Fact(_("In words"), in_words(expression, city)), *said])
    return [each for each in said if each.text]


def _variable(city: City, key: str, language: Language) -> Iterator[Fact]:
    each = city.variables[key]
    yield Fact(_("Observed of"), ", ".join(str(KINDS[kind]) for kind in each.of))
    yield Fact(_("Measure"), str(MEASURES[each.measure]))
    yield Fact(_("Unit"), unit(each.unit, language))
    yield Fact(_("Frequency"), str(FREQUENCIES[each.frequency]) if each.measure != "attribute" else "")
    yield Fact(_("Valid range"), _range(each.minimum, each.maximum))
    yield Fact(_("Allowed texts"), ", ".join(_called(each, text, language) for text in each.values))
    yield Fact(_("Price basis"), _basis(each.price_basis))
    grows = city.variables.get(each.growth_of)
    yield Fact(_("Growth of"), grows.name.of(language) if grows else "", "variables", each.growth_of)
    yield Fact(_("Open to all"), _("yes") if each.public else _("no"))
    yield Fact(_("Remark"), each.note)


def _indicator(city: City, key: str, language: Language) -> Iterator[Fact]:
    each = city.indicators[key]
    yield Fact(_("In symbols"), each.formula, is_code=True)
    yield Fact(_("Unit"), unit(each.unit, language))
    yield Fact(_("Decimals"), str(each.decimals))
    yield Fact(_("Better is"), {"up": _("more"), "down": _("less"), "": ""}[each.direction])
    yield Fact(_("Price basis"), _basis(each.price_basis))
    yield Fact(_("Door that brings its evidence"), each.door)
    yield Fact(_("Remark"), each.note)


def _target(city: City, key: str, language: Language) -> Iterator[Fact]:
    each = city.targets[key]
    indicator, place, source = (
        city.indicators[each.indicator],
        city.places[each.place],
        city.sources.get(each.source),
    )
    yield Fact(_("Promised"), f"{DIRECTIONS[each.direction]}{each.value:,f} {unit(each.unit, language)}".strip())
    yield Fact(_("Indicator"), indicator.name.of(language), "indicators", each.indicator)
    yield Fact(_("Place"), place.name.of(language))
    yield Fact(_("Industry"), city.industries[each.industry].name.of(language) if each.industry else "")
    yield Fact(_("Period"), each.period)
    yield Fact(_("Deadline"), _("no date given") if each.undated else f"{each.deadline or ''}")
    yield Fact(_("Counts from"), each.start)
    yield Fact(_("Starts from the value"), "" if each.baseline is None else f"{each.baseline:,f}")
    yield Fact(_("Promised in"), source.title if source else each.source, "sources", each.source)
    yield Fact(_("Remark"), each.note)


def _source(city: City, key: str, language: Language) -> Iterator[Fact]:
    each = city.sources[key]
    ranks = [rank.id for rank in city.precedence]
    names = {rank.id: rank.name.of(language) for rank in city.precedence}
    yield Fact(_("Publisher"), each.publisher)
    yield Fact(
        _("Precedence"),
        _("%(name)s, number %(number)s of %(count)s")
        % {"name": names[each.rank], "number": ranks.index(each.rank) + 1, "count": len(ranks)},
    )
    yield Fact(_("Date"), each.date)
    yield Fact(_("Address"), each.address)
    yield Fact(_("Open to all"), _("yes") if each.public else _("no"))
    yield Fact(_("Remark"), each.note)


def _mapping(city: City, key: str, _language: Language) -> Iterator[Fact]:
    mapping = mapping_of(city, key)
    yield Fact(_("Rows are about"), str(KINDS.get(mapping.entity.kind, mapping.entity.kind)))
    loaded = ", ".join(each.file for each in city.evidence if each.mapping == key)
    yield Fact(_("Documents of the folder read by it"), loaded)
    yield Fact(_("Columns read"), ", ".join(sorted(mapping.columns() - set(mapping.ignored))))
    for column, reason in mapping.ignored.items():
        yield Fact(_("Column left out: %(column)s") % {"column": column}, reason)
    yield Fact(_("File"), city.files[f"mappings/{key}.yaml"].decode(errors="replace"), is_file=True)


def _collection(city: City, key: str, language: Language) -> Iterator[Fact]:
    each = city.collections[key]
    steps = {"town": _("the town"), "bureau": _("the bureau")}
    yield Fact(_("Asked of"), str(KINDS[each.of]))
    yield Fact(_("Those for which"), each.reporters.where, is_code=True)
    yield Fact(_("Frequency"), str(FREQUENCIES[each.frequency]))
    yield Fact(_("First period"), each.first)
    yield Fact(_("To be handed in"), _("%(days)s days after the end of the period") % {"days": each.deadline})
    yield Fact(_("Locked"), _("%(days)s days after that") % {"days": each.lock})
    yield Fact(_("Reviewed by"), ", ".join(steps[step] for step in each.steps))
    yield Fact(_("Minutes for a cell"), f"{each.minutes:f}")
    source = city.sources.get(each.source)
    yield Fact(_("Source"), source.title if source else each.source, "sources", each.source)
    for name in each.variables:
        asked = _("Has to be filled in") if name in each.required else _("May be filled in")
        yield Fact(asked, city.variables[name].name.of(language), "variables", name)
    yield Fact(_("Remark"), each.note)


def _rule(city: City, key: str, language: Language) -> Iterator[Fact]:
    if key == "presence":
        yield Fact(_("Level of the ladder"), f"{city.presence.level}: {LEVELS[city.presence.level][language]}")
        yield Fact(_("Share of the working hours at least"), f"{percent(city.presence.share)} %")
        yield Fact(_("Days of the month at least"), str(city.presence.days))
        yield Fact(_("Challenges passed at least"), str(city.presence.challenges))
        yield Fact(_("Working hours where none are stated"), "; ".join(city.presence.hours), is_code=True)
        yield Fact(_("Raw samples are kept"), _("%(days)s days") % {"days": city.telemetry.retain.samples_days})
        yield Fact(_("Minutes are kept"), _("%(days)s days") % {"days": city.telemetry.retain.minutes_days})
        yield Fact(_("Remark"), city.presence.note)
    elif key == "release":
        yield Fact(_("Contributors at least"), str(city.release.contributors))
        yield Fact(_("Largest share of one at most"), f"{percent(city.release.largest_share)} %")
    else:
        collection, _dot, name = key.partition(".")
        rule = next(each for each in city.collections[collection].rules if each.id == name)
        severities = {"error": _("keeps a return from being submitted"), "warning": _("is shown as a warning")}
        yield Fact(_("Check"), rule.check, is_code=True)
        yield Fact(_("Where it is broken"), severities[rule.severity])
        yield Fact(_("Why"), rule.why.of(language))
        yield Fact(_("Advice"), rule.advice.of(language))
        yield Fact(_("Collection"), city.collections[collection].name.of(language), "collections", collection)


def _called(variable: Variable, text: str, language: Language) -> str:
    called = variable.said(text, language)
    return text if called == text else f"{text} = {called}"


def _range(minimum: object, maximum: object) -> str:
    if minimum is None and maximum is None:
        return ""
    return f"{'' if minimum is None else minimum} … {'' if maximum is None else maximum}".strip()


def _basis(basis: str) -> str:
    return {"nominal": _("nominal prices"), "comparable": _("comparable prices")}.get(basis, "")


_FACTS: dict[str, Callable[[City, str, Language], Iterator[Fact]]] = {
    "variables": _variable,
    "indicators": _indicator,
    "targets": _target,
    "sources": _source,
    "mappings": _mapping,
    "collections": _collection,
    "rules": _rule,
}
