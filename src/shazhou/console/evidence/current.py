"""The ledger of this deployment, and its figures at a head.

A connection to the query engine serves one question at a time, so each head has one `Measure` behind a lock; figures
that were computed once are kept for as long as the process lives, since a figure at a head never changes.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable
from functools import cache
from threading import RLock
from typing import TypeVar

from django.conf import settings

from shazhou.city.model import City
from shazhou.city.problem import Refused
from shazhou.ledger.ledger import AsOf, Ledger
from shazhou.measure.figure import Cell, Figure
from shazhou.measure.measure import Measure

T = TypeVar("T")

HEADS_OPEN = 4
"""Heads whose measure stays open; the one used longest ago is closed for a fifth."""

FIGURES_KEPT = 200_000
"""Figures kept in each process; about 1 kB each."""

_lock = RLock()
_measures: OrderedDict[str, Measure] = OrderedDict()
_figures: OrderedDict[tuple[str, Cell], Figure] = OrderedDict()


@cache
def ledger() -> Ledger:
    """The ledger.

    Raises:
        Refused: there is none.
    """
    return Ledger.open(settings.DEPLOYMENT.data)


def head(as_of: AsOf = None) -> str:
    """The head at a moment.

    Raises:
        Refused: there is no such head.
    """
    return ledger().head(as_of)


def with_measure(as_of: AsOf, question: Callable[[Measure], T]) -> T:
    """The answer to a question about the figures at a moment.

    Raises:
        Refused: there is no such head, or the question is none.
    """
    at = head(as_of)
    with _lock:
        if at not in _measures:
            _measures[at] = Measure(ledger(), at)
            while len(_measures) > HEADS_OPEN:
                _measures.popitem(last=False)
        _measures.move_to_end(at)
        return question(_measures[at])


def figures(as_of: AsOf, cells: Iterable[Cell]) -> dict[Cell, Figure]:
    """Figures by cell; those not known yet are computed together."""
    asked, at = list(dict.fromkeys(cells)), head(as_of)
    missing = [cell for cell in asked if (at, cell) not in _figures]
    if missing:
        computed = with_measure(at, lambda measure: measure.figures(missing))
        with _lock:
            _figures.update({(at, cell): figure for cell, figure in zip(missing, computed, strict=True)})
    found = {cell: _figures[at, cell] for cell in asked}
    with _lock:
        while len(_figures) > FIGURES_KEPT:
            _figures.popitem(last=False)
    return found


def city(as_of: AsOf = None) -> City:
    """The city as defined at a moment."""
    return with_measure(as_of, lambda measure: measure.city)


def city_or_none() -> City | None:
    """The city as defined now; None where nothing has been loaded yet."""
    try:
        return city()
    except Refused:
        return None
