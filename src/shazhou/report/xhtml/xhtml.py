"""The report as a page that people read and machines read too: strict XHTML with inline XBRL 1.1.

Every number is a fact (`shazhou.report.xhtml.inline`), what may hold digits without being one stands in an element
whose class says what it is (the shapes of a `Term`), and each number carries a mark that leads to its entry in the
trail appendix and back. The page needs nothing but itself: no script, no address to load; drawings are data URIs.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Sequence
from typing import Any

from lxml import etree

from shazhou.city.model import City
from shazhou.report.document import Block, Chart, Document, Heading, Items, Paragraph, Run, Shape, Table, Term, text_of
from shazhou.report.words.phrases import phrases
from shazhou.report.xhtml.inline import Facts, namespaces
from shazhou.report.xhtml.markup import XHTML, XML, allowed, element, put, say
from shazhou.report.xhtml.runs import Runs
from shazhou.report.xhtml.style import STYLE
from shazhou.report.xhtml.trail import Appendix

_LANGUAGES = {"zh": "zh-CN", "en": "en"}


def write_xhtml(document: Document, city: City) -> bytes:
    """The document as XHTML, UTF-8. It refers to the files of `write_taxonomy` beside it."""
    root = _Page(document, city).html()
    content: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
    return content + b"\n"


class _Page:
    def __init__(self, document: Document, city: City) -> None:
        self._document = document
        self._city = city
        self._words = phrases(document.language)
        self._facts = Facts(city)
        self._runs = Runs(document, self._facts)
        titles = (block for block in document.blocks if isinstance(block, Heading) and block.level == 1)
        self._title = next(titles, None)

    def html(self) -> Any:
        spaces: dict[str | None, str] = {None: XHTML}
        spaces.update(namespaces(self._city))
        root = etree.Element(f"{{{XHTML}}}html", nsmap=spaces)
        root.set(f"{{{XML}}}lang", _LANGUAGES[self._document.language])
        self._head(put(root, "head"))
        body = put(root, "body")
        hidden = put(body, "div", style="display:none")
        page = put(body, "div", "page")
        self._cover(put(page, "div", "cover"))
        contents = put(page, "div", "contents")
        headings = list(self._text(put(page, "div", "text")))
        self._contents(contents, headings)
        Appendix(self._document, self._city, self._runs).write(page)
        hidden.append(self._facts.header())
        return root

    def _head(self, head: Any) -> None:
        cover = self._document.cover
        say(put(head, "title"), cover.title)
        for name, text in (("viewport", "width=device-width, initial-scale=1"), ("shazhou.head", cover.head)):
            put(head, "meta").attrib.update({"name": name, "content": allowed(text)})
        say(put(head, "style", type="text/css"), STYLE)

    def _cover(self, block: Any) -> None:
        cover, words = self._document.cover, self._words
        say(put(put(block, "p", "city"), "span", "name"), cover.city)
        self._runs.write(put(block, "h1"), self._title.runs if self._title else (Term(cover.title, "name"),))
        told: tuple[tuple[str, str, Shape], ...] = (
            (words.year, str(cover.year), "period"),
            (words.as_of, cover.as_of, "date"),
            (words.head, cover.head, "id"),
            (words.definitions, cover.definitions, "id"),
        )
        listed = put(block, "dl")
        for label, text, shape in told:
            if text:
                say(put(listed, "dt"), label)
                say(put(put(listed, "dd"), "span", shape), text)

    def _contents(self, block: Any, headings: Sequence[tuple[str, tuple[Run, ...]]]) -> None:
        say(put(block, "h2"), self._words.contents)
        listed = put(block, "ul")
        for anchor, runs in headings:
            self._runs.write(put(put(listed, "li"), "a", href=f"#{anchor}"), runs, marked=False)
        say(put(put(listed, "li"), "a", href="#trail"), self._words.trail)

    def _text(self, text: Any) -> Iterator[tuple[str, tuple[Run, ...]]]:
        """Writes the blocks; yields the anchor and the runs of each section's heading. The title stands on the cover,
        and no heading is more than one level below the one above it."""
        above = 1
        for order, block in enumerate(self._document.blocks):
            if not isinstance(block, Heading):
                text.append(self._block(block))
            elif block is not self._title:
                above = min(max(block.level, 2), above + 1, 6)
                anchor = f"section-{order}"
                self._runs.write(put(text, f"h{above}", id=anchor), block.runs)
                if above == 2:
                    yield anchor, block.runs

    def _block(self, block: Block) -> Any:
        match block:
            case Paragraph(runs, gap):
                return self._runs.write(element("p", "gap" if gap else ""), runs)
            case Items(items, ordered):
                listed = element("ol" if ordered else "ul")
                for item in items:
                    self._runs.write(put(listed, "li"), item)
                return listed
            case Chart():
                return self._chart(block)
            case Table():
                return self._table(block)
        raise TypeError(block)

    def _chart(self, chart: Chart) -> Any:
        block = element("div", "chart")
        self._runs.write(put(block, "p", "title"), chart.title)
        drawing = b64encode(chart.svg.encode()).decode()
        put(block, "img", src=f"data:image/svg+xml;base64,{drawing}", alt=chart.alternative)
        block.append(self._table(chart.table, text_of(chart.table.title) == text_of(chart.title)))
        return block

    def _table(self, table: Table, titled: bool = False) -> Any:
        """A table. ``titled``: its title stands above it already, so that only who cannot see the page needs it."""
        block = element("div", "table small" if table.of_chart else "table")
        grid = put(block, "table")
        if table.title:
            self._runs.write(put(grid, "caption", "unseen" if titled else ""), table.title, marked=not titled)
        if table.header:
            row = put(put(grid, "thead"), "tr")
            for column, cell in enumerate(table.header):
                self._runs.write(put(row, "th", _side(column, table), scope="col"), cell)
        body = put(grid, "tbody")
        for cells in table.rows:
            row = put(body, "tr")
            for column, cell in enumerate(cells):
                heads = column == 0 and table.labels > 0
                place = put(row, "th", scope="row") if heads else put(row, "td", _side(column, table))
                self._runs.write(place, cell)
        if table.source:
            self._runs.write(put(block, "p", "cited"), table.source)
        return block


def _side(column: int, table: Table) -> str:
    return "" if column < table.labels else "number"
