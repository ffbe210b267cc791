"""Which formulas add up over time."""

from __future__ import annotations

import pytest
from small_city import city_files

from shazhou.city.folder import parse_city
from shazhou.city.problem import Where
from shazhou.measure.formula import parse
from shazhou.programme.accrual import adds_up, measures

CITY = parse_city(city_files({}))


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("value(gdp)", True),
        ("sum(output)", True),
        ("cumulative(sum(output))", True),
        ("difference(sum(output))", True),
        ("sum(output) - value(gdp)", True),
        ("2 * sum(output)", True),
        ("sum(output) / 2", True),
        ("-sum(output)", True),
        ("sum(output) / sum(staff)", False),
        ("share(sum(output), value(gdp))", False),
        ("yoy(value(gdp))", False),
        ("mean(output)", False),
        ("count(output)", False),
        ("sum(staff)", False),
        ("value(margin)", False),
        ('count(size == "large")', False),
    ],
)
def test_sums_of_flows_add_up_and_nothing_else(formula: str, expected: bool) -> None:
    assert adds_up(parse(formula, CITY.variables, Where("")), CITY.variables) is expected


def test_the_kinds_of_what_is_read() -> None:
    expression = parse("sum(output) / sum(staff)", CITY.variables, Where(""))
    assert measures(expression, CITY.variables) == {"flow", "stock"}
