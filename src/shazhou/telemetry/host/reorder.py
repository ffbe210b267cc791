"""The order of a node's messages: seq goes on by one from 0 to 255 and round again; what comes early waits."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from typing import Generic, TypeVar

from shazhou.telemetry.host import limits

Item = TypeVar("Item")

BEHIND = 8
"""So many numbers before the expected one are taken for late or repeated messages, all others for early ones."""


@dataclass(frozen=True)
class Gap:
    """Messages that did not come: the number expected, the one that came instead, how many are missing, when the last
    message before was sent and the first one after came (ms)."""

    expected: int
    got: int
    start: int
    stop: int

    @property
    def missing(self) -> int:
        return (self.got - self.expected) % 256


class Order(Generic[Item]):
    """The messages of one session from the birth with number ``seq`` on. Times are the host's, in milliseconds."""

    def __init__(self, seq: int, sent: int) -> None:
        self.expected = (seq + 1) % 256
        self.last = sent
        self.since: int | None = None
        """Since when messages wait; None where none does."""
        self._waiting: dict[int, tuple[Item, int, int, int]] = {}
        self._seen = array("q", bytes(8 * 256))
        self._seen[seq] = 1

    def take(self, seq: int, item: Item, content: bytes, now: int, sent: int) -> tuple[list[Item], bool]:
        """A message came: the messages whose turn it is, and whether its number had been there before.

        A number that comes again with the same content gives nothing; with other content it is another message, which
        is given but changes nothing.
        """
        mark, distance = hash(content) or 1, (seq - self.expected) % 256
        if not distance:
            due = [item]
            self._pass(seq, mark, sent)
            while self._waiting and self.expected in self._waiting:
                early, mark, _, sent = self._waiting.pop(self.expected)
                due.append(early)
                self._pass(self.expected, mark, sent)
            if self.since is not None and not self._waiting:
                self.since = None
            return due, False
        if distance >= 256 - BEHIND:
            seen = self._seen[seq]
            self._seen[seq] = mark
            if seen == mark:
                return [], True
            if seen:
                # A node that does not count; a message that is only late takes nothing from the gap that it lay in.
                self.last = sent
            return [item], bool(seen)
        if seq in self._waiting:
            return [], True
        self._waiting[seq] = item, mark, now, sent
        self.since = now if self.since is None else self.since
        return [], False

    def is_over(self, now: int, timeout: int) -> bool:
        """Whether what is missing has been waited for long enough."""
        return self.since is not None and (not 0 <= now - self.since < timeout or len(self._waiting) > limits.WAITING)

    def release(self) -> list[Item | Gap]:
        """Waits no longer: everything that came, in order, with what is missing between."""
        released: list[Item | Gap] = []
        for seq in sorted(self._waiting, key=lambda seq: (seq - self.expected) % 256):
            item, mark, came, sent = self._waiting[seq]
            if seq != self.expected:
                released.append(Gap(self.expected, seq, min(self.last, came), came))
                while self.expected != seq:
                    self._pass(self.expected, 0, self.last)
            released.append(item)
            self._pass(seq, mark, sent)
        self._waiting.clear()
        self.since = None
        return released

    def _pass(self, seq: int, mark: int, sent: int) -> None:
        self._seen[seq] = mark
        self.expected = (seq + 1) % 256
        self.last = sent
