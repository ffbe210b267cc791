"""The running host with a real broker and a real store."""

from __future__ import annotations

import errno
import json
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from threading import Event
from time import sleep
from typing import Any

import paho.mqtt.client as mqtt
import pytest
from iotcore import Broker
from paho.mqtt.enums import CallbackAPIVersion
from spoken import GROUP, Node, real
from waiting import until

from shazhou.telemetry.broker.embedded import PAYLOAD, embedded
from shazhou.telemetry.host import spool
from shazhou.telemetry.host.application import Application, now
from shazhou.telemetry.host.connection import Address, Connection
from shazhou.telemetry.host.host import Settings
from shazhou.telemetry.sparkplug.datatype import DataType
from shazhou.telemetry.sparkplug.descriptor import Payload
from shazhou.telemetry.sparkplug.payload import Sample
from shazhou.telemetry.store.store import Store

EVER = 1 << 60


class Client:
    """An edge node's connection, in the place of a host that listens to it (`spoken.Node`)."""

    def __init__(self, port: int, name: str = "n") -> None:
        self.commands: list[Any] = []
        self.states: list[Any] = []
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=name)
        self._client.on_message = self._told
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()
        self._client.subscribe([(f"spBv1.0/{GROUP}/+/{name}/#", 0), ("spBv1.0/STATE/host", 1)])

    @property
    def now(self) -> int:
        return now()

    def hear(self, topic: str, content: Any, broker: int = 0) -> None:
        kind, _, rest = topic.partition("/")
        raw = content if isinstance(content, bytes) else content.SerializeToString()
        self.say(f"spBv1.0/{GROUP}/{kind}/{rest}", raw)

    def say(self, topic: str, raw: bytes) -> None:
        self._client.publish(topic, raw)

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _told(self, _client: mqtt.Client, _: Any, message: mqtt.MQTTMessage) -> None:
        if message.topic.startswith("spBv1.0/STATE"):
            with suppress(RecursionError):
                self.states.append(json.loads(message.payload))
        elif "CMD/" in message.topic:
            self.commands.append((message.topic, Payload.FromString(bytes(message.payload))))


@pytest.fixture
def broker() -> Iterator[Broker]:
    with embedded(0) as started:
        yield started


def running(folder: Path, port: int) -> tuple[Store, Application]:
    store = Store.open(folder, write=True)
    application = Application(store, Settings("host", GROUP, challenges=0), [Address("127.0.0.1", port)], {})
    application.start()
    until(lambda: application.connections[0].connected)
    return store, application


def node_at(port: int, **options: Any) -> tuple[Client, Node]:
    client = Client(port)
    until(lambda: client.states and client.states[-1]["online"])
    node = Node(client, **options)  # type: ignore[arg-type]
    return client, node


def test_from_a_node_through_the_store_to_its_confirmation(tmp_path: Path, broker: Broker) -> None:
    store, application = running(tmp_path / "t", broker.port)
    client, node = node_at(broker.port, agent="buffer")
    node.birth()
    node.device("press", real(None), Sample("setpoint", DataType.INT16, None, now(), 2))
    for number in range(1, 101):
        node.data(real(float(number), at=now()), device="press", record=(number, number - 1))
    client.hear("DDATA/n/press", b"\xff")
    reader = until(lambda: Store.open(tmp_path / "t"))
    until(lambda: reader.samples(0, EVER).num_rows == 100)
    assert reader.samples(0, EVER)["sequence"].to_pylist() == list(range(1, 101))
    assert reader.marks() == {("n", "buffer"): 100}
    until(lambda: any(metric.long_value == 100 for _, said in client.commands for metric in said.metrics))
    assert until(reader.quarantine_counts) == {"protobuf": 1}
    live = until(lambda: reader.live() if reader.live().get("nodes") else None)
    assert live["nodes"]["n"]["online"] and live["nodes"]["n"]["devices"]["press"]["online"]

    asked = spool.ask(store.folder, {"target": "n/press", "metric": "setpoint", "value": "-3"})
    assert spool.answer(store.folder, asked, 10) == {"ok": True, "metric": "setpoint", "type": "INT16"}
    until(lambda: any(topic.endswith("DCMD/n/press") for topic, _ in client.commands))
    asked = spool.ask(store.folder, {"target": "n/press", "metric": "setpoint", "value": "99999"})
    refused = spool.answer(store.folder, asked, 10)
    assert refused is not None and refused["problems"][0]["rule"] == "value-not-of-type"
    asked = spool.ask(store.folder, {"aim": 1})
    refused = spool.answer(store.folder, asked, 10)
    assert refused is not None and refused["problems"][0]["rule"] == "not-a-command"

    application.stop()
    until(lambda: not client.states[-1]["online"])
    client.close()
    store.close()


