"""Sentences of a template: its pieces laid out flat and cut where sentences end.

A sentence stands or falls as a whole: where one of its figures has no evidence the sentence is left out and the report
says what is missing instead. So a template should give every claim its own sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum

from shazhou.report.template.markdown import Piece
from shazhou.report.template.reference import Reference
from shazhou.report.words.units import unit_word


class Emphasis(Enum):
    """Where emphasised text begins and ends."""

    BEGINS = 1
    ENDS = 2


Token = str | Reference | Emphasis

_END = re.compile(r"(?<=[。！？])[”’」）)]*|(?<=[.!?])(?=\s)")
_LINE_BREAK = re.compile(r"\s*\n\s*")


@dataclass(frozen=True)
class Sentence:
    """A sentence as tokens."""

    tokens: tuple[Token, ...]

    @property
    def references(self) -> tuple[Reference, ...]:
        """Its references, in order."""
        return tuple(each for each in self.tokens if isinstance(each, Reference))

    def written(self) -> str:
        """The sentence as it stands in the template."""
        shown = [each if isinstance(each, str) else "{{" + each.text + "}}" for each in self._readable()]
        return "".join(shown).strip()

    def _readable(self) -> Iterator[str | Reference]:
        for each in self.tokens:
            if not isinstance(each, Emphasis):
                yield each


def sentences(pieces: Iterable[Piece], language: str) -> tuple[Sentence, ...]:
    """The sentences of a paragraph; emphasised text is never cut."""
    found: list[list[Token]] = [[]]
    depth = 0
    for token in _flat(pieces, language):
        depth += (token is Emphasis.BEGINS) - (token is Emphasis.ENDS)
        if not isinstance(token, str) or depth:
            found[-1].append(token)
            continue
        first, *rest = _cut(token)
        found[-1].append(first)
        found += [[part] for part in rest]
    return tuple(Sentence(tuple(tokens)) for tokens in found if any(token != "" for token in tokens))


def with_units(tokens: Iterable[Token], language: str) -> Iterator[tuple[Token, str]]:
    """The tokens, each figure with the unit word that the text after it begins with (empty: none), which is taken from
    that text."""
    waiting: list[Token] = []
    for token in tokens:
        if waiting and isinstance(token, str):
            word = unit_word(token, language)
            yield waiting[0], word
            yield from ((each, "") for each in waiting[1:])
            yield token[len(word) :], ""
            waiting = []
        elif waiting and isinstance(token, Emphasis):
            waiting.append(token)
        else:
            yield from ((each, "") for each in waiting)
            is_figure = isinstance(token, Reference) and token.verb == "figure"
            waiting = [token] if is_figure else []
            if not is_figure:
                yield token, ""
    yield from ((each, "") for each in waiting)


def _cut(text: str) -> list[str]:
    """The text in parts, each but the last ending a sentence; what follows a sentence keeps its space in front."""
    ends = [found.end() for found in _END.finditer(text)]
    starts = [0, *ends]
    return [text[start:end] for start, end in zip(starts, [*ends, len(text)], strict=True)]


def _flat(pieces: Iterable[Piece], language: str) -> Iterator[Token]:
    """The pieces in order; adjacent texts joined, line breaks of the file undone."""
    text = ""
    for token in _unfolded(pieces):
        if isinstance(token, str):
            text += token
            continue
        if text:
            yield _LINE_BREAK.sub(" " if language == "en" else "", text)
        text = ""
        yield token
    if text:
        yield _LINE_BREAK.sub(" " if language == "en" else "", text)


def _unfolded(pieces: Iterable[Piece]) -> Iterator[Token]:
    for piece in pieces:
        if isinstance(piece, tuple):
            yield Emphasis.BEGINS
            yield from _unfolded(piece)
            yield Emphasis.ENDS
        else:
            yield piece
