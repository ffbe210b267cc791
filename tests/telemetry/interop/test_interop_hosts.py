"""Programs that others wrote listen to our agent: what they understand of it, and that they can ask it for a birth."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
import pytest
from own_agent import READINGS, OwnAgent
from peer import HERE, Peer

sys.path.insert(0, str(HERE.parent / "load"))

from serving import broker

from shazhou.telemetry.names import REBIRTH
from shazhou.telemetry.sparkplug import topic
from shazhou.telemetry.sparkplug.payload import state

pytestmark = pytest.mark.slow
SCRIPTS = {
    "pysparkplug": "pysparkplug_host.py",
    "mqtt-spb-wrapper": "mqtt_spb_wrapper_host.py",
    "sparkplug-payload": "sparkplug_payload_host.cjs",
}


@pytest.fixture
def listening(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Peer]:
    """A program that listens, and then our agent, which waits for a host and is told that there is one: none of these
    programs says so by itself as Sparkplug 3.0 has it."""
    with broker() as port, Peer(SCRIPTS[request.param], port, "zhangjiagang", "works") as peer:
        peer.said("ready")
        client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
        client.connect("127.0.0.1", port)
        client.loop_start()
        client.publish(topic.state("shazhou"), state(True, 1), qos=1, retain=True).wait_for_publish(10)
        with OwnAgent(port, tmp_path):
            yield peer
        client.loop_stop()


def names(message: dict[str, Any]) -> list[str]:
    return [metric[0] for metric in message["metrics"]]


@pytest.mark.parametrize("listening", SCRIPTS, indirect=True)
def test_our_births_are_understood_and_a_rebirth_is_obeyed(listening: Peer) -> None:
    born = listening.said("NBIRTH")
    assert [REBIRTH, False] in [metric[:2] for metric in born["metrics"]]
    device = listening.said("DBIRTH")
    assert device["device"] == "press" and set(READINGS) <= set(names(device))
    listening.tell("rebirth")
    assert names(listening.said("NBIRTH")) == names(born)


@pytest.mark.parametrize("listening", ["pysparkplug"], indirect=True)
def test_our_data_are_understood_by_whoever_remembers_births(listening: Peer) -> None:
    """DATA have aliases alone, as the standard advises: names and types are those of the birth."""
    data = listening.said("DDATA")
    told = {name: value for name, value, _ in data["metrics"]}
    assert told.items() >= READINGS.items()
    assert told["Record/Sequence"] == 1


@pytest.mark.parametrize("listening", ["mqtt-spb-wrapper", "sparkplug-payload"], indirect=True)
def test_decoders_that_remember_no_births_see_no_values(listening: Peer) -> None:
    data = listening.said("DDATA")
    assert {metric[1] for metric in data["metrics"]} == {None}
