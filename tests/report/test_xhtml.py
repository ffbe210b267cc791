"""The XHTML page as a page: strict, whole in itself, accessible, and no number in it that is no fact."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from fact_documents import chance_document, zhangjiagang
from lxml import etree
from page_digits import loose_digits

from shazhou.report.document import Document, Heading, Number, Paragraph, Table, Words
from shazhou.report.xhtml.xhtml import write_xhtml

X = "{http://www.w3.org/1999/xhtml}"
IX = "{http://www.xbrl.org/2013/inlineXBRL}"
DOCUMENTS = [chance_document(1, "zh"), chance_document(2, "en")]
each_language = pytest.mark.parametrize("document", DOCUMENTS, ids=["zh", "en"])


def page(document: Document) -> Any:
    return etree.fromstring(write_xhtml(document, zhangjiagang()))


@each_language
def test_every_digit_is_in_a_fact_or_in_a_term_that_says_what_it_is(document: Document) -> None:
    assert loose_digits(page(document)) == []


def test_a_digit_typed_in_words_is_noticed() -> None:
    typed = replace(DOCUMENTS[0], blocks=(*DOCUMENTS[0].blocks, Paragraph((Words("增长 8 个百分点"),))))
    assert loose_digits(page(typed)) == ["增长 8 个百分点"]


@each_language
def test_the_page_loads_nothing_and_runs_nothing(document: Document) -> None:
    root = page(document)
    assert not list(root.iter(f"{X}script", f"{X}link", f"{X}iframe", f"{X}object", f"{X}form"))
    assert all(image.get("src").startswith("data:image/svg+xml;base64,") for image in root.iter(f"{X}img"))
    assert not [name for element in root.iter(f"{X}*") for name in element.attrib if name.startswith("on")]
    assert not re.search(r"url\(|@import|expression\(", "".join(style.text for style in root.iter(f"{X}style")))
    assert all(re.match(r"#|https?://", link.get("href")) for link in root.iter(f"{X}a"))


@each_language
def test_every_number_leads_to_its_trail_and_back(document: Document) -> None:
    root = page(document)
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    targets = [link.get("href")[1:] for link in root.iter(f"{X}a") if link.get("href").startswith("#")]
    assert set(targets) <= set(ids)
    (text,) = root.xpath("//*[@class='text']")
    facts, marks = list(text.iter(f"{IX}nonFraction")), text.findall(f".//{X}sup[@class='mark']")
    assert len(facts) == len(marks) > 100
    for mark in marks:
        number = mark.findtext(f"{X}a")
        assert mark.find(f"{X}a").get("href") == f"#trail-{number}"
        assert mark.get("id") in targets
        (entry,) = root.xpath(f"//*[@id='trail-{number}']")
        assert entry.xpath("string(*//*[@class='mark'] | *[@class='mark'])") == number


@each_language
def test_the_fact_before_a_mark_is_that_of_its_entry(document: Document) -> None:
    root = page(document)
    entries = {str(entry.quote.number): entry.quote.figure for entry in document.trail}
    (text,) = root.xpath("//*[@class='text']")
    pending = ""
    for element in text.iter(f"{IX}nonFraction", f"{X}sup"):
        if element.tag == f"{IX}nonFraction":
            assert not pending
            pending = element.get("id").partition(".")[0]
        else:
            assert entries[element.findtext(f"{X}a")].id == pending
            pending = ""


@each_language
def test_the_appendix_says_formula_id_sources_moment_and_head(document: Document) -> None:
    root = page(document)
    for entry in document.trail:
        (part,) = root.xpath(f"//*[@id='trail-{entry.quote.number}']")
        text, figure = "".join(part.itertext()), entry.quote.figure
        for wanted in (entry.formula, figure.id, document.cover.as_of, figure.head[:12], "2022-02-28"):
            assert wanted in text
        assert all(mark in text for mark in entry.quote.marks)
        assert len(part.findall(f".//{IX}nonFraction")) == 1 + len(figure.others)
    assert document.cover.head in "".join(root.xpath("//*[@class='cover']")[0].itertext())


@each_language
def test_headings_are_in_order_tables_have_captions_and_scopes_images_descriptions(document: Document) -> None:
    root = page(document)
    levels = [int(element.tag[-1]) for element in root.iter() if re.fullmatch(rf"{X}h[1-6]", str(element.tag))]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(later <= earlier + 1 for earlier, later in pairwise(levels))
    assert all(image.get("alt") for image in root.iter(f"{X}img"))
    for table in root.iter(f"{X}table"):
        assert table[0].tag == f"{X}caption"
        assert {cell.get("scope") for cell in table.iter(f"{X}th")} == {"col", "row"}
    assert root.get("{http://www.w3.org/XML/1998/namespace}lang").startswith(document.language)


def test_marks_stand_in_words_in_text_and_short_in_tables() -> None:
    document = DOCUMENTS[1]
    marked = next(entry.quote for entry in document.trail if len(entry.quote.marks) > 1)
    runs = (Words("It was "), Number(marked), Words("."))
    cells = (((Words("row"),), (Number(marked, tabular=True),)),)
    table = Table((Words("t"),), ((Words("a"),), (Words("b"),)), cells)
    root = page(replace(document, blocks=(Heading(2, (Words("h"),)), Paragraph(runs), table)))
    sentence = "".join(root.find(f".//*[@class='text']/{X}p").itertext())
    sign = "−" if marked.negative else ""
    inside = ", ".join(marked.marks)
    assert sentence == f"It was {marked.before}{sign}{marked.digits}{marked.unit}{marked.number} ({inside})."
    cell = "".join(root.find(f".//{X}td").itertext())
    assert cell == f"{', '.join(marked.brief)} {marked.before}{sign}{marked.digits}{marked.number}"


def test_characters_that_xml_forbids_are_shown_as_unreadable() -> None:
    bad = replace(DOCUMENTS[0], blocks=(Paragraph((Words("a\x00b\ud800c\ufffed\x85\u2028"),)),))
    text = "".join(page(bad).find(f".//*[@class='text']/{X}p").itertext())
    assert text == "a\ufffdb\ufffdc\ufffdd\x85\u2028"


def test_the_same_document_is_the_same_page() -> None:
    assert write_xhtml(DOCUMENTS[0], zhangjiagang()) == write_xhtml(chance_document(1, "zh"), zhangjiagang())
