"""Who puts what into the totals of one quantity, over several heads, as columns and rows of a system of equations.

Entities that go into exactly the same totals are a *class*: no subtraction can tell its members apart, so the sums of
classes are the unknowns of whoever subtracts. A class has one unknown for each *part* that its totals can be taken
apart into: for a flow the spans between all beginnings and ends of the periods concerned, otherwise the statement that
counts. What a correction changed is an unknown of its own: a total before it and one after it share the rest.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from shazhou.city.model import City
from shazhou.measure.disclosure_table import Total, after
from shazhou.measure.expression import Aggregate

Values = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Read:
    """What was read of one aggregate at one head (its number): a table as of `Measure.contributions`."""

    aggregate: Aggregate
    head: int
    table: pa.Table
    city: City


class Unknown(NamedTuple):
    """A column: values of the members of a class for a part, or what a correction changed of it."""

    of: int
    values: Values
    change: bool


class Level(NamedTuple):
    """Values that the members of a class state or have stated: what must not be told. ``columns`` sum up to it."""

    of: int
    columns: tuple[int, ...]
    values: Values


class Row(NamedTuple):
    """A total at a head: the columns that sum up to it, and the values of all who contribute."""

    total: Total
    head: int
    columns: frozenset[int]
    values: Values


@dataclass
class System:
    """Columns, levels, and for each class its totals with the columns of each. ``floors`` are the levels of corrected
    parts, which can no more be negative than any other."""

    unknowns: list[Unknown] = field(default_factory=list)
    levels: dict[tuple[int, ...], Level] = field(default_factory=dict)
    floors: list[Level] = field(default_factory=list)
    parts: dict[tuple[Total, int], list[tuple[tuple[int, ...], Values]]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def rows(self) -> list[Row]:
        """All totals."""
        return [
            Row(
                total,
                head,
                frozenset(c for columns, _ in found for c in columns),
                np.concatenate([v for _, v in found]),
            )
            for (total, head), found in self.parts.items()
        ]

    def column(self, of: int, values: Values, change: bool) -> int:
        """A new column."""
        self.unknowns.append(Unknown(of, values, change))
        return len(self.unknowns) - 1

    def level(self, of: int, columns: tuple[int, ...], values: Values) -> None:
        """What columns sum up to, once."""
        self.levels.setdefault(tuple(sorted(columns)), Level(of, columns, values))


def system(reads: Sequence[Read], flow: bool, same: Mapping[str, str]) -> System:
    """The system of equations of a quantity.

    Args:
        reads: what was read, aggregate by aggregate and head by head.
        flow: the values of parts of a span add up to the value of the span.
        same: entities that turned out to be another one.
    """
    entries = _Entries(reads, same)
    found = System()
    cuts = _Cuts(entries.spans) if flow else None
    for number, block in enumerate(entries.classes()):
        _add(found, number, block, entries, cuts)
    return found


class _Block(NamedTuple):
    """The entries of a class: ``rows`` tells aggregate and head (number of the read), span, base and slot of each;
    ``values`` has a line for each member."""

    rows: Whole
    values: Values


class _Entries:
    """All contributions as numbers: read, span, base (place and industries), slot and entity."""

    def __init__(self, reads: Sequence[Read], same: Mapping[str, str]) -> None:
        self.reads = reads
        tables = [each.table for each in reads]
        whole = pa.concat_tables(tables)
        read = np.repeat(np.arange(len(reads)), [each.num_rows for each in tables])
        spans = list(zip(whole.column("start").to_pylist(), whole.column("end").to_pylist(), strict=True))
        bases = list(zip(whole.column("member").to_pylist(), whole.column("industries").to_pylist(), strict=True))
        entities = [same.get(each, each) for each in whole.column("entity").to_pylist()]
        self.spans, span = _numbered(spans)
        self.bases, base = _numbered(bases)
        _, entity = _numbered(entities)
        refs = whole.column("ref").to_numpy()
        value = np.array([float(each) for each in whole.column("value").to_pylist()], np.float64)
        heads = np.array([each.head for each in reads], np.int64)[read] if len(read) else read
        self._entity, self._value = entity, value
        self._rows = np.column_stack([read, span, base, _slots(entity, heads, refs, span, _order(self.spans))])

    def classes(self) -> list[_Block]:
        """Entities that go into the same totals, together."""
        if not len(self._rows):
            return []
        _, code = np.unique(self._rows, axis=0, return_inverse=True)
        weights = np.random.default_rng(0).integers(0, 2**63, code.max() + 1, dtype=np.uint64)
        order = np.lexsort((code, self._entity))
        starts = np.flatnonzero(np.diff(self._entity[order], prepend=-1))
        sums = np.add.reduceat(weights[code[order]], starts)
        counts = np.diff(np.append(starts, len(order)))
        _, alike = np.unique(np.column_stack([sums, counts.astype(np.uint64)]), axis=0, return_inverse=True)
        found = []
        for members in _groups(alike):
            lines = [order[starts[each] : starts[each] + counts[each]] for each in members]
            found.append(_Block(self._rows[lines[0]], self._value[np.array(lines)]))
        return found


class _Cuts:
    """The spans between all beginnings and ends of some periods."""

    def __init__(self, spans: Sequence[tuple[date, date]]) -> None:
        days = sorted({each for start, end in spans for each in (start.toordinal(), after(end).toordinal())})
        at = {day: number for number, day in enumerate(days)}
        self._parts = [range(at[start.toordinal()], at[after(end).toordinal()]) for start, end in spans]

    def parts(self, span: int) -> range:
        """The pieces that make up a span."""
        return self._parts[span]

    def apart(self, values: Mapping[int, Values]) -> dict[int, Values]:
        """Values of spans taken apart: what is told of a part counts there, the rest is spread evenly."""
        found: dict[int, Values] = {}
        for span in sorted(values, key=lambda each: len(self._parts[each])):
            known = [found[part] for part in self._parts[span] if part in found]
            unknown = [part for part in self._parts[span] if part not in found]
            rest = values[span] - (np.sum(known, axis=0) if known else 0.0)
            for part in unknown:
                found[part] = np.where(np.sign(rest) == np.sign(values[span]), rest, 0.0) / len(unknown)
        return found


def _add(found: System, of: int, block: _Block, entries: _Entries, cuts: _Cuts | None) -> None:
    made: dict[int, list[int]] = {}
    versions: dict[int, list[Values]] = {}
    heads = sorted({entries.reads[read].head for read in block.rows[:, 0]})
    for head in heads:
        mine = [k for k, row in enumerate(block.rows) if entries.reads[row[0]].head == head]
        told = {int(block.rows[k][1]): block.values[:, k] for k in mine}
        slot = {int(block.rows[k][1]): int(block.rows[k][3]) for k in mine}
        apart = cuts.apart(told) if cuts is not None else {slot[span]: value for span, value in told.items()}
        for part, values in apart.items():
            if part not in made:
                made[part], versions[part] = [found.column(of, values, change=False)], [values]
            elif not np.array_equal(values, versions[part][-1]):
                made[part] = [*made[part], found.column(of, values - versions[part][-1], change=True)]
                for number, before in enumerate(versions[part], 1):
                    found.level(of, tuple(made[part][number:]), values - before)
                found.floors.append(Level(of, tuple(made[part]), values))
                versions[part].append(values)
        for k in mine:
            read, span, base, _slot = (int(each) for each in block.rows[k])
            parts = cuts.parts(span) if cuts is not None else [slot[span]]
            columns = tuple(column for part in parts for column in made[part])
            found.level(of, columns, told[span])
            _put(found, entries, read, span, base, columns, block.values[:, k])


def _put(
    found: System, entries: _Entries, read: int, span: int, base: int, columns: tuple[int, ...], values: Values
) -> None:
    of = entries.reads[read]
    member, industries = entries.bases[base]
    for place in above(of.city, member):
        for industry in ("", *filter(None, industries.split("|"))):
            found.parts[Total(of.aggregate, place, industry, *entries.spans[span]), of.head].append((columns, values))


def above(city: City, place: str) -> list[str]:
    """A place and those that it lies in."""
    found: list[str] = []
    while place in city.places and place not in found:
        found.append(place)
        place = city.places[place].parent
    return found


def _slots(entity: Whole, heads: Whole, refs: Whole, span: Whole, rank: Whole) -> Whole:
    """For each entry the shortest, then the first span for which the same statement of the same entity counts at that
    head: as a rule that of the statement itself."""
    if not len(entity):
        return entity
    order = np.lexsort((rank[span], refs, heads, entity))
    keys = np.column_stack([entity, heads, refs])[order]
    first = np.concatenate([[True], np.any(np.diff(keys, axis=0) != 0, axis=1)])
    found = np.empty_like(span)
    found[order] = span[order][np.maximum.accumulate(np.where(first, np.arange(len(order)), 0))]
    return found


def _order(spans: Sequence[tuple[date, date]]) -> Whole:
    """The rank of each span: the shortest first, of equal ones the earliest."""
    ranked = sorted(range(len(spans)), key=lambda each: (_length(spans[each]), spans[each]))
    found = np.empty(len(spans), np.int64)
    found[ranked] = np.arange(len(spans))
    return found


def _length(span: tuple[date, date]) -> int:
    days = (span[1] - span[0]).days
    return 364 if days == 365 else days


def _numbered(values: Sequence[Any]) -> tuple[list[Any], Whole]:
    known = {value: number for number, value in enumerate(dict.fromkeys(values))}
    return list(known), np.array([known[value] for value in values], np.int64)


def _groups(numbers: Whole) -> list[Whole]:
    order = np.argsort(numbers, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(numbers[order])) + 1)
