"""What a server publishes, decoded straight to readings.

A publishing of thousands of values is most of an agent's work. The library makes seven objects of each value; here the
bytes (DataValue, OPC 10000-6, 5.2.2.17) are read where they stand, and only values of uncommon types go through it.
"""

from __future__ import annotations

import struct
import time
from collections.abc import Iterator, Sequence
from typing import Any

from asyncua import ua
from asyncua.common.utils import Buffer
from asyncua.ua.object_ids import ObjectIds
from asyncua.ua.ua_binary import (
    extensionobject_from_binary,
    nodeid_from_binary,
    struct_from_binary,
    variant_from_binary,
)

from shazhou.telemetry.edge.source import Reading, Value
from shazhou.telemetry.edge.sources.opcua.value import QUALITY, plain
from shazhou.telemetry.sparkplug.payload import BAD, GOOD

_DATA_CHANGE = ObjectIds.DataChangeNotification_Encoding_DefaultBinary
_SCALARS: dict[int, struct.Struct] = {
    kind: struct.Struct(f"<{form}") for kind, form in enumerate("?bBhHiIqQfd", start=1)
}
"""By the number of a variant's type: booleans and numbers."""
_TEXT = 12
_HEAD, _INT, _UINT, _MOMENT = struct.Struct("<IB"), struct.Struct("<i"), struct.Struct("<I"), struct.Struct("<q")
_SINCE_1601 = 11_644_473_600_000
"""Milliseconds from 1601, where OPC UA begins to count, to 1970."""


class Published:
    """One answer to a request to publish: which subscription, its number, and what there is to say."""

    __slots__ = ("_parts", "number", "subscription")

    def __init__(self, answer: Buffer) -> None:
        nodeid_from_binary(answer)
        struct_from_binary(ua.ResponseHeader, answer)
        (self.subscription,) = _UINT.unpack(answer.read(4))
        (available,) = _INT.unpack(answer.read(4))
        answer.skip(4 * max(available, 0) + 1)
        (self.number,) = _UINT.unpack(answer.read(4))
        answer.skip(8)
        (count,) = _INT.unpack(answer.read(4))
        self._parts: list[bytes | Any] = [_part(answer) for _ in range(max(count, 0))]

    @property
    def says_something(self) -> bool:
        return bool(self._parts)

    @property
    def ended(self) -> bool:
        """Whether the server says that it ended the subscription."""
        return any(isinstance(part, ua.StatusChangeNotification) for part in self._parts)

    def readings(self, tags: Sequence[str]) -> Iterator[Reading]:
        """The values under the tags, which stand in the order of their handles. Raises ValueError on broken bytes."""
        for part in self._parts:
            if isinstance(part, bytes):
                try:
                    yield from data_change(part, tags)
                except (struct.error, IndexError) as error:
                    raise ValueError(f"broken publishing: {error}") from error


def data_change(body: bytes, tags: Sequence[str]) -> Iterator[Reading]:
    """The readings of a DataChangeNotification's body."""
    (count,) = _INT.unpack_from(body)
    position, arrival = 4, int(time.time() * 1000)
    for _ in range(count):
        handle, mask = _HEAD.unpack_from(body, position)
        position += 5
        value: Value = None
        at, quality = arrival, GOOD
        if mask & 1:
            value, position = _variant(body, position)
        if mask & 2:
            quality = QUALITY[body[position + 3] >> 6]
            position += 4
        if mask & 4:
            at = _MOMENT.unpack_from(body, position)[0] // 10_000 - _SINCE_1601
            position += 8
        if mask & 16:
            position += 2
        if mask & 8:
            if not mask & 4:
                at = _MOMENT.unpack_from(body, position)[0] // 10_000 - _SINCE_1601
            position += 8
        if mask & 32:
            position += 2
        yield Reading(tags[handle], None if quality == BAD else value, at, quality)


def _variant(body: bytes, position: int) -> tuple[Value, int]:
    """A variant's value and where it ends."""
    kind = body[position]
    scalar = _SCALARS.get(kind)
    if scalar is not None:
        return scalar.unpack_from(body, position + 1)[0], position + 1 + scalar.size
    if kind == _TEXT:
        start = position + 5
        end = start + max(_INT.unpack_from(body, position + 1)[0], 0)
        return body[start:end].decode("utf-8", "replace"), end
    rest = Buffer(body, position)
    value = plain(variant_from_binary(rest).Value)
    return value, rest.cur_pos


def _part(answer: Buffer) -> bytes | Any:
    """One notification: a data change as bytes, anything else as the library's object."""
    ahead = answer.copy()
    kind = nodeid_from_binary(ahead)
    if kind.Identifier != _DATA_CHANGE or ahead.read(1) != b"\x01":
        return extensionobject_from_binary(answer)
    (length,) = _INT.unpack(ahead.read(4))
    body = ahead.read(length)
    answer.skip(len(answer) - len(ahead))
    return body
