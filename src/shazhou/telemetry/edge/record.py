"""Records as bytes: measurements, minutes and pulses on their way into the buffer, and out of it as DATA messages.

A record's body is a payload without seq, number and time of sending. Parts of a protobuf message can be written one
after another, so what is only known when it is sent is a second part behind the first. Only a record that is sent late
is taken apart, because every metric of it then says that it is historical.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from shazhou.telemetry.edge.buffer import Described, Record
from shazhou.telemetry.edge.mapping import Measurement
from shazhou.telemetry.minute import FIELDS, PREFIX, Minute
from shazhou.telemetry.names import PREVIOUS, SEQUENCE
from shazhou.telemetry.sparkplug.datatype import DataType
from shazhou.telemetry.sparkplug.descriptor import Payload
from shazhou.telemetry.sparkplug.payload import GOOD, Sample, add

PULSE = {"Pulse/Times": DataType.INT32, "Pulse/Good": DataType.DOUBLE}
"""Of all equipment in a minute: the most distinct source times of any, and the share of good quality."""

LATE = 10_000
"""Milliseconds after which a record that is sent is historical."""

Aliases = Mapping[tuple[str, str], tuple[int, DataType]]
"""By device and name a metric's alias and type."""


def by_name(aliases: Mapping[Described, int]) -> Aliases:
    """Aliases as records need them."""
    return {(each.device, each.name): (alias, each.datatype) for each, alias in aliases.items()}


def raw_body(device: str, measurements: Iterable[Measurement], aliases: Aliases) -> bytes:
    """A record of a device's values as they were read."""
    made = Payload()
    for each in measurements:
        alias, datatype = aliases[device, each.metric]
        add(made, Sample(each.metric, datatype, each.value, each.at, alias, each.quality))
    return bytes(made.SerializeToString())


def minute_body(minute: Minute, aliases: Aliases) -> bytes:
    """A record of a minute."""
    made = Payload()
    for field in FIELDS:
        alias, datatype = aliases[minute.device, PREFIX + field]
        add(made, Sample(field, datatype, getattr(minute, field), minute.at, alias))
    return bytes(made.SerializeToString())


def pulse_body(minutes: Iterable[Minute], aliases: Aliases) -> bytes:
    """A record of one minute's pulse, from the minutes of all equipment."""
    made, minutes = Payload(), list(minutes)
    samples = sum(minute.samples for minute in minutes)
    good = sum(minute.good * minute.samples for minute in minutes)
    values = {
        "Pulse/Times": max(minute.times for minute in minutes),
        "Pulse/Good": good / samples if samples else 0.0,
    }
    for name, value in values.items():
        alias, datatype = aliases["", name]
        add(made, Sample(name, datatype, value, minutes[0].at, alias, GOOD))
    return bytes(made.SerializeToString())


def message(record: Record, seq: int, now: int, aliases: Aliases) -> bytes:
    """The DATA message of a record that is sent now."""
    sent: Any = Payload(timestamp=now, seq=seq)
    for name, number in ((SEQUENCE, record.number), (PREVIOUS, record.previous)):
        alias, datatype = aliases[record.device, name]
        add(sent, Sample(name, datatype, number, record.taken, alias))
    body = record.body
    if now - record.taken > LATE:
        late: Any = Payload.FromString(body)
        for metric in late.metrics:
            metric.is_historical = True
        body = late.SerializeToString()
    return bytes(body + sent.SerializeToString())
