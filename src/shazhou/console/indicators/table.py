"""The table of a board: the longer side runs down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from shazhou.console.indicators.board import Board
from shazhou.console.indicators.charting import titles
from shazhou.measure.figure import Figure
from shazhou.report.words.naming import Names


@dataclass(frozen=True)
class Table:
    """Heads of columns, and rows with their head and figures."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Figure, ...]], ...]
    of_periods: bool
    """Whether the rows are periods."""


def table(board: Board, names: Names) -> Table:
    """The table of a board."""
    told, periods = titles(board, names)[1], [names.period(each) for each in board.periods]
    across = [each.figures for each in board.series]
    if board.upright:
        return Table(tuple(told), _rows(periods, list(zip(*across, strict=True))), True)
    return Table(tuple(periods), _rows(told, across), False)


def _rows(heads: Sequence[str], figures: Sequence[tuple[Figure, ...]]) -> tuple[tuple[str, tuple[Figure, ...]], ...]:
    return tuple(zip(heads, figures, strict=True))
