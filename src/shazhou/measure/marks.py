"""Marks: what the inputs force on a figure, as bits that travel through the query.

Each statement carries one integer; whatever is made of several statements carries their bitwise or. So status,
qualifiers, the marks of the doors and disputes reach every figure by the same one aggregate.
"""

from __future__ import annotations

from enum import IntFlag
from functools import cache
from typing import Any

import ibis

from shazhou.measure.figure import Status


class Marks(IntFlag):
    """One bit for everything a statement can force on the figures made from it."""

    PROVISIONAL = 1
    ESTIMATED = 2
    FORECAST = 4
    BREAK = 8
    LOW_RELIABILITY = 16
    SIMULATED = 32
    RECORDED = 64
    ABOVE = 128
    AT_LEAST = 256
    BELOW = 512
    AT_MOST = 1024
    ABOUT = 2048
    DISPUTED = 4096
    WITHDRAWN = 8192


STATUS_MARKS = {
    "P": Marks.PROVISIONAL,
    "E": Marks.ESTIMATED,
    "F": Marks.FORECAST,
    "B": Marks.BREAK,
    "U": Marks.LOW_RELIABILITY,
}
PLAIN_STATUSES = ("A", "M")
"""Statuses that mark nothing: normal, and missing (a withdrawal is marked by its empty value)."""
ORIGIN_MARKS = {"simulated": Marks.SIMULATED, "recorded": Marks.RECORDED}
QUALIFIER_MARKS = {">": Marks.ABOVE, ">=": Marks.AT_LEAST, "<": Marks.BELOW, "<=": Marks.AT_MOST, "≈": Marks.ABOUT}

QUALIFIERS = Marks.ABOVE | Marks.AT_LEAST | Marks.BELOW | Marks.AT_MOST | Marks.ABOUT


@cache
def status(marks: int) -> Status:
    """The figure's status: what the weakest input makes of it."""
    if marks & Marks.FORECAST:
        return "forecast"
    if marks & Marks.ESTIMATED:
        return "estimated"
    if marks & Marks.PROVISIONAL:
        return "provisional"
    return "actual"


@cache
def qualifier(marks: int) -> str:
    """The qualifier of a sum of statements with these marks: mixed directions leave only "about"."""
    up, down = marks & (Marks.ABOVE | Marks.AT_LEAST), marks & (Marks.BELOW | Marks.AT_MOST)
    if marks & Marks.ABOUT or (up and down):
        return "≈"
    if up:
        return ">" if marks & Marks.ABOVE else ">="
    if down:
        return "<" if marks & Marks.BELOW else "<="
    return "="


def marks_of(rows: Any) -> Any:
    """The column of marks of a table; where nothing marks the evidence there is none, and all are zero."""
    return rows.marks if "marks" in rows.columns else ibis.literal(0).cast("int64")


def turned(marks: Any) -> Any:
    """The marks of ``-x`` where x has these: above becomes below. Takes a number or a column."""
    up, down = int(Marks.ABOVE | Marks.AT_LEAST), int(Marks.BELOW | Marks.AT_MOST)
    return (marks & ~(up | down)) | ((marks & up) * 4) | ((marks & down) // 4)


def unsure(marks: Any) -> Any:
    """The marks of what rests on a comparison with a number that has these: whichever qualifier it has, only "about"
    is left. Takes a column."""
    qualified = (marks & int(QUALIFIERS)) != 0
    return (marks & ~int(QUALIFIERS)) | (qualified.cast("int64") * int(Marks.ABOUT))


def weakened(sign: str) -> str:
    """The qualifier of the least, middle or greatest of several numbers, one of which has this one: of "over 5" and 7
    the greatest is at least 7."""
    return {">": ">=", "<": "<="}.get(sign, sign)


_FLIPPED = {"=": "=", ">": "<", ">=": "<=", "<": ">", "<=": ">=", "≈": "≈"}


def flipped(sign: str) -> str:
    """The qualifier of ``-x`` or ``1/x`` where x has this one."""
    return _FLIPPED[sign]


@cache
def combined(first: str, second: str) -> str:
    """The qualifier of the sum of two numbers with these qualifiers."""
    marks = 0
    for sign in (first, second):
        marks |= QUALIFIER_MARKS.get(sign, 0)
    return qualifier(marks)
