"""Asking for a rebirth: each node at most every few seconds, and ever more seldom while it does not come.

Cause that a node gives too soon is not forgotten, as it may not speak again for long: it is asked when it may be.
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
    cause: str = ""
    """Why it is to be asked again as soon as it may be."""

    def is_too_soon(self, now: int) -> bool:
        return 0 <= now - self.at < self.pause


class Rebirths:
    """When which node was asked, by broker and name."""

    def __init__(self) -> None:
        self._asked: OrderedDict[tuple[int, str], _Asked] = OrderedDict()

    def may(self, broker: int, node: str, cause: str, now: int) -> bool:
        """Whether to ask now, which is then remembered; if not, the cause is."""
        key = broker, node
        asked = self._asked.get(key)
        if asked is not None and asked.is_too_soon(now):
            asked.cause = asked.cause or cause
            return False
        self._asked[key] = _Asked(now, FIRST if asked is None else min(2 * asked.pause, LONGEST))
        self._asked.move_to_end(key)
        if len(self._asked) > limits.STRANGERS:
            self._asked.popitem(last=False)
        return True

    def due(self, now: int) -> list[tuple[int, str, str]]:
        """Broker, name and cause of nodes that gave cause too soon and may be asked by now."""
        return [(*key, each.cause) for key, each in self._asked.items() if each.cause and not each.is_too_soon(now)]

    def born(self, broker: int, node: str, now: int) -> None:
        """The birth came. A node that gives cause at once again is not asked at once again."""
        asked = self._asked.get((broker, node))
        if asked is not None and now - asked.at >= FIRST:
            del self._asked[broker, node]
        elif asked is not None:
            asked.pause, asked.cause = FIRST, ""

    def died(self, broker: int, node: str) -> None:
        """Nobody is there to be asked; with its next birth it tells all."""
        asked = self._asked.get((broker, node))
        if asked is not None:
            asked.cause = ""

    def lost(self, broker: int) -> None:
        """Nobody there hears what is asked."""
        for (at, _), asked in self._asked.items():
            if at == broker:
                asked.cause = ""
