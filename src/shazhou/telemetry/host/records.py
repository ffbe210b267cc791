"""Records of our own agent: each is taken exactly once and in order, and confirmed when it is on disk.

A record has a number and tells the number of the one before it that the agent still had. It is taken if nothing lies
between the mark (the last one taken) and it; what was taken already is a repetition; what leaves something out is a
hole, for which the agent starts again from what was confirmed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum

EVERY = 1_000
"""Milliseconds between two confirmations to one node, at least."""

Buffer = tuple[str, str]
"""Node and agent: a buffer that counts its records by itself."""


class Verdict(Enum):
    """What becomes of a record."""

    TAKEN = "taken"
    REPEATED = "repeated"
    HOLE = "hole"


class Marks:
    """Per buffer the last record taken, and the last one that is on disk."""

    def __init__(self, durable: Mapping[Buffer, int]) -> None:
        self.durable = dict(durable)
        self._taken = dict(durable)
        self._moved: dict[Buffer, int] = {}
        self._unconfirmed: set[Buffer] = set()
        self._confirmed_at: dict[Buffer, int] = {}

    def judge(self, buffer: Buffer, sequence: int, previous: int) -> Verdict:
        """Takes a record or tells why not."""
        mark = self._taken.get(buffer, 0)
        if sequence <= mark:
            # The agent has not heard of it: it is told again.
            self._unconfirmed.add(buffer)
            return Verdict.REPEATED
        if previous > mark:
            return Verdict.HOLE
        self._taken[buffer] = self._moved[buffer] = sequence
        return Verdict.TAKEN

    def adopt(self, buffer: Buffer, confirmed: int) -> int:
        """An agent says up to where its records were confirmed; by how many that is beyond the mark, 0 for none.

        It has deleted them, so that where there are any (the store was lost, or restored from an old copy) they are
        gone, and the mark goes on from there: else every later record would be a hole for ever.
        """
        lost = confirmed - self._taken.get(buffer, 0)
        if lost > 0:
            self._taken[buffer] = self._moved[buffer] = confirmed
        return max(lost, 0)

    def moved(self) -> dict[Buffer, int]:
        """The marks that moved and are not known to be on disk: to be written together with the records."""
        return dict(self._moved)

    def written(self, marks: Mapping[Buffer, int]) -> None:
        """These marks are on disk."""
        self.durable.update(marks)
        self._moved = {buffer: mark for buffer, mark in self._moved.items() if mark != marks.get(buffer)}
        self._unconfirmed.update(marks)

    def ask(self, buffer: Buffer) -> None:
        """The agent wants to know its mark."""
        self._unconfirmed.add(buffer)
        self._confirmed_at.pop(buffer, None)

    def due(self, now: int) -> Iterator[tuple[Buffer, int]]:
        """The marks to confirm now, each agent's at most once in `EVERY`."""
        for buffer in sorted(self._unconfirmed):
            # A clock that was set back makes nobody wait.
            if not 0 <= now - self._confirmed_at.get(buffer, -EVERY) < EVERY and buffer in self.durable:
                self._unconfirmed.discard(buffer)
                self._confirmed_at[buffer] = now
                yield buffer, self.durable[buffer]
