"""Shares: which figures a stated share must agree with, as the city's report.yaml says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from shazhou.measure.figure import Cell
from shazhou.report.template.markdown import Settings


def cells_of_parts(settings: Settings, cells: Iterable[Cell]) -> Iterator[Cell]:
    """The parts and wholes of every share among the cells, of the share's kind and actual."""
    for cell in cells:
        for parts in settings.parts:
            if parts.share == cell.indicator:
                for kind in dict.fromkeys([cell.kind, ""]):
                    yield replace(cell, indicator=parts.part, kind=kind)
                    yield replace(cell, indicator=parts.whole, kind=kind)
