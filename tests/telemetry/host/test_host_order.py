"""seq and rebirths, each test named by the assertion of the Sparkplug TCK that it shows."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from spoken import GROUP, START, Listening, Node, real, speaking

from shazhou.telemetry.host.rebirth import FIRST
from shazhou.telemetry.host.reorder import Gap, Order
from shazhou.telemetry.sparkplug.datatype import DataType
from shazhou.telemetry.sparkplug.payload import Sample, add, payload

NOT_BORN = Sample("not born", DataType.DOUBLE, 1.0, START)
"""Of a metric that no birth had."""


def said(node: Node, count: int) -> list[object]:
    """The next messages of the press, each with the next whole number."""
    return [node.made(real(float(number), at=START + number), device="press") for number in range(count)]


def test_tck_id_payloads_sequence_num_always_included() -> None:
    listening, node = speaking()
    made = payload(START)
    add(made, real(1.0))
    node.say(made, "press")
    made.seq = 256
    node.say(made, "press")
    assert not listening.samples()
    assert listening.host.outbox.counts == {"seq-missing": 1, "seq-range": 1}


def test_tck_id_payloads_sequence_num_incrementing() -> None:
    listening, node = speaking()
    for message in said(node, 600):
        node.say(message, "press")
    listening.later(10_000)
    assert listening.values() == [float(number) for number in range(600)]
    assert not listening.events("gap", "duplicate", "rebirth-asked")


def test_tck_id_topics_nbirth_seq_num() -> None:
    listening = Listening()
    made = payload(START, 17)
    add(made, Sample("bdSeq", DataType.INT64, 0, START), birth=True)
    listening.hear("NBIRTH/n", made)
    assert listening.host.nodes[0, "n"].order.expected == 18


def test_tck_id_operational_behavior_host_reordering_param() -> None:
    for timeout in (0, 700, 5_000):
        listening, node = speaking(reorder=timeout)
        _, second = said(node, 2)
        node.say(second, "press")
        listening.later(max(0, timeout - 1))
        assert listening.asked() is (timeout == 0)
        listening.later(1)
        assert listening.asked() is (timeout > 0)


def test_tck_id_operational_behavior_host_reordering_start() -> None:
    listening, node = speaking()
    _, second = said(node, 2)
    assert listening.host.nodes[0, "n"].order.since is None
    node.say(second, "press")
    assert listening.host.nodes[0, "n"].order.since == START and not listening.samples()


def test_tck_id_operational_behavior_host_reordering_rebirth() -> None:
    listening, node = speaking()
    _, second, third = said(node, 3)
    node.say(second, "press")
    node.say(third, "press")
    listening.later(2_000)
    assert [event["reason"] for event in listening.events("rebirth-asked")] == ["seq-gap"]
    assert listening.asked()
    assert listening.values() == [1.0, 2.0], "what came is not thrown away"
    (gap,) = listening.events("gap")
    assert (gap["expected"], gap["got"], gap["missing"]) == (2, 3, 1)
    assert (gap["from"], gap["to"]) == (START, START)


def test_tck_id_operational_behavior_host_reordering_success() -> None:
    listening, node = speaking()
    first, second, third = said(node, 3)
    for message in (third, second, first):
        node.say(message, "press")
    assert listening.values() == [0.0, 1.0, 2.0]
    listening.later(10_000)
    assert not listening.asked() and not listening.events("gap")


def test_tck_id_operational_behavior_data_commands_ncmd_rebirth_verb() -> None:
    listening = Listening()
    Node(listening, seq=5).data(real(1.0))
    assert [topic for topic, _ in listening.commands()] == ["NCMD/n"]


def test_tck_id_operational_behavior_data_commands_ncmd_rebirth_name() -> None:
    listening = Listening()
    Node(listening, seq=5).data(real(1.0))
    ((_, command),) = listening.commands()
    assert set(command) == {"seq", "timestamp", "Node Control/Rebirth"}


def test_tck_id_operational_behavior_data_commands_ncmd_rebirth_value() -> None:
    listening = Listening()
    Node(listening, seq=5).data(real(1.0))
    ((_, command),) = listening.commands()
    assert command["Node Control/Rebirth"] is True


def test_tck_id_operational_behavior_data_commands_rebirth_name_aliases() -> None:
    """A birth may have given it an alias, against the rule; the request goes by its name all the same."""
    listening = Listening()
    node = Node(listening)
    node.birth(Sample("Node Control/Rebirth ", DataType.BOOLEAN, False, START, 1))
    node.data(NOT_BORN)
    ((_, command),) = listening.commands()
    assert command["Node Control/Rebirth"] is True


def test_rebirth_reason_message_from_a_node_without_birth() -> None:
    listening = Listening()
    Node(listening, seq=5).data(real(1.0))
    assert listening.events("rebirth-asked")[0]["reason"] == "no-birth"


def test_rebirth_reason_device_message_without_its_birth() -> None:
    listening, node = speaking()
    node.data(real(1.0), device="lathe")
    assert listening.asked() and listening.events("rebirth-asked")[0]["reason"] == "no-device-birth"
    (kept,) = listening.host.outbox.rejected
    assert (kept.reason, kept.topic) == ("no-device-birth", f"spBv1.0/{GROUP}/DDATA/n/lathe")


def test_a_message_of_an_agent_without_its_device_s_birth_comes_again_and_is_not_kept() -> None:
    listening = Listening()
    node = Node(listening, agent="a")
    node.birth()
    node.data(real(1.0), device="lathe", record=(1, 0))
    assert listening.asked() and not listening.host.outbox.rejected


def test_rebirth_reason_metric_not_contained_in_the_birth() -> None:
    listening, node = speaking()
    node.data(Sample("cold", DataType.DOUBLE, 1.0, START), real(2.0), device="press")
    assert listening.asked() and listening.values() == [2.0]
    assert listening.host.outbox.counts == {"unknown-metric": 1}


def test_rebirth_reason_unknown_alias() -> None:
    listening, node = speaking()
    node.data(real(1.0, alias=99), device="press")
    assert listening.asked() and listening.events("rebirth-asked")[0]["reason"] == "unknown-metric"


def test_rebirth_reason_seq_gap_not_closed() -> None:
    listening, node = speaking()
    node.say(said(node, 2)[1], "press")
    listening.later(2_000)
    assert listening.events("rebirth-asked")[0]["reason"] == "seq-gap"


def test_a_node_is_not_asked_again_at_once_and_ever_more_seldom() -> None:
    listening = Listening()
    asked = 0
    for _ in range(600):
        Node(listening, seq=5).data(real(1.0))
        asked += listening.asked()
        listening.now += 1_000
    assert asked == 1 + len([pause for pause in (5, 15, 35, 75, 155, 235, 315, 395, 475, 555) if pause < 600])
    assert FIRST == 5_000


def test_a_node_that_gives_cause_too_soon_is_asked_when_it_may_be() -> None:
    """A birth that answers an earlier question may come before the only message that this one is about."""
    listening = Listening()
    node = Node(listening, seq=5)
    node.data(real(1.0))
    node.birth()
    node.data(NOT_BORN)
    node.data(real(1.0), device="lathe")
    assert len(listening.commands()) == 1, "once, for the message without a birth"
    listening.later(FIRST - 1)
    assert not listening.asked()
    listening.later(1)
    assert listening.asked()
    listening.later(600_000)
    assert not listening.asked(), "cause is given once, and so is the question"
    assert [event["reason"] for event in listening.events("rebirth-asked")] == ["no-birth", "unknown-metric"]


def test_a_node_whose_answer_gives_cause_again_is_asked_ever_more_seldom() -> None:
    """It tells of a device before the device's birth, or of what it never bears, each time that it is born."""
    listening, node = speaking()
    node.data(NOT_BORN)
    asked = []
    for second in range(600):
        if listening.asked():
            asked.append(second)
            node.birth()
            node.data(real(1.0), device="press")
            node.device("press", real(None))
            node.data(NOT_BORN)
        listening.later(1_000)
    assert asked == [0, 5, 15, 35, 75, 155, 235, 315, 395, 475, 555]


