"""Whatever a document holds, it is printed or refused with a reason, in PDF and in DOCX."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import docx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sample_documents import SVG, figure, quote

from shazhou.city.problem import Refused
from shazhou.measure.figure import Citation
from shazhou.report.document import (
    Chart,
    Count,
    Cover,
    Document,
    Entry,
    Heading,
    Items,
    Number,
    Paragraph,
    Quote,
    Strong,
    Table,
    Term,
    Words,
)
from shazhou.report.docx.docx import write_docx
from shazhou.report.pdf.pdf import write_pdf

PLAIN = "#$*_`[]{}()<>@\\/\"'~-=+&%^|:;,.!? \n\t\r\u3000\u00a0ABCdefgh0123456789沙洲亿元，。：；“”‘’（）《》—…·"
ODD = PLAIN + "\u200b\u202e\u0301\x00\x1b\ufeff\U0001f600"

texts = st.one_of(st.text(PLAIN, max_size=60), st.text(PLAIN, max_size=60), st.text(ODD, max_size=20))
addresses = st.one_of(texts, texts.map(lambda text: f"https://example.org/{text}"))
citations = st.builds(Citation, texts, texts, addresses)


def quotes(number: int) -> st.SearchStrategy[Quote]:
    def made(digits: str, before: str, unit: str, marks: list[str], sources: list[Citation]) -> Quote:
        plain = quote(number, digits, unit, tuple(marks), before=before)
        return replace(plain, figure=figure("5", indicator=f"i{number}", sources=tuple(sources)))

    digits = st.sampled_from(["1", "3.5", "1,200", "123456789012.34"])
    return st.builds(made, digits, texts, texts, st.lists(texts, max_size=2), st.lists(citations, max_size=2))


@st.composite
def documents(draw: Any) -> Document:
    quoted = [draw(quotes(number)) for number in range(1, draw(st.integers(2, 6)))]
    plain = st.one_of(
        st.builds(Words, texts),
        st.builds(Term, texts, st.sampled_from(["name", "id", "formula"])),
        st.builds(Number, st.sampled_from(quoted), st.booleans()),
        st.builds(Count, st.integers(0, 999), st.sampled_from(quoted)),
    )
    run = st.one_of(plain, st.builds(Strong, st.lists(plain, max_size=2).map(tuple)))
    runs = st.lists(run, max_size=3).map(tuple)
    rows = st.lists(runs, max_size=9).map(tuple)
    table = st.builds(Table, runs, rows, st.lists(rows, max_size=6).map(tuple), st.integers(0, 3), runs)
    block = st.one_of(
        st.builds(Heading, st.integers(1, 6), runs),
        st.builds(Paragraph, runs, st.booleans()),
        st.builds(Items, rows, st.booleans()),
        table,
        st.builds(Chart, runs, st.just(SVG), texts, table),
    )
    blocks = tuple(draw(st.lists(block, max_size=6)))
    cover = draw(st.builds(Cover, texts, texts, st.just(2021), texts, texts, texts))
    trail = tuple(draw(st.builds(Entry, st.just(one), texts, texts, texts, texts, texts, texts)) for one in quoted)
    return Document(draw(st.sampled_from(["zh", "en"])), cover, blocks, trail)


@pytest.mark.slow
@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(documents())
def test_any_document_is_printed_or_refused_with_a_reason(printed: Document) -> None:
    try:
        assert write_pdf(printed).startswith(b"%PDF-")
    except Refused as refused:
        assert all(problem.rule.id == "report-missing-glyph" for problem in refused.problems)
        with pytest.raises(Refused):
            write_docx(printed)
    else:
        assert docx.Document(io.BytesIO(write_docx(printed))).paragraphs
