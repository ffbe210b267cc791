"""The data types of Sparkplug B and how a value of each travels.

Numbers as in Sparkplug 3.0.0, section 6.4.16. Signed integers travel as the two's complement of their width in an
unsigned field (``int_value`` up to 32 bits, ``long_value`` for 64), which is why a value cannot be understood without
the type that the birth stated. Arrays travel as little-endian packed bytes; booleans as a count and bits, the most
significant first; strings each ended by a zero byte.
"""

from __future__ import annotations

import struct
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from typing import Any


class DataType(IntEnum):
    """A data type by its number on the wire."""

    UNKNOWN = 0
    INT8 = 1
    INT16 = 2
    INT32 = 3
    INT64 = 4
    UINT8 = 5
    UINT16 = 6
    UINT32 = 7
    UINT64 = 8
    FLOAT = 9
    DOUBLE = 10
    BOOLEAN = 11
    STRING = 12
    DATETIME = 13
    TEXT = 14
    UUID = 15
    DATASET = 16
    BYTES = 17
    FILE = 18
    TEMPLATE = 19
    PROPERTY_SET = 20
    PROPERTY_SET_LIST = 21
    INT8_ARRAY = 22
    INT16_ARRAY = 23
    INT32_ARRAY = 24
    INT64_ARRAY = 25
    UINT8_ARRAY = 26
    UINT16_ARRAY = 27
    UINT32_ARRAY = 28
    UINT64_ARRAY = 29
    FLOAT_ARRAY = 30
    DOUBLE_ARRAY = 31
    BOOLEAN_ARRAY = 32
    STRING_ARRAY = 33
    DATETIME_ARRAY = 34


SIGNED = {DataType.INT8: 8, DataType.INT16: 16, DataType.INT32: 32, DataType.INT64: 64}
"""Signed integers and their width in bits."""

UNSIGNED = {DataType.UINT8: 8, DataType.UINT16: 16, DataType.UINT32: 32, DataType.UINT64: 64}
"""Unsigned integers and their width in bits."""

FIELDS: dict[DataType, str] = {
    **dict.fromkeys(
        (DataType.INT8, DataType.INT16, DataType.INT32, DataType.UINT8, DataType.UINT16, DataType.UINT32), "int_value"
    ),
    **dict.fromkeys((DataType.INT64, DataType.UINT64, DataType.DATETIME), "long_value"),
    DataType.FLOAT: "float_value",
    DataType.DOUBLE: "double_value",
    DataType.BOOLEAN: "boolean_value",
    **dict.fromkeys((DataType.STRING, DataType.TEXT, DataType.UUID), "string_value"),
    DataType.DATASET: "dataset_value",
    DataType.TEMPLATE: "template_value",
    **dict.fromkeys((DataType.BYTES, DataType.FILE), "bytes_value"),
    **{each: "bytes_value" for each in DataType if 22 <= each <= 34},
}
"""By type the field that carries a value of it."""

_PACKED = {
    DataType.INT8_ARRAY: "b",
    DataType.INT16_ARRAY: "h",
    DataType.INT32_ARRAY: "i",
    DataType.INT64_ARRAY: "q",
    DataType.UINT8_ARRAY: "B",
    DataType.UINT16_ARRAY: "H",
    DataType.UINT32_ARRAY: "I",
    DataType.UINT64_ARRAY: "Q",
    DataType.FLOAT_ARRAY: "f",
    DataType.DOUBLE_ARRAY: "d",
    DataType.DATETIME_ARRAY: "Q",
}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_wire(datatype: DataType, value: Any) -> Any:
    """A Python value as the field of its type carries it.

    Integers are ``int``, DATETIME an aware ``datetime`` or milliseconds since 1970, arrays sequences, DATASET and
    TEMPLATE the protobuf messages themselves.

    Raises:
        OverflowError: an integer does not fit its type.
    """
    bits = SIGNED.get(datatype) or UNSIGNED.get(datatype)
    if bits:
        least = -(1 << bits - 1) if datatype in SIGNED else 0
        if not least <= value < least + (1 << bits):
            raise OverflowError(f"{value} does not fit {datatype.name}")
        return value & (1 << (64 if bits == 64 else 32)) - 1
    if datatype is DataType.DATETIME and isinstance(value, datetime):
        return (value - _EPOCH) // timedelta(milliseconds=1)
    if datatype in _PACKED:
        return struct.pack(f"<{len(value)}{_PACKED[datatype]}", *value)
    if datatype is DataType.BOOLEAN_ARRAY:
        bits_of = bytearray((len(value) + 7) // 8)
        for place, each in enumerate(value):
            bits_of[place // 8] |= bool(each) << 7 - place % 8
        return struct.pack("<I", len(value)) + bytes(bits_of)
    if datatype is DataType.STRING_ARRAY:
        return b"".join(each.encode() + b"\0" for each in value)
    return value


def from_wire(datatype: DataType, value: Any) -> Any:
    """What a field of the given type means: signs restored, arrays unpacked. DATETIME stays milliseconds since 1970.

    Raises:
        ValueError: packed bytes do not make whole elements.
    """
    bits = SIGNED.get(datatype)
    if bits:
        # Some peers send the 64-bit complement for narrow types, and some only the narrow one: the low bits decide.
        low = value & (1 << bits) - 1
        return low - (1 << bits) if low >> bits - 1 else low
    if datatype in _PACKED:
        code = _PACKED[datatype]
        count, rest = divmod(len(value), struct.calcsize(f"<{code}"))
        if rest:
            raise ValueError(f"{len(value)} bytes are no {datatype.name}")
        return struct.unpack(f"<{count}{code}", value)
    if datatype is DataType.BOOLEAN_ARRAY:
        if len(value) < 4 or len(value) - 4 != (struct.unpack_from("<I", value)[0] + 7) // 8:
            raise ValueError(f"{len(value)} bytes are no {datatype.name}")
        (count,) = struct.unpack_from("<I", value)
        return tuple(bool(value[4 + place // 8] >> 7 - place % 8 & 1) for place in range(count))
    if datatype is DataType.STRING_ARRAY:
        if value and value[-1] != 0:
            raise ValueError("the last string has no end")
        return tuple(each.decode() for each in value.split(b"\0")[:-1])
    return value