def test_a_node_that_gives_cause_all_the_time_and_is_born_each_time_is_asked_every_few_seconds() -> None:
    listening, node = speaking()
    asked = 0
    for _ in range(600):
        node.data(NOT_BORN)
        if listening.asked():
            asked += 1
            node.birth()
        listening.later(1_000)
    assert asked == 600 // 5


def test_a_node_that_gave_no_cause_for_long_is_soon_asked_again() -> None:
    listening, node = speaking()
    for _ in range(3):
        for _ in range(2):
            node.data(NOT_BORN)
            node.birth()
        node.data(NOT_BORN)
        assert listening.asked()
        listening.later(FIRST)
        assert listening.asked()
        node.birth()
        listening.later(600_000)
        assert not listening.asked()


def test_a_clock_that_was_set_back_hinders_no_question() -> None:
    listening, node = speaking()
    for _ in range(2):
        node.data(NOT_BORN)
        assert listening.asked()
        listening.now -= 3_600_000


def test_a_message_that_waited_for_another_does_not_have_its_node_asked_twice() -> None:
    listening, node = speaking()
    node.data(NOT_BORN)
    node.data(NOT_BORN)
    assert listening.asked()
    listening.later(FIRST - 100)
    node.made(NOT_BORN)
    node.data(NOT_BORN)
    listening.later(100)
    listening.later(2_000)
    assert [event["at"] - START for event in listening.events("rebirth-asked")] == [0, FIRST]


