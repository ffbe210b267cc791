"""Trails of figures at a head, and quoted figures, through the one measure of that head."""

from __future__ import annotations

from collections import OrderedDict

from shazhou.console.evidence import current
from shazhou.ledger.ledger import AsOf
from shazhou.ledger.quotations import Quotations
from shazhou.measure.figure import Cell, Figure
from shazhou.measure.measure import Measure
from shazhou.measure.quoted import Quotation, Quoted
from shazhou.measure.trail import Trail
from shazhou.measure.trail import trail as trail_of

TRAILS_KEPT = 200
"""Trails kept in each process, at most about 0.3 MB each."""

_trails: OrderedDict[tuple[str, Cell, int], Trail] = OrderedDict()

ROWS_AT_ONCE = 200
"""Observations of a trail that are fetched and shown at once."""


def trail(as_of: AsOf, cell: Cell, first: int = 0) -> Trail:
    """The trail of the figure of a cell, with `ROWS_AT_ONCE` of its observations, those after the ``first`` ones.

    Raises:
        Refused: there is no such head, or no such figure.
    """
    head = current.head(as_of)
    asked = head, cell, first
    return _trails.get(asked) or current.with_measure(head, lambda measure: _added(measure, asked))


def quotation(name: str) -> Quotation:
    """What was quoted under an id.

    Raises:
        Refused: nothing was.
    """
    return Quoted(current.ledger().folder).find(name)


def is_kept(figure: Figure) -> bool:
    """Whether a figure's id is known to the ledger."""
    return Quotations(current.ledger().folder).find(figure.id) is not None


def keep(figure: Figure) -> None:
    """Keeps a figure's id for ever.

    Raises:
        Refused: the ledger cannot be written to.
    """
    Quoted(current.ledger().folder).keep([figure])


def _added(measure: Measure, asked: tuple[str, Cell, int]) -> Trail:
    """A trail that was not known, unless somebody else has computed it since; it is kept."""
    _, cell, first = asked
    if asked not in _trails:
        _trails[asked] = trail_of(measure, cell, slice(first, first + ROWS_AT_ONCE))
    found = _trails[asked]
    while len(_trails) > TRAILS_KEPT:
        _trails.popitem(last=False)
    return found
