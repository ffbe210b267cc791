"""Prose: sentences of a template with their figures put in.

A unit that the template writes after a figure becomes the unit of that number ("1300家"); otherwise the report's own
is added. Fixed expressions with a numeral in them (`terms` in report.yaml) become terms, so that a reader of the
finished report can tell them from a number that somebody typed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from shazhou.city.model import City
from shazhou.city.problem import Where
from shazhou.measure.figure import Cell, Figure
from shazhou.report.compose.asking import choice_of, industries_of, places_of
from shazhou.report.compose.quotes import Quotes
from shazhou.report.document import Number, Run, Shape, Strong, Term, Words
from shazhou.report.template.reference import Reference
from shazhou.report.template.sentences import Emphasis, Sentence, with_units
from shazhou.report.words.naming import Names

_YEAR = re.compile(r"\(year([+-]\d{1,2})?\)")


@dataclass(frozen=True)
class Mention:
    """A figure in the sentence (or the title of the table or chart) that quotes it."""

    figure: Figure
    sentence: str
    where: Where


class Prose:
    """Writes sentences for one report."""

    def __init__(self, city: City, year: int, quotes: Quotes, names: Names, terms: tuple[str, ...]) -> None:
        self._city = city
        self._year = year
        self._quotes = quotes
        self._names = names
        ordered = sorted(terms, key=len, reverse=True)
        self._terms = re.compile("|".join(re.escape(term) for term in ordered)) if ordered else None
        self.mentions: list[Mention] = []

    def missing(self, sentence: Sentence) -> tuple[Cell, ...]:
        """The cells that the sentence wants and nothing states."""
        choices = [choice_of(each, self._city, self._year) for each in sentence.references if each.verb == "figure"]
        return tuple(choice[0] for choice in choices if self._quotes.first(choice) is None)

    def runs(self, sentence: Sentence) -> tuple[Run, ...]:
        """The sentence as runs; all of its figures must have values."""
        stack: list[list[Run]] = [[]]
        for token, unit in with_units(sentence.tokens, self._names.language):
            match token:
                case Emphasis.BEGINS:
                    stack.append([])
                case Emphasis.ENDS:
                    strong = Strong(tuple(stack.pop()))
                    stack[-1].append(strong)
                case Reference(verb="figure"):
                    stack[-1].append(self._number(token, unit, sentence))
                case Reference():
                    shape: Shape = "period" if token.verb in ("year", "period") else "name"
                    stack[-1].append(Term(self._named(token), shape))
                case str():
                    stack[-1] += self.text(token)
        return tuple(stack[0])

    def text(self, text: str) -> list[Run]:
        """Plain text as runs: what stands in ``terms`` and years of titles apart from other words."""
        runs: list[Run] = []
        at = 0
        for found in self._terms.finditer(text) if self._terms else ():
            runs += [Words(text[at : found.start()])] if found.start() > at else []
            runs.append(Term(found.group(), "name"))
            at = found.end()
        return [*runs, Words(text[at:])] if at < len(text) else runs

    def title(self, text: str) -> tuple[Run, ...]:
        """The title of a table or chart; ``(year)`` in it is a period."""
        runs: list[Run] = []
        at = 0
        for found in _YEAR.finditer(text):
            runs += self.text(text[at : found.start()])
            runs.append(Term(self._names.period(str(self._year + int(found[1] or 0))), "period"))
            at = found.end()
        return (*runs, *self.text(text[at:]))

    def _number(self, reference: Reference, unit: str, sentence: Sentence) -> Number:
        number = self._quotes.number(choice_of(reference, self._city, self._year))
        assert number is not None
        self.mentions.append(Mention(number.quote.figure, sentence.written(), reference.where))
        return replace(number, quote=replace(number.quote, unit=unit)) if unit else number

    def _named(self, reference: Reference) -> str:
        match reference.verb:
            case "year":
                return self._names.period(str(self._year + reference.years))
            case "period":
                return self._names.period(reference.period(self._year))
            case "list":
                return self._names.joined(self._listed(reference))
            case _:
                return self._names.any(reference.subject) or reference.subject

    def _listed(self, reference: Reference) -> list[str]:
        if reference.subject == "places":
            return [self._names.place(key) for key in places_of(reference, self._city, self._year)]
        return [self._names.within(key) for key in industries_of(reference, self._city, self._year)]
