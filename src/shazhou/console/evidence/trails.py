"""Trails of figures at a head, and quoted figures, through the one measure of that head."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace
from typing import NamedTuple

from pydantic import TypeAdapter

from shazhou.console.evidence import current, shared
from shazhou.ledger.ledger import AsOf
from shazhou.ledger.quotations import Quotations
from shazhou.measure.figure import Cell, Figure
from shazhou.measure.measure import Measure
from shazhou.measure.quoted import Quotation, Quoted
from shazhou.measure.trail import Trail
from shazhou.measure.trail import trails as trails_of

TRAILS_KEPT = 500
"""Trails kept in each process, at most about 0.1 MB each."""

ROWS_AT_ONCE = 50
"""Observations of a trail that are fetched and shown at once."""

_TRAILS = TypeAdapter(list[Trail])


class _Asked(NamedTuple):
    """What a trail is kept under: documents that it leads to may be erased after its own head."""

    head: str
    newest: str
    cell: Cell
    first: int


_trails: OrderedDict[_Asked, Trail] = OrderedDict()


def trail(as_of: AsOf, cell: Cell, first: int = 0) -> Trail:
    """The trail of the figure of a cell, with `ROWS_AT_ONCE` of its observations, those after the ``first`` ones.

    Raises:
        Refused: there is no such head, or no such figure.
    """
    head = current.head(as_of)
    asked = _Asked(head, current.head(), cell, first)
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


def _added(measure: Measure, asked: _Asked) -> Trail:
    """A trail that was not known, unless somebody else has computed it since; it is kept, with those of other places
    that come at the same price."""
    if asked not in _trails:
        for each in _computed(measure, asked):
            _trails[asked._replace(cell=each.figure.cell)] = each
    found = _trails[asked]
    while len(_trails) > TRAILS_KEPT:
        _trails.popitem(last=False)
    return found


def _computed(measure: Measure, asked: _Asked) -> list[Trail]:
    cell, rows, known = asked.cell, slice(asked.first, asked.first + ROWS_AT_ONCE), measure.city.indicators
    if cell.place not in measure.city.places or cell.indicator not in known or not measure.reads_many(cell.indicator):
        return trails_of(measure, [cell], rows)
    cells = [replace(cell, place=place) for place in measure.city.places]
    name = f"trails {asked._replace(cell=replace(cell, place=''))!r}"
    return shared.computed(measure, [name], _TRAILS, lambda _: [trails_of(measure, cells, rows)])[0]
