"""Tables of figures: all combinations of indicators, places, industries and periods, column by column.

A formula that is one aggregate needs no arithmetic: its column is rounded as a whole. Other formulas are evaluated on
exact numbers, as for single figures.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shazhou.city.model import Indicator
from shazhou.city.unit import UNITS
from shazhou.ledger.observation import DECIMAL
from shazhou.measure import marks
from shazhou.measure.answer import Answers, Column
from shazhou.measure.compile import Compiler
from shazhou.measure.evaluate import evaluate, rounded
from shazhou.measure.expression import Expression, Leaf, leaves
from shazhou.measure.marks import Marks
from shazhou.measure.request import Cells, requests


class Grid(NamedTuple):
    """What is asked for: every combination of these."""

    places: Sequence[str]
    industries: Sequence[str]
    periods: Sequence[str]
    kind: str

    def cells(self) -> Cells:
        """The combinations for one indicator, periods running fastest."""
        places = [place for place in self.places for _ in self.industries for _ in self.periods]
        industries = [industry for _ in self.places for industry in self.industries for _ in self.periods]
        return Cells(places, industries, list(self.periods) * (len(self.places) * len(self.industries)))


def tabulated(
    connection: ibis.BaseBackend,
    compiler: Compiler,
    indicators: Sequence[tuple[Indicator, str, Expression]],
    grid: Grid,
) -> pa.Table:
    """The figures of indicators, each with a condition, over a grid; columns as in
    `shazhou.measure.measure.Measure.tabulate`."""
    cells = grid.cells()
    asked = [(leaves(expression), grid.kind or indicator.kind, cells) for indicator, _where, expression in indicators]
    numbered = requests(asked)
    answers = Answers(connection, compiler, numbered)
    tables = []
    for (indicator, where, expression), (_leaves, kind, _cells), mine in zip(indicators, asked, numbered, strict=True):
        columns = {request.leaf: answers.of(request) for request in mine}
        table = _tabulated(indicator, expression, kind, cells, columns)
        tables.append(table.add_column(4, "where", pa.repeat(pa.scalar(where), table.num_rows)))
    return pa.concat_tables(tables)


def _tabulated(
    indicator: Indicator, expression: Expression, kind: str, cells: Cells, columns: dict[Leaf, Column]
) -> pa.Table:
    only = _only_leaf(expression)
    if only is not None:
        value = _rounded(columns[only].value, UNITS[indicator.unit].factor, indicator.decimals)
        signs = _signs(columns[only].marks)
    else:
        value, signs = _evaluated(expression, columns, indicator, len(cells))
    return _table(indicator, cells, kind, value, signs, list(columns.values()))


def _only_leaf(expression: Expression) -> Leaf | None:
    found = leaves(expression)
    whole = len(found) == 1 and found[0].aggregate is expression
    whole = whole and found[0].aggregate.function in ("value", "sum", "count")
    return found[0] if whole else None


def _rounded(value: pa.Array, factor: Decimal, decimals: int) -> pa.Array:
    """``value / factor`` rounded half up, by moving the point where the factor is a power of ten."""
    power = factor.adjusted()
    if factor != Decimal(10) ** power or power < 0 or power > 20:
        return pa.array([None if v is None else rounded(v, factor, decimals) for v in value.to_pylist()], DECIMAL)
    plain = value.cast(DECIMAL)
    moved = pa.Array.from_buffers(pa.decimal128(38, 9 + power), len(plain), plain.buffers(), offset=plain.offset)
    half_up = pc.round(moved, ndigits=decimals, round_mode="half_towards_infinity")
    return half_up.cast(pa.decimal128(38, max(decimals, 0)), safe=False).cast(DECIMAL)


def _evaluated(
    expression: Expression, columns: dict[Leaf, Column], indicator: Indicator, count: int
) -> tuple[pa.Array, list[str]]:
    quantities = evaluate(expression, {leaf: column.found() for leaf, column in columns.items()}, count)
    factor, decimals = UNITS[indicator.unit].factor, indicator.decimals
    values = [None if each is None else rounded(each.value, factor, decimals) for each in quantities]
    return pa.array(values, DECIMAL), ["" if each is None else each.qualifier for each in quantities]


def _signs(bits: np.ndarray[tuple[int], np.dtype[np.int64]]) -> list[str]:
    distinct, index = np.unique(bits, return_inverse=True)
    signs: list[str] = np.array([marks.qualifier(int(each)) for each in distinct], dtype=object)[index].tolist()
    return signs


def _table(
    indicator: Indicator, cells: Cells, kind: str, value: pa.Array, signs: list[str], columns: list[Column]
) -> pa.Table:
    count = len(cells)
    bits = np.bitwise_or.reduce([column.marks for column in columns])
    distinct, index = np.unique(bits, return_inverse=True)
    missing = np.asarray(value.is_null())
    status = np.array([marks.status(int(each)) for each in distinct], dtype=object)[index]
    return pa.table(
        {
            "indicator": pa.repeat(pa.scalar(indicator.id), count),
            "place": pa.array(cells.places, pa.string()),
            "industry": pa.array(cells.industries, pa.string()),
            "period": pa.array(cells.periods, pa.string()),
            "value": value,
            "unit": pa.repeat(pa.scalar(indicator.unit), count),
            "kind": pa.repeat(pa.scalar(kind), count),
            "status": pa.array(np.where(missing, "", status), pa.string()),
            "qualifier": pa.array(np.where(missing, "", np.array(signs, dtype=object)), pa.string()),
            "observations": pa.array(np.sum([column.statements for column in columns], axis=0), pa.int64()),
            "contributors": pa.array(np.max([column.contributors for column in columns], axis=0), pa.int64()),
            **{
                name: pa.array((bits & int(mark)) != 0)
                for name, mark in (
                    ("disputed", Marks.DISPUTED),
                    ("simulated", Marks.SIMULATED),
                    ("recorded", Marks.RECORDED),
                )
            },
        }
    )
