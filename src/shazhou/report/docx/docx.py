"""The report as a Word document, for those who work on with it: opens cleanly in Word and WPS.

Numbers are plain text, their footnote marks links to the trail appendix. Nothing in it asks to be updated: the contents
list is made of links, the only field is the page number of the footer.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from itertools import zip_longest
from typing import Any

import docx
from docx.enum.text import WD_BREAK, WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm

from shazhou.report.document import Block, Chart, Document, Heading, Items, Paragraph, Run, Table, text_of
from shazhou.report.docx.styles import TEXT_WIDTH, prepare
from shazhou.report.docx.tables import write_table
from shazhou.report.docx.text import Text
from shazhou.report.pdf.typesetting import below_the_title, described, passages, typeset
from shazhou.report.typeface.drawing import pictures
from shazhou.report.typeface.glyphs import check_glyphs
from shazhou.report.words.phrases import phrases
from shazhou.report.words.printed import SHORT_HEAD, Trace, made_at, trace

_EPOCH = (1980, 1, 1, 0, 0, 0)


def write_docx(document: Document) -> bytes:
    """The document as DOCX; the same document always gives the same bytes.

    Raises `Refused` where a character cannot be printed, as the PDF does.
    """
    check_glyphs(document.cover.title, passages(typeset(document)))
    writer = _Writer(document)
    writer.cover()
    blocks = list(below_the_title(document))
    writer.contents(blocks)
    drawings = iter(pictures([block.svg for block in blocks if isinstance(block, Chart)]))
    for block, following in zip_longest(blocks, blocks[1:]):
        writer.block(block, drawings)
        if isinstance(following, Paragraph) and following.gap:
            writer.stay_with_next()
    writer.trail()
    writer.properties()
    made = io.BytesIO()
    writer.made.save(made)
    return _without_times(made.getvalue())


class _Writer:
    """Writes a document's parts one after the other into ``made``."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._language = document.language
        self._words = phrases(document.language)
        self._sections = 0
        self._last: Any = None
        self.made = docx.Document()
        prepare(self.made, document.language)
        self._styles = {style.name: style.style_id for style in self.made.styles}
        self._text = Text(self.made, document.language)

    def cover(self) -> None:
        cover, words = self._document.cover, self._words
        line = self._say("Cover Line", f"{cover.city}  {cover.year}")
        line.paragraph_format.space_before = Cm(5)
        self._say("Title", cover.title)
        facts = ((words.as_of, cover.as_of), (words.head, cover.head), (words.definitions, cover.definitions))
        for at, (label, fact) in enumerate(pair for pair in facts if pair[1]):
            line = self._say("Cover Line", f"{label}  {fact}")
            line.paragraph_format.space_before = Cm(0 if at else 9)
        footer = self.made.sections[0].footer.paragraphs[0]
        footer.paragraph_format.tab_stops.add_tab_stop(TEXT_WIDTH, WD_TAB_ALIGNMENT.RIGHT)
        self._text.say(footer, f"{words.head} {cover.head[:SHORT_HEAD]}{words.separator}{words.as_of} {cover.as_of}")
        footer.add_run("\t")
        footer._p.append(_page_number())

    def contents(self, blocks: list[Block]) -> None:
        """The contents list: links to the headings, without page numbers, which only a field could keep right."""
        title = self._say("Heading 1", self._words.contents)
        title.paragraph_format.page_break_before = True
        headings = [block for block in blocks if isinstance(block, Heading) and block.level <= 3]
        titles = [(block.level - 2, text_of(block.runs)) for block in headings] + [(0, self._words.trail)]
        for at, (depth, text) in enumerate(titles, start=1):
            line = self._say("Normal", "")
            line.paragraph_format.left_indent = Cm(0.8 * depth)
            self._text.link(line, text, f"section_{at}")
        line.add_run().add_break(WD_BREAK.PAGE)

    def block(self, block: Block, drawings: Iterator[bytes]) -> None:
        match block:
            case Heading(level, runs):
                self._heading(level - 1, runs)
            case Paragraph(runs, gap):
                self._text.runs(self._say("Gap" if gap else "Report Text", ""), runs)
            case Items(items, ordered):
                self._items(items, ordered)
            case Table():
                self._table(block)
            case Chart(title, _, alternative, table):
                self._chart(title, next(drawings), alternative, table)

    def stay_with_next(self) -> None:
        """Keep the last paragraph on the page of what follows."""
        self._last.paragraph_format.keep_with_next = True

    def trail(self) -> None:
        """The trail appendix."""
        document, words = self._document, self._words
        self._section(self._say("Heading 1", ""), words.trail).paragraph_format.page_break_before = True
        self._say("Normal", words.trail_intro)
        for entry in document.trail:
            self._entry(trace(entry, document.cover, self._language))

    def properties(self) -> None:
        """What the file says of itself."""
        cover, moment = self._document.cover, made_at(self._document.cover).replace(tzinfo=None, microsecond=0)
        core = self.made.core_properties
        core.title, core.author, core.last_modified_by = cover.title[:255], cover.city[:255], cover.city[:255]
        core.keywords, core.comments, core.subject = cover.head, "", str(cover.year)
        core.language = "zh-CN" if self._language == "zh" else "en-GB"
        core.created = core.modified = moment
        core.revision = 1

    def _heading(self, level: int, runs: tuple[Run, ...]) -> None:
        paragraph = self._say(f"Heading {min(level, 4)}", "")
        if level <= 2:
            self._section(paragraph, "")
        self._text.runs(paragraph, runs)

    def _section(self, paragraph: Any, text: str) -> Any:
        self._sections += 1
        self._text.bookmark(paragraph, f"section_{self._sections}")
        self._text.say(paragraph, text)
        return paragraph

    def _items(self, items: tuple[tuple[Run, ...], ...], ordered: bool) -> None:
        numbering = self._new_numbering() if ordered else 0
        for item in items:
            paragraph = self._say("List Number" if ordered else "List Bullet", "")
            if ordered:
                properties = paragraph._p.get_or_add_pPr().get_or_add_numPr()
                properties.get_or_add_ilvl().val = 0
                properties.get_or_add_numId().val = numbering
            self._text.runs(paragraph, item)

    def _new_numbering(self) -> int:
        """A numbering that starts at one: Word would go on counting from the list before."""
        numbering = self.made.part.numbering_part.element
        style = self.made.styles["List Number"].element.pPr.numPr.numId.val
        abstract = numbering.num_having_numId(style).abstractNumId.val
        number = numbering.add_num(abstract)
        number.add_lvlOverride(ilvl=0).add_startOverride(1)
        return int(number.numId)

    def _table(self, table: Table) -> None:
        if table.title:
            self._text.runs(self._say("Caption", ""), table.title)
        write_table(self.made, table, self._text, self._language)
        self._text.runs(self._say("Source Line", ""), table.source)

    def _chart(self, title: tuple[Run, ...], picture: bytes, alternative: str, table: Table) -> None:
        self._text.runs(self._say("Caption", ""), title)
        paragraph = self._say("Normal", "")
        paragraph.paragraph_format.keep_with_next = True
        shape = paragraph.add_run().add_picture(io.BytesIO(picture), width=TEXT_WIDTH)
        shape._inline.docPr.set("descr", described(alternative, title, self._language))
        self._table(Table((), table.header, table.rows, table.labels, table.source, of_chart=True))

    def _entry(self, entry: Trace) -> None:
        paragraph = self._say("Trail Entry", "")
        quoted = entry.number in self._text.first
        if quoted:
            self._text.link(paragraph, str(entry.number), f"mark_{entry.number}", bookmark=f"entry_{entry.number}")
        else:
            self._text.bookmark(paragraph, f"entry_{entry.number}")
            self._text.say(paragraph, str(entry.number))
        paragraph.add_run("\t")
        self._text.say(paragraph, f"{entry.subject}: ")
        self._text.say(paragraph, entry.value, bold=True)
        paragraph.add_run().add_break()
        self._text.say(paragraph, "    ".join(f"{label} {fact}" for label, fact in entry.facts if fact))
        for source in entry.sources:
            paragraph.add_run().add_break()
            self._text.say(paragraph, f"{self._words.sources} ")
            self._text.cite(paragraph, source)
        if entry.others:
            paragraph.add_run().add_break()
            self._text.say(paragraph, entry.others)

    def _say(self, style: str, text: str) -> Any:
        paragraph = self.made.add_paragraph()
        # By id: looking a style up by its name takes longer than all the rest.
        paragraph._p.style = self._styles[style]
        self._text.say(paragraph, text)
        self._last = paragraph
        return paragraph


def _page_number() -> Any:
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), "PAGE")
    return field


def _without_times(package: bytes) -> bytes:
    """The same package with every file dated alike."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(package)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            new.writestr(entry, old.read(name))
    return made.getvalue()
