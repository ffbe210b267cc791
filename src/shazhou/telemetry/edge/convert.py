"""From what a tag says to what a standard metric means: units, states, types."""

from __future__ import annotations

import sys
from enum import IntEnum

from shazhou.telemetry.edge.source import Value
from shazhou.telemetry.names import OperationMode, State
from shazhou.telemetry.sparkplug.datatype import DataType

_UNITS: dict[str, dict[str, float]] = {
    "kWh": {
        "Wh": 1e-3,
        "kWh": 1.0,
        "MWh": 1e3,
        "GWh": 1e6,
        "J": 1 / 3.6e6,
        "kJ": 1 / 3.6e3,
        "MJ": 1 / 3.6,
        "GJ": 1e3 / 3.6,
    },
    "kW": {"W": 1e-3, "kW": 1.0, "MW": 1e3},
    "s": {"ms": 1e-3, "s": 1.0, "min": 60.0, "h": 3600.0},
    "pieces": {"pieces": 1.0},
}
"""By unit of a standard metric, the units that can be converted to it and their factors."""

_MEANINGS: dict[str, type[IntEnum]] = {"State": State, "Operation Mode": OperationMode}


def factor_of(unit: str, standard: str) -> float | None:
    """The factor from a unit to a standard metric's; None where there is none."""
    return _UNITS.get(standard, {}).get(unit)


def meaning_of(metric: str, meant: str | int) -> int | None:
    """The number of a state or operation mode, given by name or number; None where it is neither."""
    kind = _MEANINGS[metric]
    for each in kind:
        if meant == each.value or (isinstance(meant, str) and meant.upper() == each.name):
            return each.value
    return None


def word(value: Value) -> str:
    """A tag's value as a file would write it: true, 3, 2.5, RUN."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def number(value: Value) -> float | int | None:
    """A value as a number that a float can hold, a text that is one included; None where it is none."""
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    return value if value is not None and _is_finite(value) else None


def typed(value: float | int, datatype: DataType) -> Value:
    """A number as a value of a type; None where it does not fit."""
    if not _is_finite(value):
        return None
    if datatype is DataType.DOUBLE:
        return float(value)
    if datatype is DataType.BOOLEAN:
        return bool(value)
    whole = round(value)
    return whole if -(1 << 63) <= whole < 1 << 63 else None


def _is_finite(value: float | int) -> bool:
    """Whether a float can hold it: an integer beyond that raises OverflowError wherever it meets a float."""
    return -sys.float_info.max <= value <= sys.float_info.max
