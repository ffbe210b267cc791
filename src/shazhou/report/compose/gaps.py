"""Gaps: what a report says where there is no evidence: what is missing, and which door would bring it."""

from __future__ import annotations

from collections.abc import Iterable

from shazhou.city.model import City
from shazhou.measure.figure import Cell
from shazhou.report.document import Paragraph, Run, Term, Words
from shazhou.report.words.naming import Names

_WORDS = {
    "zh": ("本节暂缺证据：", "，可由", "补充", "；", "。", "、", "、"),
    "en": ("No evidence yet in this section: ", ", to come through ", "", "; ", ".", ", ", " and "),
}


def gap(cells: Iterable[Cell], city: City, names: Names) -> Paragraph:
    """One paragraph that names the cells, grouped by the door that would bring each of them."""
    begins, through, supplied, between, ends, joins, last = _WORDS[names.language]
    doors: dict[str, list[Cell]] = {}
    for cell in dict.fromkeys(cells):
        doors.setdefault(names.door(city.indicators[cell.indicator].door), []).append(cell)
    runs: list[Run] = [Words(begins)]
    for number, (door, wanted) in enumerate(doors.items()):
        runs += [Words(between)] if number else []
        for position, cell in enumerate(wanted):
            runs += [Words(last if position == len(wanted) - 1 else joins)] if position else []
            runs += _named(cell, city, names)
        runs += [Words(through), Term(door, "name"), *([Words(supplied)] if supplied else [])]
    return Paragraph((*runs, Words(ends)), gap=True)


def no_promises(names: Names) -> Paragraph:
    """The paragraph in place of targets where none had been promised for the time in question."""
    door = Term(names.door("definitions"), "name")
    if names.language == "zh":
        return Paragraph((Words("账本中没有在此期间到期的目标，可由"), door, Words("补充。")), gap=True)
    return Paragraph(
        (Words("The ledger holds no target due in this time; it would come through "), door, Words(".")), gap=True
    )


def _named(cell: Cell, city: City, names: Names) -> list[Run]:
    about = [names.place(cell.place)] if cell.place != city.root else []
    about += [names.industry(cell.industry)] if cell.industry else []
    about += [names.kind(cell.kind)] if cell.kind else []
    period, indicator = Term(names.period(cell.period), "period"), names.indicator(cell.indicator)
    if names.language == "zh":
        return [period, Term(indicator + (f"（{'，'.join(about)}）" if about else ""), "name")]
    return [Term(indicator + (f" ({', '.join(about)})" if about else ""), "name"), Words(" for "), period]
