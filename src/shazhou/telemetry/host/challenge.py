"""Challenges: at random moments a node is asked to be born again and, in mode full, to read a tag now.

A fresh birth that repeats the challenge's word proves that somebody at the other end listens and answers now; of a node
that knows no such word, any birth made after the asking does. A tag read from the machine has to agree with what its
samples said meanwhile.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Any

import numpy as np

from shazhou.telemetry.host.current import Current
from shazhou.telemetry.host.rebirth import rebirth
from shazhou.telemetry.names import CHALLENGE, READ
from shazhou.telemetry.sparkplug.datatype import DataType
from shazhou.telemetry.sparkplug.payload import Sample

if TYPE_CHECKING:
    from shazhou.telemetry.host.node import Node
    from shazhou.telemetry.host.outbox import Outbox

WITHIN = 30_000
"""Milliseconds for an answer."""
SETTLES = 3_000
"""Milliseconds for which samples after an answer are still compared with it."""
SOON = 600_000
"""Milliseconds within which a challenge is repeated during which the node went offline."""
TOLERANCE = 0.05
"""Share of the greatest value meanwhile by which a tag that was read may lie outside of what its samples said."""

_COMPARABLE = frozenset(range(DataType.INT8, DataType.BOOLEAN + 1))


@dataclass(slots=True)
class Challenge:
    """What was asked of a node and what came back. ``least`` and ``most`` are what the tag's samples said since."""

    nonce: str
    asked: int
    device: str = ""
    metric: str = ""
    series: int = -1
    born: int | None = None
    answered: int | None = None
    value: float = float("nan")
    least: float = float("inf")
    most: float = float("-inf")

    def watch(self, current: Current) -> None:
        """Looks at what the tag's samples say now."""
        if self.series >= 0 and current.holds(self.series):
            value = float(current.number[self.series])
            self.least, self.most = min(self.least, value), max(self.most, value)

    def agrees(self) -> bool:
        """Whether the value that was read lies where the samples were."""
        slack = TOLERANCE * max(abs(self.least), abs(self.most))
        return self.least - slack <= self.value <= self.most + slack


class Challenges:
    """Asks each node so many times a day, each time at a random moment of its part of the day."""

    def __init__(self, group: str, a_day: int, outbox: Outbox, current: Current, draw: Random | None = None) -> None:
        self._group, self._outbox, self._current = group, outbox, current
        self._draw = draw or secrets.SystemRandom()
        self._part = 86_400_000 // a_day if a_day else 0

    def plan(self, node: Node, now: int) -> None:
        """Draws the moment of a node's next challenge."""
        node.next_challenge = now + self._draw.randrange(self._part) if self._part else 1 << 62

    def tick(self, node: Node, now: int) -> None:
        """Asks, compares and concludes what is due."""
        challenge = node.challenge
        if challenge is None:
            if node.online and now >= node.next_challenge:
                self.ask(node, now)
            return
        challenge.watch(self._current)
        settled = challenge.answered is not None and now - challenge.answered >= SETTLES
        if (challenge.born is not None and (settled or challenge.series < 0)) or now - challenge.asked >= WITHIN:
            self._conclude(node, challenge, now)

    def ask(self, node: Node, now: int) -> None:
        """Challenges a node now."""
        node.challenge = challenge = Challenge(secrets.token_hex(8), now)
        self._choose_tag(node, challenge)
        challenge.watch(self._current)
        word = node.own.birth.metrics.get(CHALLENGE)
        samples = [rebirth(now)]
        if word is not None:
            samples.append(Sample(CHALLENGE, DataType.STRING, challenge.nonce, now, word.alias))
        self._outbox.command(now, node.broker, self._group, node.name, "", samples)
        detail: dict[str, Any] = {"nonce": challenge.nonce}
        if challenge.series >= 0:
            asked = {"device": challenge.device, "metric": challenge.metric}
            detail["read"] = asked
            text = json.dumps({**asked, "nonce": challenge.nonce}, ensure_ascii=False)
            read = Sample(READ, DataType.STRING, text, now, node.own.birth.metrics[READ].alias)
            self._outbox.command(now, node.broker, self._group, node.name, "", [read])
        self._outbox.event(now, node.name, "", "challenge", **detail)

    def born(self, node: Node, word: str | None, newer: bool, now: int) -> None:
        """A birth came; ``word`` is what it repeats, None where it knows no such metric, ``newer`` whether its own time
        is later than that of the birth before."""
        challenge = node.challenge
        fresh = challenge is not None and (newer if word is None else word == challenge.nonce)
        if challenge is not None and fresh and challenge.born is None:
            challenge.born = now

    def answered(self, node: Node, text: str, now: int) -> None:
        """An answer to a reading came; what answers nothing that was asked is left aside."""
        challenge = node.challenge
        if challenge is None or challenge.answered is not None:
            return
        try:
            said = json.loads(text)
            value = float(said["value"]) if isinstance(said["value"], (int, float)) else None
            asked = (said["nonce"], said["device"], said["metric"])
        except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
            return
        if value is not None and asked == (challenge.nonce, challenge.device, challenge.metric):
            challenge.answered, challenge.value = now, value

    def _conclude(self, node: Node, challenge: Challenge, now: int) -> None:
        node.challenge = None
        self.plan(node, now)
        if challenge.born is not None:
            read = None if challenge.answered is None else challenge.agrees()
            after = challenge.born - challenge.asked
            self._outbox.event(now, node.name, "", "challenge-passed", nonce=challenge.nonce, after=after, read=read)
            return
        why = "no-birth" if node.online else "offline"
        if not node.online:
            node.next_challenge = now + self._draw.randrange(SOON)
        self._outbox.event(now, node.name, "", "challenge-failed", nonce=challenge.nonce, why=why)

    def _choose_tag(self, node: Node, challenge: Challenge) -> None:
        """A tag at random of those whose value is known now; none where the node reads none on demand."""
        if READ not in node.own.birth.metrics:
            return
        known = [
            (device.name, metric.name, metric.series)
            for device in node.devices.values()
            if device.online
            for metric in device.birth.metrics.values()
            if metric.series >= 0 and metric.datatype in _COMPARABLE and self._current.holds(metric.series)
        ]
        known = [each for each in known if np.isfinite(self._current.number[each[2]])]
        if known:
            challenge.device, challenge.metric, challenge.series = self._draw.choice(known)
