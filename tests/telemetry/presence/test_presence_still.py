"""Cached and frozen sources: nothing moves, and rests that look like it."""

from __future__ import annotations

from pathlib import Path

import pytest
from made_minutes import (
    DAY,
    SPAN,
    Row,
    at,
    at_rest,
    digest,
    doubts,
    kinds,
    machine,
    minutes_of,
)

from shazhou.city.calendar import Calendar
from shazhou.telemetry.presence.digests import Past


def still(row: Row) -> Row:
    """Executing, and nothing moves; the number of samples wavers."""
    count = 58 + row["at"] // 60_000 % 3
    still_values = {"energy": 0.0, "total": 0, "good_count": 0, "values": 1, "executing": 60.0, "not_executing": 0.0}
    return still_values | {"times": count, "samples": count * 5, "digest": digest("held", count)}


def test_a_cache_with_new_times_is_found_while_the_machine_executes() -> None:
    rows = (
        machine("a", end="10:00") + machine("a", begin="10:00", end="11:00", change=still) + machine("a", begin="11:00")
    )
    (doubt,) = doubts(minutes_of(rows))
    assert (doubt.kind, doubt.start, doubt.stop) == ("cached", at("10:00"), at("11:00"))
    assert doubt.evidence == {"minutes": 60, "digests": 3, "executing": 3600}


@pytest.mark.parametrize(
    "moves",
    [
        {"energy": 0.01},
        {"total": 1},
        {"values": 2},
        {"executing": 0.0, "not_executing": 60.0},
    ],
)
def test_a_machine_of_which_anything_moves_is_no_cache(moves: Row) -> None:
    rows = machine("a", begin="10:00", end="11:00", change=lambda row: still(row) | moves)
    assert doubts(minutes_of(rows)) == []


def test_constant_minutes_that_differ_from_one_another_are_no_cache() -> None:
    rows = machine("a", begin="10:00", end="11:00", change=lambda row: still(row) | {"digest": digest(row["at"])})
    assert doubts(minutes_of(rows)) == []


def test_a_working_day_in_which_nothing_moves_proves_nothing() -> None:
    rested = machine("a", begin="08:00", end="14:30", change=at_rest)
    assert kinds(doubts(minutes_of(rested))) == {("a", "cached")}
    night = machine("a", begin="00:00", end="08:00", change=at_rest) + machine("a", begin="08:00")
    assert doubts(minutes_of(night)) == []


def test_a_cache_of_which_a_minute_now_and_then_has_one_time_only_is_found() -> None:
    """Such a minute ended what was looked for, six hours of stillness, and a cached source was not seen for weeks."""

    def seldom_read(row: Row) -> Row:
        return at_rest(row) | {"times": 1 if row["at"] // 60_000 % 70 == 0 else 3}

    assert kinds(doubts(minutes_of(machine("a", begin="08:00", end="14:30", change=seldom_read)))) == {("a", "cached")}


def test_two_minutes_that_tell_something_are_no_stillness_between_them() -> None:
    """A source that tells changes only says all of it anew when it is connected again."""

    def anew(row: Row) -> Row:
        told = (row["at"] - at("10:00")) // 60_000 in (0, 25)
        return still(row) | ({"times": 2, "digest": digest("anew")} if told else {"times": 0, "samples": 0})

    assert doubts(minutes_of(machine("a", begin="10:00", end="11:00", change=anew))) == []


def test_a_cache_is_found_at_night_too() -> None:
    night = Calendar.parse(["daily 19:00-05:00"], "Asia/Shanghai")
    rested = machine("a", begin="00:00", end="05:00", change=at_rest) + machine(
        "a", begin="19:00", end="23:59", change=at_rest
    )
    assert kinds(doubts(minutes_of(rested), calendar=night)) == {("a", "cached")}


def humming(row: Row) -> Row:
    return at_rest(row) | {"values": 3, "energy": 0.01, "digest": digest(row["at"])}


def test_a_machine_that_hums_at_rest_and_then_stands_still_is_cached(tmp_path: Path) -> None:
    past = Past(tmp_path)
    rows = machine("a", end="10:00", change=humming) + machine("a", begin="10:00", end="11:30", change=at_rest)
    (doubt,) = doubts(minutes_of(rows), past=past)
    assert (doubt.kind, doubt.start, doubt.stop) == ("cached", at("10:00"), at("11:30"))
    later = machine("a", end="10:00", change=at_rest, day=1)
    span = SPAN[1], SPAN[1] + DAY
    assert kinds(doubts(minutes_of(later), past=past, span=span)) == {("a", "cached")}
    assert doubts(minutes_of(later), span=span) == [], "without the day before nobody knows that it hums"


def test_samples_with_one_old_time_are_frozen() -> None:
    rows = machine("a", end="10:00") + machine("a", begin="10:00", end="10:30", change=lambda row: {"times": 1})
    (doubt,) = doubts(minutes_of(rows))
    assert (doubt.kind, doubt.start, doubt.stop) == ("frozen", at("10:00"), at("10:30"))
    short = machine("a", begin="10:00", end="10:05", change=lambda row: {"times": 1})
    assert doubts(minutes_of(short)) == []
