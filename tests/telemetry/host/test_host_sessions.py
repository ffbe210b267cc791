"""Births and deaths of edge nodes and devices, each test named by the assertion of the Sparkplug TCK that it shows."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from spoken import START, Listening, Node, real, speaking

from shazhou.telemetry.host import limits
from shazhou.telemetry.host.before import Before
from shazhou.telemetry.sparkplug.datatype import DataType
from shazhou.telemetry.sparkplug.payload import Sample, add, payload


def alive(listening: Listening, device: str = "press") -> tuple[bool, bool]:
    """Whether node and device are online."""
    node = listening.host.nodes[0, "n"]
    return node.online, node.devices[device].online


def test_tck_id_operational_behavior_edge_node_termination_host_action_ndeath_node_offline() -> None:
    listening, node = speaking()
    listening.now += 5
    node.death()
    assert not listening.host.nodes[0, "n"].online
    assert listening.host.nodes[0, "n"].offline_at == START + 5
    assert [event["at"] for event in listening.events("death")] == [START + 5]


def test_a_death_tells_since_when_nothing_was_heard() -> None:
    listening, node = speaking()
    heard = listening.host.nodes[0, "n"].order.last
    listening.now += 7_500
    node.death()
    assert [event["since"] for event in listening.events("death")] == [heard]


def test_tck_id_operational_behavior_edge_node_termination_host_action_ndeath_node_tags_stale() -> None:
    listening = Listening()
    node = Node(listening)
    node.birth(Sample("load", DataType.DOUBLE, 1.0, START, 7))
    assert listening.holds("", "load")
    node.death()
    assert not listening.holds("", "load")


def test_tck_id_operational_behavior_edge_node_termination_host_action_ndeath_devices_offline() -> None:
    listening, node = speaking()
    assert alive(listening) == (True, True)
    node.death()
    assert alive(listening) == (False, False)


def test_tck_id_operational_behavior_edge_node_termination_host_action_ndeath_devices_tags_stale() -> None:
    listening, node = speaking()
    node.data(real(1.5), device="press")
    assert listening.holds("press", "heat")
    node.death()
    assert not listening.holds("press", "heat")


def test_tck_id_operational_behavior_edge_node_termination_host_action_ddeath_devices_offline() -> None:
    listening, node = speaking()
    node.bury("press", START - 77)
    assert alive(listening) == (True, False)
    assert listening.host.nodes[0, "n"].devices["press"].offline_at == START - 77


def test_tck_id_operational_behavior_edge_node_termination_host_action_ddeath_devices_tags_stale() -> None:
    listening, node = speaking()
    node.data(real(1.5), device="press")
    listening.samples()
    node.bury("press", START - 77)
    assert not listening.holds("press", "heat")
    assert [event["timestamp"] for event in listening.events("death")] == [START - 77]


def test_tck_id_payloads_ndeath_bdseq() -> None:
    listening, node = speaking()
    node.death(bdseq=4)
    assert alive(listening) == (True, True) and not listening.events("death")
    node.death(bdseq=0)
    assert alive(listening) == (False, False)


def test_tck_without_id_when_the_connection_is_lost_all_metrics_are_stale() -> None:
    listening, node = speaking()
    node.data(real(1.5), device="press")
    assert listening.holds("press", "heat")
    listening.host.lost(0, listening.now)
    assert not listening.holds("press", "heat")
    assert alive(listening) == (False, False)
    assert [event["why"] for event in listening.events("stale")] == ["broker-lost"]


def test_another_broker_s_nodes_stay() -> None:
    listening, _ = speaking()
    other = Node(listening, "m", broker=1)
    other.birth()
    listening.host.lost(1, listening.now)
    assert listening.host.nodes[0, "n"].online and not listening.host.nodes[1, "m"].online


def test_a_late_death_of_an_earlier_session_ends_nothing() -> None:
    listening, node = speaking()
    node.bdseq = 1
    node.birth()
    node.death(bdseq=0)
    assert listening.host.nodes[0, "n"].online


def test_a_birth_forgets_devices_that_are_not_born_again() -> None:
    listening, node = speaking()
    node.birth()
    node.data(real(1.0), device="press")
    assert not listening.samples() and listening.asked()


def test_a_birth_without_bdseq_or_seq_is_rejected() -> None:
    listening = Listening()
    Node(listening).birth(bdseq=False)
    made = payload(START)
    add(made, Sample("bdSeq", DataType.INT64, 0, START), birth=True)
    listening.hear("NBIRTH/n", made)
    assert not listening.host.nodes
    assert listening.host.outbox.counts == {"bdseq-missing": 1, "seq-missing": 1}


def test_a_birth_that_is_refused_ends_what_was_born_before() -> None:
    """What came after it was read by the birth before, and what was lost after it lay in no gap."""
    listening, node = speaking()
    listening.now += 1_000
    node.data(real(1.0), device="press")
    listening.now += 1_000
    node.birth(bdseq=False)
    assert alive(listening) == (False, False)
    (event,) = listening.events("stale")
    assert (event["why"], event["since"]) == ("birth-refused", START + 1_000)
    node.data(real(2.0), device="press")
    assert listening.events("rebirth-asked")[0]["reason"] == "no-birth"
    listening.now += 1_000
    node.birth()
    (gap,) = listening.events("gap")
    assert (gap["from"], gap["to"]) == (START + 1_000, START + 3_000)


def too_long(node: Node) -> None:
    node.birth(Sample("text", DataType.STRING, "x" * limits.PAYLOAD, node.listening.now))


def too_many(node: Node) -> None:
    node.birth(*(Sample(f"m{number}", DataType.DOUBLE, 1.0, node.listening.now) for number in range(7)))


@pytest.mark.parametrize("refused", [too_long, too_many])
def test_a_birth_that_is_refused_ends_all_whatever_the_reason(
    refused: Callable[[Node], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "SERIES", 6)
    listening, node = speaking()
    node.data(real(1.0), device="press")
    assert listening.holds("press", "heat")
    for _ in range(3):
        listening.now += 1_000
        node.bdseq += 1
        refused(node)
    assert not listening.holds("press", "heat")
    (event,) = listening.events("stale")
    assert (event["why"], event["since"]) == ("birth-refused", START)
    node.birth()
    (gap,) = listening.events("gap")
    assert (gap["from"], gap["to"]) == (START, START + 3_000)


def test_a_birth_that_is_refused_at_another_broker_ends_no_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SERIES", 6)
    listening, _ = speaking()
    listening.host.lost(0, listening.now)
    other = Node(listening, broker=1)
    listening.now += 1_000
    too_many(other)
    listening.now += 1_000
    other.birth()
    (gap,) = listening.events("gap")
    assert (gap["from"], gap["to"]) == (START, START + 2_000)


@pytest.mark.parametrize("limit", ["METRICS", "SERIES"])
def test_a_device_whose_birth_is_refused_is_not_read_by_the_birth_before(
    limit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, limit, 6)
    listening, node = speaking()
    node.data(real(1.0), device="press")
    assert listening.values() == [1.0]
    node.device("press", *(Sample(f"m{number}", DataType.DOUBLE, 1.0, START, number + 1) for number in range(7)))
    node.data(real(77.0), device="press")
    assert not listening.holds("press", "heat") and listening.values() == []
    assert [each.reason for each in listening.host.outbox.rejected][1:] == ["no-device-birth"]
    assert listening.asked()
    node.device("press", real(None))
    node.data(real(2.0), device="press")
    assert listening.values() == [2.0]


@pytest.mark.parametrize("kind", ["NDATA", "DDATA", "NDEATH", "DBIRTH", "DDEATH"])
def test_anything_else_that_is_refused_ends_no_session(kind: str) -> None:
    listening, node = speaking()
    node.hear(kind, b"\xff", "press" if kind.startswith("D") else "")
    assert listening.host.outbox.rejected and listening.host.nodes[0, "n"].online


def test_a_birth_that_is_refused_while_nobody_is_online_ends_nothing() -> None:
    listening, node = speaking()
    node.death()
    node.birth(bdseq=False)
    assert listening.events("stale") == []


def test_what_a_node_of_others_said_while_nobody_listened_is_a_gap() -> None:
    listening = Listening(before=Before(START - 500, {"n": START - 900}))
    assert [(event["node"], event["at"]) for event in listening.events("stale")] == [("n", START - 500)]
    Node(listening).birth()
    Node(listening, "m").birth()
    assert [(event["node"], event["from"], event["to"]) for event in listening.events("gap")] == [
        ("n", START - 900, START)
    ]


def test_a_node_of_others_that_comes_again_without_having_died_leaves_a_gap() -> None:
    listening, node = speaking()
    listening.now += 5_000
    node.bdseq = 1
    node.birth()
    (gap,) = listening.events("gap")
    assert (gap["from"], gap["to"]) == (START, START + 5_000)


def test_our_own_agent_sends_again_and_leaves_no_gap() -> None:
    listening = Listening(before=Before(START, {"n": START}))
    node = Node(listening, agent="a")
    node.birth()
    node.bdseq = 1
    node.birth()
    assert not listening.events("gap")


def test_the_stricter_mark_of_register_and_birth_counts() -> None:
    from spoken import Register

    register = Register(n=Register.Entry(origin="recorded"), m=Register.Entry(origin="simulated"))
    listening = Listening(register=register)
    for name, told in (("n", "simulated"), ("m", ""), ("o", "recorded"), ("p", "nonsense")):
        Node(listening, name, agent="a").birth(**{"Node Info/Origin": told})
    marks = {name: node.origin for (_, name), node in listening.host.nodes.items()}
    assert marks == {"n": "simulated", "m": "simulated", "o": "recorded", "p": ""}
