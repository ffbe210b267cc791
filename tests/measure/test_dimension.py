"""Units of formulas: only likes are added, and a plain number never passes for a quantity."""

from __future__ import annotations

import pytest
from small_city import VARIABLES, named

from shazhou.city.model import Indicator, Variable
from shazhou.city.problem import Refused, Where
from shazhou.measure.dimension import check_unit, dimension_of
from shazhou.measure.formula import parse

KNOWN = {name: Variable(id=name, name=named(name), **fields) for name, fields in VARIABLES.items()}


def check(formula: str, unit: str) -> None:
    where = Where("indicators.yaml", text=formula)
    indicator = Indicator(id="asked", name=named("asked"), formula=formula, unit=unit, decimals=2)
    check_unit(indicator, parse(formula, KNOWN, where), KNOWN, where)


@pytest.mark.parametrize(
    ("formula", "unit"),
    [
        ("value(gdp) + sum(output)", "100m_cny"),
        ("value(gdp) * 2 / 3", "cny"),
        ("2 * value(gdp) * (1 + 0.5)", "cny"),
        ("sum(output) / sum(staff)", "10k_cny"),
        ("sum(output) / sum(staff) - value(gdp) / sum(staff)", "cny"),
        ("mean(margin) * value(gdp) / 100 + value(gdp)", "cny"),
        ("100 - share(sum(output), value(gdp))", "percent"),
        ("yoy(value(gdp)) + 100", "percent"),
        ("1 - sum(output) / value(gdp)", "ratio"),
        ("difference(mean(margin))", "percentage_points"),
    ],
)
def test_parts_that_fit_pass(formula: str, unit: str) -> None:
    check(formula, unit)


@pytest.mark.parametrize(
    ("formula", "unit", "says"),
    [
        ("value(gdp) + 1", "cny", "cny"),
        ("9999 - value(gdp) * 0", "cny", "cny"),
        ("value(gdp) + (1 + 2)", "cny", "cny"),
        ("count(staff) * 0 + 300", "count", "count"),
        ("share(sum(output), value(gdp)) * 0 + 99", "percent", "percent"),
        ("sum(output) / sum(staff) + 1", "cny", "cny/persons"),
        ("sum(output) / value(gdp) + 7", "ratio", "ratio"),
        ("share(sum(output), 5000)", "percent", "cny"),
        ("share(100, mean(margin))", "percent", "percent"),
        ("sum(output) / sum(staff) + value(gdp)", "cny", "cny/persons and cny"),
        ("1 / value(gdp) + value(gdp)", "cny", "1/cny and cny"),
    ],
)
def test_a_plain_number_or_an_unlike_quantity_is_refused_in_a_sum_or_share(formula: str, unit: str, says: str) -> None:
    with pytest.raises(Refused) as refused:
        check(formula, unit)
    (problem,) = refused.value.problems
    assert problem.rule.id == "formula-unlike-units"
    assert says in problem.says("en")
    assert "{" not in problem.says("zh")


@pytest.mark.parametrize(
    ("formula", "unit"),
    [
        ("value(gdp)", "persons"),
        ("sum(output) / value(gdp)", "percent"),
        ("sum(output) / value(gdp)", "cny"),
        ("sum(output) / sum(staff)", "percent"),
        ("count(staff)", "persons"),
    ],
)
def test_an_indicator_in_another_unit_than_its_formula_is_refused(formula: str, unit: str) -> None:
    with pytest.raises(Refused) as refused:
        check(formula, unit)
    assert [problem.rule.id for problem in refused.value.problems] == ["indicator-unit"]


def test_a_dimension_is_a_product_of_base_units() -> None:
    found = dimension_of(parse("sum(output) / sum(staff) * value(gdp)", KNOWN), KNOWN, Where())
    assert found == (("cny", 2), ("persons", -1))
