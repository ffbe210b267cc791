"""Shares that do not add up stop the report."""

from __future__ import annotations

from functools import cache

import pytest
from report.zhangjiagang_report import FOLDER, TODAY, draft, draft_of, measure_of, template_of

from shazhou.measure.measure import Measure
from shazhou.report.checks import shares
from shazhou.report.compose.composing import compose

OBSERVATIONS = (FOLDER / "evidence" / "observations.csv").read_text(encoding="utf-8")
SHARES = "三次产业占{{ primary_share }}、{{ secondary_share }}和{{ tertiary_share }}。"


@cache
def mistaken() -> Measure:
    """The city with a wrong share of tertiary industry in 2021."""
    wrong = "city,tertiary_share,第三产业比重,2021,47.8,", "city,tertiary_share,第三产业比重,2021,48.8,"
    return measure_of(observations=lambda text: text.replace(*wrong))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_all_shares_in_the_reports_that_ship_add_up(language):
    assert list(shares.check_draft(draft(language))) == []


def test_shares_that_do_not_make_a_whole_stop_the_report_with_sentence_and_reason():
    problems = list(shares.check_draft(compose(mistaken(), template_of(SHARES), 2021, "zh", TODAY)))
    assert [problem.rule.id for problem in problems] == ["report-shares-sum", "report-share-of-whole"]
    whole, part = problems
    assert whole.found == "101.0"
    assert part.found == "48.8"
    for language in ("zh", "en"):
        assert "三次产业占" in whole.says(language)
        assert "47.8" in part.says(language)


def test_a_share_alone_is_held_against_its_part_and_whole():
    made = compose(mistaken(), template_of("第三产业占{{ tertiary_share }}。"), 2021, "zh", TODAY)
    assert [problem.rule.id for problem in shares.check_draft(made)] == ["report-share-of-whole"]


@pytest.mark.slow
@pytest.mark.parametrize("gdp", ["0", "0.3", "20"])
def test_a_whole_that_is_smaller_than_its_part_stops_the_report_also_when_it_is_next_to_nothing(gdp):
    row = next(line for line in OBSERVATIONS.splitlines() if line.startswith("city,gdp,地区生产总值,2021,"))
    smaller = ",".join([*row.split(",")[:4], gdp, *row.split(",")[5:]])
    wrong = measure_of(observations=lambda text: text.replace(row, smaller))
    made = compose(wrong, template_of("第三产业占{{ tertiary_share }}。"), 2021, "zh", TODAY)
    (problem,) = shares.check_draft(made)
    assert problem.rule.id == "report-part-above-whole"
    for language in ("zh", "en"):
        assert "第三产业占" in problem.says(language) and "tertiary_value_added" in problem.says(language)


def test_shares_of_another_year_do_not_count_into_the_sum():
    text = "占{{ primary_share period=2023 }}、{{ secondary_share }}和{{ tertiary_share }}。"
    assert list(shares.check_draft(draft_of(text))) == []
