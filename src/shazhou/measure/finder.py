"""Finding what the leaves of many formulas ask for, with few queries.

What is stated of places themselves is read for all indicators together, one query for each kind and measure; aggregates
over entities take one query for each indicator.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import ibis
import pyarrow as pa

from shazhou.city.model import City
from shazhou.measure.cells import Cells
from shazhou.measure.compile import Compiler
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
            cells = Cells.of([cell for _, cell in wanted])
            table = self._run(self._compiler.stated(cells, [leaf for leaf, _ in wanted], kind, self._evidence))
            self._keep(table, "", wanted)
        for leaves, asked, kind in self._aggregates:
            table = self._run(self._compiler.aggregates(leaves, Cells.of(asked), kind, self._evidence))
            for i, leaf in enumerate(leaves):
                self._keep(table, str(i), [(leaf, cell) for cell in asked])

    def found(self, leaf: Leaf, cell: Cell) -> Found:
        """What was found for a leaf and cell; `NOTHING` where there is no evidence."""
        return self._found.get((leaf, cell), NOTHING)

    def _run(self, expression: ibis.Table) -> pa.Table:
        return self._connection.to_pyarrow(expression)

    def _keep(self, table: pa.Table, suffix: str, wanted: Sequence[tuple[Leaf, Cell]]) -> None:
        columns = [table.column(f"{name}{suffix}").to_pylist() for name in "vmnc"]
        refs = table.column(f"r{suffix}").to_pylist() if self._evidence else [()] * table.num_rows
        for number, value, marks, count, who, behind in zip(
            table.column("cell").to_pylist(), *columns, refs, strict=True
        ):
            if count:
                self._found[wanted[number]] = Found(value, marks, count, who, tuple(behind or ()))
