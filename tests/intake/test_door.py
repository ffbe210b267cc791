"""The door: a document is understood as a whole or refused with every problem."""

from __future__ import annotations

import io
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from intake_city import CITY, city_with, figures, prepared, problems, rows, saved, sheet

from shazhou.intake.entity import Names
from shazhou.intake.findings import MOST
from shazhou.ledger.observation import SCHEMA


def test_a_row_becomes_an_observation_with_everything_it_says() -> None:
    ready = prepared(figures('city,gdp,"约3,030.21",亿元,2021,"said ""about"""'))
    assert pa.Table.from_batches(ready.batches()).schema == SCHEMA
    (row,) = rows(ready)
    expected = {
        "entity": "place:320582",
        "industry": "",
        "variable": "gdp",
        "kind": "actual",
        "period": "2021",
        "value": Decimal("303021000000.000000000"),
        "text": None,
        "unit": "100m_cny",
        "qualifier": "≈",
        "status": "A",
        "origin": "",
        "given": "约3,030.21",
        "source": "Statistical bureau",
        "source_date": "2022-05-19",
        "source_address": "https://example.org/a",
        "note": 'said "about"',
        "row": 2,
    }
    assert {name: row[name] for name in expected} == expected
    assert (str(row["start"]), str(row["end"])) == ("2021-01-01", "2021-12-31")


def test_missing_is_missing_and_not_zero() -> None:
    assert [row["row"] for row in rows(prepared(figures("city,gdp,—,,2021,", "city,gdp,0,,2020,")))] == [3]


def test_a_note_without_a_value_is_warned_of() -> None:
    ready = prepared(figures("city,gdp,—,,2021,not published", "city,gdp,1,,2020,"))
    assert [(problem.rule.id, problem.where.row, problem.where.column) for problem in ready.warnings] == [
        ("cell-lost", 2, "note")
    ]


@pytest.mark.parametrize(
    ("line", "rule", "column"),
    [
        ("nowhere,gdp,1,,2021,", "entity-unknown", "place"),
        ("twin,gdp,1,,2021,", "entity-ambiguous", "place"),
        (",gdp,1,,2021,", "entity-empty", "place"),
        ("place:nowhere,gdp,1,,2021,", "entity-unknown", "place"),
        ("city,gpd,1,,2021,", "unknown-variable", "variable"),
        ("city,,1,,2021,", "cell-required", "variable"),
        ("city,gdp,1,,,", "cell-required", "period"),
        ("city,gdp,1,,2021-13,", "period-form", "period"),
        ("city,gdp,1,,2021年,", "period-form", "period"),
        ("city,gdp,1,人,2021,", "wrong-unit", "value"),
        ("city,gdp,1,furlong,2021,", "unknown-unit", "value"),
        ("city,gdp,-1,,2021,", "out-of-range", "value"),
        ("city,share,101,,2021,", "out-of-range", "value"),
        ("city,staff,1.5,,2021,", "not-whole", "value"),
        ("city,gdp,abc,,2021,", "not-a-number", "value"),
        ("city,gdp,10-20,,2021,", "range-for-number", "value"),
        ("city,size,large,,2021,", "entity-kind", "variable"),
    ],
)
def test_each_broken_rule_is_shown_at_its_cell(line: str, rule: str, column: str) -> None:
    found = problems(figures("city,gdp,1,,2020,", line))
    assert [(each.rule.id, each.where.file, each.where.row, each.where.column) for each in found] == [
        (rule, "a.csv", 3, column)
    ]
    assert found[0].says("zh") != found[0].says("en")
    assert found[0].mend("zh") and found[0].mend("en")


def test_every_problem_of_every_row_comes_back_at_once() -> None:
    found = problems(figures("city,gdp,x,,2021,", "city,gdp,x,,2022,", "nowhere,gpd,1,,2021x,"))
    assert [(each.where.row, each.rule.id) for each in found] == [
        (2, "not-a-number"),
        (3, "not-a-number"),
        (4, "entity-unknown"),
        (4, "unknown-variable"),
        (4, "period-form"),
    ]


def test_the_number_of_problems_beyond_the_limit_is_said() -> None:
    found = problems(figures(*(f"city,gdp,x,,{year},y" for year in range(1000, 1000 + MOST + 5))))
    assert len(found) == MOST + 1
    assert (found[-1].rule.id, found[-1].found) == ("more-problems", "5")


