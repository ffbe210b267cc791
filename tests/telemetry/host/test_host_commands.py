"""Commands to nodes and devices, each test named by the assertion of the Sparkplug TCK that it shows."""

from __future__ import annotations

import pytest
from spoken import START, Listening, Node, real
from test_host_state import connected
from wire import PUBLISH, Server

from shazhou.city.problem import Refused
from shazhou.telemetry.host.commanding import command
from shazhou.telemetry.sparkplug.datatype import DataType
from shazhou.telemetry.sparkplug.payload import Sample


@pytest.fixture
def listening() -> Listening:
    """A host and a node with metrics of several types, one with an alias and one without."""
    made = Listening()
    node = Node(made)
    node.birth(Sample("speed", DataType.INT16, 0, START), Sample("label", DataType.STRING, "", START, 8))
    node.device("press", Sample("setpoint", DataType.DOUBLE, 0.0, START), real(None))
    made.now += 7
    return made


def sent(listening: Listening, target: str, metric: str, text: str) -> tuple[str, dict[str, object]]:
    command(listening.host, target, metric, text, listening.now)
    (found,) = listening.commands()
    return found


def test_tck_id_payloads_ncmd_seq(listening: Listening) -> None:
    topic, said = sent(listening, "n", "speed", "-5")
    assert topic == "NCMD/n" and said["seq"] is None


def test_tck_id_payloads_dcmd_seq(listening: Listening) -> None:
    topic, said = sent(listening, "n/press", "setpoint", "1.5")
    assert topic == "DCMD/n/press" and said["seq"] is None


def test_tck_id_payloads_ncmd_timestamp(listening: Listening) -> None:
    assert sent(listening, "n", "speed", "-5")[1]["timestamp"] == START + 7


def test_tck_id_payloads_dcmd_timestamp(listening: Listening) -> None:
    assert sent(listening, "n/press", "setpoint", "1.5")[1]["timestamp"] == START + 7


def test_tck_id_payloads_ncmd_qos() -> None:
    assert on_the_wire()[0] == 0


def test_tck_id_payloads_ncmd_retain() -> None:
    assert on_the_wire()[1] is False


def on_the_wire() -> tuple[int, bool]:
    """QoS and retain with which a command leaves."""
    with Server() as server, connected(server) as connection:
        server.until(PUBLISH)
        connection.send("spBv1.0/city/NCMD/n", b"payload")
        packet = server.until(PUBLISH)
        assert packet.published() == ("spBv1.0/city/NCMD/n", b"payload")
        return packet.qos, packet.retain


def test_tck_id_operational_behavior_data_commands_ncmd_metric_name(listening: Listening) -> None:
    for target, metric in (("n", "setpoint"), ("n/press", "speed"), ("n/press", "")):
        with pytest.raises(Refused, match="metric-not-born"):
            command(listening.host, target, metric, "1", START)
    assert not listening.commands()


@pytest.mark.parametrize(
    ("target", "metric", "text"),
    [("n", "speed", "32768"), ("n", "speed", "1.5"), ("n", "speed", "fast"), ("n/press", "setpoint", "warm")],
)
def test_tck_id_operational_behavior_data_commands_ncmd_metric_value(
    listening: Listening, target: str, metric: str, text: str
) -> None:
    with pytest.raises(Refused, match="value-not-of-type"):
        command(listening.host, target, metric, text, START)
    assert not listening.commands()
    assert sent(listening, "n", "speed", "-5")[1]["speed"] == (1 << 32) - 5


def test_tck_id_payloads_alias_data_cmd_requirement(listening: Listening) -> None:
    _, said = sent(listening, "n", "label", "new")
    assert said[8] == "new" and "label" not in said


def test_nobody_who_is_not_there_is_commanded(listening: Listening) -> None:
    for target in ("m", "n/lathe", "m/press"):
        with pytest.raises(Refused, match="node-not-online"):
            command(listening.host, target, "speed", "1", START)


@pytest.mark.parametrize(
    ("datatype", "text", "carried"),
    [
        (DataType.BOOLEAN, "true", True),
        (DataType.UINT64, str((1 << 64) - 1), (1 << 64) - 1),
        (DataType.DATETIME, "5", 5),
        (DataType.BYTES, "AAE=", b"\0\1"),
        (DataType.INT16_ARRAY, "[1, -2]", b"\1\0\xfe\xff"),
        (DataType.STRING_ARRAY, '["a", "b"]', b"a\0b\0"),
    ],
)
def test_a_value_of_any_plain_type_can_be_sent(datatype: DataType, text: str, carried: object) -> None:
    listening = Listening()
    Node(listening).birth(Sample("it", datatype, None, START))
    assert sent(listening, "n", "it", text)[1]["it"] == carried


@pytest.mark.parametrize(
    ("datatype", "text"),
    [
        (DataType.BOOLEAN, "perhaps"),
        (DataType.UINT8, "-1"),
        (DataType.BYTES, "?"),
        (DataType.INT16_ARRAY, "[70000]"),
        (DataType.INT16_ARRAY, "5"),
        (DataType.STRING_ARRAY, "[1]"),
        (DataType.DATASET, "{}"),
        (DataType.TEMPLATE, "{}"),
    ],
)
def test_a_value_that_its_type_cannot_carry_is_refused(datatype: DataType, text: str) -> None:
    listening = Listening()
    Node(listening).birth(Sample("it", datatype, None, START))
    with pytest.raises(Refused, match="value-not-of-type"):
        command(listening.host, "n", "it", text, START)
