"""The attacker: what can be learned of one enterprise from totals, by subtraction and by what cannot be negative.

Whoever knows some totals knows that the unknowns (`shazhou.measure.disclosure_contributions`) fulfil their equations.
The values that one of them can still have are found by linear programming, in deviations from the truth: of all
deviations that leave every total as it is and make nothing negative, the one that raises a level the furthest. Where
that is less than the level needs for its protection, the solution's multipliers name the totals that give it away, and
the least useful of these is withheld. That is repeated until nothing can be learned; a total once published is never
taken back.

The attacker may also be one of the contributors. In a class of several, their value is what the class can at least
have; one who is a class of their own knows its unknowns exactly, and each of those is tried.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.float64]

REACHED = 1 - 1e-6
"""Share of what a level needs that counts as all of it: the solver's accuracy."""

UNMOVED = 1e-9

INFINITE = float("inf")

RESTORING = 1_000
"""Programs solved after which no withheld total is tried once more."""

FEW, TRIES = 4, 3
"""Needs that are met one by one; fruitless attempts to meet many together."""


@dataclass(frozen=True)
class Need:
    """By how much a sum of columns must be able to deviate: upwards where positive, else downwards. ``of`` is the class
    whose members are protected."""

    of: int
    columns: tuple[int, ...]
    amount: float


@dataclass(frozen=True)
class Bounds:
    """How far columns, or sums of them, can deviate from the truth."""

    columns: tuple[int, ...]
    lower: float
    upper: float


@dataclass
class Published:
    """The columns of a total that may become known. ``fixed``: it has been published before. ``worth``: the higher, the
    longer it is kept."""

    columns: tuple[int, ...]
    worth: tuple[int, ...]
    fixed: bool
    with_: list[int] = field(default_factory=list)
    """Where it is withheld: the other totals with which it gives somebody away."""


def withheld(
    scales: Values,
    bounds: Sequence[Bounds],
    needs: Sequence[Need],
    alone: Iterable[Sequence[int]],
    totals: list[Published],
) -> set[int]:
    """The numbers of the totals that must not be published.

    Args:
        scales: a typical size of each column.
        bounds: how far columns can deviate; at least one for each.
        needs: what must stay unknown.
        alone: the columns of each class that is a single contributor.
        totals: what may become known; ``with_`` of those withheld is filled in.
    """
    if not needs or not totals:
        return set()
    program = _Program(scales, bounds, needs, totals)
    program.secure(program.others(()), ())
    attackers = [(), *alone]
    for columns in attackers[1:]:
        program.secure([k for k in program.others(columns) if not program.seen(k, columns)], columns)
    for total in sorted(program.dropped, key=lambda k: totals[k].worth, reverse=True):
        program.restore(total, attackers)
    return program.dropped


