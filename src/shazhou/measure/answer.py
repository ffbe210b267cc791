"""Answers to numbered requests: few queries, and columns over all numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import ibis
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from shazhou.measure.compile import Carried, Compiler
from shazhou.measure.evaluate import NO_REFS, NOTHING, Found
from shazhou.measure.request import Request

STATEMENTS_AT_ONCE = 2_000_000
"""A query takes further variables as long as there are no more statements about them than this; it bounds memory."""

_COUNTS = ("marks", "statements", "contributors", "values")


class Column:
    """What was found for one request, over its cells: exact values (null without evidence) and counts."""

    def __init__(self, value: pa.Array, counts: Sequence[npt.NDArray[np.int64]], refs: pa.ListArray | None) -> None:
        self.value = value
        self.marks, self.statements, self.contributors, self.values = counts
        self._refs = refs

    def found(self) -> list[Found]:
        """The same, cell by cell."""
        counts = (column.tolist() for column in (self.marks, self.statements, self.contributors, self.values))
        return [
            Found(value, bits, count, who, many, self._behind(number)) if count else NOTHING
            for number, (value, bits, count, who, many) in enumerate(zip(self.value.to_pylist(), *counts, strict=True))
        ]

    def _behind(self, number: int) -> npt.NDArray[np.int64]:
        if self._refs is None:
            return NO_REFS
        refs: npt.NDArray[np.int64] = self._refs[number].values.drop_null().to_numpy(zero_copy_only=False)
        return refs


class Answers:
    """The answers to requests.

    Args:
        connection: the engine.
        compiler: compiles requests.
        asked: the requests, formula by formula.
        evidence: which references to the statements to bring.
    """

    def __init__(
        self,
        connection: ibis.BaseBackend,
        compiler: Compiler,
        asked: Sequence[Sequence[Request]],
        evidence: Carried = "",
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
    return Column(taken["v"], counts, held.column("r").combine_chunks().take(index))


def _slice(whole: Column, at: int, count: int) -> Column:
    counts = [getattr(whole, name)[at : at + count] for name in _COUNTS]
    refs = None if whole._refs is None else whole._refs.slice(at, count)
    return Column(whole.value.slice(at, count), counts, refs)
