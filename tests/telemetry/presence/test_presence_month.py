"""The month by the city's rule, and presence over a store."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from made_minutes import (
    DAY,
    HOUR,
    MIDNIGHT,
    SPAN,
    Row,
    at,
    birth,
    digest,
    event,
    events_of,
    machine,
    minutes_of,
)
from register_city import zhangjiagang

from shazhou.city.model import PresenceRule, RetentionRule
from shazhou.telemetry.enrolment import Enrolled
from shazhou.telemetry.presence.compute import compute
from shazhou.telemetry.presence.reasons import REASONS
from shazhou.telemetry.presence.verdict import Verdict, verdicts_of
from shazhou.telemetry.store.schema import HOURS
from shazhou.telemetry.store.store import Store

ZONE = "Asia/Shanghai"
FIRST = MIDNIGHT - 25 * DAY
"""1 November 2026 begins in Shanghai."""


def hour(node: str, day: int, number: int, live: int = 3600, **differs: Any) -> Row:
    """An hour of the month with working time, the day counted from 0."""
    level = 3 if live >= 2160 else 2
    row = {"node": node, "hour": FIRST + day * DAY + number * HOUR, "level": level, "before": level, "working": 3600}
    row |= {"live": live, "speaking": 3600, "reason": "not-challenged" if level == 3 else "times-stand"}
    return row | {"doubts": [], "mode": "rollup", "origin": ""} | differs


def month(*rows: list[Row]) -> pa.Table:
    return pa.Table.from_pylist([row for each in rows for row in each], schema=HOURS)


def days(node: str, count: int, live: int = 3600, first: int = 0, **differs: Any) -> list[Row]:
    return [hour(node, day, number, live, **differs) for day in range(first, first + count) for number in range(8, 17)]


PASSED = event("a", FIRST + 5 * DAY, "challenge-passed", nonce="n", read=None)


def verdict(rows: pa.Table, *events: Row, rule: PresenceRule | None = None, node: str = "a") -> Verdict:
    (found,) = verdicts_of(rows, events_of(*events), rule or PresenceRule(), ZONE, [node])
    return found


def test_fifteen_days_and_a_challenge_are_online() -> None:
    assert verdict(month(days("a", 15)), PASSED) == Verdict("a", "2026-11", True, 15, 1, 3, "")


@pytest.mark.parametrize(
    ("rows", "events", "reason", "count"),
    [
        (days("a", 14), [PASSED], "days-to-come", 14),
        (days("a", 15), [], "too-few-challenges", 15),
        (days("a", 14) + days("a", 9, live=0, first=14), [PASSED], "times-stand", 14),
        (days("a", 20, live=0, level=0, reason="silent"), [], "never-heard", 0),
        (days("a", 14) + days("a", 9, 0, 14, level=2, reason="doubt-clone"), [PASSED], "doubt-clone", 14),
    ],
)
def test_why_an_enterprise_is_not_online(rows: list[Row], events: list[Row], reason: str, count: int) -> None:
    found = verdict(month(rows), *events)
    assert (found.online, found.reason, found.days) == (False, reason, count)
    assert reason in REASONS


def test_who_was_never_heard_has_a_verdict_too() -> None:
    assert verdict(month(days("b", 3)), node="a").reason == "never-heard"


def test_a_day_counts_by_its_seconds_not_by_its_hours() -> None:
    half = [hour("a", 0, number, 3600 if number < 14 else 0) for number in range(8, 17)]
    assert verdict(month(half), PASSED).days == 1, "six of nine hours are more than 60 %"
    less = [hour("a", 0, number, 3600 if number < 13 else 1439) for number in range(8, 17)]
    assert verdict(month(less), PASSED).days == 1
    least = [hour("a", 0, number, 3600 if number < 13 else 359) for number in range(8, 17)]
    assert verdict(month(least), PASSED).days == 0


def test_the_share_is_taken_exactly() -> None:
    whole = [hour("a", 0, number, 2160) for number in range(8, 18)]
    assert verdict(month(whole)).days == 1
    assert verdict(month([*whole[:-1], hour("a", 0, 17, 2159)])).days == 0
    third = PresenceRule(share=Decimal("0.1"))
    assert verdict(month([hour("a", 0, 8, 360)]), rule=third).days == 1


def test_hours_without_working_time_do_not_count() -> None:
    night = days("a", 20, working=0)
    assert verdict(month(night), PASSED).days == 0


def test_a_city_may_ask_for_another_level() -> None:
    speaking = month(days("a", 15, live=0))
    assert verdict(speaking, PASSED, rule=PresenceRule(level=2)).online
    assert not verdict(speaking, PASSED, rule=PresenceRule(level=3)).online
    assert not verdict(month(days("a", 15)), PASSED, rule=PresenceRule(level=4)).online
    assert verdict(month(days("a", 15, level=4)), PASSED, rule=PresenceRule(level=4)).online


def test_in_mode_full_only_a_challenge_with_a_tag_read_counts() -> None:
    rows = month([hour("a", day, number, mode="full") for day in range(15) for number in range(24)])
    read = event("a", FIRST + 5 * DAY, "challenge-passed", nonce="n", read=True)
    assert verdict(rows, read).challenges == 1
    assert verdict(rows, PASSED).challenges == 0


def test_days_and_months_are_those_of_the_zone() -> None:
    found = verdicts_of(month(days("a", 1, first=29), days("a", 1, first=30)), events_of(), PresenceRule(), ZONE, ["a"])
    assert [(each.month, each.days) for each in found] == [("2026-11", 1), ("2026-12", 1)]


NODES = {node: Enrolled(node, f"enterprise:{node}", {}, shifts=("mon-fri 08:00-17:00",)) for node in "abp"}
THURSDAY = date(2026, 11, 26)


def filled(folder: Path, *rows: list[Row], events: list[Row]) -> Store:
    store = Store.open(folder, write=True)
    store.add(minutes=minutes_of(*rows).to_batches()[0], events=events_of(*events).to_batches()[0])
    store.commit()
    return store


def now(day: int) -> datetime:
    """The end of a day counted from Thursday."""
    return datetime.fromtimestamp((SPAN[1] + day * DAY) / 1000, UTC)


def test_a_day_is_judged_over_the_store_and_again(tmp_path: Path) -> None:
    clone = machine(
        "b", change=lambda row: {"digest": digest("a", "press", row["at"]), "received": row["received"] + 900}
    )
    store = filled(tmp_path / "t", machine("a"), clone, events=[birth("a", MIDNIGHT - 9 * DAY), birth("b")])
    with store:
        for _ in range(2):
            found = compute(store, zhangjiagang(), NODES, THURSDAY, now(0))
            assert {each.node: (each.days, each.reason) for each in found} == {
                "a": (1, "days-to-come"),
                "b": (0, "doubt-clone"),
                "p": (0, "never-heard"),
            }
            assert [(each["node"], each["kind"]) for each in store.doubts("2026-11")] == [("b", "clone")]
            assert store.hours(*SPAN).num_rows == 3 * 24
        hours = {row["hour"]: row for row in store.hours(*SPAN, node="a").to_pylist()}
        assert hours[at("20:00")]["level"] == 2, "born nine days before and not dead"
        assert store.machine_hours(*SPAN, node="a").num_rows == 9


@pytest.mark.slow
def test_a_month_is_judged_day_by_day_and_remembers(tmp_path: Path) -> None:
    again = machine("a", day=1, change=lambda row: {"digest": digest("a", "press", row["at"] - DAY)})
    told: list[date] = []
    with filled(tmp_path / "t", machine("a"), again, events=[birth("a")]) as store:
        (verdict_of_a, *_) = compute(store, zhangjiagang(), NODES, "2026-11", now(1), told.append)
        assert (verdict_of_a.days, verdict_of_a.reason) == (1, "silent")
        assert told == [date(2026, 11, 1) + timedelta(days=each) for each in range(27)]
        (doubt,) = store.doubts("2026-11")
        assert doubt["kind"] == "replay" and doubt["start"] >= SPAN[1]


def test_minutes_that_come_late_change_what_was_judged(tmp_path: Path) -> None:
    late = machine("a", change=lambda row: {"historical": True, "received": SPAN[1] + HOUR})
    with filled(tmp_path / "t", late[:1], events=[birth("a", SPAN[1] + HOUR)]) as store:
        assert compute(store, zhangjiagang(), NODES, THURSDAY, now(1))[0].days == 0
        store.add(minutes=minutes_of(late[1:]).to_batches()[0])
        store.commit()
        assert compute(store, zhangjiagang(), NODES, THURSDAY, now(1))[0].days == 1


@pytest.mark.slow
def test_a_day_whose_minutes_are_no_longer_kept_stays_as_it_was_judged(tmp_path: Path) -> None:
    with filled(tmp_path / "t", machine("a"), events=[birth("a")]) as store:
        compute(store, zhangjiagang(), NODES, THURSDAY, now(0))
        before = store.hours(*SPAN)
        store.compact(date(2026, 12, 30))
        store.retain(RetentionRule(samples_days=1, minutes_days=1), date(2026, 12, 30))
        assert not store.minutes(*SPAN).num_rows
        for again in (THURSDAY, "2026-11"):
            assert compute(store, zhangjiagang(), NODES, again, now(30))[0].days == 1
            assert store.hours(*SPAN).equals(before)


def test_what_has_not_begun_is_not_judged(tmp_path: Path) -> None:
    noon = datetime.fromtimestamp(at("12:30") / 1000, UTC)
    with filled(tmp_path / "t", machine("a"), events=[birth("a")]) as store:
        compute(store, zhangjiagang(), NODES, THURSDAY, noon)
        assert store.hours(*SPAN, node="a").num_rows == 13
        assert compute(store, zhangjiagang(), NODES, date(2026, 11, 27), noon)[0].month == "2026-11"
        assert store.hours(SPAN[1], SPAN[1] + DAY).num_rows == 0
        with pytest.raises(ValueError, match="2026"):
            compute(store, zhangjiagang(), NODES, "2026", noon)
