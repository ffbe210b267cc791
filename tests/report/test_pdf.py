"""The report on paper: what is handed to the typesetter, and that the typesetter takes it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from sample_documents import COVERS, SVG, document, entry, full, quote

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
    Strong,
    Table,
    Term,
    Words,
)
from shazhou.report.pdf.pdf import write_pdf
from shazhou.report.pdf.typesetting import passages, pieces, typeset
from shazhou.report.typeface.drawing import of_regular_weight, pictures
from shazhou.report.words.printed import made_at

HOSTILE = [
    '#panic("taken for a command")',
    "#include \"/etc/passwd\" #read('x') $x^2$ *bold* _under_ `raw` @label <label> = heading",
    '\\u{41} \\" " \' \\\\ // comment /* open #let x = 1 ]])}}',
    "<script>alert(1)</script> &amp; ]]> <!-- ",
    "- item\n+ item\n/ term: x\n~ -- --- ... ,,",
    "{{ gdp }} %s {0} \\end{document}",
]


def nodes(data: Any) -> Iterator[dict[str, Any]]:
    """Every node of a typeset document."""
    if isinstance(data, dict):
        yield data
        data = list(data.values())
    if isinstance(data, list):
        for each in data:
            yield from nodes(each)


def text(node: dict[str, Any]) -> str:
    return "".join(node["text"])


def texts(printed: Document) -> list[str]:
    return [passage.text for passage in passages(typeset(printed))]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_document_with_every_kind_of_block_becomes_a_pdf(language: Language) -> None:
    made = write_pdf(full(language))
    assert made.startswith(b"%PDF-1.7")
    assert b"pdfaid:part" in made and b"pdfuaid:part" in made


def test_the_same_document_gives_the_same_bytes() -> None:
    assert write_pdf(full()) == write_pdf(full())


def test_another_digit_gives_other_bytes() -> None:
    one, other = quote(1, "3030.21"), quote(1, "3030.22")
    assert write_pdf(document([Paragraph((Number(one),))], [one])) != write_pdf(
        document([Paragraph((Number(other),))], [other])
    )


@pytest.mark.parametrize("digits", ["3030.21", "1,234,567.8", "0.000001", "99999999999999999999.5", "2021"])
def test_digits_are_handed_over_exactly(digits: str) -> None:
    one = quote(1, digits, "亿元", negative=True, before="约")
    paragraph = Paragraph((Words("为"), Number(one), Words("。")))
    (number,) = [node for node in nodes(typeset(document([paragraph], [one]))["blocks"]) if node["kind"] == "number"]
    assert text(number) == f"约−{digits}亿元"
    assert f"为约−{digits}亿元。" in texts(document([paragraph], [one]))


def test_every_number_of_every_block_is_handed_over_with_its_mark() -> None:
    one, two, three, four, five = (quote(number, f"{number}.5", "家", ("预计数",)) for number in range(1, 6))
    table = Table((Number(five),), ((Words("甲"),),), (((Words("乙"),), (Number(four, True),)),))
    blocks: list[Block] = [
        Heading(2, (Number(one),)),
        Items(((Strong((Number(two),)),),)),
        Paragraph((Count(12, three),), gap=True),
        Chart((Number(five),), SVG, "图", table),
    ]
    data = typeset(document(blocks, [one, two, three, four, five]))
    found = [
        (text(node), node["number"], text(node["marks"]) if "marks" in node else "")
        for node in nodes(data["blocks"])
        if node.get("kind") == "number"
    ]
    assert found == [
        ("1.5家", 1, "（预计数）"),
        ("2.5家", 2, "（预计数）"),
        ("12", 3, ""),
        ("5.5家", 5, "（预计数）"),
        ("5.5家", 5, "（预计数）"),
        ("4.5", 4, "预计数"),
    ]
    assert [node["quoted"] for node in data["trail"]] == [False, True, True, True, True]


def test_a_number_that_is_not_in_the_trail_is_an_error() -> None:
    with pytest.raises(ValueError, match="not in the trail"):
        write_pdf(document([Paragraph((Number(quote(1, "5")),))]))


def test_the_first_mark_of_a_number_is_the_one_that_its_entry_leads_to() -> None:
    one = quote(1, "5")
    data = typeset(document([Paragraph((Number(one), Number(one)))], [one]))
    assert [node["first"] for node in nodes(data["blocks"]) if node["kind"] == "number"] == [True, False]


def test_an_entry_says_formula_id_sources_head_and_what_other_sources_state() -> None:
    printed = full()
    (said,) = [node for node in typeset(printed)["trail"] if node["number"] == 2]
    facts = {text(each["label"]): text(each["value"]) for each in said["facts"]}
    assert text(said["subject"]) == "地区生产总值 · 沙洲市 · 2021年 · 实际"
    assert text(said["value"]) == "超1300家"
    assert facts["公式"] == "value(gdp)"
    assert facts["数值编号"] == printed.trail[1].quote.figure.id
    assert facts["账头"] == "9f86d081884c"
    assert text(said["others"]) == "其他来源所述 超1302个 政府工作报告"
    assert [text(each) for each in said["sources"]] == ["2021年沙洲市国民经济和社会发展统计公报（2022-02-28）"]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_text_is_never_taken_for_a_command(hostile: str) -> None:
    one = replace(quote(1, "5", marks=(hostile,)), before=hostile, unit=hostile)
    title = (Words(hostile), Term(hostile, "name"), Strong((Words(hostile),)))
    table = Table(title, (title, title), ((title, (Number(one, True),)),), source=title)
    blocks: list[Block] = [
        Heading(2, title),
        Paragraph(title),
        Paragraph(title, gap=True),
        Items((title,), ordered=True),
        Chart(title, SVG, hostile, table),
    ]
    cover = replace(COVERS["zh"], title=hostile, city=hostile, as_of=hostile, definitions=hostile)
    said = replace(entry(one, hostile), formula=hostile, place=hostile, period=hostile)
    printed = Document("zh", cover, tuple(blocks), (said,))
    assert write_pdf(printed).startswith(b"%PDF-")
    flat = hostile.replace("\n", " ")
    assert sum(flat in each for each in texts(printed)) >= 10


def test_a_headings_level_never_jumps() -> None:
    levels = [1, 4, 6, 2, 5]
    data = typeset(document([Heading(level, (Words("节"),)) for level in levels]))
    assert [node["level"] for node in data["blocks"]] == [1, 2, 1, 2]


def test_an_empty_document_and_an_empty_table_are_printed() -> None:
    assert write_pdf(document([])).startswith(b"%PDF-")
    assert write_pdf(document([Table((), (), ()), Table((), ((Words("甲"),),), ())])).startswith(b"%PDF-")


@pytest.mark.parametrize(
    "long",
    ["0123456789abcdef" * 4, "https://example.org/a/very/long/address?with=many&parts=" + "x" * 90, "甲" * 300],
)
def test_long_words_are_cut_where_they_may_break_and_lose_nothing(long: str) -> None:
    assert "".join(pieces(f"见 {long}。")) == f"见 {long}。"
    assert max(len(piece) for piece in pieces(long) if piece.isascii()) <= 9 if long.isascii() else True


def test_ordinary_words_are_not_cut() -> None:
    assert pieces("Gross domestic product was 3030.21 billion") == ["Gross domestic product was 3030.21 billion"]


def test_the_file_is_dated_by_its_evidence() -> None:
    assert made_at(COVERS["zh"]) == datetime(2022, 3, 1, 8, tzinfo=UTC)
    assert made_at(replace(COVERS["zh"], as_of="2022-03-01T08:00:00+08:00")) == datetime(2022, 3, 1, tzinfo=UTC)
    assert made_at(replace(COVERS["zh"], as_of="账头")) == datetime(2021, 12, 31, tzinfo=UTC)
    assert b"/CreationDate(D:20220301080000" in write_pdf(full())


def test_a_drawings_texts_are_of_regular_weight_unless_they_say_another() -> None:
    svg = '<svg xmlns="http://www.w3.org/2000/svg"><text>a</text><g font-weight="700"><text>b</text></g></svg>'
    drawn = of_regular_weight(svg)
    assert drawn.count("font-variation-settings") == 1
    assert drawn.index("font-variation-settings") < drawn.index(">a<")


def test_drawings_become_pictures_in_order() -> None:
    flat = SVG.replace('height="160" viewBox="0 0 400 160"', 'height="80" viewBox="0 0 400 80"')
    one, other = pictures([SVG, flat])
    assert one[:8] == other[:8] == b"\x89PNG\r\n\x1a\n"
    (width, height), (other_width, other_height) = (
        (int.from_bytes(each[16:20]), int.from_bytes(each[20:24])) for each in (one, other)
    )
    assert width == other_width == pytest.approx(16 / 2.54 * 220, abs=2)
    assert height == pytest.approx(2 * other_height, abs=2)
    assert pictures([SVG]) == [one]
    assert pictures([]) == []


def test_long_names_of_letters_are_left_to_hyphenation() -> None:
    assert pieces("telecommunications and internationalization") == ["telecommunications and internationalization"]
    assert len(pieces("telecommunications2021andmore")) > 1
    assert len(pieces("x" * 40)) == 5


def test_headings_without_words_and_drawings_without_description_are_no_error() -> None:
    table = Table((), ((Words("甲"),),), ())
    blocks: list[Block] = [Heading(2, ()), Heading(2, (Words(" "),)), Chart((), SVG, "", table)]
    printed = Document("zh", replace(COVERS["zh"], title=""), tuple(blocks))
    assert [node["kind"] for node in typeset(printed)["blocks"]] == ["chart"]
    assert write_pdf(printed).startswith(b"%PDF-")


def test_a_number_in_a_header_that_every_page_repeats_is_printed() -> None:
    one = quote(1, "5")
    header = ((Number(one),), (Number(one),))
    table = Table((), header, tuple(((Number(one),), (Number(one, True),)) for _ in range(120)))
    assert write_pdf(document([table], [one])).startswith(b"%PDF-")
    assert write_pdf(document([replace(table, labels=2)], [one])).startswith(b"%PDF-")