@pytest.mark.parametrize("broker", [0, 1])
def test_what_is_still_to_be_asked_is_forgotten_where_its_broker_is_lost(broker: int) -> None:
    listening, node = speaking()
    for _ in range(2):
        node.data(NOT_BORN)
    assert listening.asked()
    listening.host.lost(broker, listening.now)
    listening.later(600_000)
    assert listening.asked() is (broker == 1)


@pytest.mark.parametrize("meanwhile", [Node.birth, Node.death])
def test_a_node_that_was_born_or_died_meanwhile_is_not_asked(meanwhile: Callable[[Node], None]) -> None:
    listening, node = speaking()
    for _ in range(2):
        node.data(NOT_BORN)
    assert listening.asked()
    meanwhile(node)
    listening.later(600_000)
    assert not listening.asked()


def test_the_same_message_again_is_taken_once() -> None:
    listening, node = speaking()
    (message,) = said(node, 1)
    node.say(message, "press")
    node.say(message, "press")
    assert listening.values() == [0.0]
    assert [event["same"] for event in listening.events("duplicate")] == [True]


def test_another_message_with_a_number_that_was_there_is_told_of() -> None:
    listening, node = speaking()
    (message,) = said(node, 1)
    node.say(message, "press")
    message.metrics[0].double_value = 8.0
    node.say(message, "press")
    assert listening.values() == [0.0, 8.0]
    assert [event["same"] for event in listening.events("duplicate")] == [False]


def test_many_messages_that_wait_end_the_waiting() -> None:
    listening, node = speaking(reorder=1_000_000)
    _, *others = said(node, 70)
    for message in others:
        node.say(message, "press")
    listening.later(1)
    assert len(listening.values()) == 69 and listening.asked()


@given(st.permutations(range(12)), st.integers(0, 255))
def test_whatever_the_order_of_arrival_the_order_of_seq_comes_out(order: list[int], start: int) -> None:
    made: Order[int] = Order((start - 1) % 256, 0)
    out = []
    # A message that comes too early to be told from a late one is one of BEHIND; these are fewer.
    for number in order:
        due, again = made.take((start + number) % 256, number, bytes([number]), number, number)
        assert not again
        out += due
    assert out == list(range(12)) and made.since is None


@given(st.sets(st.integers(0, 59)), st.integers(0, 255), st.randoms(use_true_random=False))
def test_every_message_is_taken_or_told_missing(lost: set[int], start: int, draw: object) -> None:
    made: Order[int] = Order((start - 1) % 256, 0)
    came = [number for number in range(60) if number not in lost]
    out: list[int | Gap] = []
    for number in came:
        out += made.take((start + number) % 256, number, bytes([number]), number, number)[0]
    out += made.release()
    assert [each for each in out if not isinstance(each, Gap)] == came
    last = max(came, default=-1)
    assert sum(each.missing for each in out if isinstance(each, Gap)) == len([each for each in lost if each < last])
