"""Rules of a collection: hits are told with both sides; where a value is missing a rule says nothing."""

from __future__ import annotations

from decimal import Decimal

import pytest
from return_city import RETURN_CITY

from shazhou.city.problem import Refused
from shazhou.programme.return_rule import Hit, Quantities, hits, parsed

ANNUAL = RETURN_CITY.collections["annual"]


def number(value: str, qualifier: str = "=") -> tuple[Decimal, str]:
    return Decimal(value), qualifier


def broken(values: Quantities, year_before: Quantities | None = None) -> list[Hit]:
    return list(hits(RETURN_CITY, ANNUAL, values, year_before or {}))


def test_a_return_that_satisfies_every_rule_has_no_hit() -> None:
    assert broken({"rd": number("10"), "revenue": number("10")}) == []


def test_a_hit_tells_both_sides_the_variables_why_and_what_to_do() -> None:
    (hit,) = broken({"rd": number("11"), "revenue": number("10", "≈")})
    assert (hit.rule.id, hit.rule.severity) == ("rd_within_revenue", "error")
    assert (hit.left, hit.right, hit.variables) == (11, 10, ("rd", "revenue"))
    assert hit.rule.why.zh and hit.rule.advice.en


@pytest.mark.parametrize("values", [{}, {"rd": number("11")}, {"revenue": number("10")}])
def test_where_a_value_is_missing_a_rule_says_nothing(values: Quantities) -> None:
    assert broken(values) == []


def test_a_rule_may_look_at_the_year_before() -> None:
    values = {"rd": number("21"), "revenue": number("100")}
    assert broken(values) == []
    assert [hit.rule.id for hit in broken(values, {"rd": number("10")})] == ["rd_not_doubled"]
    assert broken(values, {"rd": number("10.5")}) == []


@pytest.mark.parametrize(
    ("check", "holds"),
    [
        ("value(rd) < value(revenue)", False),
        ("value(rd) <= value(revenue)", True),
        ("value(rd) == value(revenue)", True),
        ("value(rd) >= value(revenue)", True),
        ("value(rd) > value(revenue)", False),
        ("2 * value(rd) > value(revenue) + value(revenue) / 2", True),
    ],
)
def test_every_comparison_can_be_made(check: str, holds: bool) -> None:
    rule = ANNUAL.rules[0].model_copy(update={"check": check})
    collection = ANNUAL.model_copy(update={"rules": (rule,)})
    found = hits(RETURN_CITY, collection, {"rd": number("5"), "revenue": number("5")}, {})
    assert (not found) is holds


@pytest.mark.parametrize(
    "check", ["", "value(rd)", "1 < 2 < 3", "value(rd) != 1", "value(rd) <=", "(" * 500, "x" * 2000]
)
def test_what_is_no_comparison_is_refused(check: str) -> None:
    with pytest.raises(Refused) as refused:
        parsed(check, RETURN_CITY.variables)
    assert refused.value.problems[0].rule.id == "collection-rule"
