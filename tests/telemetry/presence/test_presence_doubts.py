"""Every doubt: what raises it, and what looks like it and must not."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import pytest
from made_minutes import (
    DAY,
    HOUR,
    MIDNIGHT,
    SPAN,
    Row,
    at,
    at_rest,
    birth,
    digest,
    doubts,
    event,
    events_of,
    kinds,
    machine,
    minutes_of,
    noise,
)

from shazhou.city.calendar import Calendar
from shazhou.telemetry.presence.digests import Past
from shazhou.telemetry.presence.doubt import KINDS
from shazhou.telemetry.presence.reasons import REASONS


def shown_by(node: str, shift: int = 0, delay: int = 700, device: str = "press") -> Callable[[Row], Row]:
    """The series of another's machine, so many minutes later; told after it."""

    def change(row: Row) -> Row:
        source = row["at"] - shift * 60_000
        return {"digest": digest(node, device, source), "received": row["received"] + delay}

    return change


def test_honest_factories_raise_no_doubt() -> None:
    rows = [machine(node, device) for node in "abcd" for device in ("press", "lathe")]
    rest = machine("e", begin="00:00", end="08:00", change=at_rest) + machine("e", begin="08:00", end="17:00")
    assert doubts(minutes_of(*rows, rest), events_of(*map(birth, "abcde"))) == []


def test_every_kind_has_a_sentence_in_both_languages() -> None:
    for kind in KINDS:
        assert REASONS[f"doubt-{kind}"].says("zh") != REASONS[f"doubt-{kind}"].says("en")


def test_a_clone_is_told_with_its_original() -> None:
    (doubt,) = doubts(minutes_of(machine("a"), machine("b", change=shown_by("a"))))
    assert (doubt.node, doubt.kind, doubt.lowers_to) == ("b", "clone", 2)
    assert doubt.evidence["others"] == [{"node": "a", "device": "press"}]
    assert (doubt.evidence["distance"], doubt.evidence["minutes"]) == (0, 540)


def test_a_clone_moved_in_time_is_found() -> None:
    found = doubts(minutes_of(machine("a"), machine("b", begin="09:30", end="17:00", change=shown_by("a", shift=47))))
    assert kinds(found) == {("b", "clone")}
    assert found[0].evidence["distance"] == 47 * 60_000


