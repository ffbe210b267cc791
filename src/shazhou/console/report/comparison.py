"""Two reports compared: which lines and which numbers differ.

A line is a sentence, an item of a list, a heading or a row of a table. Lines are matched by their words with the
numbers left open, so that a sentence with another number is the same sentence, changed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Literal

from shazhou.city.problem import Language
from shazhou.ledger.submission import Submission
from shazhou.measure.figure import Cell, Figure
from shazhou.report.compose.composing import Draft
from shazhou.report.document import (
    Block,
    Chart,
    Count,
    Heading,
    Items,
    Number,
    Paragraph,
    Run,
    Strong,
    Table,
    Words,
    text_of,
)
from shazhou.report.words.printed import on_paper

OPEN = "\u25a1"
"""Stands for a number where lines are matched."""

_NOTHING = "—"
_END = re.compile(r"(?<=[。！？])[”’」）)]*|(?<=[.!?])(?=\s|$)")


@dataclass(frozen=True)
class Line:
    """A line of a report under the heading of its section."""

    section: str
    runs: tuple[Run, ...]
    language: Language

    @property
    def text(self) -> str:
        """The line as it is read, numbers with their marks."""
        return "".join(_told(each, self.language) for each in _flat(self.runs)).strip()

    @property
    def pattern(self) -> str:
        """The line with its numbers left open."""
        return "".join(_pattern(each) for each in _flat(self.runs)).strip()

    @property
    def figures(self) -> tuple[Figure, ...]:
        """The figures that it quotes."""
        return tuple(run.quote.figure for run in _flat(self.runs) if isinstance(run, Number | Count))


@dataclass(frozen=True)
class Difference:
    """A line that is only in one of two reports, or has other numbers. ``causes``: the submissions in between that its
    numbers changed because of."""

    what: Literal["changed", "added", "removed"]
    old: Line | None
    new: Line | None
    causes: tuple[Submission, ...] = ()

    @property
    def section(self) -> str:
        """The heading under which it stands."""
        line = self.new or self.old
        return line.section if line else ""

    @property
    def cells(self) -> tuple[Cell, ...]:
        """The cells of the numbers that changed, came or went."""
        old = {each.cell: each for each in (self.old.figures if self.old else ())}
        new = {each.cell: each for each in (self.new.figures if self.new else ())}
        return tuple(cell for cell in dict.fromkeys([*old, *new]) if content(old.get(cell)) != content(new.get(cell)))


@dataclass(frozen=True)
class Change:
    """A number that is another one in the newer report; None where it is not quoted."""

    old: Figure | None
    new: Figure | None
    causes: tuple[Submission, ...] = ()

    @property
    def figure(self) -> Figure:
        """The newer one, or the older where there is no newer."""
        found = self.new or self.old
        assert found is not None
        return found


@dataclass(frozen=True)
class Comparison:
    """What differs: lines in the order of the newer report, and numbers."""

    differences: tuple[Difference, ...]
    changes: tuple[Change, ...]

    @property
    def cells(self) -> tuple[Cell, ...]:
        """The cells of all numbers that differ."""
        lines = [cell for each in self.differences for cell in each.cells]
        return tuple(dict.fromkeys([*(each.figure.cell for each in self.changes), *lines]))

    def with_causes(self, behind: Mapping[Cell, tuple[Submission, ...]]) -> Comparison:
        """The same, with the submissions behind each number's change."""
        return Comparison(
            tuple(replace(each, causes=_together(behind, each.cells)) for each in self.differences),
            tuple(replace(each, causes=behind.get(each.figure.cell, ())) for each in self.changes),
        )

    @property
    def causes(self) -> tuple[Submission, ...]:
        """All submissions behind changes, in their order."""
        listed = [each.causes for each in self.differences] + [each.causes for each in self.changes]
        found = {cause.sequence: cause for causes in listed for cause in causes}
        return tuple(found[sequence] for sequence in sorted(found))


