"""Where an enterprise stands now: the session, held against the last hour that was computed."""

from __future__ import annotations

from typing import Any

import pytest

from shazhou.telemetry.enrolment import Enrolled
from shazhou.telemetry.presence.verdict import Verdict
from shazhou.telemetry.wall.standing import (
    AWAY,
    FIRST_HOUR,
    NEVER_HEARD,
    NOT_ENROLLED,
    RECENT,
    Standing,
    Wall,
    by_level,
    level_now,
    narrowed,
    standings_of,
    strictest,
    table,
    why_not,
)

NOW = 1_795_660_200_000
HOUR = 3_600_000


def heard(level: int, online: bool = True) -> dict[str, Any]:
    return {"online": online, "level": level, "last": NOW - 1, "mode": "rollup", "origin": ""}


def hour(level: int, before: int | None = None, at: int = NOW - HOUR, node: str = "a") -> dict[str, Any]:
    before = level if before is None else before
    return {"node": node, "hour": at, "level": level, "before": before, "mode": "rollup", "origin": ""}


@pytest.mark.parametrize(
    ("session", "last", "level", "before"),
    [
        ({}, None, 0, 0),
        (heard(3), None, 3, 3),
        (heard(3, online=False), None, 0, 0),
        (heard(3, online=False), hour(4), 0, 0),
        (heard(1), hour(4), 1, 1),
        (heard(3), hour(3), 3, 3),
        (heard(3), hour(4), 4, 4),
        (heard(3), hour(0), 3, 3),
        (heard(3), hour(2, 3), 2, 3),
        (heard(3), hour(2, 4), 2, 4),
        (heard(1), hour(2, 3), 1, 1),
        (heard(3), hour(3, 4), 3, 4),
    ],
)
def test_the_level_is_the_session_no_higher_than_doubts_allow_and_four_after_a_challenge(
    session: dict[str, Any], last: dict[str, Any] | None, level: int, before: int
) -> None:
    assert level_now(session, last, running=True) == (level, before)


def test_without_a_host_only_the_last_hour_is_known() -> None:
    assert level_now(heard(3), hour(2, 4), running=False) == (2, 4)
    assert level_now(heard(3), None, running=False) == (0, 0)


def register(*nodes: str) -> dict[str, Enrolled]:
    return {node: Enrolled(node, f"enterprise:{node}", {"zh": node}, f"town-{node}", "food") for node in nodes}


def test_an_hour_speaks_of_now_for_a_while_only_and_the_newest_counts() -> None:
    old, new = hour(2, at=NOW - 2 * HOUR), hour(4, at=NOW - HOUR)
    for rows in ([old, new], [new, old]):
        (found,) = standings_of(register("a"), {}, rows, [], NOW)
        assert found.level == 4
    goes_on = hour(2, at=NOW - HOUR + 1)
    (found,) = standings_of(register("a"), {}, [new, goes_on], [], NOW)
    assert found.level == 4, "an hour that goes on has had no time yet"
    (found,) = standings_of(register("a"), {}, [new, hour(1, 2, at=NOW - HOUR + 1)], [], NOW)
    assert found.level == 1, "but its doubts count at once"
    (late,) = standings_of(register("a"), {}, [hour(4, at=NOW - RECENT)], [], NOW)
    assert late.level == 0


def test_who_is_in_the_register_stands_on_the_wall_heard_or_not() -> None:
    live = {"at": NOW - AWAY + 1, "nodes": {"b": heard(3), "stranger": heard(3)}}
    judged = [Verdict("b", "2026-11", True, 16, 2, 4, ""), Verdict("c", "2026-11", False, 3, 0, 3, "short-live")]
    a, b, c = standings_of(register("a", "b", "c"), live, [], judged, NOW)
    assert (a.level, a.online, a.last, a.reason) == (0, False, None, NEVER_HEARD)
    assert (b.level, b.online, b.last, b.reason, b.days, b.challenges) == (3, True, NOW - 1, "", 16, 2)
    assert (c.level, c.online, c.reason, c.days) == (0, False, "short-live", 3)


