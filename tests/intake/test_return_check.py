"""A return is checked by the rules of files, cell by cell; what is right is understood beside what is wrong."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from intake_city import prepared
from return_city import IN_TIME, RETURN_CITY, ZONE, annual

from shazhou.city.problem import Problem
from shazhou.intake.held import Held
from shazhou.intake.return_check import Checked, check_return
from shazhou.intake.return_document import document_of
from shazhou.intake.returned import Cell, Return

FIRM = "enterprise:e1"


def check(*known: Held, submitted: datetime | None = None, **cells: str | Cell) -> Checked:
    return check_return(RETURN_CITY, annual(FIRM, submitted, **cells), known)


def rules(problems: tuple[Problem, ...]) -> list[str]:
    return [problem.rule.id for problem in problems]


def known(variable: str, value: str, period: str = "2025", source: str = "Statistical bureau") -> Held:
    from shazhou.city.period import Period

    span = Period.parse(period)
    return Held(
        *(FIRM, variable, period, span.start, span.end, Decimal(value), "", "=", RETURN_CITY.variables[variable].unit),
        *(source, "2026-01-01", "https://example.org", "", "file:1", 4),
    )


@pytest.mark.parametrize(
    ("given", "unit", "value", "qualifier"),
    [
        ("12.5", "", "1250000000", "="),
        ("1,234.5 ", "", "123450000000", "="),
        ("约12亿元", "", "1200000000", "≈"),
        ("超1300", "万元", "13000000", ">"),
        ("１２", "亿元", "1200000000", "="),
    ],
)
def test_numbers_are_understood_as_in_files(given: str, unit: str, value: str, qualifier: str) -> None:
    checked = check(revenue=Cell(given=given, unit=unit), staff="10")
    assert checked.ok
    assert checked.quantities["revenue"] == (Decimal(value), qualifier)


@pytest.mark.parametrize(
    ("variable", "given", "unit", "rule"),
    [
        ("revenue", "many", "", "not-a-number"),
        ("revenue", "10-20", "", "range-for-number"),
        ("revenue", "12亿元", "万元", "unit-conflict"),
        ("revenue", "12", "人", "wrong-unit"),
        ("revenue", "-1", "", "out-of-range"),
        ("staff", "2.5", "", "not-whole"),
        ("grade", "maybe", "", "unknown-code"),
    ],
)
def test_a_wrong_cell_breaks_the_rule_that_a_file_would(variable: str, given: str, unit: str, rule: str) -> None:
    cells = {"revenue": "12", "staff": "10", variable: Cell(given=given, unit=unit)}
    checked = check(**cells)
    assert set(checked.problems) == {variable}
    row = f"{FIRM},{variable},{given},{unit}"
    in_a_file = _problems_of_file(row)
    assert rules(checked.problems[variable]) == in_a_file == [rule]


def _problems_of_file(row: str) -> list[str]:
    from shazhou.city.problem import Refused
    from shazhou.intake.return_check import names_of

    text = (
        "entity,variable,value,unit,period,kind,entity_name,industry,variable_name,qualifier,status,source,source_date,"
        f"source_address,note\n{row},2025,actual,,,,,,,,,\n"
    )
    try:
        prepared(text, "template", source="returns", city=RETURN_CITY, names=names_of(RETURN_CITY, [FIRM]))
    except Refused as refused:
        return rules(refused.problems)
    raise AssertionError("the file was not refused")


def test_what_is_right_is_understood_beside_what_is_wrong() -> None:
    checked = check(revenue="12", rd="none of your business", staff="10", grade="无")
    assert set(checked.values) == {"revenue", "staff", "grade"}
    assert checked.values["grade"].text == "无"
    assert rules(checked.problems["rd"]) == ["not-a-number"]
    assert not checked.ok


def test_problems_speak_to_reporters_by_name() -> None:
    (problem,) = check(revenue="-1", staff="10").problems["revenue"]
    assert "营业收入" in problem.says("zh") and "Revenue" in problem.says("en")
    assert "variables.yaml" not in problem.mend("en") + problem.mend("zh")
    assert "{" not in problem.says("zh") + problem.says("en")


@pytest.mark.parametrize("given", ["", "—", "无", "N/A"])
def test_a_required_cell_must_state_something(given: str) -> None:
    assert rules(check(revenue=given, staff="10").problems["revenue"]) == ["return-required"]


def test_a_cell_that_is_not_required_may_be_empty() -> None:
    assert check(revenue="12", staff="10", rd="—", grade="").ok


def test_a_return_without_anything_is_none() -> None:
    empty = check_return(RETURN_CITY, Return(collection="monthly", entity="project:p1", period="2025-01"))
    assert rules(empty.whole) == ["return-empty"]


def test_a_prefilled_cell_shows_what_the_ledger_holds_and_is_not_stated_again() -> None:
    cells = {"revenue": Cell(given="12.5", prefilled=True), "staff": Cell(given="10")}
    checked = check(known("revenue", "12.5"), **cells)
    assert checked.ok and checked.values["revenue"].prefilled
    assert checked.quantities["revenue"] == (Decimal("1250000000"), "=")
    assert b"revenue" not in document_of(RETURN_CITY, annual(FIRM, **cells))


def test_a_prefilled_cell_of_which_nothing_is_held_any_more_is_missing() -> None:
    checked = check(revenue=Cell(given="12.5", prefilled=True), staff="10")
    assert rules(checked.problems["revenue"]) == ["return-required"]


def test_what_was_approved_before_cannot_be_emptied() -> None:
    before = known("rd", "300", source="Annual return")
    assert rules(check(before, revenue="12", staff="10", rd="").problems["rd"]) == ["return-emptied"]
    assert check(before, revenue="12", staff="10", rd="301").ok
    assert check(before, revenue="12", staff="10", rd=Cell(given="300", prefilled=True)).ok
    assert check(known("rd", "300"), revenue="12", staff="10", rd="").ok, "others said so, not this return"


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"collection": "weekly"}, "return-collection"),
        ({"entity": "project:p1"}, "return-entity"),
        ({"period": "2023"}, "return-period"),
        ({"period": "2025-01"}, "return-period"),
        ({"period": "soon"}, "return-period"),
        ({"cells": {"gdp": Cell(given="1")}}, "return-not-asked"),
        ({"submitted": datetime(2025, 12, 31, 23, 59, tzinfo=ZONE)}, "return-not-open"),
        ({"submitted": datetime(2026, 5, 1, 0, 0, tzinfo=ZONE)}, "return-locked"),
    ],
)
def test_what_is_no_return_of_the_collection_is_refused_as_a_whole(changed: dict[str, object], rule: str) -> None:
    right = annual(FIRM, revenue="12", staff="10")
    checked = check_return(RETURN_CITY, right.model_copy(update=changed))
    assert rules(checked.whole) == [rule]
    assert not checked.ok and not checked.values


def test_the_days_are_days_of_the_city() -> None:
    last = datetime(2026, 4, 30, 23, 59, tzinfo=ZONE).astimezone(ZoneInfo("UTC"))
    assert check(submitted=last, revenue="12", staff="10").ok
    assert check(submitted=IN_TIME, revenue="12", staff="10").ok


def test_after_the_lock_date_a_return_is_taken_with_a_reason() -> None:
    late = annual(FIRM, datetime(2026, 6, 1, tzinfo=ZONE), revenue="12", staff="10")
    assert not check_return(RETURN_CITY, late).ok
    unlocked = late.model_copy(update={"unlocked": "audited anew"})
    assert check_return(RETURN_CITY, unlocked).ok
    assert b"after the lock date: audited anew" in document_of(RETURN_CITY, unlocked)


def test_line_breaks_and_control_characters_do_not_reach_the_document() -> None:
    cell = Cell(given="1\n2", note="first\r\nsecond\x00\udc80")
    assert (cell.given, cell.note) == ("1 2", "first second")


@pytest.mark.parametrize("given", ['=HYPERLINK("x")', '"', ",", "'; drop table", "12\t3", "<b>", "1" * 5000])
def test_whatever_is_typed_is_refused_with_a_sentence(given: str) -> None:
    (problem,) = check(revenue=given, staff="10").problems["revenue"]
    assert problem.says("zh") and problem.mend("en")
