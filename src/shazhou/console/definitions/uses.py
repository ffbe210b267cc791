"""Where a definition is used: by other definitions, and by sentences of the work report."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

from shazhou.city.model import City
from shazhou.city.problem import Language, Refused
from shazhou.console.definitions.parts import entries
from shazhou.console.evidence import current
from shazhou.intake.mapping import mapping_names, mapping_of
from shazhou.measure.expression import Expression, leaves, variables
from shazhou.report.template.markdown import Part, read_template, references_in
from shazhou.report.template.reference import Reference
from shazhou.report.template.sentences import sentences


class Use(NamedTuple):
    """What uses a definition: another one, or (part ``report``) a sentence as the template has it."""

    part: str
    key: str
    name: str


Uses = Mapping[tuple[str, str], tuple[Use, ...]]


@lru_cache(maxsize=8)
def uses(head: str, language: Language) -> Uses:
    """By (part, key) of what is used, whatever uses it."""
    city = current.city(head)
    expressions = current.with_measure(
        head, lambda measure: {key: measure.expression(each) for key, each in measure.city.indicators.items()}
    )
    names = {
        (part, each.key): each.name
        for part in ("variables", "indicators", "targets", "sources", "mappings", "collections", "rules")
        for each in entries(city, part, language)
    }
    found: dict[tuple[str, str], dict[Use, None]] = defaultdict(dict)
    for used, (part, key) in _pairs(city, expressions):
        found[used][Use(part, key, names.get((part, key), key))] = None
    for indicator, sentence in _told(city, language):
        found["indicators", indicator][Use("report", "", sentence)] = None
    return {used: tuple(by) for used, by in found.items()}


Named = tuple[str, str]


def _pairs(city: City, expressions: Mapping[str, Expression]) -> Iterator[tuple[Named, Named]]:
    for indicator, expression in expressions.items():
        for leaf in leaves(expression):
            conditions = (*variables(leaf.aggregate.test), *variables(leaf.aggregate.where))
            for variable in (leaf.aggregate.variable, *conditions):
                yield ("variables", variable), ("indicators", indicator)
    for rate in city.variables.values():
        yield ("variables", rate.growth_of), ("variables", rate.id)
    for key, target in city.targets.items():
        yield ("indicators", target.indicator), ("targets", key)
        yield ("sources", target.source), ("targets", key)
    for name in mapping_names(city):
        for observed in mapping_of(city, name).observations if f"mappings/{name}.yaml" in city.files else ():
            if isinstance(observed.variable, str):
                yield ("variables", observed.variable), ("mappings", name)
    for evidence in city.evidence:
        yield ("sources", evidence.source), ("mappings", evidence.mapping)
    yield from _collected(city)


def _collected(city: City) -> Iterator[tuple[Named, Named]]:
    for key, collection in city.collections.items():
        yield ("sources", collection.source), ("collections", key)
        for variable in (*collection.variables, *(collection.accounts.variables if collection.accounts else ())):
            yield ("variables", variable), ("collections", key)
        for rule in collection.rules:
            yield ("collections", key), ("rules", f"{key}.{rule.id}")


def _told(city: City, language: Language) -> Iterator[tuple[str, str]]:
    """Indicators, each with a sentence or a table of the work report that tells of it."""
    try:
        parts = read_template(city.files, language).parts
    except Refused:
        return
    for part in parts:
        yield from _in_part(part, language)


def _in_part(part: Part, language: Language) -> Iterator[tuple[str, str]]:
    for cell in part.cells:
        if part.kind == "block":
            for reference in references_in(cell):
                yield from ((name, "{{ " + reference.text + " }}") for name in _indicators(reference))
            continue
        for sentence in sentences(cell, language):
            for reference in sentence.references:
                yield from ((name, sentence.written()) for name in _indicators(reference))


def _indicators(reference: Reference) -> list[str]:
    named = reference.options.get("of", "").split(",")
    return [reference.subject] if reference.verb == "figure" else [each.strip() for each in named if each.strip()]
