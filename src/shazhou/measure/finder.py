"""Finding what the leaves of many formulas ask for, with few queries.

What is stated of places themselves is read for all indicators together, one query for each kind and measure; aggregates
over entities take one query for each indicator.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import ibis

from shazhou.city.model import City
from shazhou.measure.compile import Asked, Compiler, span_of
from shazhou.measure.evaluate import NOTHING, Found
from shazhou.measure.expression import Leaf
from shazhou.measure.figure import Cell


class Finder:
    """Collects what is asked for, then finds it."""

    def __init__(self, connection: ibis.BaseBackend, compiler: Compiler, city: City, evidence: bool) -> None:
        self._connection = connection
        self._compiler = compiler
        self._city = city
        self._evidence = evidence
        self._stated: dict[tuple[str, str], list[tuple[Leaf, Cell]]] = defaultdict(list)
        self._aggregates: list[tuple[list[Leaf], Sequence[Cell], str]] = []
        self._found: dict[tuple[Leaf, Cell], Found] = {}

    def ask(self, leaves: Sequence[Leaf], cells: Sequence[Cell], kind: str) -> None:
        """Asks for leaves of one formula over cells."""
        over_entities = [leaf for leaf in leaves if leaf.aggregate.function != "value"]
        if over_entities:
            self._aggregates.append((over_entities, cells, kind))
        for leaf in leaves:
            if leaf.aggregate.function == "value":
                measure = self._city.variables[leaf.aggregate.variable].measure
                self._stated[leaf.aggregate.kind or kind, measure] += [(leaf, cell) for cell in cells]

    def find(self) -> None:
        """Runs the queries for all that was asked for."""
        for (kind, _measure), wanted in self._stated.items():
            asked = [Asked(i, cell, span_of(cell.period, leaf)) for i, (leaf, cell) in enumerate(wanted)]
            variables = [leaf.aggregate.variable for leaf, _cell in wanted]
            columns = self._run(self._compiler.stated(asked, variables, kind, self._evidence))
            for row, number in enumerate(columns["cell"]):
                self._found[wanted[number]] = _found(columns, "", row)
        for leaves, cells, kind in self._aggregates:
            columns = self._run(self._compiler.aggregates(leaves, cells, kind, self._evidence))
            for row, number in enumerate(columns["cell"]):
                for i, leaf in enumerate(leaves):
                    if columns[f"n{i}"][row]:
                        self._found[leaf, cells[number]] = _found(columns, str(i), row)

    def found(self, leaf: Leaf, cell: Cell) -> Found:
        """What was found for a leaf and cell; `NOTHING` where there is no evidence."""
        return self._found.get((leaf, cell), NOTHING)

    def _run(self, expression: ibis.Table) -> dict[str, list[Any]]:
        table = self._connection.to_pyarrow(expression)
        return {name: table.column(name).to_pylist() for name in table.column_names}


def _found(columns: dict[str, list[Any]], suffix: str, row: int) -> Found:
    refs = columns.get(f"r{suffix}")
    return Found(
        columns[f"v{suffix}"][row],
        columns[f"m{suffix}"][row] or 0,
        columns[f"n{suffix}"][row] or 0,
        columns[f"c{suffix}"][row] or 0,
        tuple(refs[row] or ()) if refs else (),
    )
