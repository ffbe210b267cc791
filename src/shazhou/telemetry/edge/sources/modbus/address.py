"""Addresses of values in Modbus registers, and values from registers.

    [unit/]table:address[:type][:order]

``table`` is holding, input, coil or discrete; ``address`` counts from 0 as on the wire (register 40001 of a manual is
``holding:0``). Types of registers: uint16 (the default), int16, int32, uint32, int64, uint64, float32, float64,
``bit0`` (the lowest) to ``bit15``, ``text8`` for eight registers. ``order`` (big, little) is the words' of this value.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass

from shazhou.telemetry.edge.source import Value

BITS = ("coil", "discrete")
NUMBERS = {
    "int16": "h",
    "uint16": "H",
    "int32": "i",
    "uint32": "I",
    "int64": "q",
    "uint64": "Q",
    "float32": "f",
    "float64": "d",
}

_WRITTEN = re.compile(
    r"(?:(?P<unit>\d{1,3})/)?(?P<table>holding|input|coil|discrete):(?P<start>\d{1,5})"
    r"(?::(?P<type>[a-z]+\d*))?(?::(?P<order>big|little))?"
)


@dataclass(frozen=True, slots=True)
class Address:
    """Where a value stands. ``count`` registers (or one bit) from ``start`` on; no ``order`` is the device's."""

    unit: int
    table: str
    start: int
    type: str
    count: int
    order: str


class NotAnAddress(ValueError):
    """A text is no address; ``reason`` says why, in Chinese and English."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.reason = zh, en


def address(text: str, unit: int) -> Address:
    """The address that a tag writes; ``unit`` where it names none. Raises NotAnAddress with the reason."""
    written = _WRITTEN.fullmatch(text)
    if written is None:
        raise NotAnAddress("应写成 [unit/]table:address[:type][:order]", "expected [unit/]table:address[:type][:order]")
    table, start, kind = written["table"], int(written["start"]), written["type"] or ""
    unit = int(written["unit"]) if written["unit"] else unit
    if table in BITS and (kind or written["order"]):
        raise NotAnAddress(f"{table} 没有类型", f"a {table} has no type")
    count = 1 if table in BITS else _registers(kind or "uint16")
    if unit > 255 or start + count > 65536:
        raise NotAnAddress("超出最后一个寄存器", "beyond the last register")
    return Address(unit, table, start, kind or ("bool" if table in BITS else "uint16"), count, written["order"] or "")


def value(registers: Sequence[int], place: Address, word_order: str, byte_order: str) -> Value:
    """The value in an address's registers."""
    words = registers if (place.order or word_order) == "big" else registers[::-1]
    content = struct.pack(f"{'>' if byte_order == 'big' else '<'}{len(words)}H", *words)
    if place.type.startswith("bit"):
        return bool(int.from_bytes(content, "big") >> int(place.type[3:]) & 1)
    if place.type.startswith("text"):
        return content.split(b"\0")[0].decode("latin-1").strip()
    found: int | float = struct.unpack(f">{NUMBERS[place.type]}", content)[0]
    return found


def _registers(kind: str) -> int:
    if kind in NUMBERS:
        return struct.calcsize(NUMBERS[kind]) // 2
    if (bit := re.fullmatch(r"bit(\d{1,2})", kind)) and int(bit[1]) < 16:
        return 1
    if (text := re.fullmatch(r"text(\d{1,2})", kind)) and int(text[1]) > 0:
        return int(text[1])
    raise NotAnAddress(f"没有类型 {kind}", f"no type {kind}")
