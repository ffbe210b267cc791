"""A figure: one computed value of an indicator at one head, with what it was made from.

A figure is named by its id, a short hash of (indicator, place, industry, period, head). Whoever has the ledger can
compute it again from these five and must get the same value.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

Status = Literal["actual", "provisional", "forecast", "estimated", ""]
"""What the weakest input makes of the figure; empty where there is no evidence."""


@dataclass(frozen=True, order=True)
class Cell:
    """What is asked for: an indicator of a place, an industry (key, or empty) and an SDMX period.

    ``place`` is a place's key, or the whole id of another entity (`enterprise:…`) whose stated value is wanted.
    ``kind`` overrides the indicator's own kind (`actual`, `target`, `forecast`); kinds never replace one another.
    ``where`` narrows it to entities for which a condition holds at the period's end (`size == "large"`): any attribute
    is a dimension.
    """

    indicator: str
    place: str
    period: str
    industry: str = ""
    kind: str = ""
    where: str = ""


@dataclass(frozen=True, order=True)
class Citation:
    """A source as cited by an observation."""

    title: str
    date: str = ""
    address: str = ""


@dataclass(frozen=True)
class Statement:
    """Another value that a source states for the same key: why a figure is disputed. ``value`` is in the figure's
    unit."""

    value: Decimal
    qualifier: str
    citation: Citation


@dataclass(frozen=True)
class Figure:
    """One computed value.

    ``value`` is in ``unit``, rounded once, half up, to ``decimals``; None: no evidence (missing is missing, never
    zero). ``qualifier`` is the one that the inputs force on it ("over 1,300" stays ``>``). ``observations`` counts
    the statements that went in, ``contributors`` the entities they are about. ``disputed``: some source states
    another value for one of the inputs; ``others`` lists these where the figure is a stated value. ``simulated``
    and ``recorded`` carry the marks of the door, ``break_in_series`` SDMX status B of an input (revised base or
    scope). ``kind`` is the kind of the inputs, ``asked_kind`` the one in the cell that was asked for.
    ``definitions`` is the version of the city's definitions. ``withheld``: there is evidence, but whoever asks may not
    see what it comes to, so that no single enterprise can be told (`shazhou.measure.disclosure`); ``value`` is None.
    """

    indicator: str
    place: str
    industry: str
    period: str
    value: Decimal | None
    unit: str
    decimals: int
    kind: str
    status: Status
    qualifier: str
    observations: int
    contributors: int
    sources: tuple[Citation, ...]
    disputed: bool
    others: tuple[Statement, ...]
    simulated: bool
    recorded: bool
    break_in_series: bool
    head: str
    definitions: str
    asked_kind: str = ""
    where: str = ""
    withheld: bool = False

    @property
    def cell(self) -> Cell:
        """What was asked for."""
        return Cell(self.indicator, self.place, self.period, self.industry, self.asked_kind, self.where)

    @property
    def id(self) -> str:
        """The figure's short id."""
        return figure_id(self.cell, self.head)


def figure_id(cell: Cell, head: str) -> str:
    """The id of the figure of ``cell`` at ``head``: ``f`` and 12 characters of base 32 of a sha256 (60 bits)."""
    condition = (cell.where,) if cell.where else ()
    text = "\x1f".join((cell.indicator, cell.place, cell.industry, cell.period, cell.kind, head, *condition))
    number = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 4
    digits = "0123456789abcdefghjkmnpqrstvwxyz"
    return "f" + "".join(digits[(number >> shift) & 31] for shift in range(55, -5, -5))