@pytest.mark.parametrize("judged", ["never-heard", "silent", None])
@pytest.mark.parametrize("known", [[], [hour(0)], [hour(0), hour(2, at=NOW - HOUR + 1)]])
def test_who_speaks_before_an_hour_is_judged_is_not_told_as_never_heard(
    judged: str | None, known: list[dict[str, Any]]
) -> None:
    live = {"at": NOW, "nodes": {"a": {**heard(3), "last": NOW}}}
    verdicts = [Verdict("a", "2026-11", False, 0, 0, 0, judged)] if judged else []
    (now,) = standings_of(register("a"), live, known, verdicts, NOW)
    assert now.reason == FIRST_HOUR
    (earlier,) = standings_of(register("a"), live, known, verdicts, NOW, present=False)
    assert earlier.reason == (judged or NEVER_HEARD)


def test_who_was_heard_in_an_hour_that_is_judged_is_told_as_judged() -> None:
    live: dict[str, Any] = {"at": NOW, "nodes": {"a": heard(3)}}
    silent = [Verdict("a", "2026-11", False, 0, 0, 3, "silent")]
    (speaks,) = standings_of(register("a"), live, [hour(3)], silent, NOW)
    assert speaks.reason == "silent"
    live["nodes"]["a"]["last"] = NOW - RECENT
    (left,) = standings_of(register("a"), live, [], silent, NOW)
    assert left.reason == "silent"


def test_a_host_that_wrote_nothing_for_a_while_does_not_run() -> None:
    live = {"at": NOW - AWAY, "nodes": {"a": heard(3)}}
    (found,) = standings_of(register("a"), live, [], [], NOW)
    assert found.level == 0 and found.last == NOW - 1, "when it was last heard is still told"
    assert not Wall(NOW, "2026-11", NOW - AWAY, (found,)).running
    assert Wall(NOW, "2026-11", NOW - AWAY + 1, (found,)).running
    assert not Wall(NOW, "2026-11", None, ()).running


def test_the_strictest_mark_counts() -> None:
    assert strictest("", "recorded", "simulated") == "simulated"
    assert strictest("", "recorded") == "recorded"
    assert strictest() == ""


def seat(node: str, level: int, town: str = "t", industry: str = "i", reason: str = "") -> Standing:
    return Standing(node, f"enterprise:{node}", {}, town, industry, level, level, online=not reason, reason=reason)


SEATS = [seat("a", 4), seat("b", 3, "u", reason="short-live"), seat("c", 0, "u", "j", NEVER_HEARD)]


def test_online_ones_and_reasons_add_up_to_what_was_promised() -> None:
    reasons = why_not(SEATS, promised=10)
    assert reasons[0] == (NOT_ENROLLED, 7)
    assert sum(count for _reason, count in reasons) + 1 == 10
    assert sum(count for _reason, count in why_not(SEATS, promised=2)) + 1 == 3, (
        "or to the register, where it is longer"
    )
    assert why_not([], 0) == []


def test_towns_are_counted_by_level_the_largest_first() -> None:
    assert by_level(SEATS) == {0: 1, 1: 0, 2: 0, 3: 1, 4: 1}
    assert table(SEATS, "town") == [
        ("u", {0: 1, 1: 0, 2: 0, 3: 1, 4: 0}, 0, 2),
        ("t", {0: 0, 1: 0, 2: 0, 3: 0, 4: 1}, 1, 1),
    ]


def test_the_wall_is_narrowed_by_town_industry_and_level_together() -> None:
    assert [each.node for each in narrowed(SEATS, towns={"u"})] == ["b", "c"]
    assert [each.node for each in narrowed(SEATS, {"u"}, {"i"})] == ["b"]
    assert [each.node for each in narrowed(SEATS, level=0)] == ["c"]
    assert len(narrowed(SEATS)) == 3