def test_a_column_that_nobody_mapped_is_refused_and_one_that_is_missing_too() -> None:
    found = problems("place,variable,value,unit,period,remark\ncity,gdp,1,,2021,x\n")
    assert {(each.rule.id, each.where.column) for each in found} == {
        ("column-not-mapped", "remark"),
        ("column-missing", "note"),
    }


def test_an_unknown_mapping_or_source_is_refused() -> None:
    assert problems(figures(), "other")[0].rule.id == "unknown-mapping"
    assert problems(figures(), source="nobody")[0].rule.id == "unknown-source"


def test_a_row_without_source_is_refused() -> None:
    assert [each.rule.id for each in problems(figures("city,gdp,1,,2021,"), source="")] == ["source-missing"]


def test_two_values_of_one_source_for_one_thing_are_refused() -> None:
    (found,) = problems(figures("city,gdp,1,,2021,", "city,gdp,2,,2021-01-01/P1Y,"))
    assert (found.rule.id, found.where.row, found.values["row"]) == ("stated-twice", 3, "2")


def test_the_same_statement_twice_is_a_warning() -> None:
    ready = prepared(figures("city,gdp,1,,2021,", "城,gdp,1,,2021,".replace("城", "小城")))
    assert ready.count == 2
    assert [(problem.rule.id, problem.where.row) for problem in ready.warnings] == [("stated-again", 3)]


def test_different_periods_and_places_do_not_contradict() -> None:
    assert prepared(figures("city,gdp,1,,2021,", "city,gdp,2,,2022,", "east,gdp,3,,2021,")).count == 3


def test_codes_are_checked() -> None:
    good = "name,code,town,staff\n甲,91350100M000100Y43,东镇,5\n"
    stated = {row["variable"]: row["text"] for row in rows(prepared(good, "firms"))}
    assert stated == {"name": "甲", "uscc": "91350100M000100Y43", "place": "east", "staff": None}
    bad = "name,code,town,staff\n甲,91350100M000100Y44,没有,5\n乙,,twin,\n"
    assert [(each.rule.id, each.where.row, each.where.column) for each in problems(bad, "firms")] == [
        ("wrong-code", 2, "code"),
        ("wrong-code", 2, "town"),
        ("place-ambiguous", 3, "town"),
    ]


ATTRIBUTE = """\
title: {{zh: 属性, en: Attribute}}
entity: {{kind: enterprise, key: {{column: firm}}, create: true}}
observations:
  - {{variable: {variable}, text: {{column: given}}, period: "2021"}}
"""


@pytest.mark.parametrize(
    ("variable", "text", "rule"),
    [
        ("size", "medium", "unknown-code"),
        ("industry_code", "9999", "wrong-code"),
        ("industry", "铁路", "wrong-code"),
        ("since", "last year", "period-form"),
        ("stock_code", "2075", "wrong-code"),
        ("staff", "5", "text-for-number"),
    ],
)
def test_coded_texts_are_checked(variable: str, text: str, rule: str) -> None:
    city = city_with(attribute=ATTRIBUTE.format(variable=variable))
    (found,) = problems(f"firm,given\n甲,{text}\n", "attribute", city=city)
    assert (found.rule.id, found.where.row, found.where.column) == (rule, 2, "given")


@pytest.mark.parametrize(
    ("variable", "text", "kept"), [("industry", "钢铁", "steel"), ("industry_code", "3130", "3130")]
)
def test_names_of_industries_become_their_keys(variable: str, text: str, kept: str) -> None:
    city = city_with(attribute=ATTRIBUTE.format(variable=variable))
    stated = [
        row for row in rows(prepared(f"firm,given\n甲,{text}\n", "attribute", city=city)) if row["variable"] == variable
    ]
    assert [(row["text"], row["given"]) for row in stated] == [(kept, text)]


def test_new_entities_get_opaque_ids_and_an_alias() -> None:
    ready = prepared("firm,output,period\n甲公司,5,2021\n甲公司,6,2022\n", "output")
    again = prepared("firm,output,period\n甲公司,5,2021\n甲公司,6,2022\n", "output")
    found = rows(ready)
    (entity,) = {row["entity"] for row in found}
    assert str(entity).startswith("enterprise:e") and "甲" not in str(entity)
    aliases = [(row["text"], row["period"], row["row"]) for row in found if row["variable"] == "alias"]
    assert aliases == [("甲公司", "2021", 2)]
    assert rows(again) == found


