"""Drawings: the same plot gives the same bytes, gaps stay gaps, every character has a glyph."""

from __future__ import annotations

import re
import warnings

import pytest
from lxml import etree
from report.zhangjiagang_report import document

from shazhou.report.charts.bars import draw_bars
from shazhou.report.charts.lines import _stretches, draw_lines
from shazhou.report.charts.plot import Plot, Point, Series
from shazhou.report.charts.progress import draw_progress
from shazhou.report.charts.stack import draw_stack
from shazhou.report.charts.typeface import typeface
from shazhou.report.document import Chart

SVG = "{http://www.w3.org/2000/svg}"


def point(value: float, **fields: bool) -> Point:
    return Point(value, f"{value:g}", **fields)


def plot(*series: tuple[Point | None, ...]) -> Plot:
    labels = tuple(f"{2016 + number}年" for number in range(len(series[0])))
    named = tuple(Series(f"序列{number}", points) for number, points in enumerate(series))
    return Plot(labels, named, "亿元", "预计数", "口径调整")


SHAPES = {
    "lines": draw_lines,
    "upright bars": lambda made: draw_bars(made, True),
    "lying bars": lambda made: draw_bars(made, False),
    "stack": draw_stack,
    "progress": draw_progress,
}
FULL = plot((point(3), None, point(5, firm=False)), (point(2), point(-1), point(4, breaks=True)))


def bars_in(svg: str) -> int:
    """Shapes filled with the accent, the colour of the first series."""
    return len(re.findall("fill: #1f5fa8", svg))


@pytest.mark.parametrize("shape", SHAPES)
def test_the_same_plot_gives_the_same_bytes_and_valid_svg_without_a_date(shape):
    first, second = SHAPES[shape](FULL), SHAPES[shape](FULL)
    assert first == second
    assert etree.fromstring(first.encode()).tag == f"{SVG}svg"
    assert "date" not in first.lower() and "DOCTYPE" not in first


@pytest.mark.parametrize("shape", SHAPES)
def test_texts_are_outlines_so_that_no_reader_needs_the_typeface(shape):
    root = etree.fromstring(SHAPES[shape](FULL).encode())
    assert not list(root.iter(f"{SVG}text"))
    assert list(root.iter(f"{SVG}use"))


@pytest.mark.parametrize("shape", SHAPES)
def test_every_character_of_a_drawing_has_a_glyph(shape):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert SHAPES[shape](FULL)


def test_a_missing_value_leaves_a_gap_in_a_line_and_a_revised_base_breaks_it():
    points = (point(1), point(2), None, point(3), point(4), point(5, breaks=True), point(6))
    assert _stretches(Series("s", points)) == [[(0, 1), (1, 2)], [(3, 3), (4, 4)], [(5, 5), (6, 6)]]


def test_a_missing_value_is_no_bar():
    assert bars_in(draw_bars(plot((point(3), point(4), point(5))), True)) == 3
    assert bars_in(draw_bars(plot((point(3), None, point(5))), True)) == 2


def test_a_stack_with_a_missing_part_is_not_drawn():
    whole = draw_stack(plot((point(3), point(4)), (point(2), point(1))))
    part = draw_stack(plot((point(3), None), (point(2), point(1))))
    assert bars_in(whole) - bars_in(part) == 1


def test_a_promise_without_evidence_has_no_bar_on_its_track():
    promised = (point(1), point(1))
    assert bars_in(draw_progress(plot((point(0.5), point(0.2)), promised))) == 2
    assert bars_in(draw_progress(plot((point(0.5), None), promised))) == 1


def test_the_typeface_is_of_regular_weight_and_holds_only_what_is_needed():
    file = typeface("张家港").file
    assert file.stat().st_size < 100_000
    assert typeface("张家港") is typeface("港家张\n")


@pytest.mark.slow
@pytest.mark.parametrize("language", ["zh", "en"])
def test_charts_of_the_report_are_as_wide_as_its_column(language):
    charts = [block for block in document(language).blocks if isinstance(block, Chart)]
    assert {etree.fromstring(chart.svg.encode()).get("width") for chart in charts} == {"475.2pt"}