def compared(old: Draft, new: Draft) -> Comparison:
    """What differs between two reports of one year and language."""
    before = {each.cell: each for each in old.quotes.quoted}
    after = {each.cell: each for each in new.quotes.quoted}
    changes = [
        Change(before.get(cell), after.get(cell))
        for cell in dict.fromkeys([*after, *before])
        if content(before.get(cell)) != content(after.get(cell))
    ]
    return Comparison(tuple(_differences(list(lines(old)), list(lines(new)))), tuple(changes))


def content(figure: Figure | None) -> tuple[object, ...]:
    """What a reader is told of a figure."""
    if figure is None:
        return ()
    marks = (figure.status, figure.disputed, figure.simulated, figure.recorded, figure.break_in_series)
    return (figure.value, figure.qualifier, figure.unit, *marks)


def lines(draft: Draft) -> Iterator[Line]:
    """The lines of a report."""
    language = draft.document.language
    section = ""
    for block in draft.document.blocks:
        if isinstance(block, Heading):
            section = text_of(block.runs)
        for runs in _lines(block):
            yield Line(section, runs, language)


def _differences(old: Sequence[Line], new: Sequence[Line]) -> Iterator[Difference]:
    patterns = [each.pattern for each in old], [each.pattern for each in new]
    for tag, first, last, start, end in SequenceMatcher(None, *patterns, autojunk=False).get_opcodes():
        if tag == "equal":
            pairs = zip(old[first:last], new[start:end], strict=True)
            yield from (Difference("changed", was, now) for was, now in pairs if was.text != now.text)
        else:
            yield from (Difference("removed", was, None) for was in old[first:last])
            yield from (Difference("added", None, now) for now in new[start:end])


def _lines(block: Block) -> Iterator[tuple[Run, ...]]:
    match block:
        case Heading(_, runs):
            yield runs
        case Paragraph(runs):
            yield from _sentences(runs)
        case Items(items):
            yield from items
        case Chart():
            yield from _rows(block.table)
        case Table():
            yield from _rows(block)


def _rows(table: Table) -> Iterator[tuple[Run, ...]]:
    for row in table.rows:
        runs: list[Run] = [*table.title, Words(": ")] if table.title else []
        for number, cell in enumerate(row):
            named = table.header[number] if number >= table.labels and number < len(table.header) else ()
            runs += [*([Words(" | ")] if number else []), *named, *([Words(" ")] if named else []), *cell]
        yield tuple(runs)


def _sentences(runs: Iterable[Run]) -> Iterator[tuple[Run, ...]]:
    sentence: list[Run] = []
    for run in runs:
        if not isinstance(run, Words):
            sentence.append(run)
            continue
        ends = [0, *(found.end() for found in _END.finditer(run.text)), len(run.text)]
        for number, (start, end) in enumerate(pairwise(ends)):
            if number and sentence:
                yield tuple(sentence)
                sentence = []
            if run.text[start:end].strip():
                sentence.append(Words(run.text[start:end]))
    if sentence:
        yield tuple(sentence)


def _flat(runs: Iterable[Run]) -> Iterator[Run]:
    for run in runs:
        if isinstance(run, Strong):
            yield from _flat(run.runs)
        else:
            yield run


def _told(run: Run, language: Language) -> str:
    if not isinstance(run, Number | Count):
        return text_of((run,))
    printed = on_paper(run, language)
    return f"{printed.text} {printed.marks}".strip()


def _pattern(run: Run) -> str:
    if isinstance(run, Number | Count):
        return OPEN
    text = text_of((run,))
    return OPEN if text == _NOTHING else text


def _together(behind: Mapping[Cell, tuple[Submission, ...]], cells: Iterable[Cell]) -> tuple[Submission, ...]:
    found = {each.sequence: each for cell in cells for each in behind.get(cell, ())}
    return tuple(found[sequence] for sequence in sorted(found))
