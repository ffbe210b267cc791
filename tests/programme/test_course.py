"""The course of a promise, worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from shazhou.programme.course import Course, Promise, Reading, course

PROJECTS = Promise(Decimal(100), ">=", date(2021, 1, 1), date(2021, 12, 31), Decimal(0))
SHARE = Promise(Decimal(45), ">=", date(2021, 12, 9), date(2025, 12, 31))
ENERGY = Promise(Decimal(80), "<=", date(2020, 12, 31), date(2025, 12, 31))


OUTPUT = Promise(Decimal(6500), ">", date(2021, 12, 9), date(2025, 12, 31), early=False)


def reading(value: int | str, until: str, qualifier: str = "=", **more: bool) -> Reading:
    return Reading(Decimal(value), qualifier, date.fromisoformat(until), **more)


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
        (OUTPUT, reading(3500, "2023-12-31"), reading(4530, "2019-12-31"), "2024-06-01", "behind"),
        (OUTPUT, reading(5900, "2023-12-31"), reading(4530, "2019-12-31"), "2024-06-01", "on course"),
        (OUTPUT, reading(7000, "2023-12-31"), reading(4530, "2019-12-31"), "2024-06-01", "on course"),
        (OUTPUT, reading(7000, "2023-12-31"), reading(4530, "2019-12-31"), "2026-06-01", "unproved"),
        (OUTPUT, reading(3500, "2023-12-31"), None, "2024-06-01", "open"),
    ],
)
def test_course(promise: Promise, now: Reading | None, before: Reading | None, today: str, expected: Course) -> None:
    assert course(promise, now, before, date.fromisoformat(today)) == expected


@pytest.mark.parametrize(
    ("value", "qualifier", "expected"), [(100, ">", "reached"), (100, "=", "missed"), (101, "=", "reached")]
)
def test_over_a_hundred_is_more_than_a_hundred(value: int, qualifier: str, expected: Course) -> None:
    over = Promise(Decimal(100), ">", date(2021, 1, 1), date(2021, 12, 31), Decimal(0))
    assert course(over, reading(value, "2021-12-31", qualifier), None, date(2022, 2, 1)) == expected


def test_an_exact_promise_is_only_judged_at_its_end() -> None:
    exact = Promise(Decimal(10), "=", date(2021, 1, 1), date(2021, 12, 31), Decimal(0))
    assert course(exact, reading(10, "2021-06-30"), None, date(2021, 7, 1)) == "open"
    assert course(exact, reading(10, "2021-12-31"), None, date(2022, 1, 1)) == "reached"
    assert course(exact, reading(11, "2021-12-31"), None, date(2022, 1, 2)) == "missed"


def test_from_a_known_base_the_line_is_straight() -> None:
    doubled = Promise(Decimal(200), ">=", date(2021, 1, 1), date(2021, 12, 31), Decimal(100))
    assert course(doubled, reading(150, "2021-07-01"), None, date(2021, 7, 1)) == "on course"
    assert course(doubled, reading(149, "2021-07-01"), None, date(2021, 7, 1)) == "behind"


def test_what_does_not_measure_the_same_proves_nothing() -> None:
    half = reading(200, "2021-06-30", comparable=False)
    assert course(PROJECTS, half, None, date(2021, 7, 1)) == "open"
    assert course(PROJECTS, half, None, date(2022, 7, 1)) == "unproved"


def test_what_was_not_observed_neither_reaches_nor_misses() -> None:
    for value in (99, 100):
        played = reading(value, "2021-12-31", proven=False)
        assert course(PROJECTS, played, None, date(2022, 7, 1)) == "unproved"
    assert course(PROJECTS, reading(100, "2021-06-30", proven=False), None, date(2021, 7, 1)) == "open"
    assert course(PROJECTS, reading(11, "2021-06-30", proven=False), None, date(2021, 7, 1)) == "behind"


@pytest.mark.parametrize(
    ("promise", "value", "qualifier", "expected"),
    [
        (PROJECTS, 90, ">", "unproved"),
        (PROJECTS, 120, ">=", "reached"),
        (PROJECTS, 120, "<", "unproved"),
        (PROJECTS, 90, "<", "missed"),
        (PROJECTS, 100, "≈", "reached"),
        (replace(ENERGY, deadline=date(2021, 12, 31)), 90, "<", "unproved"),
        (replace(ENERGY, deadline=date(2021, 12, 31)), 70, "<=", "reached"),
        (replace(ENERGY, deadline=date(2021, 12, 31)), 70, ">", "unproved"),
        (replace(ENERGY, deadline=date(2021, 12, 31)), 90, ">", "missed"),
    ],
)
def test_a_bound_proves_only_what_it_bounds(promise: Promise, value: int, qualifier: str, expected: Course) -> None:
    assert course(promise, reading(value, "2021-12-31", qualifier), None, date(2022, 2, 1)) == expected
