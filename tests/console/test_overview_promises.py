"""Tiles: only what is stated is computed, and nothing is lost by it; the small time line; the visit."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, cast

import pytest
from django.test import Client

from shazhou.console.access.rules import Visitor
from shazhou.console.evidence import current
from shazhou.console.evidence.coverage import coverage
from shazhou.console.evidence.published import audience
from shazhou.console.overview.promises import promises
from shazhou.console.overview.timeline import timeline, worth_asking
from shazhou.console.overview.visit import PAUSE, visit
from shazhou.measure.figure import Cell, Figure
from shazhou.programme.target import statuses

HEAD, NEXT = "a" * 64, "b" * 64
NOON = datetime(2024, 6, 1, 12, tzinfo=UTC)


def figure(period: str, value: str | None, **more: Any) -> Figure:
    plain = {"status": "actual", "disputed": False, "simulated": False, "recorded": False}
    stated = None if value is None else Decimal(value)
    return cast(Figure, SimpleNamespace(period=period, value=stated, **{**plain, **more}))


@pytest.mark.slow
@pytest.mark.parametrize("today", [date(2026, 1, 1)])
def test_promises_stand_where_they_stand_when_everything_is_computed(site: Client, today: date) -> None:
    head = current.head()
    everything = current.with_measure(head, lambda measure: statuses(measure, today))
    assert promises(head, audience(Visitor(1), head), today) == everything


@pytest.mark.slow
def test_whatever_has_a_figure_may_have_one(site: Client) -> None:
    head = current.head()
    city, known = current.city(head), coverage(head)
    periods = [str(year) for year in range(2015, 2027)] + ["2021-06", "2021-01-01/P6M", "2021-Q3", "2022-10"]
    cells = [Cell(name, city.root, period) for name in city.indicators for period in periods]
    figures = current.figures(head, cells)
    with_value = [cell for cell in cells if figures[cell].value is not None]
    assert len(with_value) > 200
    assert [cell for cell in with_value if not known.may_have(cell)] == []
    assert sum(map(known.may_have, cells)) < len(cells) / 2


def test_a_time_line_has_two_points_at_least() -> None:
    assert timeline([figure("2019", "1"), figure("2020", None)], Decimal(9), date(2025, 12, 31)) is None


def test_a_time_line_runs_from_the_first_figure_to_the_deadline() -> None:
    drawn = timeline([figure("2016", "10"), figure("2020", "20", disputed=True)], Decimal(30), date(2024, 12, 31))
    assert drawn is not None
    first, last = drawn.points
    assert (first.x, first.y, last.x, last.y) == (5, 39, 120, 22)
    assert (drawn.deadline, drawn.goal) == (235, 5)
    assert first.plain and not last.plain
    assert drawn.reaches_on


def test_a_time_line_of_equal_values_is_level() -> None:
    drawn = timeline([figure("2016", "10"), figure("2017", "10")], Decimal(10), date(2016, 12, 31))
    assert drawn is not None
    assert {point.y for point in drawn.points} == {drawn.goal} == {22}
    assert not drawn.reaches_on


@pytest.mark.parametrize(
    ("periods", "kept"),
    [
        (["2016", "2016-06", "2017", "2018-Q1"], ("2016", "2017")),
        (["2016", "2020-06", "2020-10"], ("2020-06", "2020-10")),
        (["2016", "2020-06"], ()),
        (["2021-01-01/P3M", "2021-01-01/P6M"], ()),
        ([], ()),
    ],
)
def test_a_time_line_is_of_one_frequency(periods: list[str], kept: tuple[str, ...]) -> None:
    assert worth_asking(periods) == kept


def test_a_visit_goes_on_while_somebody_looks() -> None:
    first = visit("", HEAD, NOON)
    assert (first.before, first.last) == ("", HEAD)
    during = visit(str(first), NEXT, NOON + PAUSE)
    assert (during.before, during.last) == ("", NEXT)
    later = visit(str(during), NEXT, NOON + 3 * PAUSE)
    assert later.before == NEXT


@pytest.mark.parametrize(
    "cookie", ["", ".", "-..", f"-.{HEAD}.", f"-.{HEAD}.9" + "9" * 30, f"x.{HEAD}.1", f"-.{HEAD[1:]}.1", f"-.{HEAD}.٣"]
)
def test_a_cookie_that_is_none_begins_a_first_visit(cookie: str) -> None:
    assert visit(cookie, HEAD, NOON) == visit("", HEAD, NOON)
    assert timedelta(0) == visit(cookie, HEAD, NOON).at - NOON
