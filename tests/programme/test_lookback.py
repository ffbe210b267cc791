"""The periods in which the evidence of a promise is looked for, written out by hand."""

from __future__ import annotations

from datetime import date

from shazhou.city.period import Period
from shazhou.programme.lookback import periods, span


def looked(own: str, today: str, *, parts: bool = False, lasting: bool = False) -> list[str]:
    return periods(Period.parse(own), date(2021, 3, 1), date.fromisoformat(today), parts, lasting)


def test_the_own_period_then_years_back_to_ten_before_the_promise() -> None:
    assert looked("2023", "2022-07-01") == [f"{year}" for year in range(2022, 2010, -1)]
    assert looked("2021", "2026-07-01")[0] == "2021"


def test_parts_of_a_year_follow_the_year_longest_first_and_had_ended() -> None:
    found = looked("2021", "2021-03-15", parts=True)
    assert found[:5] == ["2021", "2021-01-01/P2M", "2021-01-01/P1M", "2020", "2020-01-01/P11M"]


def test_parts_of_several_years_run_from_the_first_day() -> None:
    found = looked("2021-01-01/P5Y", "2022-03-15", parts=True)
    assert found[:3] == ["2021-01-01/P5Y", "2021-01-01/P14M", "2021-01-01/P13M"]


def test_what_lasts_is_looked_at_as_of_the_day() -> None:
    assert looked("2021", "2021-07-01", lasting=True)[:2] == ["2021-01-01/P182D", "2020"]
    assert looked("2021", "2022-07-01", lasting=True)[:2] == ["2021", "2020"]


def test_a_period_that_has_not_begun_is_not_looked_at() -> None:
    assert looked("2023-Q1", "2023-01-01", parts=True)[0] == "2022"


def test_a_start_makes_a_span_to_the_end_of_the_period() -> None:
    assert span(Period.parse("2025"), "2021").text == "2021-01-01/P60M"
    assert span(Period.parse("2025"), "").text == span(Period.parse("2025"), "2025").text == "2025"
