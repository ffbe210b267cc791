"""Names and terms hold no amounts: what the report prints as a name cannot carry a number past its checks.

A name from the definitions may hold a number, but none with a unit or measure word behind it, and a target's name only
the target's own value. Where an amount truly is part of a name, `terms` in report.yaml says so; a term must be more
than a number itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal, InvalidOperation

from shazhou.city.lines import read_yaml
from shazhou.city.model import City, Target
from shazhou.city.problem import Problem, Rule, Where
from shazhou.report.checks.quantity import Quantity, is_bare, quantities
from shazhou.report.checks.typed import without_terms
from shazhou.report.words.units import printed, says

AMOUNT = Rule(
    "report-name-amount",
    'The name "{name}" of {id} holds the amount {found}, which the report would print without evidence.',
    "{id} 的名称“{name}”中含有数量“{found}”，报告会在没有依据的情况下印出它。",
    "Take it out of the name; if it is part of a fixed expression, add that to terms in report.yaml.",
    "请从名称中去掉；若属固定用语，请写入 report.yaml 的 terms。",
)
OTHER_VALUE = Rule(
    "report-target-name",
    'The name "{name}" of the target {id} says {found}, but its value is {value}.',
    "目标 {id} 的名称“{name}”写的是 {found}，而目标值是 {value}。",
    "Let the name say the target's own value, or add the fixed expression that the number belongs to to terms.",
    "请使名称中的数与目标值一致；若该数属固定用语，请把它写入 report.yaml 的 terms。",
)
BARE_TERM = Rule(
    "report-term-number",
    'The term "{found}" is nothing but a number: it would let anybody type that number anywhere.',
    "固定用语“{found}”只是一个数，会使任何人都能手工输入它。",
    "Write the whole expression that the number is part of, or quote a figure.",
    "请写出该数所属的完整用语，或引用数值。",
)


def check_terms(terms: Iterable[str], language: str) -> Iterator[Problem]:
    """Every term that is a bare number."""
    for term in terms:
        if is_bare(term, language):
            yield Problem(BARE_TERM, Where("report/report.yaml", column="terms"), term)


def check_names(city: City, language: str, terms: Iterable[str]) -> Iterator[Problem]:
    """Every name (and door) of the city's definitions that holds an amount."""
    fixed = [term for term in terms if not is_bare(term, language)]
    for file, id, name in _names(city, language):
        target = city.targets.get(id) if file == "targets.yaml" else None
        bare = is_bare(name, language)
        for quantity in quantities(without_terms(name, fixed), language):
            shown = f"{quantity.written}{'' if language == 'zh' else ' '}{quantity.unit}".strip()
            values = {"id": id or "city.yaml", "name": name}
            if target is not None and (quantity.is_digits or quantity.is_amount):
                if not quantity.ranking and not _says_value(quantity, target, language):
                    stated = f"{target.value:f} {target.unit}"
                    yield Problem(OTHER_VALUE, _where(city, file, id), shown, values | {"value": stated})
            elif bare or quantity.is_amount:
                yield Problem(AMOUNT, _where(city, file, id), shown, values)


def _names(city: City, language: str) -> Iterator[tuple[str, str, str]]:
    yield "city.yaml", "", city.name.of(language)
    for file, defined in (
        ("indicators.yaml", city.indicators),
        ("targets.yaml", city.targets),
        ("industries.yaml", city.industries),
        ("places.csv", city.places),
    ):
        for id, each in defined.items():
            yield file, id, each.name.of(language)
    for id, indicator in city.indicators.items():
        yield "indicators.yaml", id, indicator.door


def _says_value(quantity: Quantity, target: Target, language: str) -> bool:
    try:
        value = Decimal(quantity.written.replace(",", "").replace("，", ""))
    except InvalidOperation:
        return False
    same = value == target.value.scaleb(printed(target.unit, language).shift)
    return same and (not quantity.unit or says(quantity.unit, target.unit, language))


def _where(city: City, file: str, id: str) -> Where:
    if not file.endswith(".yaml") or file not in city.files:
        return Where(file)
    return read_yaml(file, city.files[file]).where((id, "name") if id else ("name",))
