"""Checks of a city's report templates, for `shazhou.city.check` and before every report: what can be told from the text
alone, without a ledger."""

from __future__ import annotations

from collections.abc import Iterator

from shazhou.city.model import City
from shazhou.city.problem import Problem, Refused
from shazhou.report.checks import currency, known, names, period, typed, unit
from shazhou.report.template.markdown import Template, read_template

FOLDER = "report/"


def check_templates(city: City) -> Iterator[Problem]:
    """Every problem of the city's report templates; a city without a report has none."""
    if not any(name.startswith(FOLDER) for name in city.files):
        return
    templates = []
    for language in city.languages:
        try:
            templates.append((language, read_template(city.files, language)))
        except Refused as refused:
            yield from refused.problems
    if templates:
        yield from known.check_settings(templates[0][1].settings, city)
    for language, template in templates:
        yield from problems_of(template, city, language)


def problems_of(template: Template, city: City, language: str) -> Iterator[Problem]:
    """Every problem of one template."""
    yield from known.check_template(template, city)
    yield from names.check_terms(template.terms, language)
    yield from names.check_names(city, language, template.terms)
    yield from typed.check_template(template, language)
    yield from unit.check_template(template, city, language)
    yield from period.check_template(template, language)
    yield from currency.check_template(template, city, language)
