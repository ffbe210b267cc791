"""Regular, echo, gateways, clocks, numbers and signatures: what raises a doubt, and what looks like it and must not."""

from __future__ import annotations

import math

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
    doubts,
    event,
    events_of,
    kinds,
    machine,
    minutes_of,
    noise,
)

from shazhou.telemetry.presence.doubt import KINDS
from shazhou.telemetry.presence.doubts.all import doubts_of
from shazhou.telemetry.presence.reasons import REASONS


def test_honest_factories_raise_no_doubt() -> None:
    rows = [machine(node, device) for node in "abcd" for device in ("press", "lathe")]
    rest = machine("e", begin="00:00", end="08:00", change=at_rest) + machine("e", begin="08:00", end="17:00")
    assert doubts(minutes_of(*rows, rest), events_of(*map(birth, "abcde"))) == []


def test_every_kind_has_a_sentence_in_both_languages() -> None:
    for kind in KINDS:
        assert REASONS[f"doubt-{kind}"].says("zh") != REASONS[f"doubt-{kind}"].says("en")


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
            rows += [event(node, moment, "stale", why="broker-lost"), birth(node, moment + 5_000)]
    assert doubts(minutes_of(), events_of(*rows)) == []


def test_births_after_births_that_were_refused_are_in_lockstep_all_the_same() -> None:
    rows = [event(node, MIDNIGHT + each * HOUR, "stale", why="birth-refused") for node in "ab" for each in range(8)]
    found = doubts(minutes_of(), events_of(*rows, *lives("a", 5_000), *lives("b", 5_300)))
    assert kinds(found) == {("a", "shared-gateway"), ("b", "shared-gateway")}


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


def test_whoever_named_the_key_of_another_threw_doubt_on_both() -> None:
    """The register knows whose key it is, unless a list gave it to two."""
    events = events_of(birth("a", key="KEY"), birth("b", key="KEY"), birth("c", key="OTHER"), birth("d", key="OTHER"))
    found = doubts_of(minutes_of(), events, {}, SPAN, None, {"a": "KEY", "b": "another", "c": "OTHER", "d": "OTHER"})
    assert kinds(found) == {(node, "shared-gateway") for node in "bcd"}
    assert found[0].evidence["nodes"] == ["a"]
