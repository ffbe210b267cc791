"""Trails of figures at a head, and quoted figures, through the one measure of that head."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace
from typing import NamedTuple

from pydantic import TypeAdapter

from shazhou.console.evidence import current, shared
from shazhou.ledger.documents import erased
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

PLACES_TOGETHER = 100
"""Places of a city up to which the beginnings of the trails of all of them are fetched together."""

_TRAILS = TypeAdapter(list[Trail])


class _Asked(NamedTuple):
    """What a trail is kept under. ``erased``: how many documents have been erased, be it after its own head."""

    head: str
    erased: int
    cell: Cell
    first: int


_trails: OrderedDict[_Asked, Trail] = OrderedDict()


def trail(as_of: AsOf, cell: Cell, first: int = 0) -> Trail:
    """The trail of the figure of a cell, with `ROWS_AT_ONCE` of its observations, those after the ``first`` ones.

    Raises:
        Refused: there is no such head, or no such figure.
    """
    head = current.head(as_of)
    asked = _Asked(head, len(erased(current.ledger().submissions())), cell, first)
    known = _trails.get(asked)
    if known is not None:
        return known
    kept = shared.known(current.ledger().cache, head, [_name(asked)], _TRAILS) if _with_others(asked) else {}
    if kept:
        return _remember(asked, kept[_name(asked)])
    with current.turn(head, [cell]):
        return current.with_measure(head, lambda measure: _added(measure, asked))


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
    """A trail that was not known, unless somebody else has computed it since, with those of other places that come at
    the same price."""
    known = _trails.get(asked)
    if known is not None:
        return known
    rows = slice(asked.first, asked.first + ROWS_AT_ONCE)
    if not _with_others(asked):
        return _remember(asked, trails_of(measure, [asked.cell], rows))
    cells = [replace(asked.cell, place=place) for place in measure.city.places]
    cache, name = current.ledger().cache, _name(asked)
    found = shared.computed(cache, asked.head, [name], _TRAILS, lambda _: [trails_of(measure, cells, rows)])
    return _remember(asked, found[name])


def _with_others(asked: _Asked) -> bool:
    few = len(current.city(asked.head).places) <= PLACES_TOGETHER
    return few and not asked.first and current.comes_with_others(asked.head, asked.cell)


def _name(asked: _Asked) -> str:
    return f"trails {asked._replace(cell=replace(asked.cell, place=''))!r}"


def _remember(asked: _Asked, found: list[Trail]) -> Trail:
    """Keeps trails, and gives the one that was asked for."""
    _trails.update({asked._replace(cell=each.figure.cell): each for each in found})
    while len(_trails) > TRAILS_KEPT:
        _trails.popitem(last=False)
    return next(each for each in found if each.figure.place == asked.cell.place)
