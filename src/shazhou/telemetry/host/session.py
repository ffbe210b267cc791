"""Sessions: births and deaths of nodes and devices, and what they change.

A session begins with an NBIRTH and ends with the NDEATH that has its bdSeq, with another birth (also one that is
refused), or when the host loses the broker. A birth says everything anew: what was born before it and is not born again
is gone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from shazhou.telemetry.host import decode, limits
from shazhou.telemetry.host.births import Birth, Malformed, declared
from shazhou.telemetry.host.challenge import Challenges
from shazhou.telemetry.host.current import Current
from shazhou.telemetry.host.data import Data
from shazhou.telemetry.host.lateness import Lateness
from shazhou.telemetry.host.node import Device, Node, Waiting
from shazhou.telemetry.host.outbox import Outbox
from shazhou.telemetry.host.records import Marks
from shazhou.telemetry.host.reorder import Order
from shazhou.telemetry.host.rollup import Rollups
from shazhou.telemetry.names import (
    AGENT,
    BDSEQ,
    CHALLENGED,
    CONFIRMED,
    GATEWAY,
    KEY,
    MODE,
    MODES,
    ORIGIN,
    PREVIOUS,
    SEQUENCE,
    SHIFTS,
    SOFTWARE,
)
from shazhou.telemetry.sparkplug.datatype import DataType

ORIGINS = ("", "recorded", "simulated")
"""Marks of what is not real; of two that are told the later in this order counts."""


Catalogue = Callable[[str, str, str, int, str, str], int]
"""Gives the store's series of node, device, metric, type, unit and origin."""


class Known(Protocol):
    """What the register says of a node: its key in base64 and its mark (simulated, recorded or empty)."""

    @property
    def key(self) -> str: ...
    @property
    def origin(self) -> str: ...


def is_vouched_for(known: Known | None) -> bool:
    """Whether a node stands in the register and has no key that would have to sign."""
    return known is not None and not known.key


