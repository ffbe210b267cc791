"""A figure that is no plain fact must be marked as such wherever it is printed: simulated, recorded, disputed,
forecast, provisional, estimated, a target, on a revised base; and growth says its price basis.

The check reads the finished document, and with `check_text` what a writer made of it: so it fails where a mark was lost
on the way, whoever lost it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from shazhou.city.model import City
from shazhou.city.problem import Problem, Rule, Where
from shazhou.measure.figure import Cell
from shazhou.report.document import (
    Block,
    Chart,
    Document,
    Heading,
    Items,
    Number,
    Paragraph,
    Quote,
    Run,
    Strong,
    Table,
    text_of,
)
from shazhou.report.words.marking import Mark, marks_of

UNMARKED = Rule(
    "report-unmarked",
    "The figure {found} ({indicator}) must be marked as {mark} but is not: {sentence}",
    "数值 {found}（{indicator}）须注明“{mark}”而没有注明，见：{sentence}",
    "Print it through the document's own quote, which carries its marks.",
    "请按文档模型的引用输出该数值，标注随引用一并输出。",
)
LOST = Rule(
    "report-number-lost",
    "The figure {found} ({indicator}) of the report is not found where it belongs in what was written.",
    "写出的报告中，在应有之处找不到数值 {found}（{indicator}）。",
    "Write every number of the document, in its order.",
    "请按文档的顺序写出每一个数值。",
)

AFTER, BEFORE = 60, 24
"""Characters within which its marks must follow a number in running text, or stand before it in a table's cell."""

_GAP = r"[\s\u00a0]*"


def check_document(document: Document, city: City, revised: frozenset[Cell] = frozenset()) -> Iterator[Problem]:
    """Every number of the document without the marks that its figure forces on it.

    Args:
        document: the finished document.
        city: its definitions.
        revised: growth rates of levels whose base was revised.
    """
    for sentence, number in numbers_of(document):
        quote = number.quote
        printed = quote.brief if number.tabular else quote.marks
        for mark in _needed(quote, city, revised):
            if mark.word(document.language, number.tabular) not in printed:
                yield _problem(UNMARKED, quote, mark.word(document.language), sentence)


def check_text(document: Document, text: str, city: City, revised: frozenset[Cell] = frozenset()) -> Iterator[Problem]:
    """Every number of the document that a writer lost or printed without its marks.

    Args:
        document: what was to be written.
        text: the text of what was written, in its order, with a space between the texts of neighbouring elements.
        city: its definitions.
        revised: growth rates of levels whose base was revised.
    """
    at = 0
    for sentence, number in numbers_of(document):
        found = _pattern(number).search(text, at)
        if found is None:
            yield _problem(LOST, number.quote, "", sentence)
            continue
        around = (
            text[max(at, found.start() - BEFORE) : found.start()]
            if number.tabular
            else text[found.end() : found.end() + AFTER]
        )
        at = found.end()
        for mark in _needed(number.quote, city, revised):
            if _bare(mark.word(document.language, number.tabular)) not in _bare(around):
                yield _problem(UNMARKED, number.quote, mark.word(document.language), sentence)


def numbers_of(document: Document) -> Iterator[tuple[str, Number]]:
    """Every number of the document in the order of its text, with what it stands in."""
    for block in document.blocks:
        yield from _in_block(block)


def _in_block(block: Block) -> Iterator[tuple[str, Number]]:
    match block:
        case Heading(_, runs) | Paragraph(runs, _):
            yield from ((text_of(runs), number) for number in _numbers(runs))
        case Items(items):
            yield from ((text_of(runs), number) for runs in items for number in _numbers(runs))
        case Table():
            cells = (cell for row in block.rows for cell in row)
            yield from ((text_of(block.title), number) for cell in cells for number in _numbers(cell))
        case Chart():
            yield from _in_block(block.table)


def _numbers(runs: Iterable[Run]) -> Iterator[Number]:
    for run in runs:
        if isinstance(run, Number):
            yield run
        elif isinstance(run, Strong):
            yield from _numbers(run.runs)


def _needed(quote: Quote, city: City, revised: frozenset[Cell]) -> tuple[Mark, ...]:
    return marks_of(quote.figure, city, quote.figure.cell in revised)


def _pattern(number: Number) -> re.Pattern[str]:
    """The number as printed, with the number of its entry in the appendix behind it."""
    quote = number.quote
    unit = "" if number.tabular else quote.unit
    shown = [quote.before, "" if not quote.negative else "−", quote.digits, unit, str(quote.number)]
    parts = [re.escape(part) for each in shown for part in each.split()]
    return re.compile(r"(?<![\d.,])" + _GAP.join(parts) + r"(?!\d)")


def _bare(text: str) -> str:
    return re.sub(r"\s+", "", text)


def _problem(rule: Rule, quote: Quote, mark: str, sentence: str) -> Problem:
    values = {"indicator": quote.figure.indicator, "mark": mark, "sentence": sentence}
    return Problem(rule, Where("document", row=None), f"{quote.digits}{quote.unit}", values)
