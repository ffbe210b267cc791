"""Quoted figures: the arguments behind every id that was shown to somebody, kept beside the ledger for ever.

A line is written once per figure, when a command, page or report first quotes it: id, arguments, head and the value
that was shown. Whoever has the ledger can compute the figure again and must get that value.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from shazhou.city.problem import Problem, Refused, Rule, Where
from shazhou.ledger.store import append_line, locked, make_folder
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
        self._folder = ledger_folder / "quoted"
        self._file = self._folder / "figures.jsonl"

    def keep(self, figures: Iterable[Figure]) -> None:
        """Keeps figures that have not been quoted before."""
        new = {figure.id: figure for figure in figures}
        make_folder(self._folder)
        with locked(self._folder / "lock"):
            known = self._lines()
            for name, figure in new.items():
                if name not in known:
                    append_line(self._file, _line(name, figure))

    def find(self, name: str) -> Quotation:
        """The quotation with an id; Refused where there is none."""
        found = self._lines().get(name)
        if found is None:
            raise Refused([Problem(UNKNOWN_FIGURE, Where(), name)])
        value = None if found["value"] is None else Decimal(found["value"])
        cell = Cell(found["indicator"], found["place"], found["period"], found["industry"], found["kind"])
        return Quotation(cell, found["head"], value)

    def _lines(self) -> dict[str, dict[str, str]]:
        if not self._file.exists():
            return {}
        lines = self._file.read_text(encoding="utf-8").splitlines()
        rows = [json.loads(line) for line in lines if line.endswith("}")]
        return {row["id"]: row for row in rows if row["id"] == _id_of(row)}


def _id_of(row: dict[str, str]) -> str:
    cell = Cell(row["indicator"], row["place"], row["period"], row["industry"], row["kind"])
    return figure_id(cell, row["head"])


def _line(name: str, figure: Figure) -> bytes:
    row = {
        "id": name,
        "indicator": figure.indicator,
        "place": figure.place,
        "industry": figure.industry,
        "period": figure.period,
        "kind": figure.asked_kind,
        "head": figure.head,
        "value": None if figure.value is None else str(figure.value),
    }
    return json.dumps(row, ensure_ascii=False).encode()
