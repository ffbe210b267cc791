"""References of a template to what the city does not define are found before anything is computed."""

from __future__ import annotations

from pathlib import Path

import pytest
from report.zhangjiagang_report import FOLDER, city, template_of

from shazhou.city.check import check
from shazhou.city.folder import parse_city, read_files
from shazhou.city.problem import Refused
from shazhou.report.check import check_templates
from shazhou.report.checks import known

US_COUNTIES = FOLDER.parents[1] / "examples" / "us-counties"


@pytest.mark.parametrize(
    ("reference", "name"),
    [
        ("增长{{ gpd_growth }}。", "gpd_growth"),
        ("产值{{ output industry=metal }}。", "metal"),
        ("产值{{ gdp place=320599 }}。", "320599"),
        ("产值{{ gdp kind=hoped }}。", "hoped"),
        ("产值{{ gdp or=hoped }}。", "hoped"),
        ("{{ name: metal }}。", "metal"),
        ("{{ list: towns }}。", "towns"),
        ("{{ list: industries group=old }}。", "old"),
        ("{{ table: rows=industries of=outputs }}", "outputs"),
        ("{{ table: rows=rivers of=output }}", "rivers"),
        ("{{ table: rows=places places=nowhere of=output }}", "nowhere"),
        ("{{ table: rows=indicators of=gdp columns=days }}", "days"),
        ("{{ chart: pie of=gdp }}", "pie"),
        ("{{ targets: ids=more_of_everything }}", "more_of_everything"),
    ],
)
def test_an_unknown_name_is_found(reference, name):
    problems = list(known.check_template(template_of(reference), city()))
    assert [problem.found for problem in problems] == [name]
    assert problems[0].where.row == 1


def test_a_chart_of_different_units_is_refused():
    (problem,) = known.check_template(template_of("{{ chart: lines of=gdp,gdp_growth from=2019 to=2021 }}"), city())
    assert problem.rule.id == "report-chart-units"


def test_a_table_of_nothing_is_refused():
    (problem,) = known.check_template(template_of("{{ table: rows=industries period=2021 }}"), city())
    assert problem.rule.id == "report-block-empty"


def test_emphasis_that_marks_nothing_is_refused():
    with pytest.raises(Refused, match="report-markdown"):
        template_of("企业**{{ above_scale_industrial_firms }}**家。")


def test_the_city_that_ships_has_no_problem_and_a_city_without_a_report_has_none_either():
    assert list(check_templates(city())) == []
    assert list(check_templates(parse_city(read_files(US_COUNTIES)))) == []


def test_a_missing_language_and_unknown_names_in_the_settings_are_found():
    files = {name: content for name, content in city().files.items() if name != "report/work_report.en.md"}
    files["report/report.yaml"] = b"shares: [[primary_share, nonsense]]\npromises: {no_target: gdp}\n"
    found = {problem.found for problem in check_templates(city().model_copy(update={"files": files}))}
    assert {"report/work_report.en.md", "nonsense", "no_target"} <= found


def test_the_check_of_a_city_folder_looks_at_the_templates(tmp_path: Path):
    folder = tmp_path / "city"
    for name, content in read_files(FOLDER).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    file = folder / "report" / "work_report.zh.md"
    file.write_text(file.read_text(encoding="utf-8") + "\n全年新增300家，产值{{ gdp }}万元。\n", encoding="utf-8")
    rules = {problem.rule.id for problem in check(folder, (check_templates,))}
    assert {"report-typed-number", "report-unit"} <= rules


def test_a_reference_can_stand_for_an_entity_by_its_whole_id():
    assert list(known.check_template(template_of("收入{{ revenue place=enterprise:e1 }}。"), city())) == []