def test_a_host_that_starts_again_goes_on_from_what_is_on_disk(tmp_path: Path, broker: Broker) -> None:
    store, application = running(tmp_path / "t", broker.port)
    client, node = node_at(broker.port, agent="buffer")
    node.birth()
    node.device("press", real(None))
    node.data(real(1.0, at=now()), device="press", record=(1, 0))
    until(lambda: store.samples(0, EVER).num_rows == 1)
    until(lambda: store.live().get("nodes"))
    application.stop()
    store.close()
    store, application = running(tmp_path / "t", broker.port)
    node.data(real(2.0, at=now()), device="press", record=(2, 1))
    until(lambda: any(metric.name == "Node Control/Rebirth" for _, said in client.commands for metric in said.metrics))
    node.birth()
    node.device("press", real(None))
    for number in (1, 2):
        node.data(real(float(number), at=now()), device="press", record=(number, number - 1))
    until(lambda: store.samples(0, EVER).num_rows == 2)
    kinds = store.events(0, EVER)["kind"].to_pylist()
    assert "stale" in kinds and "rebirth-asked" in kinds
    application.stop()
    client.close()
    store.close()


def test_the_broker_that_comes_along_takes_births_that_its_default_would_cut(tmp_path: Path, broker: Broker) -> None:
    store, application = running(tmp_path / "t", broker.port)
    client, node = node_at(broker.port)
    node.birth()
    long = [
        Sample(f"Tag/with a long name {number}", DataType.STRING, "x" * 40, now(), number) for number in range(1500)
    ]
    node.device("press", *long)
    until(lambda: store.samples(0, EVER).num_rows == 1500)
    client.hear("DDATA/n/press", bytes(PAYLOAD - 1000))
    assert until(store.quarantine_counts) == {"protobuf": 1}
    assert application.connections[0].connected
    application.stop()
    client.close()
    store.close()


@pytest.mark.slow
def test_a_broker_that_is_killed_leaves_its_nodes_stale_and_is_found_again(tmp_path: Path) -> None:
    with embedded(0) as broker:
        store, application = running(tmp_path / "t", broker.port)
        client, node = node_at(broker.port)
        node.birth()
        until(lambda: application.host.nodes)
        assert broker._process is not None
        broker._process.kill()
        until(lambda: not application.host.nodes[0, "n"].online)
        client.close()
        broker.stop()
        broker.start()
        until(lambda: application.connections[0].connected)
        until(lambda: "stale" in store.events(0, EVER)["kind"].to_pylist())
        application.stop()
        store.close()


def refuse() -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