def test_two_that_come_first_in_turns_are_both_doubted() -> None:
    def now_and_then(row: Row) -> Row:
        return {
            "digest": digest("a", "press", row["at"]),
            "received": row["received"] + (-1500 if row["at"] // 60_000 % 2 else 1500),
        }

    assert kinds(doubts(minutes_of(machine("a"), machine("b", change=now_and_then)))) == {
        ("a", "clone"),
        ("b", "clone"),
    }


def test_a_clone_of_some_hours_is_doubted_in_these() -> None:
    copied = machine("b", begin="10:00", end="12:00", change=shown_by("a"))
    own = machine("b", begin="08:00", end="10:00") + machine("b", begin="12:00", end="17:00")
    (doubt,) = doubts(minutes_of(machine("a"), copied, own))
    assert (doubt.start, doubt.stop) == (at("10:00"), at("12:00"))


def test_two_machines_of_one_enterprise_that_show_the_same_are_clones() -> None:
    twin = machine("a", "twin", change=shown_by("a"))
    assert kinds(doubts(minutes_of(machine("a"), twin))) == {("a", "clone")}


def test_machines_at_rest_are_no_clones() -> None:
    rest = [machine(node, change=at_rest, end="12:00") for node in "ab"]
    assert doubts(minutes_of(*rest)) == []


def test_machines_that_go_through_one_programme_are_no_clones() -> None:
    def looped(row: Row) -> Row:
        return {"digest": digest("programme", row["at"] // 60_000 % 30), "total": 0, "values": 9}

    found = doubts(minutes_of(machine("a", change=looped), machine("b", change=looped)))
    assert found == []


def test_hits_by_chance_are_no_series() -> None:
    def seldom(row: Row) -> Row:
        other = at("08:00") + int(noise(row["at"]) * 540) * 60_000
        return {"digest": digest("a", "press", other)} if row["at"] // 60_000 % 10 == 0 else {}

    assert doubts(minutes_of(machine("a"), machine("b", change=seldom))) == []


@pytest.mark.parametrize("shift", [0, 53])
def test_a_day_that_is_played_again_is_found_from_the_past(tmp_path: Path, shift: int) -> None:
    past = Past(tmp_path)
    assert doubts(minutes_of(machine("a")), past=past) == []

    def again(row: Row) -> Row:
        return {"digest": digest("a", "press", row["at"] - 3 * DAY - shift * 60_000)}

    span = SPAN[0] + 3 * DAY, SPAN[1] + 3 * DAY
    rows = machine("a", begin="09:00", end="17:00", change=again, day=3)
    (doubt,) = doubts(minutes_of(rows), past=past, span=span)
    assert (doubt.kind, doubt.evidence["distance"]) == ("replay", 3 * DAY + shift * 60_000)
    assert doubts(minutes_of(machine("a")), past=past) == [], "the first to be heard has copied nothing"


def test_minutes_in_whatever_order_are_a_replay(tmp_path: Path) -> None:
    past = Past(tmp_path)
    doubts(minutes_of(machine("a")), past=past)
    order = sorted(range(540), key=lambda minute: noise("order", minute))

    def scrambled(row: Row) -> Row:
        minute = (row["at"] - DAY - at("08:00")) // 60_000
        return {"digest": digest("a", "press", at("08:00") + order[minute] * 60_000)}

    rows = machine("a", change=scrambled, day=1)
    assert kinds(doubts(minutes_of(rows), past=past, span=(SPAN[1], SPAN[1] + DAY))) == {("a", "replay")}


def test_a_machine_that_shows_few_series_is_no_replay_however_long_it_is_remembered(tmp_path: Path) -> None:
    """Of honest machines with few different series most minutes had been seen before after some weeks, each somewhere
    else; they were told replays of themselves."""
    past = Past(tmp_path)

    def one_of_few(row: Row) -> Row:
        return {"digest": digest("few", int(3_000 * noise(row["at"])))}

    for day in range(20):
        rows = machine("a", end="10:00", day=day, change=one_of_few)
        span = SPAN[0] + day * DAY, SPAN[1] + day * DAY
        assert doubts(minutes_of(rows), past=past, span=span) == []


def test_a_past_in_blocks_of_several_days_is_a_replay(tmp_path: Path) -> None:
    past = Past(tmp_path)
    for day in range(6):
        doubts(minutes_of(machine("a", day=day)), past=past, span=(SPAN[0] + day * DAY, SPAN[1] + day * DAY))

    def in_blocks(row: Row) -> Row:
        back = 1 + row["at"] // 600_000 % 6
        return {"digest": digest("a", "press", row["at"] - back * DAY)}

    span = SPAN[0] + 6 * DAY, SPAN[1] + 6 * DAY
    found = doubts(minutes_of(machine("a", day=6, change=in_blocks)), past=past, span=span)
    assert kinds(found) == {("a", "replay")}


def test_the_past_forgets_what_is_replaced(tmp_path: Path) -> None:
    past = Past(tmp_path)
    doubts(minutes_of(machine("a")), past=past)
    doubts(minutes_of(machine("a", change=lambda row: {"digest": digest("new", row["at"])})), past=past)
    rows = machine("a", day=1, change=lambda row: {"digest": digest("a", "press", row["at"] - DAY)})
    assert doubts(minutes_of(rows), past=past, span=(SPAN[1], SPAN[1] + DAY)) == []


def test_a_series_whose_digests_were_made_new_is_known_by_its_meter(tmp_path: Path) -> None:
    past = Past(tmp_path)
    known = machine("a", change=full_load)
    assert doubts(minutes_of(known), past=past) == []
    moved = {row["at"]: row["energy"] for row in known}

    def again(row: Row) -> Row:
        return full_load(row) | {"energy": moved[row["at"] - DAY - 11 * 60_000] + 1e-12}

    rows = machine("a", begin="08:30", day=1, change=again)
    (doubt,) = doubts(minutes_of(rows), past=past, span=(SPAN[1], SPAN[1] + DAY))
    assert (doubt.kind, doubt.evidence["by"]) == ("replay", "meter")
    assert doubt.evidence["distance"] == DAY + 11 * 60_000


def full_load(row: Row) -> Row:
    """Executing throughout, with a meter of whole watt-hours."""
    return {"executing": 60.0, "not_executing": 0.0, "energy": round(0.4 + 0.3 * noise(row["at"]), 3)}


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


def full(row: Row) -> Row:
    return {"executing": 60.0, "not_executing": 0.0}


def test_a_computed_curve_is_too_smooth() -> None:
    def wave(row: Row) -> Row:
        return full(row) | {"energy": 1 + 0.3 * math.sin((row["at"] - MIDNIGHT) / 60_000 / 60)}

    (doubt,) = doubts(minutes_of(machine("a", change=wave)))
    assert doubt.kind == "regular"
    assert doubt.evidence["smooth"]["ratio"] < 1e-5
    noisy = machine("a", change=lambda row: wave(row) | {"energy": wave(row)["energy"] + 0.01 * noise(row["at"])})
    assert doubts(minutes_of(noisy)) == []


def test_consumption_that_repeats_to_the_last_digit_is_too_regular() -> None:
    table = [round(0.4 + noise("table", each), 3) for each in range(17)]
    rows = machine("a", change=lambda row: full(row) | {"energy": table[row["at"] // 60_000 % 17]})
    (doubt,) = doubts(minutes_of(rows))
    assert doubt.evidence["period"]["minutes"] == 17


def test_a_coarse_meter_at_a_constant_load_is_not_too_regular() -> None:
    rows = machine("a", change=lambda row: full(row) | {"energy": 0.1 * (row["at"] // 60_000 % 3 == 0)})
    assert doubts(minutes_of(rows)) == []


def test_starts_and_stops_on_whole_minutes_only_are_too_regular() -> None:
    def blocks(row: Row) -> Row:
        runs = 60.0 * (row["at"] // 60_000 % 30 >= 4)
        return {"executing": runs, "not_executing": 60 - runs}

    (doubt,) = doubts(minutes_of(machine("a", change=blocks)))
    assert doubt.evidence["edges"]["within"] == 0

    def seconds(row: Row) -> Row:
        minute = row["at"] // 60_000 % 30
        runs = 60.0 if minute > 4 else 17.0 if minute == 4 else 0.0
        return {"executing": runs, "not_executing": 60 - runs}

    assert doubts(minutes_of(machine("a", change=seconds))) == []


def varied(node: str, moment: int) -> float:
    return 1 + 0.2 * noise(node, moment, "load")


@pytest.mark.parametrize(("scale", "fraction"), [(1.3, 0.0), (1.0, 0.35)])
def test_consumption_that_follows_anothers_is_an_echo(scale: float, fraction: float) -> None:
    def load(row: Row) -> Row:
        return full(row) | {"energy": varied("a", row["at"])}

    def copied(row: Row) -> Row:
        now, then = varied("a", row["at"] - 120_000), varied("a", row["at"] - 180_000)
        return full(row) | {"energy": scale * ((1 - fraction) * now + fraction * then)}

    (doubt,) = doubts(minutes_of(machine("a", change=load), machine("b", change=copied)))
    assert (doubt.node, doubt.kind) == ("b", "echo")
    assert doubt.evidence["other"]["node"] == "a"
    own = machine("b", change=lambda row: full(row) | {"energy": varied("b", row["at"])})
    assert doubts(minutes_of(machine("a", change=load), own)) == []


@pytest.mark.parametrize("mark", ["gateway", "agent", "key"])
def test_one_gateway_for_two_enterprises_is_told(mark: str) -> None:
    shared = [birth(node, **{mark: "the same"}) for node in "ab"]
    found = doubts(minutes_of(), events_of(*shared, birth("c")))
    assert kinds(found) == {("a", "shared-gateway"), ("b", "shared-gateway")}
    assert found[0].evidence[mark] == "the same"
    assert found[0].evidence["nodes"] == ["b"]


def test_a_gateway_that_was_passed_on_is_not_shared() -> None:
    sold = birth("a", MIDNIGHT - 9 * DAY, gateway="box"), event("a", MIDNIGHT - 8 * DAY, "death")
    assert doubts(minutes_of(), events_of(*sold, birth("b", gateway="box"))) == []
    changed = birth("a", MIDNIGHT - 9 * DAY, gateway="box"), birth("a", MIDNIGHT - 2 * HOUR, gateway="new")
    assert doubts(minutes_of(), events_of(*changed, birth("b", gateway="box"))) == []


def lives(node: str, jitter: int, step: int = HOUR, count: int = 8) -> list[Row]:
    """Births and deaths of a node; ``jitter`` ms apart from another's of the same step."""
    rows = []
    for number in range(count):
        rows.append(birth(node, MIDNIGHT + number * step + jitter))
        rows.append(event(node, MIDNIGHT + number * step + step // 2 + jitter, "death"))
    return rows


def test_births_and_deaths_in_lockstep_are_one_gateway() -> None:
    found = doubts(minutes_of(), events_of(*lives("a", 0), *lives("b", 300), *lives("c", 90_000)))
    assert kinds(found) == {("a", "shared-gateway"), ("b", "shared-gateway")}
    assert found[0].evidence["together"] == 16


def test_births_after_the_host_was_away_are_no_lockstep() -> None:
    rows = []
    for number in range(8):
        moment = MIDNIGHT + number * HOUR
        for node in "ab":
            rows += [event(node, moment, "stale"), birth(node, moment + 5_000)]
    assert doubts(minutes_of(), events_of(*rows)) == []


def test_births_that_a_challenge_asked_for_are_no_lockstep() -> None:
    rows = [birth(node, MIDNIGHT + number * HOUR, challenge="n") for node in "ab" for number in range(8)]
    assert doubts(minutes_of(), events_of(*rows)) == []


@pytest.mark.parametrize("offset", [-400_000, 400_000])
def test_a_clock_adrift_is_seen_from_when_minutes_come(offset: int) -> None:
    wrong = machine("a", begin="10:00", end="12:00", change=lambda row: {"received": row["received"] + offset})
    (doubt,) = doubts(minutes_of(wrong))
    assert (doubt.kind, doubt.device, doubt.start, doubt.stop) == ("clock", "", at("10:00"), at("12:00"))
    assert abs(doubt.evidence["offset"] - offset) < 5_000


def test_what_was_stored_is_no_clock_adrift() -> None:
    stored = machine("a", change=lambda row: {"received": at("20:00"), "historical": True})
    assert doubts(minutes_of(stored)) == []


def test_a_clock_adrift_is_seen_by_what_the_host_measured() -> None:
    told = [event("a", at("10:00") + each * 900_000, "clock", offset=-130_000) for each in range(4)]
    assert kinds(doubts(minutes_of(), events_of(birth("a"), *told))) == {("a", "clock")}
    assert doubts(minutes_of(), events_of(birth("a"), *told[:2])) == []


def test_sequence_numbers_that_come_twice_lower_to_level_1() -> None:
    twice = [event("a", at("10:00") + each * 1_000, "duplicate", seq=each) for each in range(6)]
    (doubt,) = doubts(minutes_of(), events_of(birth("a"), *twice))
    assert (doubt.kind, doubt.lowers_to, doubt.evidence["count"]) == ("seq-duplicates", 1, 6)
    assert doubts(minutes_of(), events_of(birth("a"), *twice[:3])) == []


def test_minutes_that_nobody_signed_are_counted() -> None:
    rows = machine("a", begin="08:00", end="10:00", change=lambda row: {"signed": False}) + machine("a", begin="10:00")
    (doubt,) = doubts(minutes_of(rows))
    assert (doubt.kind, doubt.start, doubt.stop, doubt.evidence["count"]) == ("unsigned", at("08:00"), at("10:00"), 120)
