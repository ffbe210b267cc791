"""Disclosure control: which figures of unpublished evidence can be published at a head without giving anybody away.

    clearance(measure, [Earlier(head, cells), …]).cleared

A total is unsafe by itself where it has too few contributors, or where one of them could be told from it: by anybody,
or by the contributor who comes next and takes their own value away (the city's rule of release; the p% rule). A total
that is safe by itself is withheld where others, of this release or of an earlier one, give somebody away with it. What
is guaranteed, what is not, and where the method comes from: docs/disclosure.md.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from shazhou.city.model import ReleaseRule
from shazhou.measure.disclosure_attack import INFINITE, Bounds, Need, Published, withheld
from shazhou.measure.disclosure_contributions import Level, Read, Row, System, Unknown, system
from shazhou.measure.disclosure_table import Closed, Mode, Quantity, Table, Total, worth
from shazhou.measure.expression import Aggregate, variables
from shazhou.measure.figure import Cell
from shazhou.measure.measure import Measure
from shazhou.measure.spans import Span

Values = npt.NDArray[np.float64]

Reason = Literal["", "few", "dominated", "alike", "subtraction"]
"""Why a figure is withheld: too few contributors; one of them makes up nearly all of it; all of them pass a test, or
none does (or all are zero); it would give somebody away together with others."""


class Earlier(NamedTuple):
    """An earlier release: its head and the cells that it cleared."""

    head: str
    cells: Sequence[Cell]


@dataclass(frozen=True)
class Decision:
    """What becomes of a figure. ``kept``: an earlier release cleared it, and that figure stays as it is. ``with_``:
    what gives somebody away together with it."""

    cell: Cell
    reason: Reason
    kept: bool
    with_: tuple[Total, ...]

    @property
    def cleared(self) -> bool:
        """Whether it is published."""
        return not self.reason


@dataclass(frozen=True)
class Clearance:
    """What a release of a head publishes and withholds of the figures that rest on closed evidence. ``unfit``:
    indicators no figure of which is ever cleared, since they tell single values."""

    head: str
    decisions: tuple[Decision, ...]
    unfit: tuple[str, ...]

    @property
    def cleared(self) -> list[Cell]:
        """The cells that are published."""
        return [each.cell for each in self.decisions if each.cleared]


class _Verdict(NamedTuple):
    reason: Reason
    with_: tuple[Total, ...] = ()


def clearance(measure: Measure, earlier: Sequence[Earlier] = ()) -> Clearance:
    """Decides on every figure of a measure that rests on closed evidence, in the light of all earlier releases."""
    closed = Closed(measure)
    measures = [*(Measure(measure.ledger, each.head) for each in earlier), measure]
    tables = [Table(each, closed) for each in measures]
    cells = tables[-1].cells() if closed.of_entities or closed.of_places else []
    asked = [[*each.cells] for each in earlier] + [cells]
    told: dict[Quantity, dict[int, set[Total]]] = defaultdict(lambda: defaultdict(set))
    for head, (table, some) in enumerate(zip(tables, asked, strict=True)):
        for cell in some:
            for quantity, total in table.totals(cell):
                told[quantity][head].add(total)
    verdicts: dict[tuple[Quantity, Total], _Verdict] = {}
    for quantity, totals in told.items():
        judged = _Judgement(measures, closed, quantity, totals).verdicts()
        verdicts |= {(quantity, total): verdict for total, verdict in judged.items()}
    known = {cell for each in earlier for cell in each.cells}
    unfit = tuple(indicator for indicator in measure.city.indicators if tables[-1].unfit(indicator))
    decided = (
        _decided(cell, tables[-1].totals(cell), verdicts, known) for cell in cells if cell.indicator not in unfit
    )
    return Clearance(measure.head, tuple(each for each in decided if each is not None), unfit)


def _decided(
    cell: Cell,
    totals: Sequence[tuple[Quantity, Total]],
    verdicts: Mapping[tuple[Quantity, Total], _Verdict],
    known: set[Cell],
) -> Decision | None:
    found = [verdicts[each] for each in totals if each in verdicts]
    if not found:
        return None
    worst = next((each for each in found if each.reason), found[0])
    return Decision(cell, worst.reason, bool(worst.reason) and cell in known, worst.with_)


class _Judgement:
    """Judges the totals of one quantity; the last measure is that of the release."""

    def __init__(
        self, measures: Sequence[Measure], closed: Closed, quantity: Quantity, totals: Mapping[int, set[Total]]
    ) -> None:
        self._now = len(measures) - 1
        self._city = measures[-1].city
        self._mode: Mode = quantity.mode
        self._rule = _Rule(self._city.release, quantity.mode)
        self._totals = totals
        self._system = self._read(measures, closed, quantity)

    def verdicts(self) -> dict[Total, _Verdict]:
        """A verdict on each total of the release to which there are contributions."""
        groups: dict[frozenset[int], list[Row]] = defaultdict(list)
        for row in self._system.rows():
            if row.total in self._totals.get(row.head, ()):
                groups[row.columns].append(row)
        found: dict[Total, _Verdict] = {}
        audited = []
        for rows in groups.values():
            known = any(row.head < self._now for row in rows)
            reason = "" if known else self._rule.reason(rows[0].values)
            found |= {row.total: _Verdict(reason) for row in rows if row.head == self._now}
            if not reason:
                audited.append((rows, known))
        if self._mode != "presence":
            for rows, others in self._given_away(audited):
                found |= {row.total: _Verdict("subtraction", others) for row in rows}
        return found

    def _read(self, measures: Sequence[Measure], closed: Closed, quantity: Quantity) -> System:
        # Every span is read at every head, whether its total was published there or not: only so is it known what a
        # correction changed.
        spans: dict[Aggregate, set[Span]] = defaultdict(set)
        for total in set().union(*self._totals.values()):
            spans[total.aggregate].add((total.start, total.end))
        reads = []
        for head in sorted(self._totals):
            for aggregate, some in sorted(spans.items(), key=repr):
                if _defines(measures[head], aggregate):
                    open_to = closed.open_to(quantity.variable)
                    table = measures[head].contributions(aggregate, quantity.kind, some, open_to)
                    table = table.sort_by([(name, "ascending") for name in ("entity", "start", "end")])
                    reads.append(Read(aggregate, head, table, measures[head].city))
        entities = {each for read in reads for each in read.table.column("entity").unique().to_pylist()}
        same = {each: measures[-1].canonical(each) for each in entities}
        return system(reads, self._city.variables[quantity.variable].measure == "flow", same)

    def _given_away(self, audited: Sequence[tuple[list[Row], bool]]) -> Iterable[tuple[list[Row], tuple[Total, ...]]]:
        """The totals that are withheld, with those that give somebody away together with them."""
        needs = [
            need for level in self._system.levels.values() for need in self._rule.needs(level, self._system.unknowns)
        ]
        bounds = [self._rule.bounds((k,), each.values, each.change) for k, each in enumerate(self._system.unknowns)]
        sums = [self._rule.bounds(each.columns, each.values, False) for each in self._system.floors]
        linked = [tuple(rows[0].columns) for rows, _ in audited]
        linked += [each.columns for each in needs] + [each.columns for each in sums]
        components = _components(len(bounds), linked)
        parts: dict[int, list[int]] = defaultdict(list)
        for number, (rows, _) in enumerate(audited):
            parts[components[next(iter(rows[0].columns))]].append(number)
        for component, numbers in parts.items():
            columns = np.flatnonzero(components == component)
            at = {int(column): place for place, column in enumerate(columns)}
            totals = [self._published(audited[number], at) for number in numbers]
            dropped = withheld(
                np.array([self._rule.scale(self._system.unknowns[column].values) for column in columns]),
                [_moved(each, at) for each in (*bounds, *sums) if each.columns[0] in at],
                [Need(each.of, _placed(each.columns, at), each.amount) for each in needs if each.columns[0] in at],
                _alone(self._system.unknowns, columns),
                totals,
            )
            for number in sorted(dropped):
                rows = [row for row in audited[numbers[number]][0] if row.head == self._now]
                others = [audited[numbers[other]][0][0].total for other in totals[number].with_]
                yield rows, tuple(others)

    def _published(self, audited: tuple[list[Row], bool], at: Mapping[int, int]) -> Published:
        rows, known = audited
        most = max(worth(self._city, row.total) for row in rows)
        return Published(_placed(sorted(rows[0].columns), at), most, known)


class _Rule:
    """The city's rule of release, for sums of values or for counts of those who pass a test."""

    def __init__(self, rule: ReleaseRule, mode: Mode) -> None:
        self._contributors = rule.contributors
        self._p = float((1 - rule.largest_share) / rule.largest_share)
        self._mode = mode

    def reason(self, values: Values) -> Reason:
        """Why a total of these values is unsafe by itself."""
        if len(values) < self._contributors:
            return "few"
        if self._mode == "passes":
            passing = values.sum()
            return "alike" if passing < 2 or len(values) - passing < 2 else ""
        if self._mode == "presence":
            return ""
        if not values.any():
            return "alike"
        return "dominated" if self._lacking(values) > 0 else ""

    def needs(self, level: Level, unknowns: Sequence[Unknown]) -> list[Need]:
        """By how much a level must be able to deviate so that none of its members is told."""
        values = level.values
        change = all(unknowns[column].change for column in level.columns)
        if self._mode == "passes":
            passing, count = values.sum(), len(values)
            up = [1.0] if passing < 2 and passing < count else []
            down = [-1.0] if count - passing < 2 and passing > 0 else []
            return [] if change else [Need(level.of, level.columns, amount) for amount in (*up, *down)]
        sizes = np.abs(values)
        amount = self._lacking(values)
        if len(values) < self._contributors:
            amount = max(amount, self._p * sizes.sum())
        if not sizes.any() and not change:
            amount = self._p * self.scale(values)
        return [Need(level.of, level.columns, amount)] if amount > 1e-9 * sizes.sum() else []

    def bounds(self, columns: tuple[int, ...], values: Values, change: bool) -> Bounds:
        """How far columns with these values can deviate: nobody's value is negative, and the largest is known to its
        owner."""
        if self._mode == "passes":
            passing, count = float(values.sum()), len(values)
            return Bounds(columns, -count, count) if change else Bounds(columns, -passing, count - passing)
        sizes = np.abs(values)
        known = float(sizes.max()) if len(sizes) > 1 else 0.0
        return Bounds(columns, known - float(sizes.sum()), INFINITE)

    def scale(self, values: Values) -> float:
        """A typical size of values; for nothing but zeros the least that is told apart from them."""
        return 1.0 if self._mode == "passes" else max(float(np.abs(values).max()), 1.0)

    def _lacking(self, values: Values) -> float:
        """What the small values lack for the owner of the second largest not to learn the largest."""
        sizes = np.sort(np.abs(values))[::-1]
        second = sizes[1] if len(sizes) > 1 else 0.0
        return float((1 + self._p) * sizes[0] + second - sizes.sum())


