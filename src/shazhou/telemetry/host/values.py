"""Values as the store keeps them: an integer, a real number or a text; what is none of them becomes a text.

Bytes become base64; arrays, DataSet and Template become JSON. A value may come in a narrower or wider field of the same
kind than its type asks for, as some peers send it; in a field of another kind it is not understood.
"""

from __future__ import annotations

import base64
import json
import math
from typing import Any

from shazhou.telemetry.host.births import KNOWN, Malformed, text_of
from shazhou.telemetry.sparkplug.datatype import FIELDS, SIGNED, UNSIGNED, DataType, from_wire

Kept = int | float | str | None

LARGEST = (1 << 63) - 1
DEEPEST = 16
"""How deep Templates may lie within one another."""

_INTEGERS = frozenset({*SIGNED, *UNSIGNED, DataType.DATETIME})
_REALS = frozenset({DataType.FLOAT, DataType.DOUBLE})
_ARRAYS = frozenset(each for each in DataType if 22 <= each <= 34)
_CARRIED_IN = {
    **{datatype: (field,) for datatype, field in FIELDS.items()},
    **dict.fromkeys(_INTEGERS, ("int_value", "long_value")),
    **dict.fromkeys(_REALS, ("float_value", "double_value")),
}
"""The fields in which a value of a type may come."""


def kept(datatype: DataType, metric: Any) -> Kept:
    """What is kept of a metric's value; None for null.

    Raises:
        Malformed: no value and not null either, a field of another kind, or bytes that are no such array.
    """
    if metric.is_null:
        return None
    value = _read(datatype, metric, 0)
    if isinstance(value, int):
        return value if value <= LARGEST else str(value)
    if isinstance(value, (float, str)):
        return value
    if datatype in (DataType.BYTES, DataType.FILE):
        return base64.b64encode(value).decode()
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def quality(metric: Any, good: int) -> int:
    """The metric's property Quality; ``good`` where it tells none."""
    if metric.HasField("properties"):
        for key, value in zip(metric.properties.keys, metric.properties.values, strict=False):
            if key == "Quality" and not value.is_null:
                number = value.int_value or value.long_value
                return int(number) if number < 1 << 15 else 0
    return good


def _read(datatype: DataType, holder: Any, depth: int) -> Any:
    """The Python value in a metric, a parameter or a cell of a DataSet."""
    field = holder.WhichOneof("value")
    if field is None:
        raise Malformed("value-missing")
    if field not in _CARRIED_IN[datatype]:
        raise Malformed("value-field")
    value = getattr(holder, field)
    if datatype in _REALS:
        return float(value)
    if datatype is DataType.DATASET:
        return _dataset(value)
    if datatype is DataType.TEMPLATE:
        return _template(value, depth + 1)
    if field == "string_value":
        return text_of(value)
    try:
        read = from_wire(datatype, value)
    except ValueError:
        raise Malformed("value-array") from None
    return _numbers(read) if datatype in _ARRAYS else read


def _numbers(values: Any) -> list[Any]:
    """An array as JSON can hold it: what is no finite number is null."""
    return [None if isinstance(each, float) and not math.isfinite(each) else each for each in values]


def _known(number: int) -> DataType:
    if number not in KNOWN:
        raise Malformed("datatype-unknown")
    return DataType(number)


def _plain(datatype: DataType, holder: Any, depth: int) -> Any:
    """A value within a DataSet or Template."""
    if holder.WhichOneof("value") is None:
        return None
    value = _read(datatype, holder, depth)
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _dataset(dataset: Any) -> dict[str, Any]:
    columns, types = list(map(text_of, dataset.columns)), [_known(number) for number in dataset.types]
    if not len(columns) == len(types) == dataset.num_of_columns:
        raise Malformed("dataset-columns")
    rows = []
    for row in dataset.rows:
        if len(row.elements) != len(types):
            raise Malformed("dataset-row")
        rows.append([_plain(datatype, cell, 0) for datatype, cell in zip(types, row.elements, strict=True)])
    return {"columns": columns, "types": [datatype.name for datatype in types], "rows": rows}


def _template(template: Any, depth: int) -> dict[str, Any]:
    if depth > DEEPEST:
        raise Malformed("template-depth")
    return {
        "template": text_of(template.template_ref),
        "version": text_of(template.version),
        "metrics": [
            {
                "name": text_of(metric.name),
                "type": _known(metric.datatype).name,
                "value": None if metric.is_null else _plain(_known(metric.datatype), metric, depth),
            }
            for metric in template.metrics
        ],
        "parameters": [
            {
                "name": text_of(parameter.name),
                "type": _known(parameter.type).name,
                "value": _plain(_known(parameter.type), parameter, depth),
            }
            for parameter in template.parameters
        ],
    }
