"""Course: what a value so far says about a promise on a day.

A promise runs from the day it was made (or from its own start) to its deadline. A quantity that adds up, such as
projects begun in a year, is expected to grow from nothing in proportion to the time; a level, such as a share, to move
in a straight line from the last value known when the promise was made. Without such a value nothing is said but "open".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

Course = Literal["reached", "missed", "on course", "behind", "open", "unproved", "no evidence"]
"""unproved: the deadline has passed and the newest evidence is from before it."""

_MEETS: dict[str, Callable[[Decimal, Decimal], bool]] = {
    ">=": lambda value, goal: value >= goal,
    ">": lambda value, goal: value > goal,
    "<=": lambda value, goal: value <= goal,
    "<": lambda value, goal: value < goal,
    "=": lambda value, goal: value == goal,
}
_UPWARD = (">=", ">")


@dataclass(frozen=True)
class Promise:
    """A target in numbers: what, in which direction, running from when to when. ``additive``: it adds up over time."""

    goal: Decimal
    direction: str
    starts: date
    deadline: date
    additive: bool


@dataclass(frozen=True)
class Reading:
    """A value in the promise's unit, with its qualifier and the last day that it is about."""

    value: Decimal
    qualifier: str
    until: date


def course(promise: Promise, now: Reading | None, before: Reading | None, today: date) -> Course:
    """The course of a promise on a day.

    Args:
        promise: what was promised.
        now: the newest value; None where there is no evidence.
        before: the last value known when the promise started, for a level; None where there is none.
        today: the day of the judgement.
    """
    if now is None:
        return "no evidence"
    final = now.until >= promise.deadline
    if now.until >= promise.starts and meets(promise, now) and (final or promise.direction in _UPWARD):
        return "reached"
    if final and today > promise.deadline:
        return "missed"
    if today > promise.deadline:
        return "unproved"
    expected = _expected(promise, now.until, before)
    if expected is None or now.until < promise.starts:
        return "open"
    rising = promise.direction in _UPWARD
    return "on course" if (now.value >= expected if rising else now.value <= expected) else "behind"


def meets(promise: Promise, reading: Reading) -> bool:
    """Whether a value is what was promised. "Over 100" is more than 100; "about 100" is taken as printed."""
    above = promise.direction == ">" and reading.qualifier == ">" and reading.value == promise.goal
    return above or _MEETS[promise.direction](reading.value, promise.goal)


def _expected(promise: Promise, day: date, before: Reading | None) -> Decimal | None:
    if promise.direction == "=":
        return None
    if promise.additive:
        first, base = promise.starts, Decimal(0)
    elif before is not None:
        first, base = before.until, before.value
    else:
        return None
    elapsed = Decimal((min(day, promise.deadline) - first).days) / Decimal(max((promise.deadline - first).days, 1))
    return base + (promise.goal - base) * elapsed