class Sessions:
    """Begins and ends sessions. ``unseen`` are nodes of others that were lost sight of, with the time of their last
    message: what they said until they are born again is a gap. ``lateness`` is by the name of a node, at whatever
    broker and in whatever session it speaks."""

    def __init__(
        self,
        outbox: Outbox,
        current: Current,
        marks: Marks,
        data: Data,
        challenges: Challenges,
        rollups: Rollups,
        register: Mapping[str, Known],
        catalogue: Catalogue,
    ) -> None:
        self._outbox, self._current, self._marks, self._data = outbox, current, marks, data
        self._challenges, self._rollups = challenges, rollups
        self.register, self._catalogue = register, catalogue
        self.unseen: dict[str, int] = {}
        self.lateness: dict[str, Lateness] = {}
        self._ever: dict[str, set[tuple[str, str, int]]] = {}

    def node_birth(self, broker: int, name: str, node: Node | None, message: Waiting) -> Node:
        """The node that an NBIRTH brings, new or again."""
        now, payload = message.received, decode.payload_of(message.payload)
        seq, bdseq = decode.seq_of(payload), bdseq_of(payload)
        if bdseq is None:
            raise Malformed("bdseq-missing")
        self._may_tell(name, "", payload)
        said = {metric.name: metric.string_value for metric in payload.metrics if isinstance(metric.string_value, str)}
        agent = said.get(AGENT, "")[: limits.NAME]
        if node is None:
            node = Node(broker, name, bdseq, Order(seq, now), Device("", Birth()), now)
            self._challenges.plan(node, now)
        elif node.online and node.bdseq != bdseq and not agent:
            self.unseen.setdefault(name, node.silent_since(now))
        if name in self.unseen:
            since = min(self.unseen.pop(name), now)
            if not agent:
                span = {"from": since, "to": now}
                self._outbox.event(now, name, "", "gap", expected=node.order.expected, got=seq, missing=0, **span)
        sent = self.lateness.setdefault(name, Lateness()).sent(now, payload.timestamp)
        node.bdseq, node.order = bdseq, Order(seq, sent)
        node.born, node.online = now, True
        node.agent, node.mode = agent, said.get(MODE, "") if said.get(MODE, "") in MODES else ""
        told, registered = said.get(ORIGIN, ""), self.register[name].origin if name in self.register else ""
        node.origin = max((each for each in (told, registered) if each in ORIGINS), key=ORIGINS.index)
        node.devices, node.alias_of = {}, {}
        node.own.birth = self._declared(node, "", payload, message)
        word = said.get(CHALLENGED, "") if CHALLENGED in node.own.birth.metrics else None
        self._challenges.born(node, word, payload.timestamp > node.sent, now)
        node.sent = payload.timestamp
        if agent:
            self._resume(name, agent, payload, now)
        detail = {key: said.get(metric, "") for key, metric in _TOLD.items()}
        clock = now - payload.timestamp if payload.timestamp else None
        detail |= {"mode": node.mode, "origin": node.origin, "agent": agent}
        self._outbox.event(now, name, "", "birth", bdSeq=bdseq, seq=seq, sent=sent, clock=clock, **detail)
        return node

    def _resume(self, name: str, agent: str, payload: Any, now: int) -> None:
        """An agent of ours goes on where it was confirmed, also where our store knows less."""
        told = (each.long_value for each in payload.metrics if each.name == CONFIRMED and not each.is_null)
        confirmed = int(next(told, 0))
        lost = self._marks.adopt((name, agent), confirmed) if confirmed <= limits.LARGEST else 0
        if lost:
            after, before = confirmed - lost, confirmed + 1
            self._outbox.event(now, name, "", "records-lost", after=after, before=before, count=lost, why="store")
        self._marks.ask((name, agent))

    def device_birth(self, node: Node, message: Waiting) -> None:
        """A device is there, new or again. If its birth is refused it is not there: what it says from then on cannot be
        understood by the birth before."""
        name, now = message.device, message.received
        if name not in node.devices and len(node.devices) >= limits.DEVICES:
            raise Malformed("too-many-devices")
        node.alias_of = {alias: owner for alias, owner in node.alias_of.items() if owner != name}
        known = node.devices.pop(name, None)
        try:
            payload = decode.payload_of(message.payload)
            if node.metrics() + len(payload.metrics) > limits.NODE_METRICS:
                raise Malformed("too-many-metrics")
            self._may_tell(node.name, name, payload)
            device = Device(name, self._declared(node, name, payload, message))
        except Malformed:
            if known is not None and known.online:
                self._bury(known, now)
                self._rollups.end(node.name, name, now)
            raise
        device.last = now
        node.devices[name] = device
        self._outbox.event(now, node.name, name, "birth", seq=payload.seq)

    def is_death_of(self, node: Node, message: Waiting) -> bool:
        """Whether an NDEATH is of the node's present session; one of another is left aside."""
        bdseq = bdseq_of(decode.payload_of(message.payload))
        if bdseq is None:
            raise Malformed("bdseq-missing")
        return node.online and node.bdseq == bdseq

    def node_death(self, node: Node, now: int) -> None:
        """The session ended; what was sent since its last message may have been lost with it."""
        self.end(node, now)
        self._outbox.event(now, node.name, "", "death", bdSeq=node.bdseq, since=node.silent_since(now))

    def end(self, node: Node, now: int) -> None:
        """Node and devices are offline; what is known of their metrics no longer holds."""
        node.online, node.offline_at = False, now
        self._current.stale(node.own.birth.series())
        self._rollups.end(node.name, "", now)
        for device in node.devices.values():
            if device.online:
                self._bury(device, now)
                self._rollups.end(node.name, device.name, now)

    def device_death(self, node: Node, device: Device, message: Waiting) -> None:
        """A device is gone, from the time on that the message tells."""
        self._bury(device, int(message.decoded.timestamp) or message.received)
        self._rollups.end(node.name, device.name, message.received)
        self._outbox.event(message.received, node.name, device.name, "death", timestamp=device.offline_at)

    def _bury(self, device: Device, at: int) -> None:
        device.online, device.offline_at, device.state = False, at, None
        self._current.stale(device.birth.series())

    def _may_tell(self, name: str, device: str, payload: Any) -> None:
        """Counts the different metrics that a node tells of in its life.

        Raises:
            Malformed: they are too many.
        """
        ever = self._ever.setdefault(name, set())
        names = {(device, metric.name, metric.datatype) for metric in payload.metrics}
        if len(ever | names) > limits.SERIES:
            raise Malformed("too-many-series")
        ever |= names

    def _declared(self, node: Node, device: str, payload: Any, message: Waiting) -> Birth:
        refused = set[str]()

        def series_of(name: str, datatype: DataType, unit: str) -> int:
            series = self._catalogue(node.name, device, name, datatype, unit, node.origin)
            self._current.declare(series, datatype)
            return series

        birth = declared(payload.metrics, series_of, lambda alias: alias in node.alias_of, refused.add)
        for reason in sorted(refused):
            self._outbox.reject(message.received, message.topic, message.payload, reason, node.name)
        node.alias_of |= dict.fromkeys(birth.aliases, device)
        for each in (SEQUENCE, PREVIOUS):
            # Numbers of records may be born once, with the node, for all its devices.
            if device and each in node.own.birth.metrics and each not in birth.metrics:
                metric = birth.metrics[each] = node.own.birth.metrics[each]
                if metric.alias is not None:
                    birth.aliases[metric.alias] = metric
        if not node.agent:
            trusted = is_vouched_for(self.register.get(node.name))
            self._rollups.begin(node.name, device, birth, trusted, node.origin, message.received)
            self._data.born(birth, payload, message)
        return birth


_TOLD = {
    "gateway": GATEWAY,
    "key": KEY,
    "shifts": SHIFTS,
    "challenge": CHALLENGED,
    "software": SOFTWARE,
}


def bdseq_of(payload: Any) -> int | None:
    """The bdSeq that an NBIRTH or NDEATH tells; None for none."""
    for metric in payload.metrics:
        if metric.name == BDSEQ and metric.WhichOneof("value") in ("int_value", "long_value"):
            return int(metric.long_value or metric.int_value)
    return None
