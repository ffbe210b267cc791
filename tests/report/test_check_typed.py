"""A number typed by hand stops the report, in the real templates and in whatever script it is typed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from report.zhangjiagang_report import FOLDER, document, template_of

from shazhou.city.problem import Problem
from shazhou.report.checks import typed
from shazhou.report.document import Heading, Paragraph, Term, Words
from shazhou.report.template.markdown import Settings


def problems(text: str, language: str = "zh", terms: tuple[str, ...] = ()) -> list[Problem]:
    settings = Settings(terms={language: terms})
    return list(typed.check_template(template_of(text, language, settings), language))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_templates_that_ship_hold_no_typed_number(language):
    text = (FOLDER / "report" / f"work_report.{language}.md").read_text(encoding="utf-8")
    terms = ("一本账", "一张网", "三次产业", "百强") if language == "zh" else ()
    assert problems(text, language, terms) == []


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("全年新增3家企业。", "3"),
        ("全年新增３００家企业。", "３００"),
        ("全年新增三百家企业。", "三百家"),
        ("比重提高两成。", "两成"),
        ("产值超百亿元。", "百亿元"),
        ("建成数十个平台。", "数十个"),
        ("完成一百二十项。", "一百二十项"),
        ("占比达百分之五。", "百分之"),
        ("增长三分之一。", "三分之"),
        ("产值翻一番。", "翻一番"),
        ("规模过半。", "过半"),
        ("上千家企业受益。", "上千"),
        ("到二〇二五年见效。", "二〇二五年"),
        ("八月投产。", "八月"),
        ("投资贰亿元。", "贰亿"),
        ("共十五", "十五"),
        ("新增①家。", "①"),
        ("新增½倍。", "½"),
        ("聚焦八大产业。", "八大"),
        ("引进一家企业。", "一家"),
        ("增长 twelve 项。", "twelve"),
    ],
)
def test_a_number_typed_in_a_chinese_sentence_is_found(sentence, found):
    numbers = [problem.found for problem in problems(sentence)]
    assert any(found in number for number in numbers), numbers


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("Some 300 firms came.", "300"),
        ("Three hundred firms came.", "Three"),
        ("A hundred firms came.", "hundred"),
        ("Output doubled.", "doubled"),
        ("It is half of the total.", "half"),
        ("Twenty-five plants opened.", "Twenty-five"),
        ("Dozens of firms came.", "Dozens"),
        ("There is one plant.", "one"),
        ("Two thirds were built.", "Two"),
        ("Output rose tenfold.", "tenfold"),
    ],
)
def test_a_number_typed_in_an_english_sentence_is_found(sentence, found):
    assert found in [problem.found for problem in problems(sentence, "en")]


@pytest.mark.parametrize(
    "sentence",
    [
        "第一产业稳中有进，第二产业提质增效。",
        "一批项目进一步落地，一体化水平统一提高，另一方面唯一的短板仍在。",
        "半导体、零碳园区和社会消费品零售十分活跃。",
        "数字经济和数据要素协同，千方百计稳增长。",
        "传统产业转型，每一个环节、同一个平台。",
        "地区生产总值{{ gdp }}亿元，规上企业{{ above_scale_industrial_firms }}家。",
        "同比增长{{ gdp_growth }}，{{ year }}见效。",
        "一是稳增长。",
    ],
)
def test_ways_of_speaking_and_references_are_no_numbers(sentence):
    assert problems(sentence) == []


@pytest.mark.parametrize(
    "sentence",
    ["In the first half of {{ year }}, no one else.", "Any one of them; the third party.", "{{ gdp }} billion yuan."],
)
def test_english_ways_of_speaking_are_no_numbers(sentence):
    assert problems(sentence, "en") == []


def test_enumerations_of_headings_and_items_are_no_numbers_but_numbers_behind_them_are():
    assert problems("## 十一、总体\n\n### （十二）平台\n\n- 三、落实\n") == []
    assert [problem.found for problem in problems("## 二、建成三百家\n")] == ["三百家"]


def test_terms_are_exempt_and_only_they():
    assert problems("实施“十四五”规划。", terms=("“十四五”",)) == []
    assert problems("实施“十四五”规划，共十四五项。", terms=("“十四五”",))


def test_the_problem_names_file_line_number_and_sentence_in_both_languages():
    (problem,) = problems("# 标题\n\n好的开头。全年新增300家企业。")
    assert (problem.where.file, problem.where.row) == ("test.md", 3)
    assert problem.rule.id == "report-typed-number"
    for language in ("zh", "en"):
        assert "300" in problem.says(language) and "全年新增300家企业。" in problem.says(language)


def test_the_title_of_a_chart_may_not_hold_a_typed_number_but_the_year_of_the_report():
    block = '{{{{ chart: bars of=gdp from=(year-5) to=(year) title="{}" }}}}'
    assert problems(block.format("生产总值，(year-5)至(year)")) == []
    assert [problem.found for problem in problems(block.format("2021生产总值"))] == ["2021"]


def test_a_number_among_the_plain_words_of_a_finished_document_is_found():
    made = document("zh")
    assert list(typed.check_document(made)) == []
    forged = Paragraph((Words("全年新增"), Words("300"), Words("家。")))
    found = list(typed.check_document(replace(made, blocks=(*made.blocks, forged))))
    assert [problem.found for problem in found] == ["300"]


def test_a_term_in_a_finished_document_may_hold_digits():
    made = replace(document("zh"), blocks=(Heading(1, (Term("2021年", "period"), Words("报告"))),))
    assert list(typed.check_document(made)) == []
