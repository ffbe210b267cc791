"""A host that is behind hears late: silences begin when the last message was sent, and not when it was taken."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from spoken import START, Listening, Node, real, speaking

from shazhou.telemetry.host import live
from shazhou.telemetry.host.before import Before
from shazhou.telemetry.host.lateness import LATE, WINDOW, Lateness

BEHIND = 7_000
"""Milliseconds by which the host is behind."""


def behind(listening: Listening, node: Node, late: int = BEHIND) -> None:
    """The press speaks, and the host takes it later."""
    said = node.made(real(1.0), device="press")
    listening.now += late
    node.say(said, "press")


def lost(node: Node) -> None:
    node.listening.host.lost(node.broker, node.listening.now)


def born_in_another_session(node: Node) -> None:
    node.bdseq += 1
    node.birth()


@pytest.mark.parametrize("ended", [Node.death, lost])
def test_a_session_that_ends_was_silent_since_its_last_message_was_sent(ended: Callable[[Node], None]) -> None:
    listening, node = speaking()
    behind(listening, node)
    listening.now += 3_000
    ended(node)
    (event,) = listening.events("death", "stale")
    assert event["since"] == START


@pytest.mark.parametrize("ended", [lost, born_in_another_session])
def test_a_gap_between_sessions_begins_when_the_last_message_was_sent(ended: Callable[[Node], None]) -> None:
    listening, node = speaking()
    behind(listening, node)
    ended(node)
    listening.now += 3_000
    node.birth()
    (gap,) = listening.events("gap")
    assert gap["from"] == START


def test_a_gap_in_seq_begins_when_the_message_before_was_sent_and_ends_when_the_next_one_came() -> None:
    listening, node = speaking()
    behind(listening, node)
    listening.now += 1_000
    node.made(real(2.0), device="press")
    behind(listening, node)
    listening.later(2_000)
    (gap,) = listening.events("gap")
    assert (gap["from"], gap["to"], gap["missing"]) == (START, START + 2 * BEHIND + 1_000, 1)


def test_a_clock_that_jumped_makes_no_gap_of_an_hour() -> None:
    listening, node = speaking()
    behind(listening, node, 3_600_000)
    node.death()
    assert listening.events("death")[0]["since"] == START + 3_600_000


def test_a_birth_can_be_late_as_well() -> None:
    listening, node = speaking()
    listening.now += BEHIND
    node.ahead = -BEHIND
    node.birth()
    node.made(real(1.0), device="press")
    node.data(real(2.0), device="press")
    listening.later(2_000)
    (gap,) = listening.events("gap")
    assert gap["from"] == START
    assert listening.events("birth")[-1]["sent"] == START


def test_what_is_missing_between_messages_that_overtook_each_other_is_in_its_gap() -> None:
    listening, node = speaking()
    first = node.made(real(1.0), device="press")
    listening.now += 100
    node.made(real(2.0), device="press")
    listening.now += 100
    node.data(real(3.0), device="press")
    listening.now += 50
    node.say(first, "press")
    listening.later(2_000)
    (gap,) = listening.events("gap")
    assert (gap["from"], gap["to"]) == (START, START + 200)


def test_a_node_whose_clock_is_set_back_does_not_shorten_its_gap() -> None:
    listening, node = speaking()
    node.data(real(1.0), device="press")
    listening.now += 30_000
    node.made(real(2.0), device="press")
    back = node.made(real(3.0), device="press")
    back.timestamp -= 30_000
    node.say(back, "press")
    listening.later(2_000)
    (gap,) = listening.events("gap")
    assert (gap["from"], gap["to"]) == (START, START + 30_000)


def test_a_host_whose_clock_is_set_back_dates_no_silence_ahead() -> None:
    listening, node = speaking()
    node.data(real(1.0), device="press")
    listening.now -= 3_600_000
    node.made(real(2.0), device="press")
    node.data(real(3.0), device="press")
    listening.later(2_000)
    (gap,) = listening.events("gap")
    assert gap["from"] <= gap["to"] == START - 3_600_000
    lost(node)
    assert listening.events("stale")[0]["since"] == START - 3_600_000


@pytest.mark.parametrize("ended", [Node.death, lost, born_in_another_session])
def test_no_silence_begins_after_it_ends(ended: Callable[[Node], None]) -> None:
    listening, node = speaking()
    listening.now -= 3_600_000
    ended(node)
    (event,) = listening.events("death", "stale", "gap")
    assert event.get("since", event.get("from")) == listening.now


def test_one_wild_timestamp_does_not_hide_lateness_for_the_rest_of_a_session() -> None:
    listening, node = speaking()
    for wild in (2**62, 1):
        said = node.made(real(1.0), device="press")
        said.timestamp = wild
        node.say(said, "press")
        node.data(real(1.0), device="press")
    behind(listening, node)
    assert listening.host.nodes[0, "n"].order.last == START


def test_a_message_that_another_overtook_takes_nothing_back() -> None:
    listening, node = speaking()
    first = node.made(real(1.0), device="press")
    listening.now += 500
    second = node.made(real(2.0), device="press")
    node.say(second, "press")
    listening.now += 100
    node.say(first, "press")
    assert listening.host.nodes[0, "n"].order.last == START + 500


@pytest.mark.parametrize("ended", [Node.death, lost])
def test_what_was_known_of_a_clock_holds_in_a_session_that_was_late_all_the_time(ended: Callable[[Node], None]) -> None:
    """A host that is behind for longer than a session lasts never hears a message of it in time."""
    listening, node = speaking()
    ended(node)
    listening.now += 60_000
    node.ahead = -BEHIND
    born_in_another_session(node)
    listening.now += 1_000
    node.data(real(1.0))
    ended(node)
    assert listening.events("death", "stale")[-1]["since"] == START + 61_000 - BEHIND


def test_what_a_host_knew_of_clocks_holds_for_the_next_one() -> None:
    """It was killed, and the next one is behind from its first message on."""
    listening = Listening(before=Before(START - 5_000, {}, {}, {"n": -30_000}))
    node = Node(listening, ahead=30_000 - BEHIND)
    node.birth()
    listening.now += 1_000
    node.data(real(1.0))
    node.death()
    assert listening.events("death")[0]["since"] == START + 1_000 - BEHIND


def test_a_message_that_waits_for_another_is_not_yet_taken() -> None:
    """A host that is killed now has lost it with those that it waits for."""
    listening, node = speaking()
    node.data(real(1.0), device="press")
    listening.now += 500
    node.made(real(2.0), device="press")
    listening.now += 500
    node.data(real(3.0), device="press")
    assert live.state(listening.host, {}, listening.now)["nodes"]["n"]["last"] == START
    listening.later(2_000)
    assert live.state(listening.host, {}, listening.now)["nodes"]["n"]["last"] == START + 1_000


def test_a_clock_that_was_ahead_is_forgotten() -> None:
    listening, node = speaking()
    node.ahead = 20_000
    node.data(real(1.0), device="press")
    node.ahead = 0
    node.data(real(2.0), device="press")
    assert listening.host.nodes[0, "n"].order.last == START - 20_000, "as if it were late"
    for _ in range(2):
        listening.now += WINDOW
        node.data(real(3.0), device="press")
    assert listening.host.nodes[0, "n"].order.last == listening.now


def test_a_message_without_a_time_was_sent_when_it_came() -> None:
    lateness = Lateness()
    assert [lateness.sent(5_000, 0), lateness.sent(6_000, 5_900), lateness.sent(7_000, 0)] == [5_000, 6_000, 7_000]


@given(st.integers(-(10**9), 10**9), st.lists(st.integers(0, LATE), min_size=1, max_size=30))
def test_whatever_the_node_s_clock_says_a_message_is_as_late_as_it_is(off: int, late: list[int]) -> None:
    """Once a message came in time; before, by what it was later than the quickest until then."""
    lateness, least = Lateness(), LATE
    for number, each in enumerate(late):
        sent = 10**10 + number * 100
        least = min(least, each)
        assert lateness.sent(sent + each, sent - off) == sent + least
