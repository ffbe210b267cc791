"""One MQTT connection seen packet by packet: a server that answers as little as a client needs."""

from __future__ import annotations

import contextlib
import queue
import socket
import struct
import threading
from dataclasses import dataclass

CONNECT, CONNACK, PUBLISH, PUBACK, SUBSCRIBE, SUBACK, PINGREQ, DISCONNECT = 1, 2, 3, 4, 8, 9, 12, 14


@dataclass(frozen=True)
class Packet:
    """A control packet of MQTT 3.1.1: its type, flags and what follows the fixed header."""

    type: int
    flags: int
    body: bytes

    @property
    def qos(self) -> int:
        return self.flags >> 1 & 3

    @property
    def retain(self) -> bool:
        return bool(self.flags & 1)

    def published(self) -> tuple[str, bytes]:
        """Topic and payload of a PUBLISH."""
        topic, rest = _string(self.body)
        return topic.decode(), rest[2 if self.qos else 0 :]


@dataclass(frozen=True)
class Connect:
    """What a CONNECT says."""

    level: int
    clean: bool
    will_qos: int
    will_retain: bool
    will_topic: str
    will: bytes
    username: str

    @classmethod
    def read(cls, packet: Packet) -> Connect:
        _, rest = _string(packet.body)
        level, flags = rest[0], rest[1]
        _, rest = _string(rest[4:])
        topic, will, user = b"", b"", b""
        if flags & 4:
            topic, rest = _string(rest)
            will, rest = _string(rest)
        if flags & 128:
            user, rest = _string(rest)
        return cls(level, bool(flags & 2), flags >> 3 & 3, bool(flags & 32), topic.decode(), will, user.decode())


class Server:
    """Listens on a free port; ``packets`` are what clients send, over all connections."""

    def __enter__(self) -> Server:
        self.packets: queue.Queue[Packet] = queue.Queue()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self._client: socket.socket | None = None
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listening.close()
        self.cut()

    def next(self) -> Packet:
        """The next packet that is no PINGREQ, PUBACK."""
        while True:
            packet = self.packets.get(timeout=10)
            if packet.type not in (PINGREQ, PUBACK):
                return packet

    def until(self, type: int) -> Packet:
        """The next packet of a type."""
        while (packet := self.next()).type != type:
            pass
        return packet

    def publish(self, topic: str, payload: bytes) -> None:
        assert self._client is not None
        body = struct.pack("!H", len(topic)) + topic.encode() + payload
        self._client.sendall(bytes([PUBLISH << 4]) + _length(len(body)) + body)

    def cut(self) -> None:
        """Ends the connection without a word."""
        if self._client is not None:
            with contextlib.suppress(OSError):
                self._client.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        try:
            while True:
                client, _ = self._listening.accept()
                self._client = client
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()
        except OSError:
            return

    def _serve(self, client: socket.socket) -> None:
        try:
            with client.makefile("rb") as file:
                while head := file.read(1):
                    length, shift = 0, 0
                    while True:
                        (byte,) = file.read(1)
                        length |= (byte & 127) << shift
                        shift += 7
                        if byte < 128:
                            break
                    packet = Packet(head[0] >> 4, head[0] & 15, file.read(length))
                    self._answer(client, packet)
                    self.packets.put(packet)
        except OSError:
            return

    def _answer(self, client: socket.socket, packet: Packet) -> None:
        if packet.type == CONNECT:
            client.sendall(bytes([CONNACK << 4, 2, 0, 0]))
        elif packet.type == SUBSCRIBE:
            topics, rest = 0, packet.body[2:]
            while rest:
                _, rest = _string(rest)
                topics, rest = topics + 1, rest[1:]
            client.sendall(bytes([SUBACK << 4, 2 + topics]) + packet.body[:2] + bytes(topics))
        elif packet.type == PUBLISH and packet.qos:
            topic, _ = _string(packet.body)
            place = 2 + len(topic)
            client.sendall(bytes([PUBACK << 4, 2]) + packet.body[place : place + 2])
        elif packet.type == PINGREQ:
            client.sendall(bytes([13 << 4, 0]))


def topics_of(packet: Packet) -> list[str]:
    """The topics of a SUBSCRIBE."""
    found, rest = [], packet.body[2:]
    while rest:
        topic, rest = _string(rest)
        found.append(topic.decode())
        rest = rest[1:]
    return found


def _string(body: bytes) -> tuple[bytes, bytes]:
    (length,) = struct.unpack_from("!H", body)
    return body[2 : 2 + length], body[2 + length :]


def _length(length: int) -> bytes:
    out = bytearray()
    while True:
        length, byte = length >> 7, length & 127
        out.append(byte | (128 if length else 0))
        if not length:
            return bytes(out)