@contextmanager
def full_disk(store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patched:
        patched.setattr(store, "commit", refuse)
        yield


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Little memory, and a device that is asked again at once."""
    monkeypatch.setattr("shazhou.telemetry.host.application.WAITING", 10_000)
    monkeypatch.setattr("shazhou.telemetry.host.application.AGAIN", 50)


@pytest.fixture
def press(tmp_path: Path, broker: Broker, impatient: None) -> Iterator[tuple[Store, Application, Client, Node]]:
    """A host and an agent's node, born with a device."""
    store, application = running(tmp_path / "t", broker.port)
    client, node = node_at(broker.port, agent="buffer")
    with closing(store), closing(client):
        try:
            node.birth()
            node.device("press", real(None))
            until(lambda: "birth" in store.events(0, EVER)["kind"].to_pylist())
            yield store, application, client, node
        finally:
            application.stop()


def send(node: Node, numbers: Iterable[int]) -> None:
    for number in numbers:
        node.data(real(float(number), at=now()), device="press", record=(number, number - 1))


def send_until_offline(application: Application, client: Client, node: Node) -> int:
    """Records until the host has said that it is offline and knows nothing of the node; the last one's number."""
    sent = 0
    while client.states[-1]["online"]:
        send(node, range(sent + 1, sent + 11))
        sent += 10
        sleep(0.02)
    until(lambda: not application.host.nodes[0, "n"].online)
    return sent


def test_a_host_whose_disk_is_full_takes_no_more_than_memory_holds_and_comes_back(
    press: tuple[Store, Application, Client, Node], monkeypatch: pytest.MonkeyPatch
) -> None:
    store, application, client, node = press
    with full_disk(store, monkeypatch):
        sent = send_until_offline(application, client, node)
        waits = store.waiting
        assert 10_000 < waits < 1_000_000
        send(node, range(sent + 1, sent + 201))
        sleep(0.5)
        assert store.waiting - waits < 2_000, "events of the host's own, no samples"
        assert not store.samples(0, EVER).num_rows
    until(lambda: client.states[-1]["online"])
    [mark] = store.marks().values()
    assert store.samples(0, EVER)["sequence"].to_pylist() == list(range(1, mark + 1)) and mark < sent + 200
    [stale] = store.events(0, EVER, kinds=["stale"])["detail"].to_pylist()
    assert json.loads(stale)["why"] == "host-left"
    node.birth()
    node.device("press", real(None))
    send(node, range(mark, sent + 201))
    until(lambda: store.samples(0, EVER).num_rows == sent + 200)
    assert store.samples(0, EVER)["sequence"].to_pylist() == list(range(1, sent + 201)) and not store.waiting


def test_a_host_that_is_stopped_while_it_writes_what_waited_does_not_come_back(
    press: tuple[Store, Application, Client, Node], monkeypatch: pytest.MonkeyPatch
) -> None:
    store, application, client, node = press
    commit, begun = store.commit, Event()

    def slow() -> None:
        begun.set()
        sleep(0.5)
        commit()

    monkeypatch.setattr(store, "commit", refuse)
    send_until_offline(application, client, node)
    monkeypatch.setattr(store, "commit", slow)
    assert begun.wait(10)
    application.stop()
    [mark] = store.marks().values()
    assert store.samples(0, EVER).num_rows == mark and not application.connections[0].connected
    sleep(1)
    assert not application.connections[0].connected and not client.states[-1]["online"]


def test_what_goes_wrong_in_leaving_and_coming_back_does_not_end_the_writing(
    press: tuple[Store, Application, Client, Node], monkeypatch: pytest.MonkeyPatch
) -> None:
    store, application, client, node = press
    [connection] = application.connections
    start, stop, wrong = connection.start, connection.stop, [OSError("left"), OSError("back"), OSError("back again")]

    def stop_and_fail() -> None:
        stop()
        raise wrong.pop(0)

    def fail_to_start() -> None:
        if wrong:
            raise wrong.pop(0)
        start()

    with monkeypatch.context() as patched:
        patched.setattr(connection, "stop", stop_and_fail)
        patched.setattr(connection, "start", fail_to_start)
        with full_disk(store, monkeypatch):
            while len(wrong) == 3:
                send(node, range(1, 2_000))
                sleep(0.1)
        until(lambda: client.states[-1]["online"] and not wrong)
        assert store.samples(0, EVER).num_rows


def test_a_mistake_of_ours_in_one_message_stops_no_other(
    tmp_path: Path, broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, application = running(tmp_path / "t", broker.port)
    take = application.host.data.take

    def mistaken(node: Any, part: Any, message: Any) -> str:
        if len(message.decoded.metrics.timestamp) == 2:
            raise ZeroDivisionError
        return take(node, part, message)

    monkeypatch.setattr(application.host.data, "take", mistaken)
    client, node = node_at(broker.port)
    node.birth()
    node.device("press", real(None))
    node.data(real(1.0), real(2.0), device="press")
    node.data(real(3.0), device="press")
    until(lambda: store.samples(0, EVER).num_rows == 1)
    assert until(store.quarantine_counts) == {"internal": 1}
    application.stop()
    client.close()
    store.close()


def test_two_hosts_of_one_id_are_told_why_they_throw_each_other_out(
    broker: Broker, caplog: pytest.LogCaptureFixture
) -> None:
    twins = [
        Connection(Address("127.0.0.1", broker.port), "twin", GROUP, lambda *_: None, lambda: None) for _ in range(2)
    ]
    try:
        for each in twins:
            each.start()
            until(lambda each=each: each.connected)
        until(lambda: "does another host with the id twin run?" in caplog.text, 20)
        (told, *_) = [each for each in caplog.records if "another host" in each.getMessage()]
        assert told.levelname == "WARNING" and "--id" in told.getMessage()
    finally:
        for each in twins:
            each.stop()


def test_a_word_about_the_host_that_is_nested_without_end_made_it_deaf(tmp_path: Path, broker: Broker) -> None:
    store, application = running(tmp_path / "t", broker.port)
    client, node = node_at(broker.port)
    client.say("spBv1.0/STATE/host", b"[" * 15_000)
    until(lambda: store.quarantine_counts())
    node.birth()
    until(lambda: store.live().get("nodes", {}).get("n", {}).get("online"))
    assert application.connections[0].connected
    application.stop()
    client.close()
    store.close()
