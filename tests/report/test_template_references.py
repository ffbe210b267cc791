"""Templates and the references in them: what they mean, and what is refused with a place and a reason."""

from __future__ import annotations

import random

import pytest
from report.zhangjiagang_report import FOLDER, city

from shazhou.city.problem import Refused, Where
from shazhou.report.check import check_templates
from shazhou.report.compose.asking import choice_of, grid_of
from shazhou.report.template.markdown import parse_template
from shazhou.report.template.reference import Reference, parse_reference, shortest
from shazhou.report.template.sentences import sentences

FRAGMENTS = ("{{", "}}", "|", "**", "- ", "# ", "\n\n", "| --- |", "{{ year", "{{ table: ", "(year-1)", "period=", "`")
FRAGMENTS += (
    "of=gdp",
    "<b>",
    "&#53;",
    "\\",
    '"',
    "=",
    "。",
    "5",
    "三百",
    "{{ targets: }}",
    "from=(year-5)",
    "\x00",
    "1. ",
)


def reference(text: str) -> Reference:
    return parse_reference(text, Where("test.md", row=1))


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("gdp", [("gdp", "320582", "2021", "", "")]),
        ("gdp period=(year-1)", [("gdp", "320582", "2020", "", "")]),
        ("gdp period=(year)-01-01/P6M", [("gdp", "320582", "2021-01-01/P6M", "", "")]),
        ("output industry=metallurgy place=jingang", [("output", "jingang", "2021", "metallurgy", "")]),
        ("gdp kind=target period=(year+4)", [("gdp", "320582", "2025", "", "target")]),
        ("gdp or=forecast", [("gdp", "320582", "2021", "", ""), ("gdp", "320582", "2021", "", "forecast")]),
    ],
)
def test_a_reference_asks_for_cells_counted_from_the_year_of_the_report(text, cells):
    choice = choice_of(reference(text), city(), 2021)
    assert [(c.indicator, c.place, c.period, c.industry, c.kind) for c in choice] == cells


def test_rows_and_columns_of_a_table():
    grid = grid_of(
        reference("table: rows=industries group=emerging of=output,output_growth period=(year)"), city(), 2021
    )
    assert [row.key for row in grid.rows] == ["new_energy", "digital", "biomedicine", "semiconductors"]
    assert [column.key for column in grid.columns] == ["output", "output_growth"]
    years = grid_of(reference("table: rows=indicators of=gdp columns=periods from=(year-2) to=(year)"), city(), 2021)
    assert [column.key for column in years.columns] == ["2019", "2020", "2021"]
    assert len(list(years.choices())) == 3


def test_the_series_of_a_chart_are_its_indicators_and_its_points_the_periods():
    grid = grid_of(reference("chart: lines of=gdp from=(year-1) to=(year)"), city(), 2021)
    assert [row.key for row in grid.rows] == ["2020", "2021"]
    assert [column.key for column in grid.columns] == ["gdp"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "gdp period=2021-13",
        "gdp period=(year-500)",
        "gdp colour=red",
        "picture: gdp",
        'table: title="open',
        "table: rows=industries of=output from=(year) to=(year-1)",
        "table: rows=periods of=gdp from=1900 to=2999",
        "period: soon",
        "period:",
        "year-1950",
        "数值",
    ],
)
def test_what_is_no_reference_is_refused_with_the_reason_in_both_languages(text):
    with pytest.raises(Refused) as refused:
        reference(text)
    (problem,) = refused.value.problems
    assert problem.rule.id == "report-reference"
    assert problem.where.row == 1
    assert "{" not in problem.says("en").replace("{{", "") and problem.says("zh") != problem.says("en")


@pytest.mark.parametrize(
    "text",
    [
        "[link](http://example.org)",
        "![picture](x.png)",
        "`code`",
        "    code",
        "> quotation",
        "***",
        "前 {{ table: of=gdp }} 后",
        "| a |\n| --- |\n| {{ table: of=gdp }} |",
    ],
)
def test_markdown_that_a_report_has_no_use_for_is_refused(text):
    with pytest.raises(Refused):
        parse_template(text, "test.md")


@pytest.mark.parametrize(
    ("given", "short"),
    [
        ("2021-01-01/P1Y", "2021"),
        ("2021-01-01/P6M", "2021-01-01/P6M"),
        ("2021-01-01/P3M", "2021-Q1"),
        ("2021-06", "2021-06"),
    ],
)
def test_one_span_of_days_has_one_text(given, short):
    assert shortest(given) == short


def test_a_paragraph_is_cut_into_sentences_and_keeps_every_reference():
    (part,) = parse_template("一切都好。产值\n{{ gdp }}亿元，“很好。”增长{{ gdp_growth }}。", "test.md")
    found = sentences(part.pieces, "zh")
    assert [each.written() for each in found] == ["一切都好。", "产值{{gdp}}亿元，“很好。”", "增长{{gdp_growth}}。"]
    (part,) = parse_template("All is well. Output was {{ gdp }}\nat last! It grew.", "test.md")
    assert [each.written() for each in sentences(part.pieces, "en")] == [
        "All is well.",
        "Output was {{gdp}} at last!",
        "It grew.",
    ]


def test_problems_stand_at_their_line():
    with pytest.raises(Refused) as refused:
        parse_template("# 标题\n\n第一行\n{{ gdp colour=red }}\n\n`x`\n", "test.md")
    assert [problem.where.row for problem in refused.value.problems] == [4, 6]


@pytest.mark.slow
def test_no_mutation_of_the_templates_ends_in_anything_but_problems_with_a_place():
    chance = random.Random(11)
    for _ in range(150):
        language = chance.choice(["zh", "en"])
        name = f"report/work_report.{language}.md"
        lines = (FOLDER / name).read_text(encoding="utf-8").splitlines(keepends=True)
        first = chance.randrange(len(lines))
        text = "".join(lines[first : first + chance.randrange(1, 20)])
        for _ in range(chance.randrange(1, 6)):
            start = chance.randrange(len(text) + 1)
            text = text[:start] + chance.choice(FRAGMENTS) + text[start + chance.choice([0, 0, 1, 12]) :]
        files = {**city().files, name: text.encode()}
        for problem in check_templates(city().model_copy(update={"files": files})):
            assert problem.where.file and str(problem)
