"""Edge nodes that only send: payloads made beforehand and an MQTT connection of a few lines, so that a stream costs the
machine under test next to nothing.

A node has one device with ``tags`` metrics of type DOUBLE. The first counts the messages, so that what is missing or
there twice can be told from the values; the others wander like measurements. As one of our agents a node numbers its
records; as a third party it has only Sparkplug's ``seq``.
"""

from __future__ import annotations

import random
import socket
import struct

from shazhou.telemetry import names
from shazhou.telemetry.sparkplug.datatype import DataType
from shazhou.telemetry.sparkplug.payload import Sample, add, payload
from shazhou.telemetry.sparkplug.topic import Topic

DEVICE = "line"
COUNTER = "Tag/000"
FOR_EVER = 65_535
"""Seconds of keep-alive, since no pings are sent; rumqttd refuses 0, which would say never."""
VARIANTS = 32
"""How many sets of wandering values are made beforehand."""


def varint(number: int) -> bytes:
    """A number as protobuf and MQTT write it, seven bits at a time."""
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    out.append(number)
    return bytes(out)


def _text(value: str) -> bytes:
    return struct.pack(">H", len(value.encode())) + value.encode()


class Connection:
    """A clean MQTT 3.1.1 session that publishes at QoS 0 and reads nothing after its CONNACK."""

    def __init__(self, port: int, client: str, will: tuple[str, bytes] | None = None, host: str = "127.0.0.1") -> None:
        flags, farewell = 0x02, b""
        if will is not None:
            flags |= 0x04 | 0x08
            farewell = _text(will[0]) + struct.pack(">H", len(will[1])) + will[1]
        body = _text("MQTT") + bytes((4, flags)) + struct.pack(">H", FOR_EVER) + _text(client) + farewell
        self.socket = socket.create_connection((host, port), timeout=20)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.sendall(b"\x10" + varint(len(body)) + body)
        answer = self.socket.recv(4, socket.MSG_WAITALL)
        if answer[:1] != b"\x20" or answer[3:] != b"\x00":
            raise ConnectionError(f"the broker answered {answer!r}")

    def publish(self, topic: bytes, message: bytes) -> None:
        """Sends a message; waits where the broker does not take it yet."""
        head = struct.pack(">H", len(topic)) + topic
        self.socket.sendall(b"\x30" + varint(len(head) + len(message)) + head + message)

    def close(self) -> None:
        self.socket.close()


class Node:
    """What one edge node sends: first `births`, then `data` again and again."""

    def __init__(self, group: str, node: str, tags: int, agent: str = "", typed: bool = False) -> None:
        self.name, self.tags, self.agent, self.sent, self._seq = node, tags, agent, 0, 1
        self._group = group
        self.topic = str(Topic(group, "DDATA", node, DEVICE)).encode()
        self._kind = (varint(4 << 3) + varint(DataType.DOUBLE) if typed else b"") + b"\x69"
        length = 7 + len(self._kind) + 8
        self._openings = [self._opening(place + 1, length) for place in range(tags)]
        draw, walk = random.Random(node), [50.0] * tags
        self._variants = []
        for _ in range(VARIANTS):
            walk = [each + draw.gauss(0, 0.3) for each in walk]
            self._variants.append(self._between([self._value(each) for each in walk]))

    def births(self, at: int, bdseq: int = 0) -> list[tuple[bytes, bytes]]:
        """Topics and payloads of NBIRTH and DBIRTH."""
        node = payload(at, 0)
        add(node, Sample(names.BDSEQ, DataType.INT64, bdseq, at), birth=True)
        add(node, Sample(names.REBIRTH, DataType.BOOLEAN, False, at), birth=True)
        if self.agent:
            stated = {names.AGENT: self.agent, names.MODE: "full", names.ORIGIN: "simulated"}
            add(node, Sample(names.CONFIRMED, DataType.UINT64, 0, at, self.tags + 3), birth=True)
            for alias, (name, text) in enumerate(stated.items(), self.tags + 4):
                add(node, Sample(name, DataType.STRING, text, at, alias), birth=True)
        device = payload(at, 1)
        for place in range(self.tags):
            add(device, Sample(f"Tag/{place:03d}", DataType.DOUBLE, None, at, place + 1), birth=True)
        if self.agent:
            for place, name in enumerate((names.SEQUENCE, names.PREVIOUS)):
                add(device, Sample(name, DataType.UINT64, None, at, self.tags + 1 + place), birth=True)
        self._seq = 1
        return [
            (str(Topic(self._group, "NBIRTH", self.name)).encode(), node.SerializeToString()),
            (str(Topic(self._group, "DBIRTH", self.name, DEVICE)).encode(), device.SerializeToString()),
        ]

    def death(self, at: int, bdseq: int = 0) -> tuple[str, bytes]:
        """Topic and payload of NDEATH."""
        made = payload(at)
        add(made, Sample(names.BDSEQ, DataType.INT64, bdseq, at), birth=True)
        return str(Topic(self._group, "NDEATH", self.name)), made.SerializeToString()

    def data(self, at: int) -> bytes:
        """The next DDATA: every tag once, all at the same moment."""
        self.sent += 1
        self._seq = (self._seq + 1) % 256
        moment = b"\x18" + varint(at)
        record = b""
        if self.agent:
            for place, number in enumerate((self.sent, self.sent - 1)):
                value = b"\x58" + varint(number)
                record += self._opening(self.tags + 1 + place, 7 + len(value)) + moment + value
        # Every metric is opening, moment, value; the moment is the same in all, so it joins what stands between.
        pieces = self._variants[self.sent % VARIANTS]
        pieces[1] = self._value(self.sent) + (self._openings[1] if self.tags > 1 else b"")
        return b"\x08" + varint(at) + record + moment.join(pieces) + b"\x18" + varint(self._seq)

    def _between(self, values: list[bytes]) -> list[bytes]:
        return [self._openings[0], *map(bytes.__add__, values, [*self._openings[1:], b""])]

    def _value(self, number: float) -> bytes:
        return self._kind + struct.pack("<d", number)

    @staticmethod
    def _opening(alias: int, rest: int) -> bytes:
        """A metric up to its timestamp; ``rest`` is the length of what follows the alias."""
        inner = b"\x10" + varint(alias)
        return b"\x12" + varint(len(inner) + rest) + inner
