"""Births: what an agent says of itself and of its equipment before it sends any data, and its death.

Values of equipment are null in births: they travel in records alone, in order and each exactly once. What a privacy
mode does not send stands in no birth either.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shazhou.telemetry import names
from shazhou.telemetry.edge.buffer import Described
from shazhou.telemetry.edge.mapping import Target
from shazhou.telemetry.edge.record import PULSE
from shazhou.telemetry.minute import FIELDS, PREFIX
from shazhou.telemetry.sparkplug.datatype import DataType
from shazhou.telemetry.sparkplug.payload import Sample, add, payload

UNIT = "engUnit"
"""Property of a metric in a birth that tells its unit."""

NODE: dict[str, DataType] = {
    names.CONFIRMED: DataType.UINT64,
    names.AGENT: DataType.STRING,
    names.MODE: DataType.STRING,
    names.ORIGIN: DataType.STRING,
    names.GATEWAY: DataType.STRING,
    names.SHIFTS: DataType.STRING,
    names.KEY: DataType.STRING,
    names.SOFTWARE: DataType.STRING,
    names.READ: DataType.STRING,
    names.ANSWER: DataType.STRING,
    names.CHALLENGE: DataType.STRING,
    names.CHALLENGED: DataType.STRING,
}
PLAIN = {names.BDSEQ: DataType.INT64, names.REBIRTH: DataType.BOOLEAN}
"""Metrics of the node's birth that have no alias."""
_RECORD = {names.SEQUENCE: DataType.UINT64, names.PREVIOUS: DataType.UINT64}
_MINUTE = {PREFIX + field: datatype for field, datatype in FIELDS.items()}


@dataclass(frozen=True)
class Identity:
    """What an agent says of itself in every birth."""

    mode: str
    origin: str
    gateway: str
    shifts: Sequence[str]
    key: str
    software: str


def described(mode: str, devices: Iterable[str], targets: Iterable[Target]) -> Iterator[Described]:
    """Every metric with an alias that an agent announces in a privacy mode, of the node and of its devices."""
    pulse = PULSE if mode == "pulse" else {}
    for name, datatype in {**NODE, **_RECORD, **pulse}.items():
        yield Described("", name, datatype)
    if mode == "pulse":
        return
    for device in devices:
        for name, datatype in {**_RECORD, **_MINUTE}.items():
            yield Described(device, name, datatype)
    if mode == "full":
        for target in targets:
            yield Described(target.device, target.metric, target.datatype, target.unit)


def node_birth(
    aliases: Mapping[Described, int], identity: Identity, agent: str, confirmed: int, bdseq: int, nonce: str, now: int
) -> bytes:
    """The NBIRTH. ``nonce`` answers a challenge, empty for none."""
    values: dict[str, Any] = {
        names.CONFIRMED: confirmed,
        names.AGENT: agent,
        names.MODE: identity.mode,
        names.ORIGIN: identity.origin,
        names.GATEWAY: identity.gateway,
        names.SHIFTS: "\n".join(identity.shifts),
        names.KEY: identity.key,
        names.SOFTWARE: identity.software,
        names.CHALLENGED: nonce,
    }
    made = payload(now, 0)
    for name, value in ((names.BDSEQ, bdseq), (names.REBIRTH, False)):
        add(made, Sample(name, PLAIN[name], value, now))
    _announce(made, aliases, "", values, now)
    return bytes(made.SerializeToString())


def device_birth(aliases: Mapping[Described, int], device: str, seq: int, now: int) -> bytes:
    """The DBIRTH of a device."""
    made = payload(now, seq)
    _announce(made, aliases, device, {}, now)
    return bytes(made.SerializeToString())


def death(bdseq: int, now: int) -> bytes:
    """The NDEATH that ends the session with this bdSeq."""
    made = payload(now)
    add(made, Sample(names.BDSEQ, DataType.INT64, bdseq, now))
    return bytes(made.SerializeToString())


def _announce(made: Any, aliases: Mapping[Described, int], device: str, values: Mapping[str, Any], now: int) -> None:
    for each, alias in aliases.items():
        if each.device != device:
            continue
        add(made, Sample(each.name, each.datatype, values.get(each.name), now, alias), birth=True)
        if each.unit:
            made.metrics[-1].properties.keys.append(UNIT)
            made.metrics[-1].properties.values.add(type=DataType.STRING, string_value=each.unit)
