"""Building the report: all files or none, the figures quoted can be found again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from report.zhangjiagang_report import TODAY, measure_of

from shazhou.city.problem import Refused
from shazhou.measure.measure import Measure
from shazhou.measure.quoted import Quoted
from shazhou.measure.trail import recompute
from shazhou.report import build as building
from shazhou.report.build import Files, build, checked_draft
from shazhou.report.template.markdown import read_template
from shazhou.report.xhtml import xhtml

SHORT = "# {{ name: city }}{{ year }}报告\n\n全市地区生产总值{{ gdp }}，增长{{ gdp_growth }}。\n"
SHORT_EN = "# {{ name: city }} {{ year }}\n\nOutput was {{ gdp }}.\n"


@cache
def short() -> Measure:
    """The city with short templates, over a ledger of its own."""
    return measure_of(work_report_zh=lambda text: SHORT, work_report_en=lambda text: SHORT_EN)


def with_template(text: str) -> Measure:
    """The same ledger with another Chinese template."""
    measure = short()
    files = {**measure.city.files, "report/work_report.zh.md": text.encode()}
    other = Measure(measure.ledger)
    other.city = measure.city.model_copy(update={"files": files})
    return other


@pytest.fixture
def built(tmp_path: Path) -> Iterator[tuple[Files, list[str]]]:
    steps: list[str] = []
    yield build(short(), 2021, "zh", tmp_path / "out", TODAY, steps.append), steps


def test_three_files_and_the_taxonomy_are_written_and_every_step_is_told(built):
    files, steps = built
    assert [path.name for path in files] == [f"work_report_2021.zh.{kind}" for kind in ("xhtml", "pdf", "docx")]
    assert files.pdf.read_bytes().startswith(b"%PDF")
    assert files.docx.read_bytes().startswith(b"PK")
    schemas = list(files.xhtml.parent.glob("*.xsd"))
    assert len(schemas) == 1 and schemas[0].name in files.xhtml.read_text(encoding="utf-8")
    assert len(steps) >= 5


def test_the_figures_quoted_can_be_recomputed_from_the_ledger_alone(built):
    draft = checked_draft(short(), 2021, "zh", TODAY)
    for figure in draft.quotes.quoted:
        assert Quoted(short().ledger.folder).find(figure.id).value == figure.value
        assert recompute(short().ledger, figure.id).same


def test_the_same_report_is_the_same_bytes(tmp_path: Path):
    first = build(short(), 2021, "en", tmp_path / "first", TODAY)
    second = build(short(), 2021, "en", tmp_path / "second", TODAY)
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


@pytest.mark.parametrize(
    ("sentence", "rule"),
    [
        ("全年新增300家企业。", "report-typed-number"),
        ("生产总值{{ gdp }}万元。", "report-unit"),
        ("生产总值{{ gdpp }}。", "report-unknown-name"),
    ],
)
def test_a_problem_of_the_template_stops_the_report_and_nothing_is_written(tmp_path: Path, sentence: str, rule: str):
    with pytest.raises(Refused) as refused:
        build(with_template(SHORT + "\n" + sentence), 2021, "zh", tmp_path / "out", TODAY)
    assert [problem.rule.id for problem in refused.value.problems] == [rule]
    assert not (tmp_path / "out").exists()


def test_a_lost_mark_stops_the_report_and_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    compose = building.compose

    def careless(*arguments: object) -> object:
        draft = compose(*arguments)
        heading, paragraph = draft.document.blocks
        bare = tuple(
            replace(run, quote=replace(run.quote, marks=())) if hasattr(run, "quote") else run for run in paragraph.runs
        )
        blocks = (heading, replace(paragraph, runs=bare))
        return replace(draft, document=replace(draft.document, blocks=blocks))

    monkeypatch.setattr(building, "compose", careless)
    with pytest.raises(Refused, match="report-unmarked"):
        build(short(), 2021, "zh", tmp_path / "out", TODAY)
    assert not (tmp_path / "out").exists()


def test_a_page_that_lost_a_mark_stops_the_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    write = xhtml.write_xhtml
    monkeypatch.setattr(xhtml, "write_xhtml", lambda *given: write(*given).replace("按可比价".encode(), b""))
    with pytest.raises(Refused, match="report-unmarked"):
        build(short(), 2021, "zh", tmp_path / "out", TODAY)
    assert not (tmp_path / "out").exists()


def test_a_writer_that_fails_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def failing(document: object) -> bytes:
        raise OSError("no room")

    monkeypatch.setattr("shazhou.report.docx.docx.write_docx", failing)
    with pytest.raises(OSError, match="no room"):
        build(short(), 2021, "zh", tmp_path / "out", TODAY)
    assert not (tmp_path / "out").exists()


def test_the_template_of_a_report_comes_from_the_ledger_not_from_the_folder():
    assert read_template(short().city.files, "zh").parts[0].kind == "heading"
    assert len(read_template(short().city.files, "zh").parts) == 2
