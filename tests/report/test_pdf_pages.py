"""The printed pages themselves: all there, nothing cut, nothing beyond the margins."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import zhangjiagang_report
from paper import needs_poppler, pages, read, spilled
from sample_documents import SVG, document, full, quote

from shazhou.report.document import Block, Chart, Document, Heading, Items, Number, Paragraph, Table, Term, Words
from shazhou.report.pdf.pdf import write_pdf

pytestmark = [pytest.mark.slow, needs_poppler]

LONG = "https://example.org/a/very/long/address?with=many&parts=" + "abcdef0123456789" * 12
WORDY = "Disproportionately " * 4 + "Internationalisationsbestrebungen " * 3


def crowded() -> Document:
    """Everything that could run over a margin."""
    quotes = [quote(number, "123456789012.34", marks=("预计数", "来源不一")) for number in range(1000, 1100)]
    wide = Table(
        (Words(LONG),),
        ((Words(WORDY),), *((Words(f"Investment in fixed assets {year}"),) for year in range(2012, 2022))),
        tuple(
            ((Term(WORDY, "name"),), *((Number(one, True),) for one in quotes[at : at + 10]))
            for at in range(0, 100, 10)
        ),
        source=(Words(LONG * 2),),
    )
    named = Table((Words("x" * 400),), ((Words("A"),), (Words("B"),)), (((Words(LONG),), (Words(LONG),)),), labels=2)
    blocks: list[Block] = [
        Heading(2, (Words(LONG),)),
        Heading(3, (Words("甲" * 120),)),
        Paragraph((Words(LONG), Number(quotes[0]), Words("甲" * 300))),
        Paragraph((Words(LONG),), gap=True),
        Items(((Words(LONG * 3),), (Words(WORDY),))),
        wide,
        named,
        Chart((Words(LONG),), SVG, "a chart", wide),
        Chart((Words("tall"),), SVG.replace('viewBox="0 0 400 160" width="400" height="160"', ""), "a chart", named),
    ]
    return document(blocks, quotes, "en", name=LONG)


DOCUMENTS: dict[str, Callable[[], Document]] = {
    "sample in Chinese": lambda: full("zh"),
    "sample in English": lambda: full("en"),
    "crowded": crowded,
    "work report in Chinese": lambda: zhangjiagang_report.document("zh"),
    "work report in English": lambda: zhangjiagang_report.document("en"),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_no_page_is_blank_and_nothing_runs_over_its_margins(name: str, tmp_path: Path) -> None:
    printed = DOCUMENTS[name]()
    cover, *rest = pages(write_pdf(printed), tmp_path)
    assert len(rest) >= 5
    assert cover.any() and not spilled(cover, 2.9, 3.4, 3.4)
    for number, page in enumerate(rest, start=2):
        body = page[: -round(2.4 / 2.54 * 60)]
        assert body.any(), f"page {number} is blank"
        assert not spilled(page, 2.4, 2.3, 1.0), f"page {number} runs over its margins"


@pytest.mark.parametrize("name", [name for name in DOCUMENTS if name != "crowded"])
def test_every_number_can_be_read_back_from_the_page(name: str, tmp_path: Path) -> None:
    printed = DOCUMENTS[name]()
    said = re.sub(r"\s", "", read(write_pdf(printed), tmp_path))
    for entry in printed.trail:
        one = entry.quote
        sign = "−" if one.negative else ""
        number = re.sub(r"\s", "", f"{one.before}{sign}{one.digits}{one.unit}")
        assert number in said, one.digits
        assert one.figure.id in said
    assert printed.cover.head in said


def test_long_words_come_back_whole_from_the_page(tmp_path: Path) -> None:
    assert LONG in read(write_pdf(crowded()), tmp_path).replace("\n", "")


def test_links_lead_to_the_appendix_and_back(tmp_path: Path) -> None:
    (tmp_path / "report.pdf").write_bytes(write_pdf(full()))
    done = subprocess.run(
        ["pdftohtml", "-xml", "-i", "-stdout", tmp_path / "report.pdf"], check=True, capture_output=True, cwd=tmp_path
    )
    linked = dict.fromkeys(re.findall(r'<a href="[^"#]*#(\d+)">(?:<[bi]>)*(\d+)', done.stdout.decode()))
    by_mark: dict[str, set[str]] = {}
    for page, mark in linked:
        by_mark.setdefault(mark, set()).add(page)
    assert len([mark for mark, targets in by_mark.items() if len(targets) > 1]) >= 30
