"""The course of a promise, worked out by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from shazhou.programme.course import Course, Promise, Reading, course

PROJECTS = Promise(Decimal(100), ">=", date(2021, 1, 1), date(2021, 12, 31), additive=True)
SHARE = Promise(Decimal(45), ">=", date(2021, 12, 9), date(2025, 12, 31), additive=False)
ENERGY = Promise(Decimal(80), "<=", date(2020, 12, 31), date(2025, 12, 31), additive=False)


def reading(value: int | str, until: str, qualifier: str = "=") -> Reading:
    return Reading(Decimal(value), qualifier, date.fromisoformat(until))


@pytest.mark.parametrize(
    ("promise", "now", "before", "today", "expected"),
    [
        (PROJECTS, None, None, "2021-07-01", "no evidence"),
        (PROJECTS, None, None, "2022-07-01", "no evidence"),
        (PROJECTS, reading(50, "2021-06-30"), None, "2021-07-10", "on course"),
        (PROJECTS, reading(49, "2021-06-30"), None, "2021-07-10", "behind"),
        (PROJECTS, reading(100, "2021-06-30"), None, "2021-07-10", "reached"),
        (PROJECTS, reading(99, "2021-11-30"), None, "2022-02-01", "unproved"),
        (PROJECTS, reading(99, "2021-12-31"), None, "2022-02-01", "missed"),
        (SHARE, reading(23, "2017-12-31"), None, "2022-07-01", "open"),
        (SHARE, reading(23, "2017-12-31"), None, "2026-11-24", "unproved"),
        (SHARE, reading(46, "2017-12-31"), None, "2022-07-01", "open"),
        (SHARE, reading(40, "2023-12-31"), None, "2024-02-01", "open"),
        (SHARE, reading(40, "2023-12-31"), reading(35, "2021-12-31"), "2024-02-01", "on course"),
        (SHARE, reading(39, "2023-12-31"), reading(35, "2021-12-31"), "2024-02-01", "behind"),
        (SHARE, reading(45, "2023-12-31"), None, "2024-02-01", "reached"),
        (ENERGY, reading(90, "2023-06-30"), reading(100, "2020-12-31"), "2024-02-01", "on course"),
        (ENERGY, reading(95, "2023-06-30"), reading(100, "2020-12-31"), "2024-02-01", "behind"),
        (ENERGY, reading(79, "2023-06-30"), reading(100, "2020-12-31"), "2024-02-01", "on course"),
        (ENERGY, reading(79, "2025-12-31"), None, "2026-02-01", "reached"),
        (ENERGY, reading(81, "2025-12-31"), None, "2026-02-01", "missed"),
    ],
)
def test_course(promise: Promise, now: Reading | None, before: Reading | None, today: str, expected: Course) -> None:
    assert course(promise, now, before, date.fromisoformat(today)) == expected


@pytest.mark.parametrize(
    ("value", "qualifier", "expected"), [(100, ">", "reached"), (100, "=", "missed"), (101, "=", "reached")]
)
def test_over_a_hundred_is_more_than_a_hundred(value: int, qualifier: str, expected: Course) -> None:
    over = Promise(Decimal(100), ">", date(2021, 1, 1), date(2021, 12, 31), additive=True)
    assert course(over, reading(value, "2021-12-31", qualifier), None, date(2022, 2, 1)) == expected


def test_an_exact_promise_is_only_judged_at_its_end() -> None:
    exact = Promise(Decimal(10), "=", date(2021, 1, 1), date(2021, 12, 31), additive=True)
    assert course(exact, reading(10, "2021-06-30"), None, date(2021, 7, 1)) == "open"
    assert course(exact, reading(10, "2021-12-31"), None, date(2022, 1, 1)) == "reached"
    assert course(exact, reading(11, "2021-12-31"), None, date(2022, 1, 2)) == "missed"
