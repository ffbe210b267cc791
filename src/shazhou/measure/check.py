"""Checks of a city's indicators, for `shazhou.city.check`: formulas that do not parse or whose units do not fit."""

from __future__ import annotations

from collections.abc import Iterator

from shazhou.city.lines import read_yaml
from shazhou.city.model import City
from shazhou.city.problem import Problem, Refused, Where
from shazhou.city.unit import UNITS
from shazhou.measure.dimension import check_unit
from shazhou.measure.formula import parse


def check_indicators(city: City) -> Iterator[Problem]:
    """Every problem of the city's formulas."""
    lined = read_yaml("indicators.yaml", city.files["indicators.yaml"])
    for indicator in city.indicators.values():
        at = lined.where((indicator.id, "formula"))
        where = Where(at.file, row=at.row, column=at.column, text=indicator.formula, offset=0)
        try:
            expression = parse(indicator.formula, city.variables, where)
            if indicator.unit in UNITS and all(variable.unit in UNITS for variable in city.variables.values()):
                check_unit(indicator, expression, city.variables, where)
        except Refused as refused:
            yield from refused.problems
