"""A figure printed without the marks that it must carry stops the report, in the document and in what writers make of
it."""

from __future__ import annotations

import io
from dataclasses import replace

import docx
import pytest
from docx.oxml.ns import qn
from lxml import etree
from report.zhangjiagang_report import city, document, draft

from shazhou.measure.figure import Figure
from shazhou.report.checks import marked
from shazhou.report.compose.quoting import quote
from shazhou.report.document import Chart, Document, Number, Paragraph, Quote, Strong, Table, Words
from shazhou.report.docx.docx import write_docx
from shazhou.report.xhtml.xhtml import write_xhtml

WEAKNESSES = (
    {"simulated": True},
    {"recorded": True},
    {"disputed": True},
    {"status": "forecast"},
    {"status": "provisional"},
    {"status": "estimated"},
    {"kind": "target"},
    {"break_in_series": True},
)


def plain_figure() -> Figure:
    """GDP of 2021: a plain fact."""
    return next(each.quote.figure for each in document("zh").trail if each.quote.figure.indicator == "gdp")


def with_block(made: Document, block: Paragraph | Table) -> Document:
    return replace(made, blocks=(*made.blocks, block))


def sentence_with(shown: Quote) -> Paragraph:
    return Paragraph((Words("生产总值"), Strong((Number(shown),)), Words("。")))


def table_with(shown: Quote) -> Table:
    return Table((Words("表"),), ((Words("甲"),), (Words("乙"),)), (((Words("丙"),), (Number(shown, True),)),))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_figure_of_the_reports_that_ship_is_marked(language):
    made = draft(language)
    assert list(marked.check_document(made.document, city(), made.quotes.revised)) == []


@pytest.mark.parametrize("block", [sentence_with, table_with])
@pytest.mark.parametrize("weakness", WEAKNESSES)
def test_a_figure_that_lost_its_mark_stops_the_report(weakness, block):
    figure = replace(plain_figure(), **weakness)
    good = quote(figure, city(), "zh", 1)
    assert list(marked.check_document(with_block(document("zh"), block(good)), city())) == []
    bad = replace(good, marks=(), brief=())
    (problem,) = marked.check_document(with_block(document("zh"), block(bad)), city())
    assert problem.rule.id == "report-unmarked"
    assert good.marks[0] in problem.says("zh")
    assert ("生产总值" if block is sentence_with else "表") in problem.says("en")


def test_a_figure_that_became_disputed_after_it_was_quoted_is_found():
    made = document("zh")
    paragraphs = [block for block in made.blocks if isinstance(block, Paragraph)]
    first = next(block for block in paragraphs if any(isinstance(run, Number) for run in block.runs))
    number = next(run for run in first.runs if isinstance(run, Number))
    disputed = replace(number, quote=replace(number.quote, figure=replace(number.quote.figure, disputed=True)))
    forged = replace(first, runs=tuple(disputed if run is number else run for run in first.runs))
    blocks = tuple(forged if block is first else block for block in made.blocks)
    (problem,) = marked.check_document(replace(made, blocks=blocks), city())
    assert "来源不一" in problem.says("zh")


def test_numbers_of_charts_are_read_from_the_table_behind_them():
    charts = [block for block in document("zh").blocks if isinstance(block, Chart)]
    alone = replace(document("zh"), blocks=(charts[0],))
    assert [number.quote.digits for _, number in marked.numbers_of(alone)] == ["29.75", "1550.88", "1449.58"]


def written(made: Document) -> str:
    """What a writer makes of the document: every number with its footnote mark and its marks, in order."""
    parts = []
    for sentence, number in marked.numbers_of(made):
        shown = number.quote
        digits = f"{shown.before}{'−' if shown.negative else ''}{shown.digits}"
        if number.tabular:
            parts.append(f"{'，'.join(shown.brief)} {digits} {shown.number}")
        else:
            parts.append(f"{sentence[:6]} {digits} {shown.unit} {shown.number}（{'，'.join(shown.marks)}）")
    return "\n".join(parts)


def sample() -> Document:
    figures = [replace(plain_figure(), **weakness) for weakness in WEAKNESSES]
    quotes = [quote(figure, city(), "zh", number + 1) for number, figure in enumerate(figures)]
    return replace(document("zh"), blocks=tuple(sentence_with(shown) for shown in quotes))


@pytest.mark.parametrize("made", [sample, document], ids=["sample", "report"])
def test_what_a_writer_made_is_read_back_and_passes(made):
    assert list(marked.check_text(made(), written(made()), city())) == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_and_the_word_document_are_read_back_and_pass(language):
    made = document(language)
    page = etree.fromstring(write_xhtml(made, city())).find("{http://www.w3.org/1999/xhtml}body")
    texts = docx.Document(io.BytesIO(write_docx(made))).element.body.iter(qn("w:t"))
    for text in (" ".join(page.itertext()), " ".join(each.text or "" for each in texts)):
        assert list(marked.check_text(made, text, city(), draft(language).quotes.revised)) == []
        assert list(marked.check_text(made, text.replace("预计", "").replace("exp", ""), city()))


@pytest.mark.parametrize("word", ["模拟数据", "来源不一", "初步核算数", "预计数"])
def test_a_mark_that_a_writer_lost_is_found(word):
    problems = list(marked.check_text(sample(), written(sample()).replace(word, ""), city()))
    assert word in {problem.values["mark"] for problem in problems}


def test_a_number_that_a_writer_lost_or_changed_is_found():
    text = written(sample())
    lost = list(marked.check_text(sample(), text[: text.rindex("3030.21")], city()))
    assert [problem.rule.id for problem in lost] == ["report-number-lost"]
    changed = list(marked.check_text(sample(), text.replace("3030.21", "3030.12"), city()))
    assert {problem.rule.id for problem in changed} == {"report-number-lost"}
