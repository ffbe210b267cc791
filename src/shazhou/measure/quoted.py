"""Quoted figures: the arguments behind every id that was shown to somebody.

An id is kept when a command, page or report first quotes it, with arguments, head and the value that was shown.
Whoever has the ledger can compute the figure again and must get that value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from shazhou.city.problem import Problem, Refused, Rule, Where
from shazhou.ledger.quotations import Quotations
from shazhou.measure.figure import Cell, Figure, figure_id

UNKNOWN_FIGURE = Rule(
    "unknown-figure",
    "No figure with the id {found} has been quoted from this ledger.",
    "本账本没有引用过编号为 {found} 的数值。",
    "Copy the id from a report, a page or the output of shazhou figure.",
    "请从报告、页面或 shazhou figure 的输出中复制编号。",
)
NOT_KEPT = Rule(
    "figure-not-kept",
    "The id could not be kept, since you may not write to the ledger in {found}.",
    "您无权写入 {found} 中的账本，数值编号未能保存。",
    "The value holds; for an id that shazhou trail knows, ask whoever keeps the ledger.",
    "数值本身有效；如需可溯源的编号，请联系账本管理者。",
)


class Quotation(NamedTuple):
    """A figure as it was quoted; ``value`` None: it was quoted as missing."""

    cell: Cell
    head: str
    value: Decimal | None


class Quoted:
    """The quoted figures of a ledger.

    Args:
        ledger_folder: where the ledger lies.
        unkept: told where this user may not write to the ledger; without it, that is refused.
    """

    def __init__(self, ledger_folder: Path, unkept: Callable[[Problem], None] | None = None) -> None:
        self._folder = ledger_folder
        self._quotations = Quotations(ledger_folder)
        self._unkept = unkept

    def keep(self, figures: Iterable[Figure]) -> None:
        """Keeps figures that have not been quoted before."""
        self.keep_values((figure.cell, figure.head, figure.value) for figure in figures)

    def keep_values(self, quotations: Iterable[tuple[Cell, str, Decimal | None]]) -> None:
        """Keeps cells with their head and value."""
        kept = {
            figure_id(cell, head): {
                "indicator": cell.indicator,
                "place": cell.place,
                "industry": cell.industry,
                "period": cell.period,
                "kind": cell.kind,
                **({"where": cell.where} if cell.where else {}),
                "head": head,
                "value": None if value is None else str(value),
            }
            for cell, head, value in quotations
        }
        try:
            self._quotations.keep(kept)
        except Refused:
            if self._unkept is None:
                raise
            self._unkept(Problem(NOT_KEPT, Where(), str(self._folder)))

    def keep_table(self, table: pa.Table, asked_kind: str, decimals: Mapping[str, int]) -> pa.Table:
        """Keeps every figure of a table made by `Measure.tabulate` for that kind.

        Returns the table with a first column ``id``. ``decimals`` are those of each indicator.
        """
        columns = [table.column(name).to_pylist() for name in ("indicator", "place", "period", "industry", "where")]
        cells = [
            Cell(indicator, place, period, industry, asked_kind, where)
            for indicator, place, period, industry, where in zip(*columns, strict=True)
        ]
        points = [Decimal(1).scaleb(-max(decimals[cell.indicator], 0)) for cell in cells]
        values = [
            None if value is None else value.quantize(point)
            for value, point in zip(table.column("value").to_pylist(), points, strict=True)
        ]
        heads = table.column("head").to_pylist()
        self.keep_values(zip(cells, heads, values, strict=True))
        ids = [figure_id(cell, head) for cell, head in zip(cells, heads, strict=True)]
        return table.add_column(0, "id", pa.array(ids, pa.string()))

    def find(self, name: str) -> Quotation:
        """The quotation with an id; Refused where there is none."""
        found = self._quotations.find(name)
        if found is None:
            raise Refused([Problem(UNKNOWN_FIGURE, Where(), name)])
        value = found.pop("value")
        head, kind = str(found.pop("head")), str(found.pop("kind"))
        cell = Cell(**{key: str(text) for key, text in found.items()}, kind=kind)
        return Quotation(cell, head, None if value is None else Decimal(value))
