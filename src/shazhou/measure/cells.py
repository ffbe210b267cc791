"""The cells that are asked for, as columns: places, industries and periods, with their spans for each leaf."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from functools import cache, cached_property

import ibis
import pyarrow as pa

from shazhou.city.period import Period
from shazhou.measure.expression import Leaf
from shazhou.measure.figure import Cell
from shazhou.measure.spans import Span


class Cells:
    """Cells by number, from 0. A period is parsed once, however many cells have it."""

    def __init__(self, places: Sequence[str], industries: Sequence[str], periods: Sequence[str]) -> None:
        self.places = places
        self.industries = industries
        self.periods = periods

    @classmethod
    def of(cls, cells: Sequence[Cell]) -> Cells:
        """The places, industries and periods of cells; their indicators and kinds are the caller's."""
        return cls(*([getattr(cell, name) for cell in cells] for name in ("place", "industry", "period")))

    def __len__(self) -> int:
        return len(self.periods)

    @cached_property
    def distinct_places(self) -> list[str]:
        """Every place once."""
        return sorted(set(self.places))

    @cached_property
    def distinct_industries(self) -> list[str]:
        """Every industry once; empty stands for all together."""
        return sorted(set(self.industries))

    def spans(self, leaf: Leaf) -> list[Span]:
        """The distinct spans that a leaf reads."""
        return sorted({span_of(period, leaf.years, leaf.cumulative) for period in set(self.periods)})

    def spans_of(self, leaves: Sequence[Leaf]) -> list[Span]:
        """The distinct spans where each cell has a leaf of its own."""
        pairs = {(period, leaf.years, leaf.cumulative) for period, leaf in zip(self.periods, leaves, strict=True)}
        return sorted({span_of(*pair) for pair in pairs})

    def placed(self, leaf: Leaf) -> ibis.Table:
        """Columns cell, at_place, at_industry, start, end for one leaf."""
        starts, ends = _columns(span_of(period, leaf.years, leaf.cumulative) for period in self.periods)
        columns = {"at_place": self.places, "at_industry": self.industries}
        return ibis.memtable(self._table(columns, starts, ends))

    def stated(self, leaves: Sequence[Leaf], variables: Sequence[str]) -> ibis.Table:
        """Columns cell, variable, entity, industry, start, end where each cell has a leaf and variable of its own."""
        pairs = zip(self.periods, leaves, strict=True)
        starts, ends = _columns(span_of(period, leaf.years, leaf.cumulative) for period, leaf in pairs)
        entities = [place if ":" in place else f"place:{place}" for place in self.places]
        columns = {"variable": variables, "entity": entities, "industry": self.industries}
        return ibis.memtable(self._table(columns, starts, ends))

    def _table(self, columns: dict[str, Sequence[str]], starts: list[date], ends: list[date]) -> pa.Table:
        texts = {name: pa.array(column, pa.string()) for name, column in columns.items()}
        spans = {"start": pa.array(starts, pa.date32()), "end": pa.array(ends, pa.date32())}
        return pa.table({"cell": pa.array(range(len(self)), pa.int64()), **texts, **spans})


@cache
def span_of(period: str, years: int, cumulative: bool) -> Span:
    """The span that a leaf reads for a period: so many years later, and from 1 January where cumulative."""
    shifted = Period.parse(period).shifted_years(years)
    return (date(shifted.start.year, 1, 1) if cumulative else shifted.start), shifted.end


def _columns(spans: Iterable[Span]) -> tuple[list[date], list[date]]:
    pairs = list(spans)
    return [start for start, _ in pairs], [end for _, end in pairs]
