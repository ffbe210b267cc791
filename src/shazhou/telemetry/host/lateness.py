"""How late messages are: a host that is behind, or a network that was, must not date a silence by when it heard."""

from __future__ import annotations

LATE = 60_000
"""Milliseconds by which a message can be late; what seems later was dated by a clock that jumped, and is begun with."""


class Lateness:
    """Of the messages of one session. The least difference between the host's clock and the node's, as messages tell
    it, is that of a message in time; whatever is more is lateness. Times are in milliseconds."""

    def __init__(self) -> None:
        self._least: int | None = None

    def sent(self, received: int, timestamp: int) -> int:
        """When a message was sent, by the host's clock; when it came, where its timestamp is 0 or tells nothing."""
        if not timestamp:
            return received
        difference = received - timestamp
        self._least = difference if self._least is None else min(self._least, difference)
        if difference - self._least > LATE:
            self._least = difference
        return timestamp + self._least
