"""The trail appendix on the XHTML page: for every figure its value, formula, id, head and sources, and the way back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from shazhou.city.model import City
from shazhou.measure.figure import Citation
from shazhou.report.compose.quoting import quote as quoted
from shazhou.report.document import Document, Entry, Quote, Shape
from shazhou.report.words.phrases import phrases
from shazhou.report.words.printed import SHORT_HEAD
from shazhou.report.xhtml.aspects import contradicted
from shazhou.report.xhtml.markup import put, say
from shazhou.report.xhtml.runs import Runs

_BACK = {"zh": "回到正文", "en": "back to the text"}


class Appendix:
    """Writes the appendix of a document, after all its runs are written."""

    def __init__(self, document: Document, city: City, runs: Runs) -> None:
        self._document = document
        self._city = city
        self._words = phrases(document.language)
        self._runs = runs

    def write(self, page: Any) -> None:
        """Puts the appendix at the end of ``page``."""
        block = put(page, "div", "trail")
        say(put(block, "h2", id="trail"), self._words.trail)
        say(put(block, "p"), self._words.trail_intro)
        for entry in self._document.trail:
            part = put(block, "div", "entry", id=f"trail-{entry.quote.number}")
            self._subject(put(part, "p", "subject"), entry)
            self._origin(put(part, "p"), entry)
            self._sources(put(part, "p"), entry.quote)
            if entry.quote.figure.others:
                self._others(put(part, "p"), entry.quote)

    def _subject(self, line: Any, entry: Entry) -> None:
        quote = entry.quote
        say(put(line, "span", "mark"), str(quote.number))
        say(line, " ")
        names = [(text, "name") for text in (entry.name, entry.place, entry.industry) if text]
        for order, (text, shape) in enumerate([*names, (entry.period, "period"), (entry.kind, "name")]):
            say(line, self._words.separator if order else "")
            say(put(line, "span", shape), text)
        say(line, " ")
        self._runs.value(put(line, "strong"), quote)
        self._runs.marks_in_words(line, quote)
        for place in range(self._runs.marks[quote.number]):
            say(line, " ")
            back = put(
                line, "a", "back", href=f"#mark-{quote.number}-{place + 1}", title=_BACK[self._document.language]
            )
            say(back, "↩")

    def _origin(self, line: Any, entry: Entry) -> None:
        words, cover, figure = self._words, self._document.cover, entry.quote.figure
        told: tuple[tuple[str, str, Shape], ...] = (
            (words.formula, entry.formula, "formula"),
            (words.id, figure.id, "id"),
            (words.as_of, cover.as_of, "date"),
            (words.head, figure.head[:SHORT_HEAD], "id"),
        )
        for order, (label, text, shape) in enumerate(told):
            say(line, words.separator if order else "")
            said = line if shape == "formula" else put(line, "span", "said")
            say(said, f"{label} ")
            say(put(said, "code" if shape == "formula" else "span", shape), text)

    def _sources(self, line: Any, quote: Quote) -> None:
        say(line, f"{self._words.sources} ")
        for order, citation in enumerate(quote.figure.sources):
            say(line, self._words.semicolon if order else "")
            self._cited(line, citation)
        if not quote.figure.sources:
            say(line, self._words.no_source)

    def _others(self, line: Any, quote: Quote) -> None:
        say(line, f"{self._words.others} ")
        for order, other in enumerate(quote.figure.others):
            figure = replace(quote.figure, value=other.value, qualifier=other.qualifier)
            stated = quoted(figure, self._city, self._document.language, quote.number)
            say(line, self._words.semicolon if order else "")
            self._runs.value(line, stated, contradicted(quote.figure, order, self._city))
            say(line, " ")
            self._cited(line, other.citation)

    def _cited(self, line: Any, citation: Citation) -> None:
        # Only addresses of the web become links: anything else (a script, a file) is no source that a reader can open.
        web = citation.address.startswith(("https://", "http://"))
        cited = put(line, "a", "source", href=citation.address) if web else put(line, "span", "source")
        words = self._words
        date = f"{words.open}{citation.date}{words.close}" if citation.date else ""
        say(cited, (citation.title or words.no_source) + date)
