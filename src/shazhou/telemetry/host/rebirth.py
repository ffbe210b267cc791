"""Asking for a rebirth: each node at most every few seconds, and ever more seldom while it does not come.

A node that gives cause too soon is asked later, as it may not speak again for long; ever more seldom as well, because
its answer may be what gives cause.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from shazhou.telemetry.host import limits
from shazhou.telemetry.names import REBIRTH
from shazhou.telemetry.sparkplug.datatype import DataType
from shazhou.telemetry.sparkplug.payload import Sample

FIRST, LONGEST = 5_000, 80_000
"""Milliseconds until a node is asked again; doubled each time."""

REASONS = (
    "seq-gap",  # a message was missing for longer than the reorder timeout
    "no-birth",  # a message of a node without a valid birth
    "no-device-birth",  # a message of a device without one
    "unknown-metric",  # a metric, or an alias, that was not born
    "record-hole",  # a record came and one before it had not
    "challenge",
)


def rebirth(now: int) -> Sample:
    """The metric that asks for it. It never has an alias."""
    return Sample(REBIRTH, DataType.BOOLEAN, True, now)


@dataclass
class _Asked:
    at: int
    pause: int
    """Until it is asked again because of what it says then."""
    wait: int
    """Until it is asked again because of what it said too soon."""
    cause: str = ""
    """What it said too soon."""

    def since(self, now: int) -> int:
        """Milliseconds since it was asked. A message that waited for another one can be older than the question."""
        return abs(now - self.at)


class Rebirths:
    """When which node was asked, by broker and name."""

    def __init__(self) -> None:
        self._asked: OrderedDict[tuple[int, str], _Asked] = OrderedDict()

    def may(self, broker: int, node: str, cause: str, now: int) -> bool:
        """Whether to ask now, which is then remembered; if not, the cause is. So much is remembered of the
        `limits.STRANGERS` nodes that were asked last."""
        key = broker, node
        asked = self._asked.get(key)
        if asked is not None and asked.since(now) < asked.pause:
            asked.cause = asked.cause or cause
            return False
        pause = FIRST if asked is None else min(2 * asked.pause, LONGEST)
        wait = FIRST if asked is None or not asked.cause else min(2 * asked.wait, LONGEST)
        self._asked[key] = _Asked(now, pause, wait)
        self._asked.move_to_end(key)
        if len(self._asked) > limits.STRANGERS:
            self._asked.popitem(last=False)
        return True

    def due(self, now: int) -> list[tuple[int, str, str]]:
        """Broker, name and cause of nodes that gave cause too soon and are to be asked by now."""
        return [
            (*key, each.cause)
            for key, each in self._asked.items()
            if each.cause and each.since(now) >= max(each.pause, each.wait)
        ]

    def born(self, broker: int, node: str, now: int) -> None:
        """The birth came. A node that gives cause at once again is not asked at once again."""
        asked = self._asked.get((broker, node))
        if asked is not None and now - asked.at >= FIRST:
            del self._asked[broker, node]
        elif asked is not None:
            asked.pause, asked.cause = FIRST, ""

    def died(self, broker: int, node: str) -> None:
        """The session of a node ended: with its next birth it tells all."""
        asked = self._asked.get((broker, node))
        if asked is not None:
            asked.cause = ""

    def lost(self, broker: int) -> None:
        """A broker is not reached: whoever speaks there again gives cause again."""
        for (at, _), asked in self._asked.items():
            if at == broker:
                asked.cause = ""
