"""Templates: written with what is known, filled in, loaded back."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import ibis
import openpyxl
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest
from intake_city import CITY, figures

from shazhou.city.folder import parse_city
from shazhou.city.problem import Refused
from shazhou.intake.filled import COLUMNS, TITLES
from shazhou.intake.load import load_file
from shazhou.intake.template import write_template
from shazhou.ledger.ledger import Ledger
from shazhou.ledger.withdraw import withdraw


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    ledger = Ledger.create(tmp_path / "ledger")
    file = tmp_path / "known.csv"
    file.write_text(figures("city,gdp,超3030.21,亿元,2021,kept", "east,share,2.8%,,2021,"))
    load_file(ledger, CITY, file, "figures", "bureau")
    firms = tmp_path / "firms.csv"
    firms.write_text("name,code,town,staff\n甲公司,91350100M000100Y43,东镇,5\n")
    load_file(ledger, CITY, firms, "firms", "firm")
    return ledger


def cells(path: Path) -> list[dict[str, object]]:
    page = openpyxl.load_workbook(path)["data"]
    return [dict(zip(COLUMNS, line, strict=True)) for line in page.iter_rows(min_row=3, values_only=True)]


def stated(ledger: Ledger, variable: str) -> list[dict[str, object]]:
    connection = ibis.duckdb.connect()
    rows = ledger.observations(connection).filter(ibis._.variable == variable).order_by("sequence", "position")
    found: list[dict[str, object]] = connection.to_pyarrow(rows).to_pylist()
    return found


def test_a_template_asks_for_every_entity_variable_and_period(ledger: Ledger, tmp_path: Path) -> None:
    out = tmp_path / "t.xlsx"
    assert write_template(CITY, ledger, ["gdp", "share"], "place", "2021,2022", out, "zh") == 12
    asked = {(row["entity"], row["variable"], row["period"]) for row in cells(out)}
    assert len(asked) == 12 and ("place:west", "share", "2022") in asked


def test_known_values_are_filled_in_with_all_that_was_said(ledger: Ledger, tmp_path: Path) -> None:
    out = tmp_path / "t.xlsx"
    write_template(CITY, ledger, ["gdp"], "place", "2021", out, "en")
    (known,) = [row for row in cells(out) if row["value"] is not None]
    assert known["entity"] == "place:320582"
    assert (known["value"], known["unit"], known["qualifier"]) == (3030.21, "100m_cny", ">")
    assert (known["source"], known["source_date"], known["note"]) == ("Statistical bureau", "2022-05-19", "kept")


def test_drop_downs_offer_what_is_allowed(ledger: Ledger, tmp_path: Path) -> None:
    out = tmp_path / "t.xlsx"
    write_template(CITY, ledger, ["size", "staff"], "enterprise", "2021", out, "zh")
    book = openpyxl.load_workbook(out)
    assert book["lists"].sheet_state == "hidden"
    offered = {}
    for rule in book["data"].data_validations.dataValidation:
        area = book["lists"][rule.formula1.removeprefix("lists!").replace("$", "")]
        values = [line[0].value for line in (area if isinstance(area, tuple) else ((area,),))]
        offered[str(rule.sqref).split(":")[0]] = values
    value = f"{chr(65 + COLUMNS.index('value'))}3"
    assert offered[value] == ["large", "small"]
    assert offered[f"{chr(65 + COLUMNS.index('unit'))}3"] == ["人", "万人"]
    assert offered["A3"] == [row["entity"] for row in cells(out)][:1]


def test_an_untouched_template_states_again_what_is_known(ledger: Ledger, tmp_path: Path) -> None:
    out = tmp_path / "t.xlsx"
    write_template(CITY, ledger, ["gdp"], "place", "2021", out, "zh")
    assert load_file(ledger, CITY, out, "template", "firm").count == 1
    first, again = stated(ledger, "gdp")
    same = (
        "entity",
        "value",
        "qualifier",
        "status",
        "source",
        "source_date",
        "source_address",
        "note",
        "kind",
        "period",
    )
    assert {name: first[name] for name in same} == {name: again[name] for name in same}


def test_a_filled_template_is_loaded(ledger: Ledger, tmp_path: Path) -> None:
    out = tmp_path / "t.xlsx"
    write_template(CITY, ledger, ["staff", "size"], "enterprise", "2022", out, "zh")
    book = openpyxl.load_workbook(out)
    page = book["data"]
    for line in page.iter_rows(min_row=3):
        row = dict(zip(COLUMNS, line, strict=True))
        row["value"].value = "约1.2万" if row["variable"].value == "staff" else "large"
        row["unit"].value = None
    book.save(out)
    assert load_file(ledger, CITY, out, "template", "firm").count == 2
    staff = stated(ledger, "staff")[-1]
    assert (staff["value"], staff["qualifier"], staff["period"]) == (Decimal(12000), "≈", "2022")
    assert staff["source"] == "The firm itself"
    assert stated(ledger, "size")[-1]["text"] == "large"


def test_a_wrong_cell_of_a_filled_template_is_refused_at_its_place(ledger: Ledger, tmp_path: Path) -> None:
    out = tmp_path / "t.xlsx"
    write_template(CITY, ledger, ["gdp"], "place", "2022", out, "zh")
    book = openpyxl.load_workbook(out)
    book["data"].cell(4, COLUMNS.index("value") + 1).value = "a lot"
    book.save(out)
    with pytest.raises(Refused) as refused:
        load_file(ledger, CITY, out, "template", "firm")
    (found,) = refused.value.problems
    assert (found.rule.id, found.where.sheet, found.where.row, found.where.column) == (
        "not-a-number",
        "data",
        4,
        "value",
    )


def test_unknown_variables_and_periods_are_refused_together(ledger: Ledger, tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        write_template(CITY, ledger, ["gpd"], "place", "spring", tmp_path / "t.xlsx", "zh")
    assert [each.rule.id for each in refused.value.problems] == ["unknown-variable", "period-form"]


def test_units_are_written_as_people_write_them_and_understood_when_they_come_back(
    ledger: Ledger, tmp_path: Path
) -> None:
    out = tmp_path / "t.xlsx"
    write_template(CITY, ledger, ["gdp", "share"], "place", "2021", out, "zh")
    assert {row["unit"] for row in cells(out)} == {"亿元", "%"}
    load_file(ledger, CITY, out, "template", "firm")
    assert stated(ledger, "gdp")[-1]["unit"] == "100m_cny"


def test_names_that_look_like_formulas_are_texts_and_control_characters_do_not_stop_a_template(
    ledger: Ledger, tmp_path: Path
) -> None:
    firms = tmp_path / "more.csv"
    firms.write_text('name,code,town,staff\n"=HYPERLINK(""http://x"")",,,1\n乙\x01公司,,,2\n')
    load_file(ledger, CITY, firms, "firms", "firm")
    out = tmp_path / "t.xlsx"
    write_template(CITY, ledger, ["staff"], "enterprise", "2021", out, "zh")
    page = openpyxl.load_workbook(out)["data"]
    named = {str(cell.value): cell.data_type for (cell,) in page.iter_rows(min_row=3, min_col=2, max_col=2)}
    assert named['=HYPERLINK("http://x")'] == "s"
    assert "乙公司" in named


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_document_of_the_templates_form_without_its_explanation_loses_no_row(
    ledger: Ledger, tmp_path: Path, ending: str
) -> None:
    table = pa.table({**{name: ["", ""] for name in COLUMNS}, "entity": ["place:east"] * 2, "variable": ["gdp"] * 2})
    table = table.set_column(COLUMNS.index("period"), "period", pa.array(["2018", "2019"]))
    table = table.set_column(COLUMNS.index("value"), "value", pa.array(["1", "2"]))
    file = tmp_path / f"a.{ending}"
    (pacsv.write_csv if ending == "csv" else pq.write_table)(table, file)
    assert load_file(ledger, CITY, file, "template", "firm").count == 2


def test_an_explanation_in_parquet_is_passed_over_too(ledger: Ledger, tmp_path: Path) -> None:
    table = pa.table({name: [TITLES["zh"][number], ""] for number, name in enumerate(COLUMNS)})
    for name, text in {"entity": "place:east", "variable": "gdp", "period": "2018", "value": "x"}.items():
        number = COLUMNS.index(name)
        table = table.set_column(number, name, pa.array([TITLES["zh"][number], text]))
    pq.write_table(table, tmp_path / "a.parquet")
    with pytest.raises(Refused) as refused:
        load_file(ledger, CITY, tmp_path / "a.parquet", "template", "firm")
    assert [(each.rule.id, each.where.row) for each in refused.value.problems] == [("not-a-number", 2)]


def test_a_template_that_nobody_filled_is_refused(ledger: Ledger, tmp_path: Path) -> None:
    out = tmp_path / "t.xlsx"
    write_template(CITY, ledger, ["share"], "place", "1999", out, "en")
    with pytest.raises(Refused) as refused:
        load_file(ledger, CITY, out, "template", "firm")
    assert [each.rule.id for each in refused.value.problems] == ["nothing-stated"]


def test_a_variable_that_is_not_observed_of_the_kind_is_not_asked_for(ledger: Ledger, tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        write_template(CITY, ledger, ["gdp"], "enterprise", "2021", tmp_path / "t.xlsx", "en")
    (problem,) = refused.value.problems
    assert problem.rule.id == "entity-kind" and "place" in problem.mend("en")
    assert not (tmp_path / "t.xlsx").exists()


def change_the_known_value(ledger: Ledger, out: Path, **cells: object) -> int:
    """Writes a template and changes cells of the row whose value is known; returns its row."""
    write_template(CITY, ledger, ["gdp"], "place", "2021", out, "en")
    book = openpyxl.load_workbook(out)
    page = book["data"]
    line = next(n for n in range(3, page.max_row + 1) if page.cell(n, COLUMNS.index("value") + 1).value is not None)
    for name, content in cells.items():
        page.cell(line, COLUMNS.index(name) + 1).value = content  # type: ignore[assignment]
    book.save(out)
    return line


@pytest.mark.parametrize("cells", [{"value": 2999}, {"qualifier": "="}, {"value": "超3030.2"}])
def test_a_changed_value_is_not_put_into_the_mouth_of_the_source_that_stated_another(
    ledger: Ledger, tmp_path: Path, cells: dict[str, object]
) -> None:
    out, before = tmp_path / "t.xlsx", ledger.head()
    line = change_the_known_value(ledger, out, **cells)
    with pytest.raises(Refused) as refused:
        load_file(ledger, CITY, out, "template", "firm")
    (problem,) = refused.value.problems
    assert (problem.rule.id, problem.where.row, problem.where.column) == ("source-says-otherwise", line, "source")
    assert "Statistical bureau" in problem.says("en") and "3030.21" in problem.says("zh")
    assert ledger.head() == before


def test_a_changed_value_with_the_users_own_source_is_taken_in(ledger: Ledger, tmp_path: Path) -> None:
    out = tmp_path / "t.xlsx"
    change_the_known_value(ledger, out, value=2999, source="Our own survey", source_date="2024-01-01")
    load_file(ledger, CITY, out, "template", "firm")
    assert (stated(ledger, "gdp")[-1]["source"], stated(ledger, "gdp")[-1]["given"]) == ("Our own survey", "2999")


def test_where_the_source_is_cleared_the_one_named_at_loading_counts_wholly(ledger: Ledger, tmp_path: Path) -> None:
    out = tmp_path / "t.xlsx"
    change_the_known_value(ledger, out, value=2999, source=None)
    load_file(ledger, CITY, out, "template", "firm")
    row = stated(ledger, "gdp")[-1]
    assert (row["source"], row["source_date"], row["source_address"]) == ("The firm itself", "", "")


def test_a_source_that_corrected_itself_on_another_day_is_believed(ledger: Ledger, tmp_path: Path) -> None:
    out = tmp_path / "t.xlsx"
    change_the_known_value(ledger, out, value=2999, source_date="2023-05-01")
    load_file(ledger, CITY, out, "template", "firm")
    row = stated(ledger, "gdp")[-1]
    assert (row["source"], row["source_date"]) == ("Statistical bureau", "2023-05-01")
    assert row["source_address"] == "https://example.org/a"


def test_a_source_named_at_loading_may_correct_itself(ledger: Ledger, tmp_path: Path) -> None:
    out = tmp_path / "t.xlsx"
    change_the_known_value(ledger, out, value=2999)
    load_file(ledger, CITY, out, "template", "bureau")
    assert stated(ledger, "gdp")[-1]["given"] == "2999"


def test_a_value_that_was_withdrawn_is_no_longer_stated_by_its_source(ledger: Ledger, tmp_path: Path) -> None:
    out = tmp_path / "t.xlsx"
    change_the_known_value(ledger, out, value=2999)
    withdraw(ledger, "2", "wrong", "me")
    assert load_file(ledger, CITY, out, "template", "firm").count == 1


def test_a_template_asks_for_places_of_the_city_only(ledger: Ledger, tmp_path: Path) -> None:
    files = dict(CITY.files)
    files["places.csv"] = files["places.csv"].replace(
        b"320582,", "province,江苏省,Jiangsu,province,,,,,,,,\n320582,".encode(), 1
    )
    files["places.csv"] = files["places.csv"].replace(b"Tiny,city,,", b"Tiny,city,province,")
    write_template(parse_city(files), ledger, ["gdp"], "place", "2021", tmp_path / "t.xlsx", "en")
    assert {row["entity"] for row in cells(tmp_path / "t.xlsx")} == {"place:320582", "place:east", "place:west"}


def test_a_template_is_not_written_under_a_name_of_another_format(ledger: Ledger, tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        write_template(CITY, ledger, ["gdp"], "place", "2021", tmp_path / "t.csv", "en")
    assert [each.rule.id for each in refused.value.problems] == ["template-name"]
    assert not (tmp_path / "t.csv").exists()
