"""Working hours: lines that people write, as spans of time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shazhou.city.calendar import Calendar
from shazhou.city.problem import Refused

ZONE = "Asia/Shanghai"


def local(text: str) -> datetime:
    return (datetime.fromisoformat(text) - timedelta(hours=8)).replace(tzinfo=UTC)


def spans(lines: list[str], start: str, stop: str) -> list[tuple[datetime, datetime]]:
    return list(Calendar.parse(lines, ZONE).spans(local(start), local(stop)))


def test_weekdays_alone_are_worked() -> None:
    found = spans(["mon-fri 08:00-17:30"], "2026-11-20", "2026-11-24")  # Friday to Monday
    assert found == [
        (local("2026-11-20T08:00"), local("2026-11-20T17:30")),
        (local("2026-11-23T08:00"), local("2026-11-23T17:30")),
    ]


def test_a_night_shift_ends_the_next_day_and_began_the_day_before() -> None:
    found = spans(["daily 20:00-04:00"], "2026-11-20", "2026-11-21")
    assert found == [
        (local("2026-11-20T00:00"), local("2026-11-20T04:00")),
        (local("2026-11-20T20:00"), local("2026-11-21T00:00")),
    ]


def test_days_that_wrap_around_the_week() -> None:
    assert Calendar.parse(["sat-mon 08:00-09:00"], ZONE).shifts[0].days == {5, 6, 0}


def test_a_closed_day_takes_the_part_of_a_night_shift_that_falls_on_it() -> None:
    found = spans(["daily 20:00-04:00", "closed 2026-10-01"], "2026-09-30T12:00", "2026-10-02T12:00")
    assert found == [
        (local("2026-09-30T20:00"), local("2026-10-01T00:00")),
    ]


def test_overlapping_shifts_count_once() -> None:
    calendar = Calendar.parse(["daily 08:00-16:00", "daily 12:00-20:00"], ZONE)
    assert calendar.seconds(local("2026-11-20"), local("2026-11-21")) == 12 * 3600


@pytest.mark.parametrize(
    "line", ["mon 8:00-9:00", "someday 08:00-09:00", "mon 08:00-25:00", "mon 08:70-09:00", "closed 2026-13-01"]
)
def test_a_line_that_is_none_is_told_with_how_to_write_one(line: str) -> None:
    with pytest.raises(Refused) as refused:
        Calendar.parse([line, "mon-fri 08:00-17:30"], ZONE)
    (problem,) = refused.value.problems
    assert (problem.rule.id, problem.found) == ("working-hours", line)


@given(st.integers(0, 10_000), st.integers(0, 10_000), st.integers(0, 10_000))
def test_working_time_adds_up_over_neighbouring_spans(first: int, second: int, third: int) -> None:
    calendar = Calendar.parse(["mon-sat 06:10-14:20", "mon,thu 22:00-05:00", "closed 2026-11-19/2026-11-20"], ZONE)
    moments = sorted((first, second, third))
    a, b, c = (local("2026-11-16") + timedelta(minutes=each) for each in moments)
    assert calendar.seconds(a, b) + calendar.seconds(b, c) == calendar.seconds(a, c)
