"""Clones and replays: series that come again, and what looks like one and is none."""

from __future__ import annotations

from collections.abc import Callable
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
    full_load,
    kinds,
    machine,
    minutes_of,
    noise,
)

from shazhou.telemetry.presence.digests import Past


def shown_by(node: str, shift: int = 0, delay: int = 700, device: str = "press") -> Callable[[Row], Row]:
    """The series of another's machine, so many minutes later; told after it."""

    def change(row: Row) -> Row:
        source = row["at"] - shift * 60_000
        return {"digest": digest(node, device, source), "received": row["received"] + delay}

    return change


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
