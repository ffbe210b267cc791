"""The work report as composed: what it says, what it leaves out, and that it never says more than the evidence."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import cache

import pytest
from report.zhangjiagang_report import document, draft, draft_of, measure, template

from shazhou.report.checks.marked import numbers_of
from shazhou.report.compose.composing import compose
from shazhou.report.document import Block, Chart, Document, Heading, Number, Paragraph, Strong, Table, Term, text_of

LANGUAGES = ("zh", "en")


def paragraphs(made: Document) -> list[str]:
    return [text_of(block.runs) for block in made.blocks if isinstance(block, Paragraph)]


def gaps(made: Document) -> str:
    return "\n".join(text_of(block.runs) for block in made.blocks if isinstance(block, Paragraph) and block.gap)


def tables(made: Document) -> Iterator[Table]:
    for block in made.blocks:
        if isinstance(block, Table | Chart):
            yield block if isinstance(block, Table) else block.table


def row(table: Table, label: str) -> list[str]:
    return next([text_of(cell) for cell in cells] for cells in table.rows if label in text_of(cells[0]))


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("zh", "全市实现地区生产总值3030.21亿元"),
        ("en", "the gross domestic product of the city came to 303.021 billion yuan"),
    ],
)
def test_figures_stand_in_their_sentences_with_their_unit(language, sentence):
    assert any(sentence in paragraph for paragraph in paragraphs(document(language)))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_number_of_the_report_is_in_the_appendix_once_and_numbered_in_order(language):
    made = document(language)
    assert [entry.quote.number for entry in made.trail] == list(range(1, len(made.trail) + 1))
    assert len({entry.quote.figure.id for entry in made.trail}) == len(made.trail)
    quoted = {number.quote.figure.id for _, number in numbers_of(made)}
    assert quoted == {entry.quote.figure.id for entry in made.trail}


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_figure_cites_a_source_and_every_number_is_what_the_engine_computes(language):
    made = document(language)
    again = measure().figures([entry.quote.figure.cell for entry in made.trail])
    assert [figure.value for figure in again] == [entry.quote.figure.value for entry in made.trail]
    assert all(entry.quote.figure.sources for entry in made.trail)


def test_both_languages_quote_the_same_figures():
    zh, en = ({entry.quote.figure.id for entry in document(language).trail} for language in LANGUAGES)
    assert zh == en


@pytest.mark.parametrize(
    ("language", "projects", "online"),
    [
        ("zh", "已开工智能制造重点项目，可由表单填报补充", "在线工业企业数，可由一张网（设备联网）补充"),
        (
            "en",
            "Key smart-manufacturing projects started for 2021, to come through a form",
            "Industrial enterprises online for 2021, to come through telemetry",
        ),
    ],
)
def test_the_headline_promises_without_evidence_are_said_to_have_none(language, projects, online):
    made = document(language)
    assert projects in gaps(made) and online in gaps(made)
    due = next(table for table in tables(made) if len(table.header) == 7)
    no_evidence = "暂无证据" if language == "zh" else "no evidence"
    for name, promised in (("100", "100"), ("500", "500")):
        cells = row(due, name)
        assert cells[2] == no_evidence
        assert cells[3] == promised
        assert cells[4] == "—"


SAMPLES = """
# {{ name: city }}{{ year-1 }}报告

## 缺句

国内生产总值{{ gdp }}。高新技术企业{{ hightech_enterprises }}家。进出口{{ trade_total or=forecast }}。

## 缺表

{{ table: rows=industries group=emerging of=output period=(year) title="产值" }}

## 缺格

{{ table: rows=indicators of=gdp columns=periods from=2021 to=2022 title="生产总值" }}

## 预计

投入{{ rd_share_of_gdp or=forecast }}。增速{{ gdp_growth or=forecast }}。

## 单位

规模以上工业企业 **{{ above_scale_industrial_firms }}** 家，地区生产总值{{ gdp }}亿元。

## 名单

传统产业为{{ list: industries group=established }}。{{ period: (year)-01-01/P6M }}见附录。

## 写表

| 指标 | 数值 |
| --- | --- |
| 生产总值 | {{ gdp }} |

## 列表

