"""An attacker who holds everything that was published, knows who reports what from where, and can solve equations.

It shares no code with the defence: it reads the deliveries by itself, gives itself more than was published (a quotient
counts as both of its totals), and takes its own returns into account where it is an enterprise.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import highspy
import numpy as np
from highspy import _core
from small_city import INDUSTRIES, PLACES

from shazhou.measure.figure import Cell

QUARTER = {"2021-Q1": ("2021-01", "2021-02", "2021-03")}
YEAR = "2021"


class Unknown(NamedTuple):
    """What a firm returned of a variable for a month, in the so-many-th version."""

    firm: str
    variable: str
    month: str
    version: int


class State:
    """What stands at a head: the newest value of each return with its version, and the attributes."""

    def __init__(self) -> None:
        self.values: dict[tuple[str, str, str], tuple[Any, int]] = {}

    def after(self, delivery: Iterable[dict[str, Any]]) -> State:
        found = State()
        found.values = dict(self.values)
        for row in delivery:
            key = row["entity"], row["variable"], row["period"]
            content = row.get("value", row.get("text"))
            old = found.values.get(key)
            if old is None or old[0] != content:
                found.values[key] = content, 0 if old is None else old[1] + 1
        return found

    def attribute(self, firm: str, variable: str) -> str:
        found = [value for (who, what, _), (value, _) in self.values.items() if (who, what) == (firm, variable)]
        return str(found[-1]) if found else "city"

    def firms(self) -> list[str]:
        return sorted({firm for firm, _, _ in self.values})

    def returned(self, firm: str, variable: str, period: str) -> list[Unknown]:
        """The returns that make up a firm's value for a period; none where one is missing."""
        months = QUARTER.get(period, (period,))
        known = [
            (month, self.values[firm, variable, month]) for month in months if (firm, variable, month) in self.values
        ]
        if variable == "staff":
            known = known[-1:]
        elif len(known) < len(months):
            return []
        return [Unknown(firm, variable, month, version) for month, (_, version) in known]


class Attacker:
    """Collects equations."""

    def __init__(self) -> None:
        self.truth: dict[Unknown, float] = {}
        self.equations: list[dict[Unknown, float]] = []
        self.levels: dict[tuple[Unknown, ...], float] = {}
        self.changes: set[tuple[Unknown, Unknown]] = set()

    def learns(self, state: State, cells: Iterable[Cell]) -> None:
        """Takes in what a release publishes of output and staff."""
        for cell in cells:
            for variable, size in READ.get(cell.indicator, ()):
                members = [firm for firm in state.firms() if _in(state, firm, cell, size)]
                parts = [each for firm in members for each in state.returned(firm, variable, cell.period)]
                self.equations.append(dict.fromkeys(parts, 1.0))
        for (firm, variable, month), (value, version) in state.values.items():
            if variable in ("output", "staff"):
                self.truth[Unknown(firm, variable, month, version)] = float(value)
                self.changes |= {
                    (Unknown(firm, variable, month, earlier), Unknown(firm, variable, month, version))
                    for earlier in range(version)
                }
        for firm in state.firms():
            for variable in ("output", "staff"):
                for period in ("2021-01", "2021-02", "2021-03", "2021-Q1"):
                    parts = tuple(state.returned(firm, variable, period))
                    if parts:
                        self.levels[parts] = sum(self.truth[each] for each in parts)

    def told_exactly(self) -> Iterator[str]:
        """Levels and corrections that follow from the equations alone, for the public and for each firm."""
        names = sorted(self.truth)
        matrix = self._matrix(names)
        for insider in ("", *sorted({each.firm for each in names})):
            open_columns = np.array([each.firm != insider for each in names])
            span = _row_space(matrix * open_columns)
            for parts in self._targets():
                target = np.array([1.0 * (each in parts) for each in names])
                if parts[0].firm != insider and np.linalg.norm(target - span.T @ (span @ target)) < 1e-7:
                    yield f"{insider or 'public'} learns {parts}"
            for old, new in self.changes:
                target = np.array([1.0 * (each == new) - 1.0 * (each == old) for each in names])
                if old.firm != insider and np.linalg.norm(target - span.T @ (span @ target)) < 1e-7:
                    yield f"{insider or 'public'} learns the correction {old}"

    def told_nearly(self, share: float, insiders: Iterable[str] = ("",)) -> Iterator[str]:
        """Levels that the equations, with no value below zero, leave within a share of the truth."""
        names = sorted(self.truth)
        for insider in insiders:
            program = _Bounds(self._matrix(names), np.array([self.truth[each] for each in names]))
            for number, each in enumerate(names):
                if each.firm == insider:
                    program.know(number)
            for parts in self._targets():
                if parts[0].firm != insider:
                    low, high = program.interval([names.index(each) for each in parts])
                    true = self.levels[parts]
                    if high - low <= share * true:
                        yield f"{insider or 'public'} learns {parts}: {low} to {high}, {true}"

    def _targets(self) -> list[tuple[Unknown, ...]]:
        return sorted(self.levels)

    def _matrix(self, names: list[Unknown]) -> Any:
        at = {name: number for number, name in enumerate(names)}
        distinct = {tuple(sorted(each)) for each in self.equations if each}
        matrix = np.zeros((len(distinct), len(names)))
        for line, members in enumerate(sorted(distinct)):
            matrix[line, [at[each] for each in members]] = 1.0
        return matrix


READ = {
    "output": (("output", ""),),
    "staff": (("staff", ""),),
    "large_output": (("output", "large"),),
    "productivity": (("output", ""), ("staff", "")),
}


def _in(state: State, firm: str, cell: Cell, size: str) -> bool:
    place, industry = state.attribute(firm, "place"), state.attribute(firm, "industry")
    lies = _below(place, cell.place, PLACES) and (not cell.industry or _below(industry, cell.industry, INDUSTRIES))
    return lies and (not size or state.attribute(firm, "size") == size)


def _below(key: str, above: str, parents: dict[str, str]) -> bool:
    while key:
        if key == above:
            return True
        key = parents[key]
    return False


def _row_space(matrix: Any) -> Any:
    if not len(matrix):
        return np.zeros((0, matrix.shape[1]))
    _, sizes, space = np.linalg.svd(matrix, full_matrices=False)
    return space[sizes > 1e-9]


class _Bounds:
    """Between what a sum of values lies whose totals are known and that are not negative."""

    def __init__(self, matrix: Any, truth: Any) -> None:
        self._truth = truth
        self._solver = _core._Highs()
        self._solver.setOptionValue("output_flag", False)
        unit = np.maximum(truth, 1.0)
        self._unit = unit
        for _ in truth:
            self._solver.addCol(0.0, 0.0, 1e7, 0, np.array([], np.int32), np.array([]))
        for line in matrix:
            members = np.flatnonzero(line)
            least = unit[members].min()
            total = truth[members].sum() / least
            self._solver.addRow(total, total, len(members), members.astype(np.int32), unit[members] / least)

    def know(self, column: int) -> None:
        value = self._truth[column] / self._unit[column]
        self._solver.changeColBounds(column, value, value)

    def interval(self, columns: list[int]) -> tuple[float, float]:
        found = []
        scale = self._unit[columns].max()
        for sense in (highspy.ObjSense.kMinimize, highspy.ObjSense.kMaximize):
            for column in range(len(self._truth)):
                self._solver.changeColCost(column, self._unit[column] / scale if column in columns else 0.0)
            self._solver.changeObjectiveSense(sense)
            self._solver.run()
            found.append(self._solver.getInfo().objective_function_value * scale)
        return found[0], found[1]
