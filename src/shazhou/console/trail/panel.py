"""What the panel of a figure shows, gathered for one visitor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple

from shazhou.city.model import City, Indicator, Variable
from shazhou.city.problem import Refused
from shazhou.console.access.rules import Visitor
from shazhou.console.evidence import current, published, seen, trails
from shazhou.console.trail.wording import condition, in_words
from shazhou.ledger.submission import Submission
from shazhou.measure.figure import Cell, Figure
from shazhou.measure.formula import parse_condition
from shazhou.measure.trail import Delivered, Observed


class Branch(NamedTuple):
    """A submission with those of its observations that are shown, and how many of it went in."""

    delivered: Delivered
    shown: tuple[Observed, ...]
    whole: int


@dataclass(frozen=True)
class Panel:
    """A figure with its trail. ``now`` is the same figure at the newest head where that is another head. ``closed``:
    the visitor sees the aggregate only. ``first`` and ``more`` are the numbers of observations before those shown and
    after them. ``kept`` says whether the id of the figure is known to the ledger,
    ``microdata`` whether something is shown that is not open to all."""

    figure: Figure
    indicator: Indicator
    city: City
    formula: str
    narrowed: str
    variables: tuple[Variable, ...]
    moment: datetime | None
    now: Figure | None
    closed: bool
    branches: tuple[Branch, ...] = ()
    beside: tuple[Branch, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    first: int = 0
    more: int = 0
    kept: bool = False
    microdata: bool = False

    @property
    def last(self) -> int:
        """The number of the last observation shown."""
        return self.first + sum(len(each.shown) for each in self.branches)

    @property
    def same(self) -> bool:
        """Whether the figure of now is the same."""
        return self.now is None or _content(self.now) == _content(self.figure)


def panel_of(visitor: Visitor, cell: Cell, as_of: str = "", first: int = 0) -> Panel:
    """The panel of a figure, as far as a visitor may see it.

    Raises:
        Refused: there is no such figure or head.
    """
    asked_at = current.head(as_of or None)
    figure = published.figures_for(visitor, asked_at, [cell])[cell]
    # A figure that was released is shown as it was at the release.
    head = figure.head
    city = current.city(head)
    found = trails.trail(head, cell, first)
    narrower = parse_condition(cell.where, city.variables) if cell.where else None
    # What is stated of a single entity is seen with the statements themselves.
    follows = ":" in figure.place.removeprefix("place:") or published.sees_trail(visitor, figure)
    closed = figure.withheld or not follows or not all(_seen(visitor, found.submissions))
    went_in = () if closed else found.submissions
    beside = () if closed else tuple(_open_ones(visitor, found.beside))
    return Panel(
        figure=figure,
        indicator=found.indicator,
        city=city,
        formula=in_words(current.expression(head, found.indicator.id), city),
        narrowed=condition(narrower, city) if narrower is not None else "",
        variables=tuple(city.variables[name] for name in found.variables),
        moment=_moment(current.ledger().submissions(head)),
        now=_now(visitor, cell, head),
        closed=closed,
        branches=_branches(went_in),
        beside=_branches(beside),
        names={} if closed else found.names,
        first=first,
        more=max(0, sum(each.count for each in went_in) - first - trails.ROWS_AT_ONCE),
        kept=trails.is_kept(figure),
        microdata=not all(_seen(Visitor(), [*went_in, *beside])),
    )


def _seen(visitor: Visitor, submissions: Sequence[Delivered]) -> list[bool]:
    rows = [row for each in submissions for row in each.observations]
    return seen.seen(visitor, [seen.About(row.entity, row.variable, row.citation.title) for row in rows])


def _open_ones(visitor: Visitor, submissions: Sequence[Delivered]) -> list[Delivered]:
    """Submissions with those of their observations that a visitor sees."""
    is_seen = iter(_seen(visitor, submissions))
    kept = [(each, tuple(row for row in each.observations if next(is_seen))) for each in submissions]
    return [replace(each, observations=rows) for each, rows in kept if rows]


def _branches(submissions: Sequence[Delivered]) -> tuple[Branch, ...]:
    """The submissions of which something is shown."""
    return tuple(Branch(each, each.observations, each.count) for each in submissions if each.observations)


def _moment(chain: Sequence[Submission]) -> datetime | None:
    return chain[-1].recorded_at if chain else None


def _now(visitor: Visitor, cell: Cell, head: str) -> Figure | None:
    """The figure at the newest head; None where that is the same head, or it is not there or not shown any more."""
    newest = current.head()
    if newest == head:
        return None
    try:
        found = published.figures_for(visitor, newest, [cell])[cell]
    except Refused:
        return None
    return None if found.withheld or found.head == head else found


def _content(figure: Figure) -> tuple[object, ...]:
    marks = (figure.status, figure.qualifier, figure.disputed, figure.simulated, figure.recorded)
    return (figure.value, figure.unit, *marks)
