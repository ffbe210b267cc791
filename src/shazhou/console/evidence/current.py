"""The ledger of this deployment, and its figures at a head.

A connection to the query engine serves one question at a time, so each head has one `Measure` behind a lock; figures
that were computed once are kept for as long as the process lives, since a figure at a head never changes.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cache, lru_cache
from threading import RLock, local
from typing import TypeVar

from django.conf import settings
from pydantic import TypeAdapter

from shazhou.city.model import City
from shazhou.city.problem import Refused
from shazhou.console.evidence import shared
from shazhou.ledger.ledger import AsOf, Ledger
from shazhou.measure.expression import Expression
from shazhou.measure.figure import Cell, Figure
from shazhou.measure.measure import Measure

T = TypeVar("T")

HEADS_OPEN = 4
"""Heads whose measure stays open; the one used longest ago is closed for a fifth."""

FIGURES_KEPT = 200_000
"""Figures kept in each process; about 1 kB each."""

_FIGURES = TypeAdapter(list[Figure])

_lock = RLock()
_here = local()
"""Of each thread: ``asking``, whether it is in the midst of a question to a measure."""
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
            _measures[at] = Measure(ledger(), at, keep=True)
            while len(_measures) > HEADS_OPEN:
                _measures.popitem(last=False)
        _measures.move_to_end(at)
        outer, _here.asking = getattr(_here, "asking", False), True
        try:
            return question(_measures[at])
        finally:
            _here.asking = outer


def figures(as_of: AsOf, cells: Iterable[Cell]) -> dict[Cell, Figure]:
    """Figures by cell; those not known yet are computed together."""
    asked, at = list(dict.fromkeys(cells)), head(as_of)
    found = {cell: figure for cell in asked if (figure := _figures.get((at, cell))) is not None}
    missing = [cell for cell in asked if cell not in found]
    if missing:
        kept = shared.known(ledger().cache, at, list(_bundles(at, missing)), _FIGURES)
        found |= _remember(at, {figure.cell: figure for each in kept.values() for figure in each})
        missing = [cell for cell in asked if cell not in found]
    if missing:
        with turn(at, missing):
            found |= with_measure(at, lambda measure: _added(measure, missing))
    return {cell: found[cell] for cell in asked}


def comes_with_others(at: str, cell: Cell) -> bool:
    """Whether a figure is over so many statements that those of all places come at the same price."""
    known = city(at)
    is_one = not cell.where and cell.place in known.places and cell.indicator in known.indicators
    return is_one and _reads_many(at, cell.indicator)


@contextmanager
def turn(at: str, cells: Sequence[Cell]) -> Iterator[None]:
    """Waits until no other worker computes over many statements, where that is what is to be done; but not in the midst
    of a question, for whose end everybody else waits."""
    if getattr(_here, "asking", False) or not any(comes_with_others(at, cell) for cell in cells):
        yield
    else:
        with settings.DEPLOYMENT.turn("computing"):
            yield


def city(as_of: AsOf = None) -> City:
    """The city as defined at a moment."""
    return _city(head(as_of))


def city_or_none() -> City | None:
    """The city as defined now; None where nothing has been loaded yet."""
    try:
        return city()
    except Refused:
        return None


@lru_cache(maxsize=20_000)
def expression(at: str, indicator: str, condition: str = "") -> Expression:
    """The formula of an indicator as defined at a head, parsed, and narrowed by a condition.

    Raises:
        Refused: the condition is none, or there is nothing to narrow.
    """
    return with_measure(at, lambda measure: measure.expression(measure.city.indicators[indicator], condition))


@lru_cache(maxsize=HEADS_OPEN)
def _city(at: str) -> City:
    return with_measure(at, lambda measure: measure.city)


def _added(measure: Measure, cells: list[Cell]) -> dict[Cell, Figure]:
    """Figures that were not known, but for those that somebody else has computed since; all are kept."""
    found = {cell: figure for cell in cells if (figure := _figures.get((measure.head, cell))) is not None}
    missing = [cell for cell in cells if cell not in found]
    return found | (_remember(measure.head, _computed(measure, missing)) if missing else {})


def _remember(at: str, figures: dict[Cell, Figure]) -> dict[Cell, Figure]:
    _figures.update({(at, cell): figure for cell, figure in figures.items()})
    while len(_figures) > FIGURES_KEPT:
        _figures.popitem(last=False)
    return figures


def _computed(measure: Measure, cells: list[Cell]) -> dict[Cell, Figure]:
    """Figures that are computed now, with those of other places that come at the same price; these are shared between
    workers."""
    places, bundles = measure.city.places, _bundles(measure.head, cells)

    def made(names: list[str]) -> list[list[Figure]]:
        asked = [replace(bundles[name], place=place) for name in names for place in places]
        found = measure.figures(asked)
        return [found[at : at + len(places)] for at in range(0, len(found), len(places))]

    together = shared.computed(ledger().cache, measure.head, list(bundles), _FIGURES, made)
    found = {figure.cell: figure for each in together.values() for figure in each}
    alone = [cell for cell in cells if cell not in found]
    return found | (dict(zip(alone, measure.figures(alone), strict=True)) if alone else {})


def _bundles(at: str, cells: Iterable[Cell]) -> dict[str, Cell]:
    """The figures that come with those of other places, without their place, by the name under which all are kept."""
    wide = dict.fromkeys(replace(cell, place="") for cell in cells if comes_with_others(at, cell))
    return {f"figures {each!r}": each for each in wide}


@lru_cache(maxsize=20_000)
def _reads_many(at: str, indicator: str) -> bool:
    return with_measure(at, lambda measure: measure.reads_many(indicator))
