"""How numbers and the entries of the trail appendix read on paper, the same in PDF and DOCX.

The digits of a quote are printed as they are: nothing here rounds, groups or shortens a number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from shazhou.city.problem import Language
from shazhou.measure.figure import Citation, Figure, Statement
from shazhou.report.document import Count, Cover, Entry, Number, Quote
from shazhou.report.words.marking import qualifier_word
from shazhou.report.words.phrases import Phrases, phrases
from shazhou.report.words.units import printed

MINUS = "−"
SHORT_HEAD = 12
"""Characters of a head that are printed where the whole one stands elsewhere in the report."""

_ADDRESS = re.compile(r"https?://[A-Za-z0-9][!#-;=?-\[\]_a-z~]*")
"""Addresses that may become links; with any other, Word would call the whole file damaged."""


@dataclass(frozen=True)
class Printed:
    """A number on paper: the number with its unit, and the words for its marks that follow the footnote mark."""

    text: str
    marks: str


@dataclass(frozen=True)
class Source:
    """A source on paper. It links to its ``address``; where one title stands at several addresses, to each through
    the name of its site. Both are empty where there is no address of the web."""

    text: str
    address: str = ""
    sites: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Trace:
    """An entry of the trail appendix on paper: ``subject`` is what the figure is about, ``facts`` are pairs of a
    label and a text, ``others`` is what other sources state (empty where none does)."""

    number: int
    subject: str
    value: str
    facts: tuple[tuple[str, str], ...]
    sources: tuple[Source, ...]
    others: str


def on_paper(run: Number | Count, language: Language) -> Printed:
    """A number as it is printed in running text or in a table's cell."""
    if isinstance(run, Count):
        return Printed(str(run.value), "")
    words = phrases(language)
    if run.tabular:
        return Printed(bare(run.quote), words.join.join(run.quote.brief))
    marks = words.join.join(run.quote.marks)
    return Printed(bare(run.quote) + run.quote.unit, f"{words.open}{marks}{words.close}" if marks else "")


def bare(quote: Quote) -> str:
    """A quote's qualifier, sign and digits."""
    return f"{quote.before}{MINUS if quote.negative else ''}{quote.digits}"


def trace(entry: Entry, cover: Cover, language: Language) -> Trace:
    """An entry of the trail appendix in print."""
    words, figure = phrases(language), entry.quote.figure
    value = on_paper(Number(entry.quote), language)
    subject = [entry.name, entry.place, entry.industry, entry.period, entry.kind]
    facts = [(words.formula, entry.formula), (words.id, figure.id)]
    facts += [(words.as_of, cover.as_of), (words.head, figure.head[:SHORT_HEAD])]
    others = words.semicolon.join(_stated(each, figure, language) for each in figure.others)
    return Trace(
        entry.quote.number,
        words.separator.join(part for part in subject if part),
        value.text + value.marks,
        tuple(facts),
        _sources(figure.sources, words),
        f"{words.others} {others}" if others else "",
    )


def flowing(text: str, language: Language) -> str:
    """Text with the line breaks of its file undone: nothing between Chinese characters, elsewhere a space."""
    if language == "zh":
        text = re.sub(r"(?<=[^\x00-\xff])[ \t]*[\r\n]\s*|[ \t]*[\r\n]\s*(?=[^\x00-\xff])", "", text)
    return re.sub(r"[\t\r\n]+", " ", text)


def made_at(cover: Cover) -> datetime:
    """The moment that the file says it was made: that of the evidence, so that the same report is the same file."""
    try:
        moment = datetime.fromisoformat(cover.as_of)
    except ValueError:
        return datetime(cover.year, 12, 31, tzinfo=UTC)
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _sources(citations: tuple[Citation, ...], words: Phrases) -> tuple[Source, ...]:
    """Each title once, in the order cited."""
    addresses: dict[str, dict[str, None]] = {}
    for each in citations:
        known = addresses.setdefault(_cited(each, words), {})
        if _ADDRESS.fullmatch(each.address):
            known[each.address] = None
    return tuple(_source(text, tuple(known)) for text, known in addresses.items())


def _source(text: str, addresses: tuple[str, ...]) -> Source:
    if len(addresses) < 2:
        return Source(text, addresses[0] if addresses else "")
    return Source(text, sites=tuple((address.split("/")[2].removeprefix("www."), address) for address in addresses))


def _stated(statement: Statement, figure: Figure, language: Language) -> str:
    unit = printed(figure.unit, language)
    moved = statement.value.scaleb(unit.shift).normalize()
    value = (f"{moved:,f}" if language == "en" else f"{moved:f}").replace("-", MINUS)
    before = qualifier_word(replace(figure, qualifier=statement.qualifier), language)
    return f"{before}{value}{unit.text} {_cited(statement.citation, phrases(language))}"


def _cited(citation: Citation, words: Phrases) -> str:
    date = f"{words.open}{citation.date}{words.close}" if citation.date else ""
    return (citation.title or words.no_source) + date
