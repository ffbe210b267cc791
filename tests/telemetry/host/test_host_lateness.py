"""A host that is behind hears late: silences begin when the last message was sent, and not when it was taken."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from spoken import START, Listening, Node, real, speaking

from shazhou.telemetry.host import live
from shazhou.telemetry.host.before import Before
from shazhou.telemetry.host.commanding import command
from shazhou.telemetry.host.lateness import LATE, WINDOW, Lateness
from shazhou.telemetry.names import REBIRTH

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


def test_a_gap_does_not_begin_after_it_ends_where_the_host_s_clock_was_set_back_between() -> None:
    listening, node = speaking()
    lost(node)
    listening.now -= 3_600_000
    node.birth()
    (gap,) = listening.events("gap")
    assert gap["from"] == gap["to"] == listening.now


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


@pytest.mark.parametrize("was_ahead", [0, 86_400_000])
def test_what_was_known_an_hour_ago_holds_and_what_was_known_two_hours_ago_does_not(was_ahead: int) -> None:
    """Also where the host's clock was a day ahead and is set back."""
    lateness, told = Lateness(), []
    lateness.sent(START + was_ahead, START + was_ahead)
    for hours, late in enumerate((0, 40, 70)):
        came = START + hours * WINDOW
        told.append(came - lateness.sent(came, came - late))
    assert told == [0, 40, 30]


def test_a_host_s_clock_that_is_set_back_by_little_makes_nothing_forgotten() -> None:
    """Just after what is known began to be forgotten it was forgotten wholly."""
    lateness = Lateness(0)
    assert lateness.sent(START + WINDOW, START + WINDOW - BEHIND) == START + WINDOW - BEHIND
    assert lateness.sent(START + WINDOW - 5, START + WINDOW - BEHIND) == START + WINDOW - BEHIND


def test_a_message_that_is_very_late_hides_no_lateness_of_the_next() -> None:
    """A line was frozen for 70 s."""
    lateness = Lateness(0)
    assert [lateness.sent(START + each, START) for each in (70_000, 40_000, 3_000)] == [START + 70_000, START, START]


@pytest.mark.parametrize("wild", [1, 2**63, 2**64 - 1])
def test_a_wild_timestamp_hides_no_lateness_of_the_next_message(wild: int) -> None:
    lateness = Lateness(0)
    assert [lateness.sent(START, wild), lateness.sent(START + BEHIND, START)] == [START, START]


def test_one_that_was_very_late_long_ago_hides_no_lateness() -> None:
    """A line was frozen for 65 s once; the node's clock is 8 s slow by now, and a message comes 58 s late."""
    lateness = Lateness(0)
    assert lateness.sent(START + 65_000, START) == START + 65_000
    for hour in range(1, 5):
        lateness.sent(START + hour * WINDOW, START + hour * WINDOW - 8_000)
    sent = START + 4 * WINDOW + 1_000
    assert lateness.sent(sent + 58_000, sent - 8_000) == sent


def test_a_clock_that_was_set_is_followed_either_way() -> None:
    lateness = Lateness(0)
    for ahead in (0, 90_000, -90_000, 3_600_000):
        for number in range(3):
            at = START + 1_000 * number
            assert lateness.sent(at, at + ahead) == at
            assert lateness.sent(at + 100, at + ahead) == at


def test_a_node_s_clock_is_known_at_every_broker() -> None:
    listening, _ = speaking()
    other = Node(listening, broker=1, ahead=-BEHIND)
    listening.now += 60_000
    other.birth()
    listening.now += 1_000
    other.data(real(1.0))
    other.death()
    assert listening.events("death")[0]["since"] == START + 61_000 - BEHIND


@pytest.mark.parametrize("newest", [0, 1])
def test_of_a_node_at_two_brokers_the_session_counts_whose_last_message_was_sent_last(newest: int) -> None:
    listening = Listening()
    sessions = [Node(listening, broker=broker) for broker in range(2)]
    for each in sessions:
        each.birth()
    listening.now += 1_000
    sessions[newest].data(real(1.0))
    listening.commands()
    assert live.state(listening.host, {}, listening.now)["nodes"]["n"]["last"] == START + 1_000
    command(listening.host, "n", REBIRTH, "true", listening.now)
    assert [each.broker for each in listening.host.outbox.messages] == [newest]


def test_a_message_that_was_no_longer_waited_for_takes_nothing_back() -> None:
    listening, node = speaking()
    early = node.made(real(1.0), device="press")
    listening.now += 1_000
    node.data(real(2.0), device="press")
    listening.later(2_000)
    node.say(early, "press")
    assert listening.host.nodes[0, "n"].order.last == START + 1_000


def test_a_message_that_was_no_longer_waited_for_and_tells_no_time_does_not_count_as_the_last() -> None:
    listening, node = speaking()
    listening.now += 1_000
    early = node.made(real(1.0), device="press")
    early.timestamp = 0
    node.data(real(2.0), device="press")
    listening.later(2_000)
    node.made(real(3.0), device="press")
    listening.now += 1_000
    node.say(early, "press")
    assert listening.host.nodes[0, "n"].order.last == START + 1_000


def test_a_node_that_does_not_count_was_heard_when_it_spoke() -> None:
    """Its seq is always 0."""
    listening, node = speaking()
    for value in range(5):
        listening.now += 60_000
        node.seq = 0
        node.data(real(float(value)), device="press")
    assert len(listening.samples()) == 5
    lost(node)
    assert listening.events("stale")[0]["since"] == START + 300_000


@pytest.mark.parametrize("late", [[1, 2], [2, 1]])
def test_late_messages_that_waited_were_sent_when_they_were_sent(late: list[int]) -> None:
    """Whether what they wait for comes, or does not."""
    listening, node = speaking()
    made = [node.made(real(float(each)), device="press") for each in range(3)]
    listening.now += BEHIND
    for each in late:
        node.say(made[each], "press")
    if late == [2, 1]:
        node.say(made[0], "press")
    listening.later(2_000)
    lost(node)
    assert listening.events("stale")[0]["since"] == START


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