def _defines(measure: Measure, aggregate: Aggregate) -> bool:
    named = {aggregate.variable, *variables(aggregate.test), *variables(aggregate.where)}
    return named <= measure.city.variables.keys()


def _components(count: int, linked: Iterable[Sequence[int]]) -> npt.NDArray[np.int64]:
    """The number of the connected part that each column belongs to."""
    parent = list(range(count))

    def root(column: int) -> int:
        while parent[column] != column:
            parent[column] = parent[parent[column]]
            column = parent[column]
        return column

    for columns in linked:
        first = root(columns[0])
        for column in columns[1:]:
            parent[root(column)] = first
    return np.array([root(column) for column in range(count)], np.int64)


def _alone(unknowns: Sequence[Unknown], columns: Iterable[int]) -> list[list[int]]:
    """The columns, by their place, of each class that is a single contributor."""
    found: dict[int, list[int]] = defaultdict(list)
    for place, column in enumerate(columns):
        if len(unknowns[column].values) == 1:
            found[unknowns[column].of].append(place)
    return list(found.values())


def _moved(bounds: Bounds, at: Mapping[int, int]) -> Bounds:
    return Bounds(_placed(bounds.columns, at), bounds.lower, bounds.upper)


def _placed(columns: Iterable[int], at: Mapping[int, int]) -> tuple[int, ...]:
    return tuple(at[column] for column in columns)
