"""What was told over time: a state holds until another is told, a meter moves from one value to the next.

Moments are milliseconds since 1970 UTC. What is told late is put at its moment as long as that has not been folded.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable, Iterator
from operator import itemgetter
from typing import Generic, TypeVar

V = TypeVar("V")
Span = tuple[int, int, int | None]
"""From, to, and the state between; None where none was told."""

_AT = itemgetter(0)


class Told(Generic[V]):
    """Values with their moments, until they are folded; at the same moment, in the order in which they were told."""

    __slots__ = ("_told",)

    def __init__(self) -> None:
        self._told: list[tuple[int, V]] = []

    def tell(self, at: int, value: V) -> None:
        if self._told and at < self._told[-1][0]:
            insort(self._told, (at, value), key=_AT)
        else:
            self._told.append((at, value))

    def taken(self, stop: int) -> list[tuple[int, V]]:
        """What was told of the time before ``stop``; it is forgotten here."""
        count = sum(at < stop for at, _ in self._told)
        taken, self._told = self._told[:count], self._told[count:]
        return taken


class StateLine(Told[int | None]):
    """A state; None where the equipment does not tell it any more."""

    __slots__ = ("_state",)

    def __init__(self) -> None:
        super().__init__()
        self._state: int | None = None

    def fold(self, start: int, stop: int) -> list[Span]:
        """The spans that fill the time from ``start`` to ``stop``; neighbours differ."""
        spans, begin = [], start
        for at, state in self.taken(stop):
            if state == self._state:
                continue
            if begin < at:
                spans.append((begin, at, self._state))
                begin = at
            self._state = state
        if begin < stop:
            spans.append((begin, stop, self._state))
        return spans


class Meter(Told[float | None]):
    """A meter that counts up, in the unit of its metric; None breaks off what it moves from one value to the next.

    ``rollover`` is where it begins again at 0. A fall that is no rollover is a reset or an exchanged meter: nothing is
    known of what it moved meanwhile, and nothing is counted.
    """

    __slots__ = ("_last", "_rollover")

    def __init__(self, rollover: float | None = None) -> None:
        super().__init__()
        self._last: float | None = None
        self._rollover = rollover

    def fold(self, stop: int) -> float | None:
        """What it moved before ``stop``, since the last fold; None as long as it never told anything."""
        moved, last, known = 0.0, self._last, self._last is not None
        for _, value in self.taken(stop):
            if value is not None:
                known = True
                moved += self._step(last, value) if last is not None else 0
            last = value
        self._last = last
        return moved if known else None

    def _step(self, last: float, value: float) -> float:
        if value >= last:
            return value - last
        wrapped = value + (self._rollover or 0) - last
        return wrapped if self._rollover and 0 <= wrapped <= self._rollover / 2 else 0


def without(spans: Iterable[Span], holes: Iterable[tuple[int, int]], state: int) -> Iterator[Span]:
    """The spans with ``state`` in every hole. Holes are in order and do not overlap."""
    for start, end, told in spans:
        begin = start
        for hole_begin, hole_end in holes:
            first, last = max(begin, hole_begin), min(end, hole_end)
            if first >= last:
                continue
            if begin < first:
                yield begin, first, told
            yield first, last, state
            begin = last
        if begin < end:
            yield begin, end, told
