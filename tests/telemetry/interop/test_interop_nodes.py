"""Edge nodes that others wrote speak to our host: what each sends is understood, what each gets wrong is told.

docs/telemetry/interop.md says in words what these tests say in code.
"""

from __future__ import annotations

import base64
import json
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest
from peer import HERE, Peer
from waiting import until

sys.path.insert(0, str(HERE.parent / "load"))

from serving import EVER, Host, broker, host

from shazhou.telemetry.host import spool

pytestmark = pytest.mark.slow
VALUES = json.loads((HERE / "values.json").read_text(encoding="utf-8"))
SCRIPTS = {
    "pysparkplug": "pysparkplug_node.py",
    "mqtt-spb-wrapper": "mqtt_spb_wrapper_node.py",
    "sparkplug-client": "sparkplug_client_node.cjs",
}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, Host]]:
    with broker() as port, host(tmp_path_factory.mktemp("city") / "ledger", port, "--challenges", "0") as running:
        yield port, running


class Seen:
    """What our host has of a node."""

    def __init__(self, host: Host, node: str) -> None:
        self._host, self.node = host, node

    def events(self, *kinds: str, device: str = "") -> list[dict[str, Any]]:
        with self._host.store() as store:
            rows = store.events(0, EVER, node=self.node, kinds=kinds).to_pylist()
        return [json.loads(row["detail"]) for row in rows if row["device"] == device]

    def newest(self, device: str = "press") -> dict[str, Any]:
        """By metric its newest value, whichever column holds it."""
        with self._host.store() as store:
            rows = store.samples(0, EVER, node=self.node, device=device).to_pylist()
        columns = ("integer", "real", "text")
        return {row["metric"]: next((row[each] for each in columns if row[each] is not None), None) for row in rows}

    def quarantined(self) -> dict[str, int]:
        with self._host.store() as store:
            return store.quarantine_counts()

    def command(self, target: str, metric: str, value: str) -> dict[str, Any]:
        with self._host.store() as store:
            id = spool.ask(store.folder, {"target": target, "metric": metric, "value": value})
            answer = spool.answer(store.folder, id, patience=10)
        assert answer is not None
        return answer


def expected(stage: str) -> dict[str, Any]:
    """What the store must hold of the values that peers send: base64 for bytes, text for what is over 2**63."""
    found: dict[str, Any] = {}
    for each in VALUES:
        value = each[stage]
        if each["type"] in ("Int64", "UInt64", "DateTime"):
            value = int(value) if int(value) < 1 << 63 else value
        elif each["type"] == "Bytes":
            value = base64.b64encode(bytes(value)).decode()
        found[each["name"]] = value
    return found


def wrapped_data() -> dict[str, Any]:
    """What the store must hold of the data of `mqtt-spb-wrapper`."""
    return {f"DATA/{name}": value for name, value in expected("data").items()}


@pytest.fixture
def speaking(served: tuple[int, Host], request: pytest.FixtureRequest) -> Iterator[tuple[Peer, Seen]]:
    """A running peer that was born with its device."""
    node = f"{request.param}-{request.node.originalname}"[:60]
    seen = Seen(served[1], node)
    with Peer(SCRIPTS[request.param], served[0], "zhangjiagang", node) as peer:
        until(lambda: seen.events("birth", device="press"))
        yield peer, seen


whoever = pytest.mark.parametrize("speaking", SCRIPTS, indirect=True)
conforming = pytest.mark.parametrize("speaking", ["pysparkplug", "sparkplug-client"], indirect=True)


@whoever
def test_births_tell_values_of_all_types(speaking: tuple[Peer, Seen]) -> None:
    _, seen = speaking
    # `mqtt-spb-wrapper` puts DATA/ before the names, in births alone.
    prefix = "DATA/" if seen.node.startswith("mqtt-spb-wrapper") else ""
    told = {prefix + name: value for name, value in expected("birth").items()}
    for device in ("press", ""):
        until(lambda device=device: set(told) <= set(seen.newest(device)))
        assert {name: seen.newest(device)[name] for name in told} == told


@conforming
def test_data_tell_values_of_all_types(speaking: tuple[Peer, Seen]) -> None:
    peer, seen = speaking
    peer.tell("data")
    until(lambda: expected("data").items() <= seen.newest().items())
    assert seen.newest()["null"] is None


@pytest.mark.parametrize("speaking", ["pysparkplug"], indirect=True)
def test_arrays_are_understood(speaking: tuple[Peer, Seen]) -> None:
    _, seen = speaking
    until(lambda: "strings" in seen.newest())
    arrays = {name: json.loads(seen.newest()[name]) for name in ("int16s", "doubles", "booleans", "strings")}
    assert arrays == {
        "int16s": [-1, 2],
        "doubles": [0.5, -2.0],
        "booleans": [True, False, True],
        "strings": ["a", "沙"],
    }


