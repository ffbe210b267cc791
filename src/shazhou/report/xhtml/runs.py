"""Runs of text on the XHTML page: words, terms, and numbers as facts with their marks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from shazhou.report.document import Count, Document, Entry, Number, Quote, Run, Strong, Term, Words
from shazhou.report.words.phrases import phrases
from shazhou.report.words.printed import MINUS, flowing
from shazhou.report.xhtml.aspects import Coordinates
from shazhou.report.xhtml.inline import Facts
from shazhou.report.xhtml.markup import put, say


class Runs:
    """Writes runs into elements. ``marks`` counts the footnote marks set so far for each entry of the appendix."""

    def __init__(self, document: Document, facts: Facts) -> None:
        self._language = document.language
        self._words = phrases(document.language)
        self._facts = facts
        self._subjects = {entry.quote.number: self._subject(entry) for entry in document.trail}
        self.marks: Counter[int] = Counter()

    def write(self, parent: Any, runs: Iterable[Run], marked: bool = True) -> Any:
        """Puts runs into ``parent`` and returns it. ``marked`` false: without footnote marks, as inside a link."""
        for run in runs:
            self._write(parent, run, marked)
        return parent

    def value(self, parent: Any, quote: Quote, at: Coordinates | None = None) -> None:
        """A quote with its unit, without marks; ``at`` is its context where that is not the figure's own."""
        say(self._bare(parent, quote, at), quote.unit)

    def marks_in_words(self, parent: Any, quote: Quote) -> None:
        """The words for a quote's marks, in brackets."""
        if quote.marks:
            words = self._words
            say(parent, f"{words.open}{words.join.join(quote.marks)}{words.close}")

    def _write(self, parent: Any, run: Run, marked: bool) -> None:
        match run:
            case Words(text):
                say(parent, flowing(text, self._language))
            case Term(text, shape):
                say(put(parent, "code" if shape == "formula" else "span", shape), flowing(text, self._language))
            case Strong(runs):
                self.write(put(parent, "strong"), runs, marked)
            case Count():
                whole = put(parent, "span", "figure")
                whole.append(self._facts.count(run))
                self._mark(whole, run.quote, marked)
            case Number(quote, tabular):
                self._tabular(parent, quote, marked) if tabular else self._running(parent, quote, marked)

    def _running(self, parent: Any, quote: Quote, marked: bool) -> None:
        whole = self._bare(parent, quote)
        say(whole, quote.unit)
        self._mark(whole, quote, marked)
        self.marks_in_words(parent, quote)

    def _tabular(self, parent: Any, quote: Quote, marked: bool) -> None:
        if quote.brief:
            say(put(parent, "span", "brief"), self._words.join.join(quote.brief))
            say(parent, " ")
        self._mark(self._bare(parent, quote), quote, marked)

    def _bare(self, parent: Any, quote: Quote, at: Coordinates | None = None) -> Any:
        """Qualifier, sign and fact in an element that no line break may part."""
        whole = put(parent, "span", "figure")
        say(whole, quote.before + (MINUS if quote.negative else ""))
        whole.append(self._facts.number(quote, at))
        return whole

    def _mark(self, parent: Any, quote: Quote, marked: bool) -> None:
        """The footnote mark. Its anchor is what the appendix leads back to."""
        if marked:
            self.marks[quote.number] += 1
            raised = put(parent, "sup", "mark", id=f"mark-{quote.number}-{self.marks[quote.number]}")
            subject = self._subjects.get(quote.number, "")
            say(put(raised, "a", href=f"#trail-{quote.number}", title=subject), str(quote.number))

    def _subject(self, entry: Entry) -> str:
        parts = (entry.name, entry.place, entry.industry, entry.period, entry.kind)
        return self._words.separator.join(part for part in parts if part)
