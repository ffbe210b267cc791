from dataclasses import FrozenInstanceError
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shazhou.city.period import Period


@pytest.mark.parametrize(
    ("text", "start", "end", "frequency"),
    [
        ("2021", date(2021, 1, 1), date(2021, 12, 31), "A"),
        ("2023-Q1", date(2023, 1, 1), date(2023, 3, 31), "Q"),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29), "M"),
        ("2021-03-05", date(2021, 3, 5), date(2021, 3, 5), "D"),
        ("2021-01-01/P6M", date(2021, 1, 1), date(2021, 6, 30), "R"),
        ("2012-01-01/P5Y", date(2012, 1, 1), date(2016, 12, 31), "R"),
        ("2021-03-01/P10D", date(2021, 3, 1), date(2021, 3, 10), "R"),
    ],
)
def test_a_period_spans_whole_days(text: str, start: date, end: date, frequency: str) -> None:
    period = Period.parse(text)
    assert (period.start, period.end, period.frequency, str(period)) == (start, end, frequency, text)


@pytest.mark.parametrize(
    "text",
    ["", "21", "2021-13", "2021-Q5", "2021-02-30", "2021/P1Y", "2021-01/P6M", "0000", "2021-01-01/P0M", "２０２１"],
)
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        Period.parse(text)


def test_the_same_period_a_year_earlier_keeps_its_form() -> None:
    assert Period.parse("2021-01-01/P6M").year_earlier().text == "2020-01-01/P6M"
    assert Period.parse("2024-02-29").year_earlier().text == "2023-02-28"
    assert Period.parse("2023-Q1").shifted_years(2) == Period.parse("2025-Q1")


def test_a_period_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        Period.parse("2021").text = "2022"  # type: ignore[misc]


@given(st.text(max_size=20))
def test_any_text_is_a_period_or_a_value_error(text: str) -> None:
    try:
        period = Period.parse(text)
    except ValueError:
        return
    assert period.start <= period.end