class _Program:
    """The linear program: deviations of the columns, in units of their scale, and for each need the share of it that
    they reach. Rows: totals, sums with bounds, needs."""

    def __init__(
        self, scales: Values, bounds: Sequence[Bounds], needs: Sequence[Need], totals: list[Published]
    ) -> None:
        self._scales, self._needs, self._totals = scales, needs, totals
        self.dropped: set[int] = set()
        self._found: list[tuple[Values, npt.NDArray[np.bool_]]] = []
        single = {each.columns[0]: each for each in bounds if len(each.columns) == 1}
        self._lower = np.array([single[k].lower / scale for k, scale in enumerate(scales)])
        self._upper = np.array([single[k].upper / scale for k, scale in enumerate(scales)])
        # Loaded only where a release is decided. The class beneath `highspy.Highs`: that one prints when it is made.
        from highspy import _core as solver

        self._optimal = solver.HighsModelStatus.kOptimal
        self._solved = 0
        self._highs = solver._Highs()
        self._highs.setOptionValue("output_flag", False)
        self._highs.setOptionValue("threads", 1)
        sums = [each for each in bounds if len(each.columns) > 1]
        self._first_need = len(totals) + len(sums)
        self._highs.passModel(self._model(solver, sums))
        self._asked = set(range(len(needs)))
        self._flat = np.concatenate([each.columns for each in needs])
        self._starts = np.cumsum([0, *(len(each.columns) for each in needs[:-1])])
        self._amounts = np.array([each.amount for each in needs])
        self._cause: dict[int, tuple[int, Sequence[int]]] = {}

    def others(self, known: Sequence[int]) -> list[int]:
        """The needs of those whose own columns are not among some."""
        return [k for k, need in enumerate(self._needs) if set(known).isdisjoint(need.columns)]

    def restore(self, total: int, attackers: Sequence[Sequence[int]]) -> None:
        """Publishes a withheld total after all where every need is still met: others were withheld since."""
        if self._solved > RESTORING:
            return
        before = self._found
        need, known = self._cause[total]
        columns = list(self._totals[total].columns)
        holding = [each for each in before if abs(each[0][columns] @ self._scales[columns]) <= self._slack(columns)]
        self._found = list(holding)
        self._highs.changeRowBounds(total, 0.0, 0.0)
        if self._all_met(known, [need]) and all(self._all_met(each, self.others(each)) for each in attackers):
            self.dropped.discard(total)
        else:
            self._highs.changeRowBounds(total, -INFINITE, INFINITE)
            self._found = before + self._found[len(holding) :]

    def _all_met(self, known: Sequence[int], asked: Iterable[int]) -> bool:
        self._know(known, True)
        met = all(need in self._met([need]) for need in asked if not self.seen(need, known))
        self._know(known, False)
        return met

    def _slack(self, columns: list[int]) -> float:
        return 1e-7 * float(self._scales[columns].min())

    def secure(self, asked: Iterable[int], known: Sequence[int]) -> None:
        """Withholds totals until every need asked for is met although some columns are known."""
        self._know(known, True)
        waiting = self._met_together(list(asked))
        while waiting:
            need = waiting.pop(0)
            while need not in self._met([need]) and self._drop(need, known):
                pass
            waiting = [each for each in waiting if not self.seen(each, known)]
        self._know(known, False)

    def _met_together(self, waiting: list[int]) -> list[int]:
        """The needs that are left when many have been met at once: half of them, drawn at random, may only rise, and
        the others make up for it."""
        chance = np.random.default_rng(len(waiting))
        fruitless = 0
        while len(waiting) > FEW and fruitless < TRIES:
            half = [each for each in waiting if chance.random() < 0.5]
            met = self._met(half) if half else set()
            waiting = [each for each in waiting if not self._found or not self._found[-1][1][each] or not met]
            fruitless = 0 if met else fruitless + 1
        return waiting

    def seen(self, need: int, known: Sequence[int]) -> bool:
        """Whether a deviation that has been found meets a need and leaves some columns as they are."""
        return any(met[need] and np.all(np.abs(moved[list(known)]) <= UNMOVED) for moved, met in self._found)

    def _met(self, asked: Sequence[int]) -> set[int]:
        """Which of some needs are met by the deviation that meets the most of them."""
        self._ask(set(asked))
        self._highs.run()
        self._solved += 1
        if self._highs.getModelStatus() != self._optimal:
            # Nobody may be given away because the solver gave up.
            raise ArithmeticError(f"no solution: {self._highs.getModelStatus()}")
        solution = self._highs.getSolution()
        moved = np.clip(np.array(solution.col_value)[: len(self._scales)], self._lower, self._upper)
        self._duals = np.array(solution.row_dual)[: len(self._totals)]
        met = np.add.reduceat((moved * self._scales)[self._flat], self._starts) / self._amounts >= REACHED
        if met.any():
            self._found.append((moved, met))
        return {need for need in asked if met[need]}

    def _ask(self, asked: set[int]) -> None:
        for need in asked ^ self._asked:
            wanted = need in asked
            self._highs.changeColCost(len(self._scales) + need, 1.0 if wanted else 0.0)
            self._highs.changeRowBounds(self._first_need + need, 0.0 if wanted else -INFINITE, INFINITE)
        self._asked = asked

    def _drop(self, need: int, known: Sequence[int]) -> bool:
        """Withholds the least useful of the totals that gave a need away, the last one asked for; False where there
        is none."""
        used = [int(k) for k in np.flatnonzero(np.abs(self._duals) > UNMOVED) if k not in self.dropped]
        free = [k for k in used if not self._totals[k].fixed]
        if not free:
            return False
        least = min(free, key=lambda k: self._totals[k].worth)
        self._totals[least].with_ = [k for k in used if k != least]
        self._cause[least] = need, known
        self.dropped.add(least)
        self._highs.changeRowBounds(least, -INFINITE, INFINITE)
        return True

    def _know(self, columns: Sequence[int], known: bool) -> None:
        for each in columns:
            lower, upper = (0.0, 0.0) if known else (self._lower[each], self._upper[each])
            self._highs.changeColBounds(int(each), lower, upper)

    def _model(self, solver: Any, sums: Sequence[Bounds]) -> Any:
        scales, columns = self._scales, len(self._scales)
        starts, index = [0], list[int]()
        value, low, high = list[float](), list[float](), list[float]()

        def row(of: Sequence[int], unit: float, lower: float, upper: float, share: int | None = None) -> None:
            index.extend(of)
            value.extend(scales[list(of)] / unit)
            if share is not None:
                index.append(share)
                value.append(-1.0)
            starts.append(len(index))
            low.append(lower)
            high.append(upper)

        for total in self._totals:
            row(total.columns, float(scales[list(total.columns)].min()), 0.0, 0.0)
        for each in sums:
            unit = float(scales[list(each.columns)].min())
            row(each.columns, unit, each.lower / unit, each.upper / unit)
        for number, need in enumerate(self._needs):
            row(need.columns, need.amount, 0.0, INFINITE, columns + number)
        model = solver.HighsLp()
        count = len(self._needs)
        model.num_col_, model.num_row_ = columns + count, len(low)
        model.col_cost_ = np.concatenate([np.zeros(columns), np.ones(count)])
        model.col_lower_ = np.concatenate([self._lower, np.zeros(count)])
        model.col_upper_ = np.concatenate([self._upper, np.ones(count)])
        model.row_lower_, model.row_upper_ = np.array(low), np.array(high)
        model.a_matrix_.format_ = solver.MatrixFormat.kRowwise
        model.a_matrix_.start_ = np.array(starts, np.int32)
        model.a_matrix_.index_ = np.array(index, np.int32)
        model.a_matrix_.value_ = np.array(value, np.float64)
        model.sense_ = solver.ObjSense.kMaximize
        return model
