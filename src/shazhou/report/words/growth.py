"""Growth: which indicators state growth, of which level, on which price basis.

An indicator states growth where its formula is ``yoy(…)``, or ``value(v)`` of a variable that says ``growth_of`` a
level. Its price basis is the indicator's, then the variable's; ``yoy`` of levels in money is nominal.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from shazhou.city.model import City, Indicator
from shazhou.city.unit import UNITS

_STATED = re.compile(r"\s*value\(\s*([a-z][a-z0-9_]*)\s*\)\s*")
_YOY = re.compile(r"\s*yoy\((.*)\)\s*", re.DOTALL)


@dataclass(frozen=True)
class Growth:
    """What an indicator says of growth. ``level`` is the indicator of the level, empty where there is none;
    ``basis`` is nominal, comparable or empty where it does not apply. ``stated``: somebody states it; otherwise it
    is computed."""

    level: str
    basis: str
    stated: bool


def growth_of(city: City, indicator: str) -> Growth | None:
    """The growth that an indicator states, or None."""
    definition = city.indicators[indicator]
    stated = _STATED.fullmatch(definition.formula)
    if stated and (variable := city.variables.get(stated[1])) and variable.growth_of:
        basis = definition.price_basis or variable.price_basis
        return Growth(level_indicator(city, variable.growth_of), basis, True)
    computed = _YOY.fullmatch(definition.formula)
    if computed:
        return Growth(
            _same_formula(city, computed[1]), definition.price_basis or _money_basis(city, computed[1]), False
        )
    return None


def level_indicator(city: City, variable: str) -> str:
    """The indicator that gives a variable's stated value, or an empty text."""
    return _same_formula(city, f"value({variable})")


def _same_formula(city: City, formula: str) -> str:
    wanted = _bare(formula)
    return next((one.id for one in city.indicators.values() if _bare(one.formula) == wanted), "")


def _bare(formula: str) -> str:
    return re.sub(r"\s+", "", formula)


def _money_basis(city: City, formula: str) -> str:
    level: Indicator | None = city.indicators.get(_same_formula(city, formula))
    return "nominal" if level is not None and UNITS[level.unit].base in ("cny", "usd") else ""
