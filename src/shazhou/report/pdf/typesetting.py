"""A document as data for the typesetter's template `work_report.typ`.

Everything that is printed is handed over as data and never as markup, so that no text of the evidence can be taken for
a command. Printed texts stand under the key ``text``, as pieces between which a line may break: an address or a hash
has no spaces and would otherwise run over the margin.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from shazhou.city.problem import Language
from shazhou.report.document import (
    Block,
    Chart,
    Count,
    Document,
    Heading,
    Items,
    Number,
    Paragraph,
    Run,
    Strong,
    Table,
    Term,
    Words,
    text_of,
)
from shazhou.report.typeface.drawing import drawn_texts, of_regular_weight
from shazhou.report.typeface.glyphs import Passage
from shazhou.report.words.phrases import phrases
from shazhou.report.words.printed import SHORT_HEAD, Source, Trace, flowing, on_paper, trace

Node = dict[str, Any]

_LONG_WORD = re.compile(r"(?=[!-~]*[^A-Za-z\s]|[A-Za-z]{31})[!-~]{17,}")
_STRETCH = re.compile(r"[0-9A-Za-z]{1,8}|[^0-9A-Za-z]")


def typeset(document: Document) -> Node:
    """The document as the template takes it."""
    words, cover, language = phrases(document.language), document.cover, document.language
    writer = _Writer(language, frozenset(entry.quote.number for entry in document.trail))
    facts = [
        (words.as_of, cover.as_of),
        (words.head, cover.head),
        (words.definitions, cover.definitions),
    ]
    footer = f"{words.head} {cover.head[:SHORT_HEAD]}{words.separator}{words.as_of} {cover.as_of}"
    return {
        "language": language,
        "title": cover.title.strip() or f"{cover.city} {cover.year}",
        "author": cover.city,
        "keywords": cover.head,
        "cover": {
            "title": writer.text(cover.title),
            "city": writer.text(cover.city),
            "year": writer.text(str(cover.year)),
            "facts": writer.facts(facts),
        },
        "footer": writer.text(footer),
        "contents": writer.text(words.contents),
        "appendix": writer.text(words.trail),
        "introduction": writer.text(words.trail_intro),
        "sources": writer.text(words.sources),
        "blocks": [writer.block(block) for block in below_the_title(document)],
        "trail": [writer.entry(trace(entry, cover, language)) for entry in document.trail],
    }


def passages(data: Node) -> Iterator[Passage]:
    """Every text of a typeset document that is printed or read aloud, by section, drawings included."""
    for name in ("cover", "footer", "contents", "introduction"):
        yield from (Passage("", text) for text in _printed(data[name]))
    section = ""
    for block in data["blocks"]:
        if block["kind"] == "heading":
            section = "".join(_strings(block["runs"]))
        yield from (Passage(section, text) for text in _printed(block))
    section = "".join(data["appendix"]["text"])
    yield from (Passage(section, text) for entry in data["trail"] for text in _printed(entry))


def pieces(text: str) -> list[str]:
    """Text cut where a line may break within a word too long for its line."""
    found, end = [], 0
    for match in _LONG_WORD.finditer(text):
        stretches = _STRETCH.findall(match.group())
        found += [text[end : match.start()] + stretches[0], *stretches[1:]]
        end = match.end()
    return [*found, text[end:]] if end < len(text) or not found else found


def described(alternative: str, title: Sequence[Run], language: Language) -> str:
    """The words for a drawing that cannot be seen: never none, which readers of the file would be told of."""
    said = flowing(alternative, language).strip() or flowing(text_of(tuple(title)), language).strip()
    return said or phrases(language).none


def below_the_title(document: Document) -> Iterator[Block]:
    """The blocks without the title, which stands on the cover, and without empty headings; no heading is more than one
    level below its parent."""
    above = 1
    for block in document.blocks:
        if not isinstance(block, Heading):
            yield block
        elif block.level > 1 and text_of(block.runs).strip():
            above = min(block.level, above + 1)
            yield Heading(above, block.runs)


@dataclass
class _Writer:
    """Turns blocks into nodes; ``first`` are the numbers quoted so far, whose first mark the appendix leads back to."""

    language: Language
    entries: frozenset[int]
    first: set[int] = field(default_factory=set)

    def text(self, text: str) -> Node:
        return {"text": pieces(flowing(text, self.language))}

    def facts(self, facts: Iterable[tuple[str, str]]) -> list[Node]:
        return [{"label": self.text(label), "value": self.text(text)} for label, text in facts if text]

    def entry(self, entry: Trace) -> Node:
        return {
            "number": entry.number,
            "quoted": entry.number in self.first,
            "subject": self.text(entry.subject),
            "value": self.text(entry.value),
            "facts": self.facts(entry.facts),
            "sources": [self.source(each) for each in entry.sources],
            "others": self.text(entry.others),
        }

    def source(self, source: Source) -> Node:
        sites = [{**self.text(site), "address": address} for site, address in source.sites]
        return {**self.text(source.text), "address": source.address, "sites": sites}

    def block(self, block: Block) -> Node:
        match block:
            case Heading(level, runs):
                return {"kind": "heading", "level": level - 1, "runs": self.repeated(runs)}
            case Paragraph(runs, gap):
                return {"kind": "gap" if gap else "paragraph", "runs": self.runs(runs)}
            case Items(items, ordered):
                return {"kind": "items", "ordered": ordered, "items": [self.runs(item) for item in items]}
            case Table():
                return self.table(block)
            case Chart(title, svg, alternative, table):
                return {
                    "kind": "chart",
                    "title": self.runs(title),
                    "svg": of_regular_weight(svg),
                    "alternative": described(alternative, title, self.language),
                    "table": self.table(table),
                }

    def table(self, table: Table) -> Node:
        return {
            "kind": "table",
            "title": self.runs(table.title),
            "labels": table.labels,
            "header": [self.repeated(cell) for cell in table.header],
            "rows": [
                [self.repeated(cell) if at < table.labels else self.runs(cell) for at, cell in enumerate(row)]
                for row in table.rows
            ],
            "source": self.runs(table.source),
        }

    def repeated(self, runs: Sequence[Run]) -> list[Node]:
        """Runs that the page may repeat (headings in the contents list, headers and names of long tables): no mark
        in them is the one that the appendix leads to."""
        quoted = set(self.first)
        self.first |= self.entries
        nodes = self.runs(runs)
        self.first = quoted
        return nodes

    def runs(self, runs: Sequence[Run]) -> list[Node]:
        return [self.run(run) for run in runs]

    def run(self, run: Run) -> Node:
        match run:
            case Words(text):
                return {"kind": "words", **self.text(text)}
            case Term(text, shape):
                return {"kind": "term", "shape": shape, **self.text(text)}
            case Strong(runs):
                return {"kind": "strong", "runs": self.runs(runs)}
            case Number() | Count():
                return self.number(run)

    def number(self, run: Number | Count) -> Node:
        entry, printed = run.quote.number, on_paper(run, self.language)
        if entry not in self.entries:
            raise ValueError(f"figure {run.quote.figure.id} is quoted as number {entry} but is not in the trail")
        first = entry not in self.first
        self.first.add(entry)
        marks = {"marks": self.text(printed.marks)} if printed.marks else {}
        return {"kind": "number", "number": entry, "first": first, **self.text(printed.text), **marks}


def _printed(node: Any) -> Iterator[str]:
    """The passages of a node: running text in one, everything else one by one."""
    if isinstance(node, list):
        if node and isinstance(node[0], dict) and node[0].get("kind") in ("words", "term", "strong", "number"):
            yield "".join(_strings(node))
        else:
            for each in node:
                yield from _printed(each)
    elif isinstance(node, dict):
        if "text" in node:
            yield "".join(node["text"])
        if "svg" in node:
            yield from (node["alternative"], *drawn_texts(node["svg"]))
        for value in node.values():
            if isinstance(value, list | dict) and value is not node.get("text"):
                yield from _printed(value)


def _strings(node: Any) -> Iterator[str]:
    """The texts within a node, in the order printed."""
    if isinstance(node, list):
        for each in node:
            yield from _strings(each)
    elif isinstance(node, dict):
        yield from node.get("text", ())
        for value in node.values():
            if isinstance(value, dict) or (isinstance(value, list) and value is not node.get("text")):
                yield from _strings(value)
