"""The unit that the text writes after a figure must be the unit of that figure as the report prints it."""

from __future__ import annotations

from collections.abc import Iterator

from shazhou.city.model import City
from shazhou.city.problem import Problem, Rule
from shazhou.report.template.markdown import Template
from shazhou.report.template.reference import Reference
from shazhou.report.template.sentences import sentences, with_units
from shazhou.report.words.units import printed, says

OTHER_UNIT = Rule(
    "report-unit",
    'The text says "{found}" after {indicator}, which is printed in "{unit}": {sentence}',
    "{indicator} 之后写的是“{found}”，而它的单位应为“{unit}”，见：{sentence}",
    "Write the figure's own unit, or none: the report adds it.",
    "请写该数值自己的单位，或不写单位，由报告补上。",
)


def check_template(template: Template, city: City, language: str) -> Iterator[Problem]:
    """Every unit of the template that is not its figure's."""
    for part in template.parts:
        for cell in part.cells:
            for sentence in sentences(cell, language):
                for token, word in with_units(sentence.tokens, language):
                    if not word or not isinstance(token, Reference) or token.subject not in city.indicators:
                        continue
                    unit = city.indicators[token.subject].unit
                    if not says(word, unit, language):
                        shown = printed(unit, language).text.strip() or ("无单位" if language == "zh" else "no unit")
                        values = {"indicator": token.subject, "unit": shown, "sentence": sentence.written()}
                        yield Problem(OTHER_UNIT, token.where, word.strip(), values)
