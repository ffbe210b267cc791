"""Decoding DATA: protobuf's C decoder makes columns of a message, and a plan says what they mean.

What a plan cannot take (quality told, nulls, transient values, DataSet, Template, arrays, minutes, values in other
fields than their types ask for) is read metric by metric. A message in which two metrics each carry the field of the
other's type is not told from a right one: their values change places. No encoder does so by accident, and a sender
can deceive us about its own values in simpler ways.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from google.protobuf.message import DecodeError

from shazhou.telemetry.host import limits
from shazhou.telemetry.host.births import Birth, Malformed, Metric
from shazhou.telemetry.host.plan import NUMBERS, Plan, made
from shazhou.telemetry.host.samples import Planned
from shazhou.telemetry.sparkplug.descriptor import ColumnPayload, Outline, Payload

_NAME, _ALIAS, _TIME, _DATATYPE, _HISTORICAL, _TRANSIENT, _NULL = 1, 2, 3, 4, 5, 6, 7
_LONG, _STRING = NUMBERS["long_value"], NUMBERS["string_value"]


def columns_of(payload: bytes) -> Any:
    """A payload with its metrics as columns.

    Raises:
        Malformed: not Sparkplug's protobuf.
    """
    try:
        return ColumnPayload.FromString(payload)
    except DecodeError:
        raise Malformed("protobuf") from None


def payload_of(payload: bytes) -> Any:
    """A payload with its metrics one by one.

    Raises:
        Malformed: not Sparkplug's protobuf, or too many metrics.
    """
    try:
        if len(Outline.FromString(payload).metrics) > limits.METRICS:
            raise Malformed("too-many-metrics")
        return Payload.FromString(payload)
    except DecodeError:
        raise Malformed("protobuf") from None


def seq_of(message: Any) -> int:
    """The number of a message within its session.

    Raises:
        Malformed: there is none, or it is no byte.
    """
    if not message.HasField("seq"):
        raise Malformed("seq-missing")
    if message.seq > 255:
        raise Malformed("seq-range")
    return int(message.seq)


def planned(message: Any, birth: Birth, received: int) -> tuple[Planned, int] | None:
    """The message if a plan takes it, and the number of the record before it (-1 where it is no record)."""
    metrics = message.metrics
    # Taken as a list at once: one after another, protobuf's values cost twice as much.
    key = tuple(metrics.alias[:]), tuple(metrics.name[:])
    plan = birth.plans[key] if key in birth.plans else _plan(key, birth)
    if plan is None:
        return None
    found = {field.number: values[:] for field, values in metrics.ListFields()}
    found.pop(_ALIAS, None)
    found.pop(_NAME, None)
    if _STRING in found and bytes in set(map(type, found[_STRING])):
        return None
    datatypes = found.pop(_DATATYPE, None)
    if datatypes is not None and datatypes != plan.datatypes:
        return None
    # The two metrics that number a record are as new as the message, however old its samples are.
    numbers = 2 if plan.sequence >= 0 else 0
    historical = _flag(found.pop(_HISTORICAL, ()), (plan.count - numbers, plan.count))
    if historical is None or any(found.pop(_TRANSIENT, ())) or any(found.pop(_NULL, ())):
        return None
    at = found.pop(_TIME, None) or [message.timestamp] * plan.count
    if len(at) != plan.count or max(at) >= limits.LATEST:
        return None
    if found.keys() != plan.counts.keys() or any(len(found[each]) != count for each, count in plan.counts.items()):
        return None
    sequence, previous = 0, -1
    if plan.sequence >= 0 and plan.previous >= 0:
        sequence, previous = found[_LONG][plan.sequence], found[_LONG][plan.previous]
        if not previous < sequence <= limits.LARGEST:
            return None
    return Planned(plan, at, found, received, historical, sequence), previous


def resolved(metrics: Any, birth: Birth) -> Iterator[tuple[Any, Metric | None]]:
    """Each metric with what the birth says of it; None for one that was not born."""
    for metric in metrics:
        if metric.HasField("alias"):
            known = birth.aliases.get(metric.alias)
            # Whoever sends both has to mean the same.
            if known is not None and metric.HasField("name") and metric.name and metric.name != known.name:
                known = None
            yield metric, known
        else:
            yield metric, birth.metrics.get(metric.name)


def _flag(values: Any, counts: tuple[int, int]) -> bool | None:
    """What a flag says of all metrics (one of these numbers); None where it does not say the same of all."""
    if not values or not any(values):
        return False
    return True if len(values) in counts and all(values) else None


def _plan(key: tuple[tuple[int, ...], tuple[str, ...]], birth: Birth) -> Plan | None:
    if len(birth.plans) >= limits.PLANS:
        return None
    aliases, names = key
    metrics = [birth.aliases.get(alias) for alias in aliases]
    if names:
        metrics = [birth.metrics.get(name) for name in names] if not aliases else [None]
    known = [metric for metric in metrics if metric is not None]
    # An order with a metric that was not born is not remembered: the next birth may bring it.
    if len(known) < len(metrics) or not known:
        return None
    birth.plans[key] = made(known)
    return birth.plans[key]
