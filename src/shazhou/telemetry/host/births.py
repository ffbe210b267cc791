"""Births: what a node or device said about its metrics, by name and by alias, and what of it is kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from shazhou.telemetry.host import limits
from shazhou.telemetry.host.plan import Key, Plan
from shazhou.telemetry.minute import PREFIX
from shazhou.telemetry.names import BDSEQ, EQUIPMENT
from shazhou.telemetry.sparkplug.datatype import FIELDS, DataType

KNOWN = frozenset(FIELDS)
"""Types that a metric can have."""

PULSE = "Pulse/"
UNIT = ("engUnit", "Engineering Units", "Unit")
"""Properties in which peers tell a metric's unit."""

OF_THE_WIRE = ("Node Control/", "Device Control/", "Node Info/", "Record/", PREFIX, PULSE)
"""Beginnings of the names of metrics that are no samples."""

NOT_KEPT = -1
"""Series of a metric that is no sample."""


class Malformed(ValueError):
    """A payload, or a metric of it, that cannot be understood; its text is the short reason."""


def text_of(value: str | bytes) -> str:
    """A text of a payload; protobuf hands on as bytes what is no UTF-8.

    Raises:
        Malformed: it is none, as where a peer writes GBK.
    """
    if isinstance(value, bytes):
        raise Malformed("utf-8")
    return value


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric as its birth declared it; ``series`` is its place in the store's catalogue or `NOT_KEPT`."""

    name: str
    datatype: DataType
    series: int
    alias: int | None = None


@dataclass
class Birth:
    """The metrics of a node or of a device, as born last, and orders of them that were seen in DATA."""

    metrics: dict[str, Metric] = field(default_factory=dict)
    aliases: dict[int, Metric] = field(default_factory=dict)
    plans: dict[Key, Plan | None] = field(default_factory=dict)

    def series(self) -> list[int]:
        """The series of its samples."""
        return [metric.series for metric in self.metrics.values() if metric.series != NOT_KEPT]


SeriesOf = Callable[[str, DataType, str], int]
"""Gives the series of a metric by name, type and unit."""


def declared(metrics: Any, series_of: SeriesOf, taken: Callable[[int], bool], refuse: Callable[[str], None]) -> Birth:
    """The birth that metrics of an NBIRTH or DBIRTH make.

    Args:
        metrics: of the payload.
        series_of: called for each metric that is a sample.
        taken: whether an alias belongs to another device of the node.
        refuse: called with the reason for each metric that is left out.
    """
    birth = Birth()
    for metric in metrics:
        name, alias = metric.name, metric.alias if metric.HasField("alias") else None
        reason = _reason(metric, name, alias, birth, taken)
        if reason:
            refuse(reason)
            continue
        datatype = DataType(metric.datatype)
        kept = not (name == BDSEQ or name.startswith(OF_THE_WIRE) or _is_definition(metric))
        made = Metric(name, datatype, series_of(name, datatype, _unit(metric)) if kept else NOT_KEPT, alias)
        birth.metrics[name] = made
        if alias is not None:
            birth.aliases[alias] = made
    return birth


def _reason(metric: Any, name: str | bytes, alias: int | None, birth: Birth, taken: Callable[[int], bool]) -> str:
    """Why a metric of a birth cannot be understood; empty where it can."""
    if isinstance(name, bytes):
        return "utf-8"
    if not name:
        return "birth-name-missing"
    if len(name) > limits.NAME:
        return "name-too-long"
    if metric.datatype not in KNOWN:
        return "datatype-unknown"
    if name in birth.metrics:
        return "name-twice"
    if alias is not None and (alias in birth.aliases or taken(alias)):
        return "alias-twice"
    return ""


def _is_definition(metric: Any) -> bool:
    return bool(metric.datatype == DataType.TEMPLATE and metric.template_value.is_definition)


def _unit(metric: Any) -> str:
    if metric.name in EQUIPMENT:
        return EQUIPMENT[metric.name].unit
    if metric.HasField("properties"):
        for key, value in zip(metric.properties.keys, metric.properties.values, strict=False):
            if key in UNIT and isinstance(value.string_value, str):
                return value.string_value[: limits.NAME]
    return ""
