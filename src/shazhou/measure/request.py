"""What is asked of the evidence: leaves of formulas over cells, as numbered columns.

Each cell of each request has a number of its own, so that the answers to many requests come back in one table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import chain

import ibis
import pyarrow as pa

from shazhou.city.period import Period
from shazhou.measure.expression import Leaf
from shazhou.measure.figure import Cell
from shazhou.measure.spans import Span


class Cells:
    """Places, industries and periods, side by side. A place may be asked for by its key or by its entity id
    (`place:320582`); ``places`` has the keys, and the ids of all other entities."""

    def __init__(self, places: Iterable[str], industries: Sequence[str], periods: Sequence[str]) -> None:
        self.places = [place.removeprefix("place:") for place in places]
        self.industries = industries
        self.periods = periods
        self._spans: dict[tuple[int, bool], tuple[list[date], list[date]]] = {}

    @classmethod
    def of(cls, cells: Sequence[Cell]) -> Cells:
        """The places, industries and periods of cells; their indicators and kinds are the caller's."""
        return cls(*([getattr(cell, name) for cell in cells] for name in ("place", "industry", "period")))

    def __len__(self) -> int:
        return len(self.periods)

    def spans(self, leaf: Leaf) -> tuple[list[date], list[date]]:
        """First and last days that a leaf reads, cell by cell."""
        when = leaf.years, leaf.cumulative
        if when not in self._spans:
            pairs = [span_of(period, *when) for period in self.periods]
            self._spans[when] = [start for start, _ in pairs], [end for _, end in pairs]
        return self._spans[when]


@dataclass(frozen=True, eq=False)
class Request:
    """A leaf and kind over some cells, numbered from ``first``."""

    leaf: Leaf
    kind: str
    cells: Cells
    first: int

    @property
    def variable(self) -> str:
        """The variable that is read."""
        return self.leaf.aggregate.variable


def requests(asked: Iterable[tuple[Sequence[Leaf], str, Cells]]) -> list[list[Request]]:
    """For each (leaves of a formula, kind, cells) the requests of its leaves, numbered through; a leaf's own kind goes
    before. A leaf that is asked for twice over the same cells is one request."""
    known: dict[tuple[Leaf, str, int], Request] = {}
    found = []
    first = 0
    for leaves, kind, cells in asked:
        mine = []
        for leaf in leaves:
            read = leaf, leaf.aggregate.kind or kind, id(cells)
            if read not in known:
                known[read] = Request(leaf, read[1], cells, first)
                first += len(cells)
            mine.append(known[read])
        found.append(mine)
    return found


class Wanted:
    """The cells of several requests together."""

    def __init__(self, asked: Sequence[Request]) -> None:
        self._asked = asked
        self.variables = sorted({request.variable for request in asked})
        self.places = sorted(set(chain.from_iterable(request.cells.places for request in asked)))
        self.industries = sorted(set(chain.from_iterable(request.cells.industries for request in asked)))
        spans = (zip(*request.cells.spans(request.leaf), strict=True) for request in asked)
        self.spans: list[Span] = sorted(set(chain.from_iterable(spans)))

    def by_place(self) -> ibis.Table:
        """Columns number, variable, at_place, at_industry, start, end."""
        return self._table({"at_place": "places", "at_industry": "industries"}, lambda place: place)

    def by_entity(self, canonical: Callable[[str], str]) -> ibis.Table:
        """Columns number, variable, entity, industry, start, end; ``canonical`` gives the entity that a merged one is
        part of."""
        return self._table(
            {"entity": "places", "industry": "industries"},
            lambda place: canonical(place if ":" in place else f"place:{place}"),
        )

    def _table(self, names: dict[str, str], of_place: Callable[[str], str]) -> ibis.Table:
        numbers = chain.from_iterable(range(each.first, each.first + len(each.cells)) for each in self._asked)
        variables = chain.from_iterable([each.variable] * len(each.cells) for each in self._asked)
        place, industry = names
        spans = [each.cells.spans(each.leaf) for each in self._asked]
        known = {each: of_place(each) for each in self.places}
        places = (known[each] for request in self._asked for each in request.cells.places)
        columns = {
            "number": pa.array(numbers, pa.int64()),
            "variable": pa.array(variables, pa.string()),
            place: pa.array(places, pa.string()),
            industry: pa.array(chain.from_iterable(each.cells.industries for each in self._asked), pa.string()),
            "start": pa.array(chain.from_iterable(starts for starts, _ in spans), pa.date32()),
            "end": pa.array(chain.from_iterable(ends for _, ends in spans), pa.date32()),
        }
        return ibis.memtable(pa.table(columns))


@cache
def span_of(period: str, years: int, cumulative: bool) -> Span:
    """The span that a leaf reads for a period: so many years later, and from 1 January where cumulative."""
    shifted = Period.parse(period).shifted_years(years)
    return (date(shifted.start.year, 1, 1) if cumulative else shifted.start), shifted.end
