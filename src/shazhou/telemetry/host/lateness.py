"""How late messages are: a host that is behind, or a network that was, must not date a silence by when it heard."""

from __future__ import annotations

LATE = 60_000
"""Milliseconds by which a message can be late; what seems later was dated by a clock that jumped, and is begun with."""
WINDOW = 3_600_000
"""Milliseconds after which what is known begins to be forgotten, and again until it is: clocks drift and are set."""
UNKNOWN = 1 << 65
"""More than any difference."""


class Lateness:
    """Of the messages of one node. The least difference between the host's clock and the node's, as messages tell it,
    is that of a message in time; whatever is more is lateness. Times are in milliseconds.

    Args:
        least: what is known of it from before.
    """

    def __init__(self, least: int = UNKNOWN) -> None:
        self._before = self._least = least
        self._since = 0
        self._former = UNKNOWN

    @property
    def least(self) -> int:
        """The least difference of late; `UNKNOWN` where no message told a time."""
        return min(self._before, self._least)

    def sent(self, received: int, timestamp: int) -> int:
        """When a message was sent, by the host's clock; when it came, where its timestamp is 0 or tells nothing."""
        if not timestamp:
            return received
        difference = received - timestamp
        jumped = abs(difference - self.least) > LATE
        if 0 <= difference - self._former <= LATE and (jumped or self._former < self.least):
            self._begin(self._former)
        elif jumped:
            self._begin(difference)
        if abs(received - self._since) >= WINDOW:
            self._before, self._least, self._since = self._least, difference, received
        self._least = min(self._least, difference)
        return timestamp + self.least

    def _begin(self, least: int) -> None:
        """A clock jumped. If it was one timestamp that was wrong, or one message that was later, it jumps back."""
        self._former, self._before, self._least = self.least, least, least
