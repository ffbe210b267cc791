"""The agents of the factories and their host: births, signatures, records and messages as they go over the wire."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shazhou.telemetry.edge.births import Identity, described, device_birth, node_birth
from shazhou.telemetry.edge.buffer import Record
from shazhou.telemetry.edge.record import by_name, message, minute_body
from shazhou.telemetry.host.before import Before
from shazhou.telemetry.host.host import Host, Settings
from shazhou.telemetry.minute import Minute, sign

GROUP = "zhangjiagang"


@dataclass(frozen=True)
class Known:
    """What the host's register says of a node."""

    key: str
    origin: str = "simulated"


class Agent:
    """One factory's agent; moments are milliseconds since 1970 UTC, by its own clock."""

    def __init__(self, node: str, devices: Sequence[str], mode: str = "rollup") -> None:
        self.node, self._devices, self._mode = node, devices, mode
        self._described = {each: number for number, each in enumerate(described("rollup", devices, []))}
        self._aliases = by_name(self._described)
        self._key, self._strange = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
        self._bdseq = self._seq = self._number = 0

    @property
    def known(self) -> Known:
        """What the register says of it: its enrolled key."""
        return Known(base64.b64encode(self._key.public_key().public_bytes_raw()).decode())

    def births(self, now: int) -> Iterable[tuple[str, bytes]]:
        """Topics and payloads of a new session's births."""
        identity = Identity(self._mode, "simulated", f"gateway {self.node}", (), "", "bench")
        born = node_birth(self._described, identity, f"agent {self.node}", 0, self._bdseq, "", now)
        yield f"spBv1.0/{GROUP}/NBIRTH/{self.node}", born
        self._bdseq, self._seq = self._bdseq + 1, 0
        for device in self._devices:
            self._seq += 1
            yield self._topic("DBIRTH", device), device_birth(self._described, device, self._seq, now)

    def record(self, minute: Minute, own: bool, taken: int, now: int) -> tuple[str, bytes]:
        """Topic and payload of the next record: a minute, signed with its own key or a strange one."""
        signed = sign(minute, self._key if own else self._strange)
        self._number, self._seq = self._number + 1, (self._seq + 1) % 256
        record = Record(self._number, self._number - 1, minute.device, taken, minute_body(signed, self._aliases))
        return self._topic("DDATA", minute.device), message(record, self._seq, now, self._aliases)

    def _topic(self, kind: str, device: str) -> str:
        return f"spBv1.0/{GROUP}/{kind}/{self.node}/{device}"


def host_of(agents: Iterable[Agent]) -> Host:
    """A host in whose register these agents stand."""
    register = {each.node: each.known for each in agents}
    return Host(Settings("host", GROUP, challenges=0), lambda *_: 0, {}, register, Before())
