"""Mappings: what is wrong with one is found without a document, with its file and line."""

from __future__ import annotations

import pytest
from intake_city import CITY, city_with, prepared, problems, rows

from shazhou.city.problem import Refused
from shazhou.intake.mapping import mapping_names, mapping_of
from shazhou.intake.mapping_check import check_mappings

GOOD = """\
title: {zh: 一, en: One}
entity:
  kind: enterprise
  key: {column: firm}
  create: true
observations:
  - variable: output
    value: {column: output}
    period: {column: period}
ignored:
  remark: said elsewhere
"""


def test_a_mapping_in_order_has_no_problems() -> None:
    assert list(check_mappings(city_with(one=GOOD))) == []


@pytest.mark.parametrize(
    ("given", "instead", "rule", "row"),
    [
        ("variable: output", "variable: outptu", "mapping-reference", 7),
        ("period: {column: period}", "period: spring", "mapping-reference", 9),
        ("value: {column: output}", "value: {column: output}\n    unit: furlong", "mapping-reference", 9),
        ("value: {column: output}", "value: {column: output}\n    industry: rail", "mapping-reference", 9),
        ("value: {column: output}", "value: {column: output}\n    kind: real", "mapping-constant", 9),
        (
            "value: {column: output}",
            "value: {column: output}\n    status: {column: s, default: X}",
            "mapping-constant",
            9,
        ),
        ("value: {column: output}", "text: {column: output}", "mapping-constant", 8),
        ("value: {column: output}", "label: x", "mapping-value", 7),
        ("value: {column: output}", "value: {column: output}\n    text: {column: output}", "mapping-value", 7),
        ("key: {column: firm}", "values: {}", "mapping-entity", 2),
        ("kind: enterprise", "kind: ''", "mapping-create", 2),
        (
            "key: {column: firm}",
            "key: {column: firm}\n  values_of: firm\n  values: {a: 'place:x'}",
            "mapping-reference",
            6,
        ),
        ("remark: said elsewhere", "remark: ''", "mapping-ignored", 11),
        ("remark: said elsewhere", "output: not wanted", "mapping-column", 11),
        ("value: {column: output}", "value: {column: output, match: [{pattern: '(', becomes: x}]}", "field-value", 8),
        (
            "value: {column: output}",
            "value: {column: output, match: [{pattern: 'a', becomes: '\\2'}]}",
            "field-value",
            8,
        ),
        ("value: {column: output}", "valeu: {column: output}", "field-unknown", 8),
        ("title: {zh: 一, en: One}", "title: {zh: 一}", "field-missing", 1),
        ("ignored:", "read: {encoding: klingon}\nignored:", "field-value", 10),
        ("entity:", "entity: [", "yaml-syntax", None),
    ],
)
def test_each_mistake_is_found_at_its_line(given: str, instead: str, rule: str, row: int | None) -> None:
    assert given in GOOD
    found = [each for each in check_mappings(city_with(one=GOOD.replace(given, instead))) if each.rule.id == rule]
    assert found
    assert all(each.where.file == "mappings/one.yaml" for each in found)
    assert row is None or row in [each.where.row for each in found]


def test_every_city_has_the_mapping_of_templates() -> None:
    assert "template" in mapping_names(CITY)
    assert mapping_of(CITY, "template").read.sheet == "data"


def test_an_unknown_mapping_names_those_there_are() -> None:
    with pytest.raises(Refused) as refused:
        mapping_of(CITY, "nothing")
    assert "figures" in refused.value.problems[0].values["known"]


FIELD = """\
title: {{zh: 一, en: One}}
entity: {{kind: place, key: {{column: place}}}}
observations:
  - {{variable: gdp, value: {{column: value}}, period: {period}, note: {note}}}
"""


@pytest.mark.parametrize(
    ("note", "cells", "expected"),
    [
        ("constant", "a,b", "constant"),
        ("{column: x}", "a,b", "a"),
        ("{columns: [x, y]}", "a,b", "a | b"),
        ("[{column: x}, {column: y}]", ",b", "b"),
        ("{column: x, values: {a: one}}", "a,b", "one"),
        ("{column: x, values: {a: one}, default: other}", "c,b", "other"),
        (
            "{column: x, match: [{pattern: '(b+)', becomes: 'found \\1'}, {pattern: '.', becomes: z}]}",
            "abbc,",
            "found bb",
        ),
        ("{column: x, match: [{pattern: q, becomes: z}]}", "a,b", ""),
        ("[{column: x, match: [{pattern: q, becomes: z}]}, {column: y}]", "a,b", "b"),
        ("{column: x, match: [{pattern: q, becomes: z}], default: d}", "a,b", "d"),
    ],
)
def test_fields_say_what_their_columns_say(note: str, cells: str, expected: str) -> None:
    city = city_with(one=FIELD.format(period="'2021'", note=note) + "ignored: {x: test, y: test}\n")
    (row,) = rows(prepared(f"place,value,x,y\ncity,1,{cells}\n", "one", city=city))
    assert row["note"] == expected


def test_a_text_that_is_not_listed_is_refused() -> None:
    city = city_with(one=FIELD.format(period="{column: x, values: {a: '2021'}}", note="''"))
    (found,) = problems("place,value,x\ncity,1,b\n", "one", city=city)
    assert (found.rule.id, found.where.row, found.where.column, found.found) == ("text-not-mapped", 2, "x", "b")


def test_a_field_of_several_possible_kinds_is_refused_once_and_where_it_is_wrong() -> None:
    text = GOOD.replace("value: {column: output}", "value: {colum: output}")
    (problem,) = check_mappings(city_with(bad=text))
    assert (problem.rule.id, problem.where.row) == ("field-unknown", 8)
    assert "(column?)" in problem.mend("en") and "(column?)" in problem.mend("zh")


def test_what_is_wrong_with_a_mapping_is_said_in_both_languages() -> None:
    text = GOOD.replace("{zh: 一, en: One}", "{zh: 一}").replace(
        "{column: period}", "{match: [{pattern: '(', becomes: x}]}"
    )
    problems = list(check_mappings(city_with(bad=text)))
    assert [problem.rule.id for problem in problems] == ["field-missing", "field-value"]
    assert problems[0].says("zh") == "缺少 title.en。"
    assert "正则表达式" in problems[1].says("zh") and "regular expression" in problems[1].says("en")