def test_known_entities_are_found_by_name_and_code() -> None:
    names = Names(CITY)
    first = prepared("name,code,town,staff\n甲,91350100M000100Y43,,\n", "firms", names=names)
    names.learn(first.stated)
    second = prepared("firm,output,period\n甲,5,2021\n91350100M000100Y43,6,2022\n", "output", names=names)
    assert {row["entity"] for row in rows(second)} == {row["entity"] for row in rows(first)}
    assert {row["variable"] for row in rows(second)} == {"output"}


def test_preparing_does_not_change_the_names() -> None:
    names = Names(CITY)
    prepared("firm,output,period\n甲,5,2021\n", "output", names=names)
    assert names.entities("enterprise", "甲") == []


def test_whole_numbers_of_parquet_are_scaled_exactly() -> None:
    buffer = io.BytesIO()
    columns = {
        "firm": ["甲", "乙", "丙"],
        "output": pa.array([7, None, 2**40], pa.int64()),
        "period": [2021, 2021, 2021],
    }
    pq.write_table(pa.table(columns), buffer)
    stated = [row for row in rows(prepared(buffer.getvalue(), "output", "a.parquet")) if row["variable"] == "output"]
    assert [(row["given"], row["value"], row["unit"]) for row in stated] == [
        ("7", Decimal(70_000), "10k_cny"),
        (str(2**40), Decimal(2**40 * 10_000), "10k_cny"),
    ]


def test_the_short_way_for_whole_numbers_gives_what_the_long_way_gives() -> None:
    numbers = list(range(0, 200_000, 7))
    places = [("east", "west")[number % 2] for number in numbers]
    table = {"place": places, "variable": ["gdp"] * len(numbers), "value": numbers, "unit": ["亿元"] * len(numbers),
             "period": [f"{1000 + number // 28}" for number in numbers], "note": [""] * len(numbers)}  # fmt: skip
    table["period"] = [f"{1000 + index // 2:04d}" for index in range(len(numbers))]
    table = {name: column[:16_000] for name, column in table.items()}
    typed, texts = io.BytesIO(), io.BytesIO()
    pq.write_table(pa.table(table), typed)
    pq.write_table(pa.table({**table, "value": [str(number) for number in table["value"]]}), texts)
    short = rows(prepared(typed.getvalue(), file="a.parquet"))
    assert short == rows(prepared(texts.getvalue(), file="a.parquet"))
    assert len(short) == 16_000


def test_integers_out_of_range_are_refused_in_the_short_way_too() -> None:
    buffer = io.BytesIO()
    pq.write_table(pa.table({"name": ["甲", "乙"], "code": ["", ""], "town": ["", ""], "staff": [5, -5]}), buffer)
    (found,) = problems(buffer.getvalue(), "firms", "a.parquet")
    assert (found.rule.id, found.where.row, found.where.column, found.found) == ("out-of-range", 2, "staff", "-5")


def test_simulated_evidence_is_marked_on_every_row() -> None:
    ready = prepared(figures("city,gdp,1,,2021,"), origin="simulated")
    assert ready.delivery.door == "simulation"
    assert {row["origin"] for row in rows(ready)} == {"simulated"}


def test_problems_of_a_workbook_name_the_sheet() -> None:
    book = sheet(
        [["place", "variable", "value", "unit", "period", "note"], ["city", "gdp", "x", None, 2021, None]], "表"
    )
    (found,) = problems(saved(book), file="a.xlsx")
    assert (found.where.sheet, found.where.row, found.where.column) == ("表", 2, "value")


def test_deliveries_differ_by_content_mapping_source_and_origin() -> None:
    one = prepared(figures("city,gdp,1,,2021,")).delivery.id
    others = {
        prepared(figures("city,gdp,2,,2021,")).delivery.id,
        prepared(figures("city,gdp,1,,2021,"), source="firm").delivery.id,
        prepared(figures("city,gdp,1,,2021,"), origin="simulated").delivery.id,
    }
    assert len(others | {one}) == 4
    assert prepared(figures("city,gdp,1,,2021,")).delivery.id == one
