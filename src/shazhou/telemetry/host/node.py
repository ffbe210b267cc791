"""What the host knows of an edge node and its devices."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from shazhou.telemetry.host.births import Birth
from shazhou.telemetry.host.reorder import Order

if TYPE_CHECKING:
    from shazhou.telemetry.host.challenge import Challenge


@dataclass(slots=True)
class Device:
    """A device as its DBIRTH said, or (with an empty name) the node itself as a bearer of metrics. Times in ms."""

    name: str
    birth: Birth
    online: bool = True
    last: int = 0
    """When its last message came that was not historical."""
    offline_at: int = 0
    state: int | None = None
    """Its state as the last minute told it; where State is a metric of it, that counts."""
    good: bool = False
    """Whether its last minute was read from a machine, by source times and quality."""


@dataclass(slots=True)
class Waiting:
    """A message of a node in its order: what it is, its device, its bytes and when it came."""

    kind: str
    device: str
    topic: str
    payload: bytes
    received: int
    decoded: Any


@dataclass(slots=True)
class Node:
    """An edge node at one broker, from its first birth on.

    ``own`` is the part that the node itself tells metrics of; ``agent`` names the buffer of an agent of ours and is
    empty for others, ``mode`` and ``origin`` as in `shazhou.telemetry.names`.
    """

    broker: int
    name: str
    bdseq: int
    order: Order[Waiting]
    own: Device
    born: int
    online: bool = True
    offline_at: int = 0
    agent: str = ""
    mode: str = ""
    origin: str = ""
    devices: dict[str, Device] = field(default_factory=dict)
    alias_of: dict[int, str] = field(default_factory=dict)
    """By alias the device that it belongs to; empty for the node's own."""
    sent: int = 0
    """The time that its last birth gave."""
    clock_told: int = 0
    challenge: Challenge | None = None
    next_challenge: int = 0

    def silent_since(self, now: int) -> int:
        """When the last message that was taken was sent, by the host's clock: what it said since may be missing."""
        return min(self.order.last, now)

    def part(self, device: str) -> Device | None:
        """The device that is alive under a name, or the node itself."""
        if not device:
            return self.own
        found = self.devices.get(device)
        return found if found is not None and found.online else None

    def metrics(self) -> int:
        """How many metrics were born."""
        return len(self.own.birth.metrics) + sum(len(each.birth.metrics) for each in self.devices.values())
