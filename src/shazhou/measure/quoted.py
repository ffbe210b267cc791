"""Quoted figures: the arguments behind every id that was shown to somebody.

An id is kept when a command, page or report first quotes it, with arguments, head and the value that was shown.
Whoever has the ledger can compute the figure again and must get that value.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

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


class Quotation(NamedTuple):
    """A figure as it was quoted; ``value`` None: it was quoted as missing."""

    cell: Cell
    head: str
    value: Decimal | None


class Quoted:
    """The quoted figures of a ledger."""

    def __init__(self, ledger_folder: Path) -> None:
        self._quotations = Quotations(ledger_folder)

    def keep(self, figures: Iterable[Figure]) -> None:
        """Keeps figures that have not been quoted before."""
        self.keep_values((figure.cell, figure.head, figure.value) for figure in figures)

    def keep_values(self, quotations: Iterable[tuple[Cell, str, Decimal | None]]) -> list[str]:
        """Keeps cells with their head and value; returns their ids."""
        kept = {
            figure_id(cell, head): {
                "indicator": cell.indicator,
                "place": cell.place,
                "industry": cell.industry,
                "period": cell.period,
                "kind": cell.kind,
                "head": head,
                "value": None if value is None else str(value),
            }
            for cell, head, value in quotations
        }
        self._quotations.keep(kept)
        return list(kept)

    def find(self, name: str) -> Quotation:
        """The quotation with an id; Refused where there is none."""
        found = self._quotations.find(name)
        if found is None:
            raise Refused([Problem(UNKNOWN_FIGURE, Where(), name)])
        value = found.pop("value")
        head, kind = str(found.pop("head")), str(found.pop("kind"))
        cell = Cell(**{key: str(text) for key, text in found.items()}, kind=kind)
        return Quotation(cell, head, None if value is None else Decimal(value))
