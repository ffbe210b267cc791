"""The report as one document, before it becomes XHTML, PDF or DOCX.

A document is a list of blocks; a block holds runs of text. The one rule that matters: a number is never text. It is a
`Quote`, a figure as quoted, and whoever writes the document out must write it as a fact. Text that may hold digits
without being a number (a name from the city's definitions, a period, an identifier) is a `Term` and says which of these
it is, so that a reader of the finished report can tell it from a number that somebody typed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from shazhou.measure.figure import Figure

Shape = Literal["name", "period", "date", "id", "formula", "source", "mark"]
"""What a term is: a defined name, a period, a calendar date, an identifier or head, a formula, a cited source, a number
of the appendix."""


@dataclass(frozen=True)
class Words:
    """Plain text of the template."""

    text: str


@dataclass(frozen=True)
class Term:
    """Text that may hold digits and is no number."""

    text: str
    shape: Shape


@dataclass(frozen=True)
class Quote:
    """A figure as quoted: how it is printed and which fact it is.

    ``digits`` is the absolute value as printed; times ten to the ``scale`` it is the value in base units
    (percentages: as a plain ratio). ``accuracy`` is XBRL's ``decimals`` of that value. ``before`` holds the
    qualifier ("over"), ``unit`` what follows the number, ``marks`` the sentences' words for its status, ``brief``
    the same for tables. ``number`` is its place in the trail appendix.
    """

    figure: Figure
    number: int
    digits: str
    negative: bool
    scale: int
    accuracy: int
    before: str = ""
    unit: str = ""
    marks: tuple[str, ...] = ()
    brief: tuple[str, ...] = ()


@dataclass(frozen=True)
class Number:
    """A quote in running text (``tabular`` false: with unit and marks in words) or in a table's cell."""

    quote: Quote
    tabular: bool = False


@dataclass(frozen=True)
class Count:
    """How many statements a figure was made of: a number too, told by the ledger."""

    value: int
    quote: Quote


@dataclass(frozen=True)
class Strong:
    """Emphasised runs."""

    runs: tuple[Run, ...]


Run = Words | Term | Number | Count | Strong


@dataclass(frozen=True)
class Heading:
    """A heading; level 1 is the report's title."""

    level: int
    runs: tuple[Run, ...]


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of running text. ``gap``: it says what is missing."""

    runs: tuple[Run, ...]
    gap: bool = False


@dataclass(frozen=True)
class Items:
    """A list."""

    items: tuple[tuple[Run, ...], ...]
    ordered: bool = False


@dataclass(frozen=True)
class Table:
    """A table with a header row. The first ``labels`` columns hold names and are set left, the others numbers."""

    title: tuple[Run, ...]
    header: tuple[tuple[Run, ...], ...]
    rows: tuple[tuple[tuple[Run, ...], ...], ...]
    labels: int = 1
    source: tuple[Run, ...] = ()
    of_chart: bool = False


@dataclass(frozen=True)
class Chart:
    """A drawing with the table behind it. ``alternative`` describes it for those who cannot see it."""

    title: tuple[Run, ...]
    svg: str
    alternative: str
    table: Table


Block = Heading | Paragraph | Items | Table | Chart


@dataclass(frozen=True)
class Entry:
    """One figure in the trail appendix."""

    quote: Quote
    name: str
    formula: str
    place: str
    industry: str
    period: str
    kind: str


@dataclass(frozen=True)
class Cover:
    """What stands before the text."""

    title: str
    city: str
    year: int
    head: str
    as_of: str
    definitions: str


@dataclass(frozen=True)
class Document:
    """The whole report."""

    language: Literal["zh", "en"]
    cover: Cover
    blocks: tuple[Block, ...]
    trail: tuple[Entry, ...] = field(default=())

    @property
    def quotes(self) -> tuple[Quote, ...]:
        """Every figure quoted, once, in the order of the appendix."""
        return tuple(entry.quote for entry in self.trail)


def text_of(runs: tuple[Run, ...]) -> str:
    """Runs as plain text, numbers with their unit and marks."""
    return "".join(_text(run) for run in runs)


def _text(run: Run) -> str:
    match run:
        case Words(text) | Term(text, _):
            return text
        case Strong(runs):
            return text_of(runs)
        case Count(value, _):
            return str(value)
        case Number(quote, tabular):
            number = f"{quote.before}{'−' if quote.negative else ''}{quote.digits}"
            return number if tabular else number + quote.unit
