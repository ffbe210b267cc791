"""Collections that cannot work are found with file, line, rule and advice; what is known is not asked for again."""

from __future__ import annotations

from pathlib import Path

import pytest
from tiny_city import FILES, tiny_city

from shazhou.city import collection_check
from shazhou.city.check import check_files
from shazhou.city.folder import parse_city
from shazhou.city.problem import Problem, Rule
from shazhou.intake.ask_once import LOADED_ALREADY, check_ask_once
from shazhou.programme import return_rule
from shazhou.programme.return_rule import check_collections

VARIABLES = (
    FILES["variables.yaml"]
    + """\
revenue: {name: {zh: 营业收入, en: Revenue}, measure: flow, unit: 10k_cny, of: [enterprise], minimum: 0}
rd: {name: {zh: 研发, en: R&D}, measure: flow, unit: 100m_cny, of: [enterprise], minimum: 0}
staff: {name: {zh: 人数, en: Staff}, measure: stock, unit: persons, type: integer, of: [enterprise]}
orders: {name: {zh: 订单, en: Orders}, measure: flow, unit: 10k_cny, of: [enterprise], frequency: M}
size: {name: {zh: 规模, en: Size}, measure: attribute, type: text, of: [enterprise], values: [large, small]}
due: {name: {zh: 应报, en: Due}, measure: flow, unit: count, type: integer, of: [enterprise], minimum: 0, maximum: 1}
came: {name: {zh: 已报, en: Came}, measure: flow, unit: count, type: integer, of: [enterprise], minimum: 0, maximum: 1}
soon: {name: {zh: 及时, en: Soon}, measure: flow, unit: count, type: integer, of: [enterprise], minimum: 0, maximum: 1}
"""
)
SOURCES = FILES["sources.yaml"] + "  returns: {title: 年报, rank: official, public: false}\n"
RIGHT = """\
annual:
  name: {zh: 年报, en: Annual return}
  of: enterprise
  reporters: {where: size == "large", place: "320582100"}
  variables: [revenue, rd, size]
  required: [revenue]
  frequency: A
  deadline: 90
  lock: 30
  first: "2025"
  steps: [town, bureau]
  source: returns
  accounts: {due: due, received: came, in_time: soon, source: returns}
  rules:
    - id: rd_within_revenue
      check: value(rd) <= value(revenue)
      severity: error
      why: {zh: 研发是支出的一部分。, en: R&D is spent.}
      advice: {zh: 请核对单位。, en: Compare the units.}
"""


def problems(collections: str, **changes: str) -> tuple[Problem, ...]:
    files = tiny_city(**{"variables": VARIABLES, "sources": SOURCES, **changes})
    files["collections.yaml"] = collections.encode()
    found = check_files(files, extra=(check_ask_once, check_collections))
    return tuple(each for each in found if not each.where.file.startswith("mappings/"))


def found(collections: str, **changes: str) -> list[tuple[str, int | None, str]]:
    return [(each.where.file, each.where.row, each.rule.id) for each in problems(collections, **changes)]


def test_a_collection_that_is_in_order_is_read() -> None:
    assert found(RIGHT) == []
    files = tiny_city(variables=VARIABLES, sources=SOURCES) | {"collections.yaml": RIGHT.encode()}
    assert parse_city(files).collections["annual"].variables == ("revenue", "rd", "size")


def test_a_city_without_collections_is_in_order() -> None:
    assert parse_city(tiny_city()).collections == {}
    assert "collections.yaml" not in str(check_files(tiny_city(), extra=(check_ask_once, check_collections)))


WRONG = [
    ("variables: [revenue, rd, size]", "variables: [revenue, rd, sales]", 5, "collection-unknown-name"),
    ("source: returns\n  acc", "source: nobody\n  acc", 12, "collection-unknown-name"),
    ('place: "320582100"', 'place: "999"', 4, "collection-unknown-name"),
    ("of: enterprise", "of: enterprise\n  filled_by: owner", 4, "collection-unknown-name"),
    ("received: came", "received: seen", 13, "collection-unknown-name"),
    ("of: enterprise", "of: town", 3, "field-value"),
    ("variables: [revenue, rd, size]", "variables: []", 5, "field-value"),
    ("variables: [revenue, rd, size]", "variables: [revenue, rd, gdp]", 5, "collection-kind"),
    ("variables: [revenue, rd, size]", "variables: [revenue, rd, orders]", 5, "collection-frequency"),
    ("variables: [revenue, rd, size]", "variables: [revenue, rd, name]", 5, "collection-free-text"),
    ("variables: [revenue, rd, size]", "variables: [revenue, rd, rd]", 5, "collection-listed-twice"),
    ("required: [revenue]", "required: [staff]", 6, "collection-not-asked"),
    ('{where: size == "large"', '{entities: ["project:p1"], where: size == "large"', 4, "collection-kind"),
    ("source: returns\n  acc", "source: communique\n  acc", 12, "collection-source-public"),
    ("received: came", "received: staff", 13, "collection-account"),
    ('first: "2025"', "first: 2025-01", 10, "field-value"),
    ('size == "large"', "size ==", 4, "formula-syntax"),
    ('size == "large"', "revenue > 5", 4, "collection-condition"),
    ("value(rd) <= value(revenue)", "value(rd)", 16, "collection-rule"),
    ("value(rd) <= value(revenue)", "value(rd) <=", 16, "collection-rule"),
    ("value(rd) <= value(revenue)", "value(rd) <= value(profit)", 16, "formula-unknown-variable"),
    ("value(rd) <= value(revenue)", "value(rd) <= value(orders)", 16, "collection-rule-variable"),
    ("value(rd) <= value(revenue)", "value(rd) <= sum(revenue)", 16, "collection-rule-variable"),
    ("value(rd) <= value(revenue)", "value(rd) <= yoy(value(revenue))", 16, "collection-rule-unit"),
]


