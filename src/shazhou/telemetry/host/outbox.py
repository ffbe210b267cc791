"""What comes out of the host's state machine: messages to send, and what the store has to keep."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from shazhou.telemetry.sparkplug.payload import Sample, add, payload
from shazhou.telemetry.sparkplug.topic import Topic

TOLD_EVERY = 60_000
"""Milliseconds between two events about what was not understood of a node."""


@dataclass(frozen=True)
class Message:
    """A message to send by a broker: a command, always QoS 0 and not retained."""

    broker: int
    topic: str
    payload: bytes


@dataclass(frozen=True)
class Rejected:
    """What was not understood, with a short reason; the time is the host's (ms)."""

    at: int
    topic: str
    payload: bytes
    reason: str


@dataclass
class Outbox:
    """Everything since it was emptied last. ``counts`` are all rejections by reason since the host was started."""

    messages: list[Message] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    minutes: list[dict[str, Any]] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    _told: dict[str, int] = field(default_factory=dict)

    def event(self, at: int, node: str, device: str, kind: str, **detail: Any) -> None:
        """Something happened (`shazhou.telemetry.store.schema.KINDS`)."""
        text = json.dumps(detail, ensure_ascii=False, separators=(",", ":"))
        self.events.append({"node": node, "device": device, "at": at, "kind": kind, "detail": text})

    def reject(self, at: int, topic: str, content: bytes, reason: str, node: str = "") -> None:
        """Something was not understood; ``node`` is whose it was, where that is known."""
        self.rejected.append(Rejected(at, topic, content, reason))
        self.counts[reason] = self.counts.get(reason, 0) + 1
        if node and not 0 <= at - self._told.get(node, -TOLD_EVERY) < TOLD_EVERY:
            self._told[node] = at
            self.event(at, node, "", "quarantined", reason=reason)

    def command(self, now: int, broker: int, group: str, node: str, device: str, samples: Iterable[Sample]) -> None:
        """An NCMD, or a DCMD where there is a device, with these metrics; commands carry no seq."""
        made = payload(now)
        for sample in samples:
            # With an alias a command carries that alone, else the name and, so that any peer understands it, the type.
            add(made, sample)
        topic = Topic(group, "DCMD" if device else "NCMD", node, device)
        self.messages.append(Message(broker, str(topic), made.SerializeToString()))
