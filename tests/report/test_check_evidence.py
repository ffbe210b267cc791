"""A figure that no observation stands behind stops the report."""

from __future__ import annotations

from dataclasses import replace

import pytest
from report.zhangjiagang_report import document

from shazhou.report.checks import evidence
from shazhou.report.document import Number, Paragraph, Words


@pytest.mark.parametrize("language", ["zh", pytest.param("en", marks=pytest.mark.slow)])
def test_every_figure_of_the_reports_that_ship_was_observed(language):
    assert list(evidence.check_document(document(language))) == []


def test_a_value_without_observations_stops_the_report_with_its_sentence():
    quote = document("zh").trail[0].quote
    invented = replace(quote, figure=replace(quote.figure, observations=0))
    made = replace(document("zh"), blocks=(Paragraph((Words("总值"), Number(invented), Words("。"))),))
    (problem,) = evidence.check_document(made)
    assert problem.rule.id == "report-without-evidence"
    assert problem.found == f"{quote.digits}{quote.unit}"
    for language in ("zh", "en"):
        assert "总值" in problem.says(language) and quote.figure.indicator in problem.says(language)