@pytest.mark.parametrize(("right", "wrong", "row", "rule"), WRONG, ids=[f"{w[3]}-{n}" for n, w in enumerate(WRONG)])
def test_each_fault_is_found_at_its_line(right: str, wrong: str, row: int, rule: str) -> None:
    assert right in RIGHT
    assert found(RIGHT.replace(right, wrong)) == [("collections.yaml", row, rule)]


def test_every_rule_about_collections_is_broken_by_some_case() -> None:
    rooms = (collection_check, return_rule)
    rules = {each.id for room in rooms for each in vars(room).values() if isinstance(each, Rule)}
    assert rules <= {rule for *_, rule in WRONG} | {"ask-once"}


def test_what_one_collection_brings_no_other_asks_for() -> None:
    second = "second" + RIGHT.removeprefix("annual").replace("[revenue, rd, size]", "[staff, rd]")
    second = second.replace("required: [revenue]", "required: [staff]").partition("  rules:")[0]
    told = problems(RIGHT + second)
    assert [(each.where.row, each.rule.id, each.found) for each in told] == [(24, "ask-once", "rd")]
    assert "annual" in told[0].says("en")


def test_what_a_mapping_loads_for_such_entities_no_collection_asks_for() -> None:
    mapping = """\
title: {zh: 名录, en: Register}
entity: {kind: enterprise, key: {column: 名称}, create: true}
observations:
  - {variable: size, text: {column: 规模}, period: "2025"}
  - {variable: {column: 指标}, value: {column: 数值}, period: "2025"}
"""
    files = tiny_city(variables=VARIABLES, sources=SOURCES)
    files |= {"collections.yaml": RIGHT.encode(), "mappings/register.yaml": mapping.encode()}
    told = list(check_ask_once(parse_city(files)))
    assert [(each.rule, each.where.row, each.found) for each in told] == [(LOADED_ALREADY, 5, "size")]
    assert "register" in told[0].says("zh")


def test_reporters_need_names() -> None:
    unnamed = VARIABLES.replace("name:\n  name: {zh: 名称", "named:\n  name: {zh: 名称")
    assert found(RIGHT, variables=unnamed) == [("collections.yaml", 3, "collection-unknown-name")]
    of_others = VARIABLES.replace("type: text\n  of: [enterprise]", "type: text\n  of: [project]")
    assert found(RIGHT, variables=of_others) == [("collections.yaml", 3, "collection-kind")]


def test_every_fault_says_in_both_languages_what_is_wrong_and_what_to_do() -> None:
    for right, wrong, _row, _rule in WRONG:
        for problem in problems(RIGHT.replace(right, wrong)):
            said = [problem.says("zh"), problem.says("en"), problem.mend("zh"), problem.mend("en")]
            assert all(said) and not any("{" in sentence for sentence in said)
            assert said[0] != said[1]


def test_faults_of_several_files_do_not_hide_one_another() -> None:
    wrong = RIGHT.replace("[revenue, rd, size]", "[revenue, rd, wages]")
    told = found(wrong, variables=VARIABLES + "wages: {name: {zh: 工资, en: Wages}}\n")
    assert told == [("variables.yaml", len(VARIABLES.splitlines()) + 1, "field-missing")]


def test_the_collections_that_ship_with_the_source_are_in_order() -> None:
    folder = Path(__file__).parents[2] / "cities" / "zhangjiagang"
    city = parse_city({path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*.*"))})
    assert list(check_ask_once(city)) == list(check_collections(city)) == []
    assert set(city.collections) == {"key_projects_monthly", "innovation_annual"}
