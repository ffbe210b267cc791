"""Composing: a template and the figures of a year become one document.

Every section says what it can prove. A sentence, table or chart whose figures have no evidence is left out, and the
section ends with a line that names what is missing and the door that would bring it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal
from zoneinfo import ZoneInfo

from shazhou.measure.figure import Cell
from shazhou.measure.measure import Measure
from shazhou.report.compose.asking import choices_in, grid_of
from shazhou.report.compose.charting import chart_of, chart_of_promises
from shazhou.report.compose.gaps import gap, no_promises
from shazhou.report.compose.promises import Promises, table_of_promises
from shazhou.report.compose.prose import Mention, Prose
from shazhou.report.compose.quotes import Quotes
from shazhou.report.compose.shares import cells_of_parts
from shazhou.report.compose.tables import table_of
from shazhou.report.document import Block, Cover, Document, Heading, Items, Paragraph, Run, Table, Words, text_of
from shazhou.report.template.markdown import Part, Settings, Template
from shazhou.report.template.reference import Reference
from shazhou.report.template.sentences import sentences
from shazhou.report.words.naming import Names


@dataclass(frozen=True)
class Draft:
    """A composed report with what its checks need: every figure in the sentence that quotes it, and all figures that
    were computed for it."""

    document: Document
    mentions: tuple[Mention, ...]
    quotes: Quotes
    settings: Settings


def compose(measure: Measure, template: Template, year: int, language: Literal["zh", "en"], today: date) -> Draft:
    """The report of a year, not yet checked."""
    return _Composer(measure, template, year, language, today).draft()


class _Composer:
    def __init__(
        self, measure: Measure, template: Template, year: int, language: Literal["zh", "en"], today: date
    ) -> None:
        self._measure, self._city = measure, measure.city
        self._template, self._year, self._language = template, year, language
        self._names = Names(measure.city, language)
        self._promises = Promises(measure, template, year, today)
        self._quotes = Quotes(measure, language, self._cells())
        self._prose = Prose(measure.city, year, self._quotes, self._names, template.terms)
        self._blocks: list[Block] = []
        self._missing: list[Cell] = []

    def draft(self) -> Draft:
        for kind, parts in _grouped(self._template.parts):
            match kind:
                case "heading":
                    self._heading(parts[0])
                case "paragraph":
                    runs = self._runs(parts[0])
                    self._blocks += [Paragraph(runs)] if runs else []
                case "item":
                    items = [runs for part in parts if (runs := self._runs(part))]
                    self._blocks += [Items(tuple(items), bool(parts[0].level))] if items else []
                case "row":
                    self._written_table(parts)
                case _:
                    self._block(parts[0])
        self._close_section()
        document = Document(self._language, self._cover(), tuple(self._blocks), self._quotes.entries())
        return Draft(document, tuple(self._prose.mentions), self._quotes, self._template.settings)

    def _cells(self) -> Iterator[Cell]:
        choices = list(choices_in(self._template, self._city, self._year))
        for choice in choices:
            yield from choice
        yield from self._promises.cells(self._template)
        yield from cells_of_parts(self._template.settings, [cell for choice in choices for cell in choice])

    def _heading(self, part: Part) -> None:
        self._close_section()
        runs = self._runs(part)
        self._blocks += [Heading(part.level, runs)] if runs else []

    def _close_section(self) -> None:
        if self._missing:
            self._blocks.append(gap(self._missing, self._city, self._names))
        self._missing = []

    def _runs(self, part: Part, cell: int = 0) -> tuple[Run, ...]:
        found: list[Run] = []
        for sentence in sentences(part.cells[cell], self._language):
            missing = self._prose.missing(sentence)
            self._missing += missing
            found += () if missing else self._prose.runs(sentence)
        return _trimmed(found)

    def _written_table(self, parts: list[Part]) -> None:
        rows = [tuple(self._runs(part, number) for number in range(len(part.cells))) for part in parts]
        self._blocks.append(Table((), rows[0], tuple(rows[1:])))

    def _block(self, part: Part) -> None:
        reference = part.pieces[0]
        assert isinstance(reference, Reference)
        title = self._prose.title(reference.options.get("title", ""))
        if reference.verb == "targets":
            self._promised(reference, title)
            return
        grid = grid_of(reference, self._city, self._year)
        stated = [choice for choice in grid.choices() if self._quotes.first(choice) is not None]
        if not stated:
            self._missing += dict.fromkeys(choice[0] for choice in grid.choices())
            return
        for figure in map(self._quotes.first, stated):
            assert figure is not None
            self._prose.mentions.append(Mention(figure, text_of(title), reference.where))
        table = table_of(grid, title, self._city, self._quotes, self._names)
        if reference.verb == "table":
            self._blocks.append(table)
        else:
            self._blocks.append(chart_of(reference.subject, grid, table, self._city, self._quotes, self._names))

    def _promised(self, reference: Reference, title: tuple[Run, ...]) -> None:
        promises = self._promises.of(reference)
        self._missing += [each.missing for each in promises if each.missing is not None]
        if not promises:
            self._blocks.append(no_promises(self._names))
            return
        table = table_of_promises(promises, title, self._city, self._quotes, self._names)
        if reference.option("chart", self._year) == "yes":
            self._blocks.append(chart_of_promises(promises, table, self._quotes, self._names))
        else:
            self._blocks.append(table)

    def _cover(self) -> Cover:
        titles = (block for block in self._blocks if isinstance(block, Heading) and block.level == 1)
        title = next(titles, None)
        last = self._measure.ledger.submissions(self._measure.head)[-1]
        return Cover(
            title=text_of(title.runs) if title else "",
            city=self._city.name.of(self._language),
            year=self._year,
            head=self._measure.head,
            as_of=last.recorded_at.astimezone(ZoneInfo(self._city.zone)).isoformat(sep=" ", timespec="seconds"),
            definitions=self._city.version,
        )


def _grouped(parts: tuple[Part, ...]) -> Iterator[tuple[str, list[Part]]]:
    """The parts with items of one list and rows of one table together."""
    group: list[Part] = []
    for part in parts:
        if group and not (part.kind in ("item", "row") and (part.kind, part.level) == (group[0].kind, group[0].level)):
            yield group[0].kind, group
            group = []
        group.append(part)
    if group:
        yield group[0].kind, group


def _trimmed(runs: list[Run]) -> tuple[Run, ...]:
    """The runs without blanks at either end."""
    if runs and isinstance(runs[0], Words):
        runs = [Words(runs[0].text.lstrip()), *runs[1:]]
    if runs and isinstance(runs[-1], Words):
        runs = [*runs[:-1], Words(runs[-1].text.rstrip())]
    return tuple(run for run in runs if run != Words(""))
