"""Making payloads: one metric after another, as births, data and commands need them."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from shazhou.telemetry.sparkplug.datatype import FIELDS, DataType, to_wire
from shazhou.telemetry.sparkplug.descriptor import Payload

GOOD, BAD, STALE = 192, 0, 500
"""Values of the property ``Quality`` (Sparkplug 3.0.0, 6.4.14)."""

QUALITY = "Quality"


class Sample(NamedTuple):
    """One value of one metric. ``at`` is its source's time in milliseconds since 1970 UTC; no ``value`` is null."""

    name: str
    datatype: DataType
    value: Any
    at: int
    alias: int | None = None
    quality: int = GOOD
    historical: bool = False
    transient: bool = False


def payload(at: int, seq: int | None = None) -> Any:
    """An empty payload; ``seq`` None where the message carries none (NDEATH and commands)."""
    made = Payload(timestamp=at)
    if seq is not None:
        made.seq = seq
    return made


def add(made: Any, sample: Sample, birth: bool = False) -> None:
    """Adds a metric to a payload: with name, alias and type in a birth, else with the alias alone where there is one.

    Raises:
        OverflowError: an integer does not fit its type.
    """
    metric = made.metrics.add(timestamp=sample.at)
    if birth or sample.alias is None:
        metric.name = sample.name
        metric.datatype = sample.datatype
    if sample.alias is not None:
        metric.alias = sample.alias
    if sample.historical:
        metric.is_historical = True
    if sample.transient:
        metric.is_transient = True
    if sample.quality != GOOD:
        metric.properties.keys.append(QUALITY)
        metric.properties.values.add(type=DataType.INT32, int_value=sample.quality)
    if sample.value is None:
        metric.is_null = True
        return
    field, value = FIELDS[sample.datatype], to_wire(sample.datatype, sample.value)
    if field in ("dataset_value", "template_value"):
        getattr(metric, field).CopyFrom(value)
    else:
        setattr(metric, field, value)


def state(online: bool, at: int) -> bytes:
    """The payload of a host application's STATE."""
    return json.dumps({"online": online, "timestamp": at}).encode()
