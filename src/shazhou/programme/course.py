"""Course: what a value so far says about a promise on a day.

What starts from a known base, such as the projects begun in a year, which start from nothing, is expected to move from
there to the goal in proportion to the time. A level, such as a share, the companies that are listed or the output of
one year seen from before that year, is expected to move in a straight line from the last full-year value known when
the promise was made. Without such a value nothing is said but "open".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

Course = Literal["reached", "missed", "on course", "behind", "open", "unproved", "no evidence"]
"""unproved: the deadline has passed and no evidence proves the end of it, one way or the other."""

_MEETS: dict[str, Callable[[Decimal, Decimal], bool]] = {
    ">=": lambda value, goal: value >= goal,
    ">": lambda value, goal: value > goal,
    "<=": lambda value, goal: value <= goal,
    "<": lambda value, goal: value < goal,
    "=": lambda value, goal: value == goal,
}


@dataclass(frozen=True)
class Promise:
    """A target in numbers: what, in which direction, running from when to when.

    ``baseline`` is the value at the start where that is known, 0 for what adds up from nothing. ``early``: a value from
    before the deadline can show that it is reached.
    """

    goal: Decimal
    direction: str
    starts: date
    deadline: date
    baseline: Decimal | None = None
    early: bool = True

    @property
    def rising(self) -> bool:
        """Whether more is better."""
        return self.direction[0] == ">"


@dataclass(frozen=True)
class Reading:
    """A value in the promise's unit, with its qualifier and the last day that it is about.

    ``comparable``: it measures the same as the goal (the output of six months does not measure that of a year).
    ``proven``: it was observed, not simulated, played back or forecast.
    """

    value: Decimal
    qualifier: str
    until: date
    comparable: bool = True
    proven: bool = True


def course(promise: Promise, now: Reading | None, before: Reading | None, today: date) -> Course:
    """The course of a promise on a day.

    Args:
        promise: what was promised.
        now: the newest value; None where there is no evidence.
        before: the last full-year value known when the promise was made, for a level; None where there is none.
        today: the day of the judgement.
    """
    if now is None:
        return "no evidence"
    final, over = now.until >= promise.deadline, today > promise.deadline
    usable = now.comparable and now.until >= promise.starts
    met = usable and meets(promise, now) and (final or (promise.rising and promise.early))
    if met and now.proven:
        return "reached"
    if over:
        missed = usable and final and now.proven and not met and not _may_meet(promise, now)
        return "missed" if missed else "unproved"
    expected = _expected(promise, now.until, before)
    if met or not usable or expected is None:
        return "open"
    return "on course" if (now.value >= expected if promise.rising else now.value <= expected) else "behind"


def meets(promise: Promise, reading: Reading) -> bool:
    """Whether a value shows what was promised.

    "Over 100" is more than 100 and "about 100" is taken as printed; "under 120" shows no 100 or more.
    """
    bound = reading.qualifier.strip("=≈")
    if bound and bound != promise.direction[0]:
        return False
    if bound and reading.qualifier == bound and reading.value == promise.goal:
        return True
    return _MEETS[promise.direction](reading.value, promise.goal)


def _may_meet(promise: Promise, reading: Reading) -> bool:
    """Whether a value that does not show it leaves it possible: "over 90" may be 100, "under 120" too."""
    bound = reading.qualifier.strip("=≈")
    if not bound:
        return False
    if bound == promise.direction[0]:
        return True
    return reading.value >= promise.goal if bound == "<" else reading.value <= promise.goal


def _expected(promise: Promise, day: date, before: Reading | None) -> Decimal | None:
    if promise.direction == "=":
        return None
    if promise.baseline is not None:
        first, base = promise.starts, promise.baseline
    elif before is not None:
        first, base = before.until, before.value
    else:
        return None
    elapsed = Decimal((min(day, promise.deadline) - first).days) / Decimal(max((promise.deadline - first).days, 1))
    return base + (promise.goal - base) * elapsed