- 生产总值{{ gdp }}。
- 高新技术企业{{ hightech_enterprises }}家。
"""


@cache
def samples() -> Document:
    return draft_of(SAMPLES).document


def section(title: str) -> list[Block]:
    """The blocks below a heading of the samples."""
    found: list[Block] = []
    inside = False
    for block in samples().blocks:
        if isinstance(block, Heading):
            inside = text_of(block.runs) == title
        elif inside:
            found.append(block)
    return found


def test_a_sentence_with_a_missing_figure_is_left_out_and_the_others_stay():
    paragraph, gap = section("缺句")
    assert text_of(paragraph.runs) == "国内生产总值3030.21亿元。进出口415亿美元。"
    assert text_of(gap.runs) == "本节暂缺证据：2021年高新技术企业，可由文件导入补充。"


def test_an_item_without_evidence_is_left_out_of_its_list():
    items, gap = section("列表")
    assert [text_of(runs) for runs in items.items] == ["生产总值3030.21亿元。"]
    assert "高新技术企业" in text_of(gap.runs)


def test_a_table_without_any_evidence_is_left_out_and_said_to_be_missing():
    (gap,) = section("缺表")
    assert isinstance(gap, Paragraph) and gap.gap
    assert "产业产值（新能源）" in text_of(gap.runs)


def test_a_missing_value_in_a_table_is_a_dash_and_never_zero():
    (table,) = section("缺格")
    assert row(table, "地区生产总值")[1:] == ["3030.21", "—"]


def test_a_forecast_stands_in_only_where_there_is_no_actual_value_and_says_so():
    (paragraph,) = section("预计")
    marks = [run.quote.marks for run in paragraph.runs if isinstance(run, Number)]
    assert marks == [("预计数",), ("按可比价",)]


def test_the_unit_that_the_text_writes_is_the_unit_of_the_number():
    (paragraph,) = section("单位")
    strong, gdp = paragraph.runs[1], paragraph.runs[3]
    assert isinstance(strong, Strong)
    assert [strong.runs[0].quote.unit, gdp.quote.unit] == [" 家", "亿元"]
    assert text_of(paragraph.runs) == "规模以上工业企业 超1300 家，地区生产总值3030.21亿元。"


def test_a_list_names_the_industries_of_a_group_and_periods_are_terms():
    (paragraph,) = section("名单")
    assert text_of(paragraph.runs) == "传统产业为冶金新材料、智能装备、化工新材料、高端纺织。2021年1—6月见附录。"
    assert Term("2021年1—6月", "period") in paragraph.runs


def test_a_written_table_may_hold_figures():
    (table,) = section("写表")
    assert text_of(table.header[0]) == "指标"
    assert text_of(table.rows[0][1]) == "3030.21亿元"


def test_names_and_years_in_a_heading_are_terms_and_no_words():
    heading = samples().blocks[0]
    assert isinstance(heading, Heading)
    assert heading.runs[:2] == (Term("张家港市", "name"), Term("2020年", "period"))
    assert samples().cover.title == "张家港市2020年报告"


@pytest.mark.slow
def test_targets_are_judged_at_the_end_of_the_year_whatever_is_known_today():
    made = draft("zh").document
    later = next(table for table in tables(made) if "2025年" in text_of(table.title) and len(table.header) == 7)
    assert row(later, "上市企业数")[2:6] == ["进行中", "不少于35", "21", "2020年"]
    today = compose(measure(), template("zh"), 2021, "zh", date(2026, 6, 1)).document
    assert [text_of(title.title) for title in tables(today)] == [text_of(title.title) for title in tables(made)]
    assert [entry.quote.figure.id for entry in today.trail] == [entry.quote.figure.id for entry in made.trail]


def test_targets_promised_after_the_report_are_not_in_it():
    text = "\n".join(text_of(cell) for table in tables(document("zh")) for cells in table.rows for cell in cells)
    assert "上市企业数" in text
    assert "年度重点项目" not in text


def test_the_cover_carries_the_head_and_the_definitions():
    cover = document("zh").cover
    assert cover.head == measure().head
    assert cover.definitions == measure().city.version
    assert cover.as_of.endswith("+08:00")


@pytest.mark.slow
def test_the_template_serves_other_years_and_says_what_they_lack():
    made = draft("zh", 2019).document
    assert "2019年" in text_of(made.blocks[0].runs)
    assert "税收收入" in gaps(made)
    assert all(entry.quote.figure.value is not None for entry in made.trail)


def test_no_figure_is_quoted_that_the_year_does_not_have():
    made = draft("zh", 2019).document
    values = {
        entry.quote.figure.indicator: entry.quote.figure.value for entry in made.trail if entry.period == "2019年"
    }
    assert values["gdp"] == Decimal("2850.00")
    assert "tax_revenue" not in values


def test_charts_have_their_table_behind_them():
    charts = [block for block in document("zh").blocks if isinstance(block, Chart)]
    assert len(charts) == 5
    for chart in charts:
        assert chart.svg.startswith("<?xml") and chart.table.of_chart
        assert text_of(chart.title) in chart.alternative
        assert any(isinstance(run, Number) for cells in chart.table.rows for cell in cells for run in cell)
        assert chart.table.source
