"""Running text in the Word document: runs, footnote marks and the links between a number and its entry.

Links are bookmarks and plain hyperlinks, never reference fields: nothing asks to be updated when the file is opened.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from shazhou.city.problem import Language
from shazhou.report.document import Count, Number, Run, Strong, Term, Words
from shazhou.report.words.printed import Source, flowing, on_paper


class Text:
    """Writes text into paragraphs and counts the bookmarks; ``first`` are the numbers quoted so far."""

    def __init__(self, document: Any, language: Language) -> None:
        self._document = document
        self._language = language
        self._bookmarks = 0
        self.first: set[int] = set()

    def runs(self, paragraph: Any, runs: Sequence[Run], bold: bool = False) -> None:
        """Append runs to a paragraph."""
        for run in runs:
            match run:
                case Words(text) | Term(text, _):
                    self.say(paragraph, text, bold)
                case Strong(inner):
                    self.runs(paragraph, inner, bold=True)
                case Number() | Count():
                    self.number(paragraph, run, bold)

    def number(self, paragraph: Any, run: Number | Count, bold: bool = False) -> None:
        """Append a number as plain text, with its footnote mark and its marks."""
        printed, entry = on_paper(run, self._language), run.quote.number
        before = isinstance(run, Number) and run.tabular
        if before and printed.marks:
            self.say(paragraph, f"{printed.marks} ", small=True)
        self.say(paragraph, printed.text, bold)
        name = "" if entry in self.first else f"mark_{entry}"
        self.first.add(entry)
        self.link(paragraph, str(entry), f"entry_{entry}", bookmark=name, mark=True)
        if printed.marks and not before:
            self.say(paragraph, printed.marks, bold)

    def say(self, paragraph: Any, text: str, bold: bool = False, small: bool = False) -> None:
        """Append plain text."""
        if text:
            paragraph._p.append(_run(flowing(text, self._language), bold=bold, small=small))

    def link(self, paragraph: Any, text: str, anchor: str, bookmark: str = "", mark: bool = False) -> None:
        """Append a link within the document; with ``bookmark`` it can itself be led to, ``mark`` raises it."""
        element = OxmlElement("w:hyperlink")
        element.set(qn("w:anchor"), anchor)
        element.append(_run(flowing(text, self._language), style="TrailMark" if mark else ""))
        if bookmark:
            self.bookmark(paragraph, bookmark, element)
        else:
            paragraph._p.append(element)

    def cite(self, paragraph: Any, source: Source) -> None:
        """Append a source, linked to its address, or to each of its addresses, on the web."""
        self._lead_out(paragraph, source.text, source.address)
        for at, (site, address) in enumerate(source.sites):
            self.say(paragraph, ", " if at else ": ")
            self._lead_out(paragraph, site, address)

    def _lead_out(self, paragraph: Any, text: str, address: str) -> None:
        if not address:
            self.say(paragraph, text)
            return
        element = OxmlElement("w:hyperlink")
        target = self._document.part.relate_to(address, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
        element.set(qn("r:id"), target)
        element.append(_run(flowing(text, self._language)))
        paragraph._p.append(element)

    def bookmark(self, paragraph: Any, name: str, element: Any = None) -> None:
        """Append a place that links can lead to, around an element if there is one."""
        self._bookmarks += 1
        start, end = OxmlElement("w:bookmarkStart"), OxmlElement("w:bookmarkEnd")
        for each in (start, end):
            each.set(qn("w:id"), str(self._bookmarks))
        start.set(qn("w:name"), name)
        paragraph._p.extend([start, end] if element is None else [start, element, end])


def _run(text: str, bold: bool = False, small: bool = False, style: str = "") -> Any:
    run = OxmlElement("w:r")
    properties = OxmlElement("w:rPr")
    for tag, value, wanted in (("rStyle", style, style), ("b", "1", bold), ("sz", "15", small)):
        if wanted:
            child = OxmlElement(f"w:{tag}")
            child.set(qn("w:val"), value)
            properties.append(child)
    if len(properties):
        run.append(properties)
    content = OxmlElement("w:t")
    content.text = text
    content.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    run.append(content)
    return run
