"""A collection and its days: when a return opens, is due, is locked, and which periods are open."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from shazhou.city.collection import Collection
from shazhou.city.period import Period

MONTHLY: dict[str, Any] = {
    "id": "monthly",
    "name": {"zh": "月报", "en": "Monthly report"},
    "of": "project",
    "variables": ("spent",),
    "frequency": "M",
    "deadline": 10,
    "lock": 20,
    "first": "2026-01",
    "steps": ("town", "bureau"),
    "source": "reports",
}


def monthly(**changes: Any) -> Collection:
    return Collection.model_validate(MONTHLY | changes)


def test_a_return_opens_after_its_period_is_due_and_then_locked() -> None:
    period = Period.parse("2026-02")
    assert monthly().opens(period) == date(2026, 3, 1)
    assert monthly().due(period) == date(2026, 3, 10)
    assert monthly().locks(period) == date(2026, 3, 31)


@pytest.mark.parametrize(
    ("day", "open_then"),
    [
        (date(2026, 1, 31), []),
        (date(2026, 2, 1), ["2026-01"]),
        (date(2026, 3, 2), ["2026-01", "2026-02"]),
        (date(2026, 3, 3), ["2026-02"]),
        (date(2026, 3, 30), ["2026-02"]),
        (date(2026, 3, 31), []),
        (date(2026, 4, 1), ["2026-03"]),
    ],
)
def test_periods_are_open_from_the_first_on_until_they_are_locked(day: date, open_then: list[str]) -> None:
    assert [period.text for period in monthly().open_periods(day)] == open_then


@pytest.mark.parametrize(
    ("frequency", "first", "period", "before"),
    [("A", "2020", "2026", "2025"), ("Q", "2020-Q1", "2026-Q1", "2025-Q4"), ("M", "2020-01", "2026-01", "2025-12")],
)
def test_the_period_before_is_of_the_same_frequency(frequency: str, first: str, period: str, before: str) -> None:
    assert monthly(frequency=frequency, first=first).before(Period.parse(period)).text == before


def test_reporters_without_a_condition_are_all_or_those_listed() -> None:
    assert monthly().reporters.by_condition
    assert not monthly(reporters={"entities": ("project:p1",)}).reporters.by_condition
    assert monthly(reporters={"entities": ("project:p1",), "place": "320582"}).reporters.by_condition


@pytest.mark.parametrize(("frequency", "first", "cells"), [("M", "2026-01", 24), ("Q", "2026-Q1", 8), ("A", "2026", 2)])
def test_the_burden_counts_cells_and_minutes_of_a_year(frequency: str, first: str, cells: int) -> None:
    asked = monthly(frequency=frequency, first=first, variables=("spent", "stage"), minutes=3)
    assert asked.cells_a_year == cells
    assert asked.minutes_a_year == cells * 3


@pytest.mark.parametrize(
    "wrong",
    [{"variables": ()}, {"steps": ()}, {"first": "2026"}, {"first": "soon"}, {"deadline": 0}, {"frequency": "D"}],
)
def test_what_makes_no_sense_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        monthly(**wrong)
