"""The ladder by hour: what each level asks, what stands in its way, and that evidence can only speak for itself."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_minutes import (
    HOUR,
    MIDNIGHT,
    SPAN,
    WORK,
    at,
    at_rest,
    birth,
    digest,
    event,
    events_of,
    levels,
    machine,
    minutes_of,
)

from shazhou.city.model import PresenceRule
from shazhou.telemetry.presence.doubt import Doubt
from shazhou.telemetry.presence.hours import hours_of
from shazhou.telemetry.store.schema import HOURS, MACHINE_HOURS


def test_a_promise_alone_is_level_0() -> None:
    hours = levels(minutes_of(), joined=["a"])
    assert {(row["level"], row["reason"]) for row in hours.values()} == {(0, "silent")}
    assert sum(row["working"] for row in hours.values()) == 9 * 3600


def test_messages_without_a_birth_are_level_1() -> None:
    hours = levels(minutes_of(), events_of(event("a", at("09:10"), "quarantined", reason="no birth")))
    assert (hours["a", "09:00"]["level"], hours["a", "09:00"]["reason"]) == (1, "no-birth")
    assert hours["a", "10:00"]["level"] == 0


def test_what_the_host_does_is_nothing_heard() -> None:
    hours = levels(minutes_of(), events_of(event("a", at("09:10"), "challenge", nonce="n")))
    assert hours["a", "09:00"]["level"] == 0


def test_a_session_without_minutes_is_level_2_until_it_dies() -> None:
    hours = levels(minutes_of(), events_of(birth("a"), event("a", at("10:15"), "death", bdSeq=1)))
    assert (hours["a", "09:00"]["level"], hours["a", "09:00"]["reason"]) == (2, "no-minutes")
    assert (hours["a", "10:00"]["level"], hours["a", "10:00"]["reason"]) == (1, "short-session")
    assert hours["a", "11:00"]["level"] == 0


def test_a_gap_in_the_sequence_is_no_speaking() -> None:
    gap = event(
        "a", at("09:50"), "gap", **{"expected": 3, "got": 9, "from": at("09:05"), "to": at("09:50"), "missing": 6}
    )
    hours = levels(minutes_of(), events_of(birth("a"), gap))
    assert (hours["a", "09:00"]["level"], hours["a", "09:00"]["speaking"]) == (1, 15 * 60)


def test_a_pulse_proves_level_2_and_no_more() -> None:
    pulses = [
        event("a", at("09:00") + k * 60_000, "pulse", minute=at("09:00") + k * 60_000, times=3, good=1.0)
        for k in range(60)
    ]
    hours = levels(
        minutes_of(), events_of(birth("a", at("08:59"), mode="pulse"), event("a", at("08:59"), "death"), *pulses)
    )
    assert (hours["a", "09:00"]["level"], hours["a", "09:00"]["reason"]) == (2, "pulse-mode")


def test_a_mode_cannot_reach_more_than_it_can_prove() -> None:
    rows = machine("a", change=lambda row: {"mode": "pulse"})
    assert levels(minutes_of(rows))["a", "09:00"]["level"] == 2


def test_read_signed_and_advancing_minutes_are_level_3() -> None:
    hours = levels(minutes_of(machine("a")), events_of(birth("a")))
    assert (hours["a", "09:00"]["level"], hours["a", "09:00"]["live"]) == (3, 3600)
    assert hours["a", "09:00"]["reason"] == "not-challenged"
    assert hours["a", "18:00"]["level"] == 2


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"signed": False}, "unsigned"),
        ({"times": 1}, "times-stand"),
        ({"good": 0.5}, "bad-quality"),
    ],
)
def test_minutes_that_fail_are_not_live(change: dict[str, object], reason: str) -> None:
    hours = levels(minutes_of(machine("a", change=lambda row: change)), events_of(birth("a")), judge=False)
    assert (hours["a", "09:00"]["level"], hours["a", "09:00"]["reason"]) == (2, reason)


def test_a_machine_at_rest_is_live() -> None:
    rows = machine("a", begin="08:00", end="11:00") + machine("a", begin="11:00", end="13:00", change=at_rest)
    assert levels(minutes_of(rows))["a", "12:00"]["level"] == 3


def test_a_source_that_tells_changes_only_is_believed_for_a_while() -> None:
    silent = {"samples": 0, "times": 0, "values": 0, "good": 0.0, "digest": ""}
    rows = machine("a", end="09:00") + machine("a", begin="09:00", end="10:00", change=lambda row: silent)
    hours = levels(minutes_of(rows))
    assert hours["a", "09:00"]["live"] == 10 * 60
    gone = machine("a", begin="09:00", end="10:00", change=lambda row: silent | {"not_available": 60.0})
    assert levels(minutes_of(machine("a", end="09:00"), gone))["a", "09:00"]["live"] == 0


def test_the_share_is_of_the_hours_working_time_and_exact() -> None:
    assert levels(minutes_of(machine("a", begin="09:00", end="09:36")))["a", "09:00"]["level"] == 3
    assert levels(minutes_of(machine("a", begin="09:00", end="09:35")))["a", "09:00"]["level"] == 1


def test_what_was_stored_and_forwarded_counts_for_the_hour_it_describes() -> None:
    late = machine("a", change=lambda row: {"historical": True, "received": at("23:00")})
    hours = levels(minutes_of(late), events_of(event("a", at("22:59"), "birth")))
    assert hours["a", "09:00"]["level"] == 3


def test_one_live_machine_is_enough() -> None:
    dead = machine("a", "dead", change=lambda row: {"times": 1})
    assert levels(minutes_of(machine("a"), dead))["a", "09:00"]["level"] == 3


def test_a_passed_challenge_makes_level_4_for_a_day() -> None:
    passed = event("a", at("10:20"), "challenge-passed", nonce="n", after=900, read=None)
    hours = levels(minutes_of(machine("a")), events_of(birth("a"), passed))
    assert [hours["a", f"{hour:02d}:00"]["level"] for hour in (9, 10, 16)] == [3, 4, 4]
    assert hours["a", "17:00"]["level"] == 2


def test_a_failed_challenge_ends_what_the_one_before_said() -> None:
    outcomes = (
        event("a", at("08:20"), "challenge-passed", nonce="n", read=None),
        event("a", at("11:20"), "challenge-failed", nonce="m", why="late"),
    )
    hours = levels(minutes_of(machine("a")), events_of(birth("a"), *outcomes))
    assert [hours["a", f"{hour:02d}:00"]["level"] for hour in (10, 11)] == [4, 3]
    assert hours["a", "11:00"]["reason"] == "challenge-failed"


@pytest.mark.parametrize(
    ("read", "level", "reason"), [(True, 4, ""), (None, 3, "read-missing"), (False, 3, "challenge-failed")]
)
def test_in_mode_full_a_tag_must_be_read(read: bool | None, level: int, reason: str) -> None:
    rows = machine("a", change=lambda row: {"mode": "full"})
    passed = event("a", at("10:20"), "challenge-passed", nonce="n", read=read)
    hour = levels(minutes_of(rows), events_of(birth("a", mode="full"), passed))["a", "10:00"]
    assert (hour["level"], hour["reason"]) == (level, reason)


def test_a_doubt_lowers_its_hours_and_says_so() -> None:
    minutes, events = minutes_of(machine("a")), events_of(birth("a"))
    doubt = Doubt("a", "press", "cached", at("10:00"), at("11:00"), 2)
    hours, machines = hours_of(minutes, events, {"a": WORK}, ["a"], PresenceRule(), [doubt], SPAN)
    by_hour = {(row["hour"] - MIDNIGHT) // HOUR: row for row in hours.to_pylist()}
    assert (by_hour[10]["level"], by_hour[10]["before"], by_hour[10]["reason"]) == (2, 3, "doubt-cached")
    assert by_hour[10]["doubts"] == ["cached"]
    assert by_hour[11]["level"] == 3
    live = {(row["hour"] - MIDNIGHT) // HOUR: row["live"] for row in machines.to_pylist()}
    assert (live[9], live[10]) == (3600, 0)


def test_a_forged_series_discredits_the_gateways_other_machines() -> None:
    minutes = minutes_of(machine("a"), machine("a", "lathe"))
    for kind, level in (("clone", 2), ("cached", 3)):
        doubt = Doubt("a", "press", kind, *SPAN, 2)
        hours, _ = hours_of(minutes, events_of(), {"a": WORK}, ["a"], PresenceRule(), [doubt], SPAN)
        assert hours.to_pylist()[9]["level"] == level


def test_marks_of_origin_are_the_strictest() -> None:
    rows = (
        machine("a", change=lambda row: {"origin": "recorded"}),
        machine("a", "lathe", change=lambda row: {"origin": "simulated"}),
    )
    assert levels(minutes_of(*rows))["a", "09:00"]["origin"] == "simulated"


def test_machine_hours_are_sums_of_minutes() -> None:
    meterless = machine("a", "saw", change=lambda row: {"energy": None, "total": None})
    hours, machines = hours_of(minutes_of(machine("a"), meterless), events_of(), {}, [], PresenceRule(), [], SPAN)
    assert hours.schema.equals(HOURS) and machines.schema.equals(MACHINE_HOURS)
    press, saw = ([row for row in machines.to_pylist() if row["device"] == each] for each in ("press", "saw"))
    nine = machine("a", begin="09:00", end="10:00")
    row = next(row for row in press if row["hour"] == at("09:00"))
    assert row["energy"] == pytest.approx(sum(each["energy"] for each in nine))
    assert row["executing"] == pytest.approx(sum(each["executing"] for each in nine))
    assert (row["total"], row["minutes"], row["cycle"]) == (120, 60, 30.0)
    assert {(row["energy"], row["total"]) for row in saw} == {(None, None)}


def test_what_is_unsigned_or_in_doubt_is_in_no_sum_of_a_machine() -> None:
    """Of ten o'clock half an hour is unsigned, of eleven half an hour in doubt, all of twelve is unsigned."""
    unsigned = [*range(at("10:30"), at("11:00"), 60_000), *range(at("12:00"), at("13:00"), 60_000)]
    rows = machine("a", change=lambda row: {"signed": row["at"] not in unsigned})
    doubt = Doubt("a", "press", "cached", at("11:00"), at("11:30"), 2)
    weak = Doubt("a", "press", "clock", at("14:00"), at("15:00"), 3)
    _, machines = hours_of(minutes_of(rows), events_of(), {}, [], PresenceRule(), [doubt, weak], SPAN)
    by_hour = {(row["hour"] - MIDNIGHT) // HOUR: row for row in machines.to_pylist()}
    told = {hour: (row["minutes"], row["believed"], row["total"]) for hour, row in by_hour.items()}
    assert {hour: told[hour] for hour in (9, 10, 11, 12, 14)} == {
        9: (60, 60, 120),
        10: (60, 30, 60),
        11: (60, 30, 60),
        12: (60, 0, None),
        14: (60, 60, 120),
    }
    believed = [row for row in rows if at("10:00") <= row["at"] < at("10:30")]
    assert by_hour[10]["executing"] == pytest.approx(sum(row["executing"] for row in believed))
    assert (by_hour[12]["executing"], by_hour[12]["energy"], by_hour[12]["cycle"]) == (0.0, None, None)


def test_hours_that_are_none_are_refused() -> None:
    with pytest.raises(ValueError, match="whole hours"):
        hours_of(minutes_of(), events_of(), {}, [], PresenceRule(), [], (SPAN[0] + 1, SPAN[1]))


FACTORY = machine("a", begin="08:00", end="12:00") + machine("a", "lathe", begin="09:00", end="11:00", change=at_rest)


@settings(max_examples=8, deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(random_: random.Random) -> None:
    rows = [
        *FACTORY,
        *machine("b", begin="08:00", end="10:00", change=lambda row: {"digest": digest("a", "press", row["at"])}),
    ]
    shuffled = rows[:]
    random_.shuffle(shuffled)
    assert levels(minutes_of(shuffled)) == levels(minutes_of(rows))


@settings(max_examples=20, deadline=None)
@given(st.sets(st.integers(0, len(FACTORY) - 1)))
def test_without_some_minutes_no_level_is_higher(missing: set[int]) -> None:
    whole = levels(minutes_of(FACTORY), events_of(birth("a", at("08:30"))), judge=False)
    rest = [row for number, row in enumerate(FACTORY) if number not in missing]
    fewer = levels(minutes_of(rest), events_of(birth("a", at("08:30"))), judge=False)
    assert all(fewer[each]["level"] <= whole[each]["level"] for each in whole)


@pytest.mark.slow
@settings(max_examples=8, deadline=None)
@given(st.integers(0, 239), st.integers(1, 240), st.sampled_from(["same", "own", "later"]))
def test_evidence_of_another_never_raises_mine(first: int, count: int, kind: str) -> None:
    mine = machine("b", begin="08:00", end="12:00", change=lambda row: {"digest": digest("a", "press", row["at"])})
    known = machine("a", begin="08:00", end="10:00")
    other = machine("c", begin="08:00", end="12:00")[first : first + count]
    if kind != "own":
        delay = 0 if kind == "same" else 90_000
        other = [
            row | {"digest": digest("a", "press", row["at"]), "received": row["received"] + delay} for row in other
        ]
    before = levels(minutes_of(mine, known))
    after = levels(minutes_of(mine, known, other))
    assert all(after[each]["level"] <= before[each]["level"] for each in before if each[0] == "b")


def test_what_others_send_under_an_enterprises_name_does_not_hide_what_it_signed() -> None:
    forged = machine("a", change=lambda row: {"signed": False, "received": row["at"] - HOUR, "sequence": 1})
    found = levels(minutes_of(forged, machine("a")), events_of(birth("a")))
    assert found["a", "09:00"]["level"] == 3