@pytest.mark.parametrize("speaking", ["sparkplug-client"], indirect=True)
def test_a_data_set_and_a_template_are_understood(speaking: tuple[Peer, Seen]) -> None:
    _, seen = speaking
    until(lambda: "motor" in seen.newest())
    assert json.loads(seen.newest()["table"])["rows"] == [[1, "A"], [-2, "B"]]
    assert json.loads(seen.newest()["motor"])["metrics"] == [{"name": "rpm", "type": "INT32", "value": -3}]


@conforming
def test_a_node_obeys_rebirth_and_a_device_its_command(speaking: tuple[Peer, Seen]) -> None:
    peer, seen = speaking
    births = len(seen.events("birth"))
    assert seen.command(seen.node, "Node Control/Rebirth", "true")["ok"]
    assert peer.said("ncmd") == [["Node Control/Rebirth", True]]
    until(lambda: len(seen.events("birth")) > births and len(seen.events("birth", device="press")) > births)
    assert seen.command(f"{seen.node}/press", "setpoint", "-7")["ok"]
    assert peer.said("dcmd") == [["setpoint", -7]]


@conforming
def test_a_device_dies_and_a_killed_node_leaves_its_will(speaking: tuple[Peer, Seen]) -> None:
    peer, seen = speaking
    peer.tell("bury")
    until(lambda: seen.events("death", device="press"))
    peer.kill()
    until(lambda: seen.events("death"))
    assert seen.events("death")[0]["bdSeq"] == seen.events("birth")[-1]["bdSeq"]


@pytest.mark.parametrize("speaking", ["sparkplug-client"], indirect=True)
def test_a_node_that_says_goodbye_is_dead(speaking: tuple[Peer, Seen]) -> None:
    peer, seen = speaking
    peer.tell("stop")
    until(lambda: seen.events("death"))
    assert [each["bdSeq"] for each in seen.events("death")] == [seen.events("birth")[-1]["bdSeq"]]


@pytest.mark.parametrize("speaking", ["pysparkplug"], indirect=True)
def test_pysparkplug_says_goodbye_for_its_next_session(speaking: tuple[Peer, Seen]) -> None:
    """Its NDEATH carries the bdSeq that comes after that of its birth, so it is of no session and is ignored."""
    peer, seen = speaking
    peer.tell("stop")
    peer.process.wait(10)
    time.sleep(1)
    assert not seen.events("death")


@pytest.mark.parametrize("speaking", ["mqtt-spb-wrapper"], indirect=True)
def test_data_of_mqtt_spb_wrapper_arrive_with_the_birth_that_is_asked_for(speaking: tuple[Peer, Seen]) -> None:
    """Its DATA name metrics otherwise than its births; the host asks for a birth, which tells the new values."""
    peer, seen = speaking
    peer.tell("data")
    assert ["Node Control/Rebirth", True] in peer.said("ncmd")
    until(lambda: wrapped_data().items() <= seen.newest().items())
    assert json.loads(seen.newest()["DATA/table"])["rows"] == [[1, "A"], [2, "B"]]
    assert seen.quarantined()["unknown-metric"] > 0


def test_data_that_give_cause_just_after_a_birth_was_asked_for_arrive_too(served: tuple[int, Host]) -> None:
    """A device that is born before its node has a birth asked for; the data that follow at once are a cause as well."""
    seen = Seen(served[1], "mqtt-spb-wrapper-device-first")
    with Peer(SCRIPTS["mqtt-spb-wrapper"], served[0], "zhangjiagang", seen.node, "device") as peer:
        assert ["Node Control/Rebirth", True] in peer.said("ncmd")
        until(lambda: seen.events("birth", device="press"))
        peer.tell("data")
        until(lambda: wrapped_data().items() <= seen.newest().items())
    assert [each["reason"] for each in seen.events("rebirth-asked")][:2] == ["no-birth", "unknown-metric"]


@pytest.mark.parametrize("speaking", ["mqtt-spb-wrapper"], indirect=True)
def test_a_killed_mqtt_spb_wrapper_leaves_a_will_of_no_session(speaking: tuple[Peer, Seen]) -> None:
    """Its will was made with a bdSeq that its birth does not carry: ignored, as the standard wants it."""
    peer, seen = speaking
    peer.kill()
    time.sleep(1)
    assert not seen.events("death")
