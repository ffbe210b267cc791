"""Every figure in a report rests on observations: a value that nobody observed is no figure."""

from __future__ import annotations

from collections.abc import Iterator

from shazhou.city.problem import Problem, Rule, Where
from shazhou.report.checks.marked import numbers_of
from shazhou.report.document import Document

WITHOUT_EVIDENCE = Rule(
    "report-without-evidence",
    "The figure {found} ({indicator}) rests on no observation: {sentence}",
    "数值 {found}（{indicator}）没有任何观测值作依据，见：{sentence}",
    "Load the evidence for it, or take the figure out of the template.",
    "请先导入其依据，或从模板中去掉该数值。",
)


def check_document(document: Document) -> Iterator[Problem]:
    """Every number of the document that has a value but no observations."""
    for sentence, number in numbers_of(document):
        figure = number.quote.figure
        if figure.value is not None and not figure.observations:
            values = {"indicator": figure.indicator, "sentence": sentence}
            yield Problem(WITHOUT_EVIDENCE, Where("document"), f"{number.quote.digits}{number.quote.unit}", values)
