"""Whoever can connect can send anything: the host lives, its memory is bounded, and what it rejects it counts."""

from __future__ import annotations

import random
import resource
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from spoken import GROUP, START, Listening, Node, real, speaking

from shazhou.telemetry.host import limits
from shazhou.telemetry.sparkplug.datatype import DataType
from shazhou.telemetry.sparkplug.descriptor import DataSet, Template
from shazhou.telemetry.sparkplug.payload import Sample


def test_a_payload_that_is_too_long_is_not_read() -> None:
    listening, _ = speaking()
    listening.hear("DDATA/n/press", bytes(limits.PAYLOAD + 1))
    assert listening.host.outbox.counts == {"payload-too-long": 1}


@pytest.mark.parametrize("kind", ["NBIRTH/m", "DBIRTH/n/lathe", "DDATA/n/press"])
def test_a_million_empty_metrics_are_counted_and_not_made(kind: str) -> None:
    listening, node = speaking()
    tracemalloc.start()
    listening.hear(kind, b"\x12\x00" * (limits.PAYLOAD // 2 - 10) + bytes([0x18, node.seq]))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert listening.host.outbox.counts in ({"too-many-metrics": 1}, {"value-missing": 1})
    assert most < 20_000_000


def test_templates_in_templates_end() -> None:
    listening = Listening()
    node = Node(listening)
    node.birth(Sample("it", DataType.TEMPLATE, None, START, 1))
    for depth in (10, 40, 3_000):
        inner = b""
        for _ in range(depth):
            metric = b"\x20\x13" + b"\x92\x01" + _length(inner) + inner
            inner = b"\x12" + _length(metric) + metric
        body = b"\x10\x01" + b"\x92\x01" + _length(inner) + inner
        node.hear("NDATA", Raw(b"\x12" + _length(body) + body + bytes([0x18, node.seq])))
        node.seq += depth < 100
    assert len(listening.samples()) == 1
    assert listening.host.outbox.counts == {"template-depth": 1, "protobuf": 1}


class Raw:
    """Bytes where a payload is expected."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw

    def SerializeToString(self) -> bytes:  # noqa: N802
        return self._raw


def _length(raw: bytes) -> bytes:
    number, out = len(raw), bytearray()
    while True:
        number, byte = number >> 7, number & 127
        out.append(byte | (128 if number else 0))
        if not number:
            return bytes(out)


def test_devices_metrics_and_nodes_have_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "DEVICES", 3)
    monkeypatch.setattr(limits, "NODE_METRICS", 6)
    monkeypatch.setattr(limits, "NODES", 2)
    listening, node = speaking()
    for number in range(3):
        node.device(f"d{number}")
    node.device("press", *(Sample(f"m{number}", DataType.INT8, None, START) for number in range(9)))
    Node(listening, "m").birth()
    Node(listening, "o").birth()
    assert listening.host.outbox.counts == {"too-many-devices": 1, "too-many-metrics": 1, "too-many-nodes": 1}


def test_a_node_that_takes_ever_new_names_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SERIES", 50)
    listening = Listening()
    node = Node(listening)
    for number in range(20):
        node.birth(*(Sample(f"m{number}.{each}", DataType.INT8, 1, START) for each in range(10)))
    assert len(listening.series) == 40 and listening.host.outbox.counts == {"too-many-series": 16}


def test_strangers_are_not_remembered_for_ever() -> None:
    listening = Listening()
    for number in range(3 * limits.STRANGERS):
        Node(listening, f"n{number}", seq=3).data(real(1.0))
    assert len(listening.host._rebirths._asked) == limits.STRANGERS and not listening.host.nodes


def test_a_text_that_is_no_text_is_rejected() -> None:
    listening = Listening()
    node = Node(listening)
    node.birth(Sample("it", DataType.STRING, None, START, 1))
    metric = bytes([0x10, 1, 0x7A, 2, 0xFF, 0xFE])
    node.hear("NDATA", Raw(b"\x12" + _length(metric) + metric + bytes([0x18, node.seq])))
    name = bytes([0x0A, 2, 0xFF, 0xFE, 0x20, 3])
    node.seq += 1
    node.hear("DBIRTH", Raw(b"\x12" + _length(name) + name + bytes([0x18, node.seq])), "press")
    assert listening.host.outbox.counts == {"utf-8": 2}
    listening.later(1)


SEEDS = tuple[tuple[str, bytes], ...]


def seeds() -> SEEDS:
    """Messages of every kind, of a node of others and of one of ours, as they would be taken."""
    taken: list[tuple[str, bytes]] = []
    listening = Listening()
    for agent in ("", "buffer"):
        node = Node(listening, f"n{agent}", agent=agent)
        node.listening = _Recording(taken)  # type: ignore[assignment]
        table, motor = DataSet(num_of_columns=1, columns=["a"], types=[DataType.INT8]), Template(template_ref="M")
        table.rows.add().elements.add(int_value=255)
        motor.metrics.add(name="rpm", datatype=DataType.INT8, int_value=255)
        samples = [
            Sample("a", DataType.DOUBLE, 1.5, START, 1),
            Sample("b", DataType.INT16, -5, START, 2),
            Sample("c", DataType.STRING, "text", START, 3),
            Sample("d", DataType.DATASET, table, START, 4),
            Sample("e", DataType.TEMPLATE, motor, START, 5),
            Sample("f", DataType.INT32_ARRAY, [1, -2], START, 6),
            Sample("g", DataType.BOOLEAN, True, START, 7, quality=0),
            Sample("h", DataType.UINT64, (1 << 64) - 1, START, 8, historical=True),
        ]
        node.birth(*samples)
        node.device("press", real(None, alias=20))
        for number in (1, 2):
            node.data(*samples[: 11 - 3 * number], record=(number, number - 1) if agent else None)
        node.bury("press", START)
        node.death()
    return tuple(taken)


class _Recording:
    """In the place of a host that listens: keeps what is said."""

    now = START

    def __init__(self, taken: list[tuple[str, bytes]]) -> None:
        self._taken = taken

    def hear(self, topic: str, content: object, broker: int = 0) -> None:
        kind, _, rest = topic.partition("/")
        self._taken.append((f"spBv1.0/{GROUP}/{kind}/{rest}", content.SerializeToString()))  # type: ignore[attr-defined]


def mutated(count: int, draw: random.Random) -> Iterator[tuple[str, bytes]]:
    """Payloads and topics, each changed in one to four places; now and then an unchanged one, so that nodes live."""
    known = seeds()
    for number in range(count):
        topic, raw = known[number % len(known)] if number % 7 == 0 else draw.choice(known)
        if number % 7:
            changed = bytearray(raw)
            for _ in range(draw.randint(1, 4)):
                _change(changed, draw)
            raw = bytes(changed)
            if draw.random() < 0.2:
                text = bytearray(topic.encode())
                _change(text, draw)
                topic = text.decode("utf-8", "replace")
        yield topic, raw


def _change(raw: bytearray, draw: random.Random) -> None:
    if not raw:
        return
    place, kind = draw.randrange(len(raw)), draw.random()
    if kind < 0.5:
        raw[place] = draw.randrange(256)
    elif kind < 0.65:
        raw[place] ^= 1 << draw.randrange(8)
    elif kind < 0.8:
        del raw[place : place + draw.randint(1, 8)]
    elif kind < 0.95:
        raw[place:place] = draw.randbytes(draw.randint(1, 8))
    else:
        del raw[place:]


def attack(count: int) -> tuple[Listening, list[int]]:
    """The host after so many mutated messages, and the memory (bytes) that the process held at each quarter."""
    listening, held = Listening(), []
    rejected = 0
    for number, (topic, raw) in enumerate(mutated(count, random.Random(20261126))):
        listening.host.received(0, topic, raw, listening.now)
        if number % 500 == 499:
            listening.later(200)
            outbox = listening.host.outbox
            for columns in listening.host.data.drain():
                columns.batch().validate(full=True)
            rejected += len(outbox.rejected)
            outbox.rejected, outbox.events, outbox.minutes, outbox.messages = [], [], [], []
        if number % (count // 4) == count // 4 - 1:
            held.append(int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize())
    assert rejected == sum(listening.host.outbox.counts.values())
    return listening, held


def test_ten_thousand_mutated_messages_and_the_host_still_listens() -> None:
    listening, _ = attack(10_000)
    counts = listening.host.outbox.counts
    assert {"protobuf", "topic-type", "unknown-metric"} <= set(counts)
    assert "internal" not in counts
    node = Node(listening, "fresh")
    node.birth()
    node.device("press", real(None))
    node.data(real(1.5), device="press")
    assert listening.values() == [1.5]


@pytest.mark.slow
def test_a_million_mutated_messages_and_memory_stays_flat() -> None:
    listening, held = attack(1_000_000)
    counts = listening.host.outbox.counts
    print(f"{sum(counts.values()):,} rejected: {dict(sorted(counts.items()))}; bytes held {held}")
    assert sum(counts.values()) > 300_000 and "internal" not in counts
    # A few nodes are born under mutated names, up to a bound; beside these nothing grows.
    assert held[3] - held[0] < 30_000_000


def test_the_seeds_are_understood_unchanged() -> None:
    listening = Listening()
    for topic, raw in seeds():
        listening.host.received(0, topic, raw, listening.now)
    assert not listening.host.outbox.counts
    assert len(listening.samples()) > 20
