"""The report as a Word document, read back with python-docx."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from typing import Any

import docx
import pytest
from docx.enum.text import WD_TAB_ALIGNMENT
from docx.oxml.ns import qn
from lxml import etree
from sample_documents import COVERS, HEAD, SVG, document, entry, full, quote

from shazhou.city.problem import Language
from shazhou.measure.figure import Citation
from shazhou.report.document import (
    Block,
    Chart,
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
from shazhou.report.docx.docx import write_docx


def opened(printed: Document) -> Any:
    return docx.Document(io.BytesIO(write_docx(printed)))


def parts(made: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(made)) as package:
        return {name: package.read(name) for name in package.namelist()}


def texts(made: Any) -> list[str]:
    """Every paragraph, those of tables too, in the order of the document."""
    return ["".join(each.itertext(qn("w:t"))) for each in made.element.body.iter(qn("w:p"))]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_number_stands_there_as_plain_text_with_its_footnote_mark(language: Language) -> None:
    printed = full(language)
    said = texts(opened(printed))
    gdp, firms, growth, *output = (each.quote for each in printed.trail)
    (sentence,) = [text for text in said if growth.digits in text and gdp.digits in text]
    for one in (gdp, firms, growth):
        sign = "−" if one.negative else ""
        assert f"{one.before}{sign}{one.digits}{one.unit}{one.number}" in sentence
    for one in output:
        if one.number != 5:  # its cell says that there is no evidence
            assert f"{one.digits}{one.number}" in said
        assert any(f"{one.digits}{one.unit}" in text for text in said if text.startswith(str(one.number)))


@pytest.mark.parametrize("digits", ["3030.21", "1,234,567.8", "0.000001", "99999999999999999999.5"])
def test_digits_are_printed_exactly(digits: str) -> None:
    one = quote(7, digits, "亿元", ("预计数", "来源不一"), negative=True, before="约")
    said = texts(opened(document([Paragraph((Words("为"), Number(one), Words("。")))], [one])))
    assert f"为约−{digits}亿元7（预计数，来源不一）。" in said


def test_a_tables_number_carries_its_brief_mark_before_it() -> None:
    one = quote(1, "5.5", brief=("预计",))
    made = opened(
        document([Table((), ((Words("甲"),), (Words("乙"),)), (((Words("丙"),), (Number(one, True),)),))], [one])
    )
    assert [cell.text for cell in made.tables[0].rows[1].cells] == ["丙", "预计 5.51"]


def test_tables_repeat_their_header_split_no_row_and_set_numbers_right() -> None:
    table = opened(full()).tables[0]
    header, *rows = table._tbl.tr_lst
    assert header.trPr.find(qn("w:tblHeader")) is not None
    assert all(row.trPr.find(qn("w:cantSplit")) is not None for row in (header, *rows))
    assert all(row.trPr.find(qn("w:tblHeader")) is None for row in rows)
    left, *right = table.rows[3].cells
    assert left.paragraphs[0].alignment is None
    assert [cell.paragraphs[0].alignment for cell in right] == [2, 2]


def test_table_properties_stand_in_the_order_of_the_schema() -> None:
    order = ["tblStyle", "tblW", "jc", "tblBorders", "tblLayout", "tblLook"]
    for table in opened(full()).tables:
        found = [etree.QName(each).localname for each in table._tbl.tblPr]
        assert found == sorted(found, key=order.index)


def test_headings_are_real_headings_and_the_title_stands_on_the_cover_alone() -> None:
    made = opened(full())
    named = [(each.style.name, each.text) for each in made.paragraphs if each.style.name.startswith(("Head", "Title"))]
    assert named == [
        ("Title", COVERS["zh"].title),
        ("Heading 1", "目录"),
        ("Heading 1", "创新能力"),
        ("Heading 2", "行业"),
        ("Heading 1", "附录：数值溯源"),
    ]


def test_the_cover_says_title_city_year_head_and_moment() -> None:
    made = opened(full())
    front = [each.text for each in made.paragraphs[:5]]
    assert front == [
        "沙洲市  2021",
        "沙洲市2021年产业创新工作报告",
        "截至  2022-03-01T08:00:00+00:00",
        f"账头  {HEAD}",
        "定义版本  1a2b3c4d",
    ]


def test_a_gap_is_set_apart() -> None:
    (gap,) = [each for each in opened(full()).paragraphs if each.style.name == "Gap"]
    assert gap.text == "尚无研发投入的证据，待报送。"
    assert gap.style.element.pPr.find(qn("w:shd")) is not None


def test_links_lead_from_each_number_to_its_entry_and_back() -> None:
    body = opened(full()).element.body
    anchors = [each.get(qn("w:anchor")) for each in body.iter(qn("w:hyperlink")) if each.get(qn("w:anchor"))]
    names = [each.get(qn("w:name")) for each in body.iter(qn("w:bookmarkStart"))]
    ids = [each.get(qn("w:id")) for each in body.iter(qn("w:bookmarkStart"))]
    assert len(set(names)) == len(names) and len(set(ids)) == len(ids)
    assert set(anchors) <= set(names)
    assert {f"entry_{number}" for number in range(1, 44)} <= set(names)
    assert {f"mark_{number}" for number in range(1, 44) if number != 5} <= set(anchors)
    assert sorted(ids) == sorted(each.get(qn("w:id")) for each in body.iter(qn("w:bookmarkEnd")))


def test_the_contents_list_leads_to_every_heading_of_two_levels() -> None:
    body = opened(full()).element.body
    listed = ["".join(each.itertext(qn("w:t"))) for each in body.iter(qn("w:hyperlink"))][:3]
    assert listed == ["创新能力", "行业", "附录：数值溯源"]


def test_nothing_asks_to_be_updated() -> None:
    made = parts(write_docx(full()))
    fields = {
        name: [each.get(qn("w:instr")) for each in etree.fromstring(content).iter(qn("w:fldSimple"))]
        for name, content in made.items()
        if name.startswith("word/") and name.endswith(".xml")
    }
    assert {name: found for name, found in fields.items() if found} == {"word/footer1.xml": ["PAGE"]}
    assert not any(b"fldChar" in content or b"updateFields" in content for content in made.values())


def test_charts_are_pictures_with_words_for_those_who_cannot_see_them() -> None:
    made = opened(full())
    (shape,) = made.inline_shapes
    assert shape._inline.docPr.get("descr") == "产值的柱图"
    (image,) = [part for name, part in parts(write_docx(full())).items() if name.startswith("word/media/")]
    assert image.startswith(b"\x89PNG")
    pixels = int.from_bytes(image[16:20])
    assert pixels / shape.width.inches >= 200


def test_every_style_in_use_names_a_chinese_typeface_and_its_other_name() -> None:
    made = parts(write_docx(full()))
    styles = etree.fromstring(made["word/styles.xml"])
    named = {
        each.get(qn("w:styleId")): each.find(f"{qn('w:rPr')}/{qn('w:rFonts')}") for each in styles.iter(qn("w:style"))
    }
    for style in ("Normal", "Heading1", "Heading2", "Heading3", "Title", "Caption"):
        assert named[style].get(qn("w:eastAsia")) in ("宋体", "黑体")
        assert not [key for key in named[style].attrib if key.endswith("Theme")]
    table = made["word/fontTable.xml"].decode()
    assert '<w:font w:name="宋体"><w:altName w:val="SimSun"/>' in table
    assert '<w:font w:name="黑体"><w:altName w:val="SimHei"/>' in table


def test_ordered_lists_each_begin_at_one() -> None:
    items = Items(((Words("甲"),), (Words("乙"),)), ordered=True)
    made = opened(document([items, Paragraph((Words("丙"),)), items]))
    numbers = [each._p.pPr.numPr.numId.val for each in made.paragraphs if each.style.name == "List Number"]
    assert numbers[0] == numbers[1] != numbers[2] == numbers[3]
    defined = made.part.numbering_part.element
    for number in set(numbers):
        assert defined.num_having_numId(number).lvlOverride_lst[0].startOverride.val == 1


def test_the_same_document_gives_the_same_bytes_and_no_file_in_it_is_dated_today() -> None:
    made = write_docx(full())
    assert made == write_docx(full())
    with zipfile.ZipFile(io.BytesIO(made)) as package:
        assert {each.date_time for each in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert package.testzip() is None


def test_the_file_says_what_it_is() -> None:
    core = opened(full()).core_properties
    assert (core.title, core.author, core.last_modified_by) == (COVERS["zh"].title, "沙洲市", "沙洲市")
    assert core.keywords == HEAD
    assert core.created == core.modified
    assert core.created.replace(tzinfo=None).isoformat() == "2022-03-01T08:00:00"


@pytest.mark.parametrize(
    "hostile",
    ["<w:p/>&amp;]]> <!-- \"'", '" onload="x', "{ REF x } { TOC \\o }", "\\\\server\\share", "   spaced   out   "],
)
def test_text_is_never_taken_for_markup(hostile: str) -> None:
    one = replace(quote(1, "5", marks=(hostile,)), before=hostile, unit=hostile)
    runs = (Words(hostile), Term(hostile, "name"), Strong((Words(hostile),)))
    table = Table(runs, (runs, runs), ((runs, (Number(one, True),)),), source=runs)
    blocks: list[Block] = [Heading(2, runs), Paragraph(runs), Items((runs,)), Chart(runs, SVG, hostile, table)]
    cover = replace(COVERS["zh"], title=hostile, city=hostile, as_of=hostile)
    made = opened(Document("zh", cover, tuple(blocks), (entry(one, hostile),)))
    assert sum(hostile in text for text in texts(made)) >= 9
    assert made.inline_shapes[0]._inline.docPr.get("descr") == hostile.strip()


@pytest.mark.parametrize(
    ("address", "linked"),
    [
        ("https://example.org/a?b=c&d=e#f", True),
        ("javascript:alert(1)", False),
        ("file:///etc/passwd", False),
        ("https://example.org/a b", False),
        ("https://example.org/报告", False),
        ("http://", False),
    ],
)
def test_only_sound_addresses_become_links(address: str, linked: bool) -> None:
    one = quote(1, "5")
    cited = replace(one, figure=replace(one.figure, sources=(Citation("公报", "2022-02-28", address),)))
    made = write_docx(document([], [cited]))
    external = etree.fromstring(parts(made)["word/_rels/document.xml.rels"]).xpath("*[@TargetMode='External']/@Target")
    assert external == ([address] if linked else [])
    assert any("公报（2022-02-28）" in text for text in texts(docx.Document(io.BytesIO(made))))


def test_an_empty_document_and_an_empty_table_are_written() -> None:
    made = opened(document([Table((), (), ()), Table((), ((Words("甲"),),), ())]))
    assert [len(table.rows) for table in made.tables] == [1]


def test_the_file_shows_no_picture_of_another_document() -> None:
    assert not [name for name in parts(write_docx(full())) if "thumbnail" in name]


def test_a_chart_without_words_is_described_by_its_title() -> None:
    table = Table((), ((Words("甲"),),), ())
    made = opened(document([Chart((Words("产值"),), SVG, "", table), Chart((), SVG, " ", table)]))
    assert [each._inline.docPr.get("descr") for each in made.inline_shapes] == ["产值", "—"]


def test_a_paragraph_stays_with_the_gap_that_follows_it() -> None:
    made = opened(document([Paragraph((Words("甲"),)), Paragraph((Words("缺"),), gap=True), Paragraph((Words("乙"),))]))
    kept = {each.text: each.paragraph_format.keep_with_next for each in made.paragraphs}
    assert (kept["甲"], kept["缺"], kept["乙"]) == (True, None, None)


def test_one_title_at_several_addresses_is_said_once_with_each_of_them() -> None:
    one = quote(1, "5")
    cited = [Citation("报道", "2021", f"https://www.example{at}.org/{at}") for at in (1, 2, 1)] + [
        Citation("报道", "2021")
    ]
    made = write_docx(document([], [replace(one, figure=replace(one.figure, sources=tuple(cited)))]))
    (said,) = [text for text in texts(docx.Document(io.BytesIO(made))) if "报道" in text]
    assert said.endswith("来源 报道（2021）: example1.org, example2.org")
    external = etree.fromstring(parts(made)["word/_rels/document.xml.rels"]).xpath("*[@TargetMode='External']/@Target")
    assert sorted(external) == ["https://www.example1.org/1", "https://www.example2.org/2"]


def test_the_page_number_stands_at_the_right_of_the_footer() -> None:
    made = opened(full())
    (footer,) = made.sections[0].footer.paragraphs
    assert [each.alignment for each in footer.paragraph_format.tab_stops] == [WD_TAB_ALIGNMENT.RIGHT]
    assert list(footer.style.paragraph_format.tab_stops) == []
    assert made.sections[0].different_first_page_header_footer
