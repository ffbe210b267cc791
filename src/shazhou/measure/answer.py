"""Answers to numbered requests: few queries, and columns over all numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import ibis
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from shazhou.measure.compile import Compiler
from shazhou.measure.evaluate import NOTHING, Found
from shazhou.measure.request import Request

STATEMENTS_AT_ONCE = 2_000_000
"""A query takes further variables as long as there are no more statements about them than this; it bounds memory."""

_COUNTS = ("marks", "statements", "contributors", "values")


class Column:
    """What was found for one request, over its cells: exact values (null without evidence) and counts."""

    def __init__(self, value: pa.Array, counts: Sequence[npt.NDArray[np.int64]], refs: Sequence[Any] | None) -> None:
        self.value = value
        self.marks, self.statements, self.contributors, self.values = counts
        self._refs = refs

    def found(self) -> list[Found]:
        """The same, cell by cell."""
        counts = (column.tolist() for column in (self.marks, self.statements, self.contributors, self.values))
        refs = self._refs if self._refs is not None else [()] * len(self.value)
        return [
            Found(value, bits, count, who, many, tuple(ref for ref in behind if ref is not None)) if count else NOTHING
            for value, bits, count, who, many, behind in zip(self.value.to_pylist(), *counts, refs, strict=True)
        ]


class Answers:
    """The answers to requests.

    Args:
        connection: the engine.
        compiler: compiles requests.
        asked: the requests, formula by formula.
        evidence: bring references to the statements.
    """

    def __init__(
        self, connection: ibis.BaseBackend, compiler: Compiler, asked: Sequence[Sequence[Request]], evidence: bool
    ) -> None:
        self._columns: dict[int, Column] = {}
        distinct = {request.first: request for formula in asked for request in formula}
        for part in _parts(list(distinct.values()), compiler):
            table = connection.to_pyarrow(compiler.compiled(part, evidence))
            first, last = part[0].first, part[-1].first + len(part[-1].cells)
            whole = _whole(table, first, last - first)
            for request in part:
                at = request.first - first
                self._columns[request.first] = _slice(whole, at, len(request.cells))

    def of(self, request: Request) -> Column:
        """What was found for a request."""
        return self._columns[request.first]


def _parts(asked: Sequence[Request], compiler: Compiler) -> Iterator[list[Request]]:
    """Requests in their order, in runs about few enough statements."""
    part: list[Request] = []
    sizes: dict[tuple[str, str], int] = {}
    for request in asked:
        about = request.variable, request.kind
        size = compiler.size(*about)
        if part and about not in sizes and sum(sizes.values()) + size > STATEMENTS_AT_ONCE:
            yield part
            part, sizes = [], {}
        part.append(request)
        sizes[about] = size
    if part:
        yield part


def _whole(table: pa.Table, first: int, count: int) -> Column:
    held = table.filter(pc.greater(pc.fill_null(table.column("n"), 0), 0))
    rows = np.full(count, -1)
    rows[held.column("number").to_numpy() - first] = np.arange(held.num_rows)
    index = pa.array(rows, mask=rows < 0)
    taken = {name: held.column(name).combine_chunks().take(index) for name in "vmnck"}
    counts = [np.asarray(pc.fill_null(taken[name], 0)) for name in "mnck"]
    if "r" not in table.column_names:
        return Column(taken["v"], counts, None)
    refs = held.column("r").combine_chunks().take(index).to_pylist()
    return Column(taken["v"], counts, [behind or () for behind in refs])


def _slice(whole: Column, at: int, count: int) -> Column:
    counts = [getattr(whole, name)[at : at + count] for name in _COUNTS]
    refs = None if whole._refs is None else whole._refs[at : at + count]
    return Column(whole.value.slice(at, count), counts, refs)
