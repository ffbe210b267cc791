"""Values of cells: numbers in base units with their qualifier, texts of attributes checked against their variable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import pyarrow as pa

from shazhou.city.code import CHECKS
from shazhou.city.model import City, Variable
from shazhou.city.period import BAD_PERIOD, Period
from shazhou.city.unit import UNITS, unit_named
from shazhou.intake import rules
from shazhou.intake.coded import Coded, Mask, combined
from shazhou.intake.findings import Breach, Findings
from shazhou.intake.number import MISSING, TWO_QUALIFIERS, Number, Unreadable, in_base, is_missing, read_number
from shazhou.ledger.observation import DECIMAL

NUMERIC = ("number", "integer")

BLANK_MARKS = frozenset(mark for mark in MISSING if not any(character.isalnum() for character in mark))
"""Dashes: texts that say that there is none."""


@dataclass(frozen=True)
class Values:
    """The cells of one observation, understood: ``holds`` is where there is something to state."""

    value: pa.Array
    said: Coded
    unit: Coded
    qualifier: Coded
    holds: Mask


class Understanding:
    """Understands the cells of a column for the variables that they are about.

    Args:
        city: definitions.
        findings: takes what is wrong.
        places: the keys of places by every text that stands for them (several: ambiguous).
    """

    def __init__(self, city: City, findings: Findings, places: Mapping[str, frozenset[str]]) -> None:
        self._city = city
        self._findings = findings
        self._places = places

    def of(self, given: Coded, variable: Coded, unit: Coded, qualifier: Coded, column: str, whole: bool) -> Values:
        """The values of a column of cells.

        Args:
            given: the cells.
            variable: the variable of each row.
            unit: the unit stated for each row; empty: none.
            qualifier: the qualifier stated for each row; empty: none.
            column: the column's name, for problems.
            whole: whether the cells are whole numbers of a typed document.
        """
        only = self._city.variables.get(variable.single or "")
        if whole and only is not None and only.type in NUMERIC and unit.single is not None:
            short = self._whole_numbers(given, only, unit.single, qualifier, column)
            if short is not None:
                return short
        return self._cells(given, variable, unit, qualifier, column)

    def _cells(self, given: Coded, variable: Coded, unit: Coded, qualifier: Coded, column: str) -> Values:
        codes, parts = combined((variable, unit, qualifier, given))
        values: list[Decimal | None] = []
        said, units, qualifiers, holds = [], [], [], []
        breaches: dict[int, tuple[str, Breach]] = {}
        for code, (name, stated, sign, cell) in enumerate(parts):
            value, text, used, kept, held = None, "", stated, sign or "=", False
            try:
                value, text, used, kept, held = self._cell(self._city.variables.get(name), stated, sign, cell)
            except Unreadable as problem:
                breaches[code] = (cell, (problem.rule, problem.values))
                held = True
            values.append(value)
            said.append(text)
            units.append(used)
            qualifiers.append(kept)
            holds.append(held)
        self._findings.judge(codes, breaches, column)
        return Values(
            pa.array(values, DECIMAL).take(pa.array(codes)),
            Coded(codes, ()).revalued(said),
            Coded(codes, ()).revalued(units),
            Coded(codes, ()).revalued(qualifiers),
            np.array(holds, np.bool_)[codes],
        )

    def _cell(
        self, variable: Variable | None, unit: str, qualifier: str, cell: str
    ) -> tuple[Decimal | None, str, str, str, bool]:
        if variable is None:
            return None, "", unit, "=", not is_missing(cell)
        if variable.type not in NUMERIC:
            if cell in BLANK_MARKS:
                return None, "", "text", "=", False
            return None, self._text(variable, cell), "text", qualifier or "=", True
        number = read_number(cell)
        if number is None:
            return None, "", unit, "=", False
        value, used = in_base(number, unit, UNITS[variable.unit], variable.id)
        _check_range(variable, value)
        return value, "", used.id, _qualifier(number, qualifier), True

    def _whole_numbers(
        self, given: Coded, variable: Variable, stated: str, qualifier: Coded, column: str
    ) -> Values | None:
        """The short way for typed whole numbers of one variable in one unit."""
        unit = unit_named(stated or variable.unit)
        if unit is None or unit.base != UNITS[variable.unit].base or unit.factor % 1:
            return None
        largest = max((abs(int(text)) for text in given.values if text), default=0)
        if largest * int(unit.factor) >= 2**63:
            return None
        scaled = np.array([int(text or 0) for text in given.values], np.int64) * int(unit.factor)
        breaches: dict[int, tuple[str, Breach]] = {}
        for code, text in enumerate(given.values):
            if text and not _inside(variable, int(scaled[code])):
                breaches[code] = (text, (rules.OUT_OF_RANGE, _range(variable)))
        self._findings.judge(given.codes, breaches, column)
        exact = pa.array(scaled).cast(pa.decimal128(19, 0)).cast(DECIMAL)
        rows = len(given.codes)
        return Values(
            exact.take(pa.array(np.ascontiguousarray(given.codes))),
            Coded.constant("", rows),
            Coded.constant(unit.id, rows),
            qualifier.otherwise(Coded.constant("=", rows)),
            ~given.empty(),
        )

    def _text(self, variable: Variable, cell: str) -> str:
        if variable.code == "place":
            return self._place(variable, cell)
        if variable.code == "industry":
            cell = self._industry(cell)
        if variable.values and cell not in variable.values:
            raise Unreadable(rules.UNKNOWN_CODE, allowed=" ".join(variable.values), column=variable.id)
        if variable.type == "date":
            try:
                Period.parse(cell)
            except ValueError:
                raise Unreadable(BAD_PERIOD) from None
        reason = CHECKS[variable.code](cell, self._city) if variable.code else None
        if reason is not None:
            rule = rules.WRONG_BY_CODE.get(variable.code, rules.WRONG_CODE)
            raise Unreadable(rule, zh=reason[0], en=reason[1])
        return cell

    def _place(self, variable: Variable, cell: str) -> str:
        found = self._places.get(cell.removeprefix("place:"), frozenset())
        if len(found) > 1:
            raise Unreadable(rules.SEVERAL_PLACES, several=", ".join(sorted(found)))
        if not found:
            reason = CHECKS["place"](cell, self._city) or ("", "")
            raise Unreadable(rules.WRONG_CODE, zh=reason[0], en=reason[1])
        return next(iter(found))

    def _industry(self, cell: str) -> str:
        named = {
            text: industry.key
            for industry in self._city.industries.values()
            for text in (industry.name.en, industry.name.zh, *industry.aliases)
        }
        return cell if cell in self._city.industries else named.get(cell, cell)


def _qualifier(number: Number, stated: str) -> str:
    if stated in ("", "="):
        return number.qualifier
    if number.qualifier not in ("=", stated):
        raise Unreadable(TWO_QUALIFIERS)
    return stated


def _check_range(variable: Variable, value: Decimal) -> None:
    if variable.type == "integer" and value != value.to_integral_value():
        raise Unreadable(rules.NOT_WHOLE)
    if not _inside(variable, value):
        raise Unreadable(rules.OUT_OF_RANGE, **_range(variable))


def _inside(variable: Variable, value: Decimal | int) -> bool:
    factor = UNITS[variable.unit].factor
    low, high = variable.minimum, variable.maximum
    return (low is None or value >= low * factor) and (high is None or value <= high * factor)


def _range(variable: Variable) -> dict[str, str]:
    low = "…" if variable.minimum is None else str(variable.minimum)
    high = "…" if variable.maximum is None else str(variable.maximum)
    return {"low": low, "high": high, "unit": variable.unit, "variable": variable.id}
