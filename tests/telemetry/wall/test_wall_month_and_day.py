"""A month of an enterprise and a day of a machine: what events, hours and minutes become."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from store_rows import START, minutes

from shazhou.telemetry.presence.doubt import Doubt
from shazhou.telemetry.store.schema import HOURS, MACHINE_HOURS
from shazhou.telemetry.store.store import Store
from shazhou.telemetry.wall.day import MINUTE, STATES, Span, day_bounds, day_of, hours_of, ribbon_of
from shazhou.telemetry.wall.month import (
    Challenge,
    Gap,
    bounds,
    challenges_of,
    gaps_of,
    machines_of,
    month_at,
    month_of,
)

SHANGHAI = "Asia/Shanghai"
NOVEMBER = 1_793_462_400_000
"""2026-11-01 in Shanghai."""


def event(at: int, kind: str, device: str = "", **detail: Any) -> dict[str, Any]:
    return {"at": at, "kind": kind, "device": device, "detail": detail}


def test_a_month_is_the_citys() -> None:
    assert bounds("2026-11", SHANGHAI) == (NOVEMBER, NOVEMBER + 30 * 86_400_000)
    assert month_at(NOVEMBER, SHANGHAI) == "2026-11" and month_at(NOVEMBER - 1, SHANGHAI) == "2026-10"
    assert bounds("2026-12", SHANGHAI)[1] == bounds("2027-01", SHANGHAI)[0]


@pytest.mark.parametrize("given", ["", "2026", "2026-13", "2026-1", "0001-01", "9999-12", "２０２６-11", "2026-11-01"])
def test_what_is_no_month_is_refused(given: str) -> None:
    with pytest.raises(ValueError):
        bounds(given, SHANGHAI)


def test_what_was_sent_between_the_last_word_and_a_death_is_within_what_is_told_as_missed() -> None:
    assert gaps_of([event(10, "death", since=4), event(20, "birth")]) == [Gap("offline", 4, 20)]


def test_offline_lasts_from_death_to_birth_and_a_machines_own_birth_ends_nothing() -> None:
    events = [
        event(10, "death"),
        event(15, "birth", device="press"),
        event(17, "stale"),
        event(20, "birth"),
        event(30, "birth"),
        event(40, "stale"),
    ]
    assert gaps_of(events) == [Gap("offline", 10, 20), Gap("offline", 40, None)]


def test_what_is_lost_is_counted_and_dated_by_its_messages() -> None:
    third_party = event(50, "gap", expected=3, got=6, missing=3, **{"from": 40, "to": 50})
    ours = event(60, "records-lost", after=9, before=12, count=2)
    assert gaps_of([third_party, ours]) == [Gap("lost", 40, 50, 3), Gap("lost", 60, 60, 2)]


def test_a_challenge_is_told_by_its_nonce() -> None:
    events = [
        event(10, "challenge", nonce="x"),
        event(11, "challenge", nonce="y"),
        event(12, "challenge-failed", nonce="y", why="no birth"),
        event(13, "challenge-passed", nonce="x", after=3, read=True),
        event(20, "challenge", nonce="z"),
        event(30, "challenge-passed", nonce="asked last month", after=1, read=None),
    ]
    assert challenges_of(events) == [
        Challenge(10, True, 3, True),
        Challenge(11, False, why="no birth"),
        Challenge(20, None),
        Challenge(30, True, 1),
    ]


def test_the_hours_of_a_month_stand_by_local_day_and_hour(tmp_path: Path) -> None:
    row = {"node": "a", "level": 2, "before": 3, "working": 3600, "live": 0, "speaking": 3600, "reason": "doubt-clone"}
    row |= {"doubts": ["clone"], "mode": "rollup", "origin": "simulated"}
    rows = [{**row, "hour": NOVEMBER + 9 * 3_600_000}, {**row, "hour": NOVEMBER + 24 * 3_600_000}]
    with Store.open(tmp_path / "store", write=True) as store:
        table = pa.Table.from_pylist(rows, HOURS)
        store.keep_hours(date(2026, 11, 1), table, MACHINE_HOURS.empty_table())
        told = month_of(store, "a", "2026-11", SHANGHAI)
        assert month_of(store, "b", "2026-11", SHANGHAI).modes == ()
    assert len(told.days) == 30
    known = [(day, hour, each) for day, hours in told.days for hour, each in enumerate(hours) if each]
    assert [(day.day, hour) for day, hour, _each in known] == [(1, 9), (2, 0)]
    assert known[0][2].level == 2 and known[0][2].before == 3 and known[0][2].doubts == ("clone",)
    assert told.modes == ("rollup",) and told.origins == {"simulated"}


def test_a_meter_that_is_not_there_stays_unknown_in_a_months_sums() -> None:
    row = dict.fromkeys(("not_available", "out_of_service", "not_executing", "maintenance", "setup"), 0.0)
    row |= {"node": "a", "device": "press", "live": 60, "executing": 60.0, "failures": 1, "minutes": 1, "origin": ""}
    row |= {"believed": 1}
    rows = [
        {**row, "hour": 0, "total": None, "good_count": None, "energy": 1.5, "cycle": None},
        {**row, "hour": 3_600_000, "total": None, "good_count": None, "energy": None, "cycle": None},
    ]
    (machine,) = machines_of(pa.Table.from_pylist(rows, MACHINE_HOURS))
    assert (machine.total, machine.energy, machine.failures, machine.live, machine.last) == (
        None,
        1.5,
        2,
        120,
        3_600_000,
    )
    assert machines_of(MACHINE_HOURS.empty_table()) == ()


def minute(at: int, state: int, seconds: float = 60.0, total: int | None = 1) -> dict[str, Any]:
    told = {name: seconds if number == state else 0.0 for number, name in enumerate(STATES)}
    return {"at": at * MINUTE, **told, "total": total, "good_count": total, "energy": None, "believed": True}


def test_equal_minutes_become_one_span_and_silence_is_one_too() -> None:
    minutes = [minute(1, 3), minute(2, 3), minute(3, 2), minute(6, 3), minute(7, 3, seconds=0.0)]
    assert ribbon_of(minutes, 0, 10 * MINUTE) == [
        Span(None, 0, MINUTE),
        Span(3, MINUTE, 3 * MINUTE),
        Span(2, 3 * MINUTE, 4 * MINUTE),
        Span(None, 4 * MINUTE, 6 * MINUTE),
        Span(3, 6 * MINUTE, 7 * MINUTE),
        Span(None, 7 * MINUTE, 10 * MINUTE),
    ]


@given(st.dictionaries(st.integers(0, 59), st.integers(0, 3)))
def test_a_ribbon_covers_its_time_without_gap_or_overlap(told: dict[int, int]) -> None:
    minutes = [minute(at, state) for at, state in sorted(told.items())]
    spans = ribbon_of([*minutes, *minutes[-1:]], 0, 60 * MINUTE)
    assert spans[0].start == 0 and spans[-1].stop == 60 * MINUTE
    for before, after in pairwise(spans):
        assert before.stop == after.start and before.state != after.state
    for at in range(60):
        (here,) = [span for span in spans if span.start <= at * MINUTE < span.stop]
        assert here.state == told.get(at)


def test_hours_add_up_their_minutes() -> None:
    first, second = hours_of([minute(0, 3), minute(59, 2), minute(60, 3, total=None)])
    assert (first.seconds, first.total, first.minutes) == ((0.0, 0.0, 60.0, 60.0), 2, 2)
    assert (second.start, second.total, second.energy) == (60 * MINUTE, None, None)


def test_what_is_unsigned_or_in_doubt_is_shown_and_in_no_sum(tmp_path: Path) -> None:
    """Three minutes of a machine: one that a stranger had told before, one in doubt, one unsigned."""
    told = {"node": "a", "total": 2, "energy": 0.5}
    rows = [
        {**told, "at": START, "received": START + 1, "signed": False, "total": 100},
        {**told, "at": START, "received": START + 2},
        {**told, "at": START + MINUTE},
        {**told, "at": START + 2 * MINUTE, "signed": False},
    ]
    with Store.open(tmp_path, write=True) as store:
        store.add(minutes=minutes(rows))
        store.commit()
        doubt = Doubt("a", "press", "cached", START + MINUTE, START + 2 * MINUTE, 2)
        lower = Doubt("a", "press", "clock", START, START + MINUTE, 3)
        store.keep_doubts("2024-10", [doubt.as_dict(), lower.as_dict()])
        day = day_of(store, "a", "press", date(2024, 10, 4), "UTC")
    (hour,) = day.hours
    assert (hour.total, hour.energy, hour.seconds[3], hour.minutes) == (2, 0.5, 60.0, 3)
    assert (day.unsigned, day.doubted) == (1, 1)
    assert [each for _, each, _ in day.trend] == [2, 2, 2]


def test_a_day_with_a_change_of_clock_is_as_long_as_it_was() -> None:
    start, stop = day_bounds(date(2026, 3, 29), "Europe/Berlin")
    assert stop - start == 23 * 3_600_000
