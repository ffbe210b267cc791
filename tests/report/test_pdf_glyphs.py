"""A character without a glyph stops the report."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sample_documents import COVERS, SVG, document, entry, full, quote

from shazhou.city.problem import Refused
from shazhou.measure.figure import Citation
from shazhou.report.document import Block, Chart, Document, Heading, Number, Paragraph, Table, Words
from shazhou.report.docx.docx import write_docx
from shazhou.report.pdf.pdf import write_pdf
from shazhou.report.typeface.fonts import font_file
from shazhou.report.typeface.glyphs import MISSING_GLYPH, printable


def refusal(printed: Document) -> Refused:
    with pytest.raises(Refused) as caught:
        write_pdf(printed)
    return caught.value


def test_the_refusal_names_character_code_point_sentence_and_section() -> None:
    blocks = [Heading(2, (Words("创新能力"),)), Paragraph((Words("第一句。企业名为\U0001f600公司。第三句。"),))]
    (problem,) = refusal(document(blocks)).problems
    assert problem.rule is MISSING_GLYPH
    assert problem.found == "\U0001f600"
    assert problem.where.sheet == "创新能力"
    for language in ("zh", "en"):
        said = problem.says(language)
        assert "U+1F600" in said and "企业名为\U0001f600公司。" in said and "第一句" not in said
        assert problem.mend(language)


def test_every_missing_character_is_named_once() -> None:
    blocks = [Paragraph((Words("甲\U0001f600乙\U0001f600"),)), Paragraph((Words("丙\u0e01\U0001f600"),))]
    assert [each.found for each in refusal(document(blocks)).problems] == ["\u0e01", "\U0001f600"]


def test_a_missing_character_is_found_wherever_it_is_printed() -> None:
    bad, one = "\u0e01", quote(1, "5")
    said = entry(one)
    plain = Table((Words("表"),), ((Words("甲"),),), (((Words("乙"),),),))
    cited = replace(one, figure=replace(one.figure, sources=(Citation(f"来源{bad}"),)))
    places: list[Block] = [
        replace(plain, title=(Words(bad),)),
        replace(plain, header=((Words(bad),),)),
        replace(plain, rows=(((Words(bad),),),)),
        replace(plain, source=(Words(bad),)),
        Chart((Words("图"),), SVG.replace("2020年", bad), "图", plain),
        Chart((Words("图"),), SVG, "图", replace(plain, rows=(((Words(bad),),),))),
        Paragraph((Number(replace(one, unit=bad)),)),
        Paragraph((Number(replace(one, marks=(bad,))),)),
    ]
    for block in places:
        assert [each.found for each in refusal(document([block], [one])).problems] == [bad], block
    for field in ("name", "place", "industry", "period", "kind", "formula"):
        printed = Document("zh", COVERS["zh"], (), (replace(said, **{field: bad}),))
        assert [each.found for each in refusal(printed).problems] == [bad], field
    for field in ("title", "city", "as_of", "definitions"):
        printed = Document("zh", replace(COVERS["zh"], **{field: bad}), ())
        assert [each.found for each in refusal(printed).problems] == [bad], field
    assert [each.found for each in refusal(document([], [cited])).problems] == [bad]


@pytest.mark.parametrize("character", ["\x00", "\x07", "\x1b", "\ufeff", "\ue000", "\u2028", "\u202e"])
def test_what_is_no_character_to_print_is_refused_and_shown_by_its_code(character: str) -> None:
    (problem,) = refusal(document([Paragraph((Words(f"甲{character}乙"),))])).problems
    assert f"U+{ord(character):04X}" in problem.says("en")
    assert character not in problem.says("en")


def test_a_break_between_lines_of_the_template_is_no_missing_character() -> None:
    assert write_pdf(document([Paragraph((Words("甲\n乙\tc"),))])).startswith(b"%PDF-")


def test_word_documents_are_refused_alike() -> None:
    with pytest.raises(Refused) as caught:
        write_docx(document([Paragraph((Words("甲\x07乙"),))]))
    assert caught.value.problems[0].rule is MISSING_GLYPH


def test_the_words_of_reports_are_printable() -> None:
    assert font_file().suffix == ".ttf"
    assert all(map(printable, "张家港沙洲，。；：“”‘’（）—…·《》、％℃㎡²³−≥≤≈×±①ⅠⅡéüÀ 0123456789"))
    assert write_pdf(full())
