"""The host application as a state machine: messages of brokers and the time in, rows and commands out.

The messages of a session are taken in the order of their seq. What cannot be understood is rejected with a reason; it
changes nothing, but that a birth ends what was born before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from shazhou.telemetry.host import decode, limits
from shazhou.telemetry.host.before import Before
from shazhou.telemetry.host.births import Malformed
from shazhou.telemetry.host.challenge import Challenges
from shazhou.telemetry.host.current import Current
from shazhou.telemetry.host.data import Data
from shazhou.telemetry.host.lateness import Lateness
from shazhou.telemetry.host.minutes import Keys
from shazhou.telemetry.host.node import Node, Waiting
from shazhou.telemetry.host.outbox import Outbox
from shazhou.telemetry.host.rebirth import Rebirths, rebirth
from shazhou.telemetry.host.records import Buffer, Marks
from shazhou.telemetry.host.reorder import Gap
from shazhou.telemetry.host.rollup import Rollups
from shazhou.telemetry.host.session import Catalogue, Known, Sessions, is_vouched_for
from shazhou.telemetry.names import AGENT, CONFIRMED
from shazhou.telemetry.sparkplug.datatype import DataType
from shazhou.telemetry.sparkplug.payload import Sample
from shazhou.telemetry.sparkplug.topic import NotSparkplug, parse


@dataclass(frozen=True)
class Settings:
    """How a host is run. ``group`` is the group id it listens to, ``reorder`` the milliseconds that a message is waited
    for, ``challenges`` how often a day each node is challenged."""

    host: str
    group: str
    reorder: int = 2_000
    challenges: int = 4


class Host:
    """All nodes at all brokers. Times are the host's, in milliseconds since 1970 UTC; one thread at a time.

    Args:
        settings: how it is run.
        catalogue: the store's.
        marks: records that are on disk, by node and agent.
        register: what is known of nodes.
        before: what is known of the host that ran before.
        draw: where random moments come from; the system's unpredictable source unless a test gives another.
    """

    def __init__(
        self,
        settings: Settings,
        catalogue: Catalogue,
        marks: Mapping[Buffer, int],
        register: Mapping[str, Known],
        before: Before,
        draw: Random | None = None,
    ) -> None:
        self.settings = settings
        self.outbox, self.current, self.marks = Outbox(), Current(), Marks(marks)
        self.nodes: dict[tuple[int, str], Node] = {}
        self.challenges = Challenges(settings.group, settings.challenges, self.outbox, self.current, draw)
        keys = Keys({name: known.key for name, known in register.items()})
        self.rollups = Rollups(self.outbox)
        self.data = Data(self.outbox, self.current, self.marks, keys, self.challenges, self.rollups)
        self.sessions = Sessions(
            self.outbox, self.current, self.marks, self.data, self.challenges, self.rollups, register, catalogue
        )
        self._rebirths = Rebirths()
        self._late: set[tuple[int, str]] = set()
        self._topics: dict[str, tuple[str, str, str]] = {}
        self.sessions.unseen.update({**before.lost, **before.open})
        self.sessions.lateness.update({name: Lateness(least) for name, least in before.clocks.items()})
        for name, since in before.open.items():
            self.outbox.event(before.at, name, "", "stale", why="host-stopped", since=since)

    def enrol(self, register: Mapping[str, Known]) -> None:
        """Goes by another register: at once for signatures, with its next birth for what a node is marked as."""
        self.sessions.register = register
        self.data.keys = Keys({name: known.key for name, known in register.items()})
        self.rollups.enrol(lambda name: is_vouched_for(register.get(name)))

    def received(self, broker: int, topic: str, payload: bytes, now: int) -> None:
        """A message came. Whatever it is, the host goes on."""
        try:
            kind, name, device = self._topic(topic)
        except NotSparkplug as error:
            self._reject(broker, topic, payload, error, now)
            return
        try:
            if len(payload) > limits.PAYLOAD:
                raise Malformed("payload-too-long")
            self._received(broker, kind, name, Waiting(kind, device, topic, payload, now, None))
        except Malformed as error:
            node = self.nodes.get((broker, name))
            if kind == "NBIRTH" and node is not None and node.online:
                # What it says from now on cannot be understood by the birth before.
                self._lose(node, now, "birth-refused")
            self._reject(broker, topic, payload, error, now)

    def lost(self, broker: int, now: int, why: str = "broker-lost") -> None:
        """The broker was lost, or left: nothing is known of its nodes until they are born again."""
        for node in self.nodes.values():
            if node.broker == broker and node.online:
                self._lose(node, now, why)
        self._rebirths.lost(broker)

    def _lose(self, node: Node, now: int, why: str) -> None:
        """Nothing is known of a node until it is born again."""
        self._release(node, now)
        self.sessions.end(node, now)
        since = self.sessions.unseen[node.name] = node.silent_since(now)
        self.outbox.event(now, node.name, "", "stale", why=why, since=since)

    def tick(self, now: int) -> None:
        """Time went by: nothing is waited for longer than agreed; confirmations and challenges are sent."""
        for key in list(self._late):
            node = self.nodes[key]
            if node.order.is_over(now, self.settings.reorder):
                self._release(node, now)
                self._ask(node.broker, node.name, "seq-gap", now)
            if node.order.since is None:
                self._late.discard(key)
        for broker, name, cause in self._rebirths.due(now):
            self._ask(broker, name, cause, now)
        self.data.settle()
        self.rollups.tick(now)
        for node in self.nodes.values():
            self.challenges.tick(node, now)
        due = dict(self.marks.due(now))
        for node in self.nodes.values() if due else ():
            mark = due.get((node.name, node.agent))
            if node.online and mark is not None:
                self._confirm(node, mark, now)

    def command(self, node: Node, device: str, samples: list[Sample], now: int) -> None:
        """Sends a command to a node, or to a device of it."""
        self.outbox.command(now, node.broker, self.settings.group, node.name, device, samples)

    def _confirm(self, node: Node, mark: int, now: int) -> None:
        """Tells an agent by its name up to where its records are on disk: it may have taken another one meanwhile."""
        born = node.own.birth.metrics
        if CONFIRMED in born and AGENT in born:
            number = Sample(CONFIRMED, DataType.UINT64, mark, now, born[CONFIRMED].alias)
            self.command(node, "", [number, Sample(AGENT, DataType.STRING, node.agent, now, born[AGENT].alias)], now)

    def _topic(self, topic: str) -> tuple[str, str, str]:
        known = self._topics.get(topic)
        if known is None:
            parsed = parse(topic)
            if parsed.group != self.settings.group:
                raise NotSparkplug("topic-group")
            if max(len(parsed.node), len(parsed.device)) > limits.NAME:
                raise NotSparkplug("name-too-long")
            known = parsed.type, parsed.node, parsed.device
            if len(self._topics) >= limits.TOPICS:
                self._topics.clear()
            self._topics[topic] = known
        return known

    def _received(self, broker: int, kind: str, name: str, message: Waiting) -> None:
        node, now = self.nodes.get((broker, name)), message.received
        if kind == "NBIRTH":
            if node is None and len(self.nodes) >= limits.NODES:
                raise Malformed("too-many-nodes")
            if node is not None and node.online:
                self._release(node, now)
            self.nodes[broker, name] = self.sessions.node_birth(broker, name, node, message)
            self._rebirths.born(broker, name, now)
        elif kind == "NDEATH":
            if node is not None and node.online and self.sessions.is_death_of(node, message):
                self._release(node, now)
                self.sessions.node_death(node, now)
                self._rebirths.died(broker, name)
        elif kind not in ("NCMD", "DCMD"):
            message.decoded = decode.columns_of(message.payload)
            seq = decode.seq_of(message.decoded)
            if node is None or not node.online:
                self._ask(broker, name, "no-birth", now)
            else:
                self._in_order(node, seq, message)

    def _in_order(self, node: Node, seq: int, message: Waiting) -> None:
        now = message.received
        sent = self.sessions.lateness[node.name].sent(now, int(message.decoded.timestamp))
        due, again = node.order.take(seq, message, message.payload, now, sent)
        if again:
            self.outbox.event(now, node.name, message.device, "duplicate", seq=seq, same=not due)
        for each in due:
            self._take(node, each)
        if node.order.since is not None:
            self._late.add((node.broker, node.name))

    def _take(self, node: Node, message: Waiting) -> None:
        """A message whose turn it is."""
        if not node.online:
            return
        part, reason = node.part(message.device), ""
        try:
            if message.kind == "DBIRTH":
                self.sessions.device_birth(node, message)
            elif part is None:
                reason = "no-device-birth"
                if not node.agent:
                    self.outbox.reject(message.received, message.topic, message.payload, reason, node.name)
            elif message.kind == "DDEATH":
                self.sessions.device_death(node, part, message)
            else:
                reason = self.data.take(node, part, message)
        except Malformed as error:
            self._reject(node.broker, message.topic, message.payload, error, message.received)
        if reason:
            self._ask(node.broker, node.name, reason, message.received)

    def _release(self, node: Node, now: int) -> None:
        """Takes what waits, and tells of what did not come. Our own agent sends that again."""
        for each in node.order.release():
            if not isinstance(each, Gap):
                self._take(node, each)
            elif not node.agent:
                span: dict[str, Any] = {"from": each.start, "to": each.stop}
                self.outbox.event(
                    now, node.name, "", "gap", expected=each.expected, got=each.got, missing=each.missing, **span
                )

    def _ask(self, broker: int, name: str, reason: str, now: int) -> None:
        """Asks a node to be born again; if it was asked just now, some time later."""
        if self._rebirths.may(broker, name, reason, now):
            self.outbox.command(now, broker, self.settings.group, name, "", [rebirth(now)])
            self.outbox.event(now, name, "", "rebirth-asked", reason=reason)

    def _reject(self, broker: int, topic: str, payload: bytes, error: ValueError, now: int) -> None:
        """What cannot be understood goes to quarantine."""
        _, name, _ = self._topics.get(topic, ("", "", ""))
        self.outbox.reject(now, topic, payload, str(error), name if (broker, name) in self.nodes else "")
