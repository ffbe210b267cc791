"""Minutes: from a record of our agent to a row of the store, its signature checked against the enrolled key."""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from shazhou.telemetry.host.births import Malformed
from shazhou.telemetry.host.values import Kept
from shazhou.telemetry.minute import FIELDS, LENGTH, PREFIX, Minute, is_signed
from shazhou.telemetry.sparkplug.datatype import DataType

_SECONDS = ("not_available", "out_of_service", "not_executing", "executing", "maintenance", "setup")
_OPTIONAL = frozenset({"total", "good_count", "energy", "cycle"})
_PYTHON = {DataType.DOUBLE: float, DataType.INT32: int, DataType.INT64: int, DataType.STRING: str}


def minute_of(node: str, device: str, at: int, values: Mapping[str, Kept]) -> Minute:
    """The minute that metrics ``Minute/<field>`` tell, by their names.

    Raises:
        Malformed: a field is missing or of another type, the time is no minute's beginning, or seconds or shares are
            out of all range.
    """
    fields: dict[str, Any] = {}
    for name, datatype in FIELDS.items():
        value = values.get(PREFIX + name)
        if value is None and name not in _OPTIONAL:
            raise Malformed("minute-field-missing")
        if value is not None and type(value) is not _PYTHON[datatype]:
            raise Malformed("minute-field-type")
        if isinstance(value, float) and not math.isfinite(value):
            raise Malformed("minute-range")
        fields[name] = value
    if at % LENGTH:
        raise Malformed("minute-time")
    seconds = [fields[name] for name in _SECONDS]
    # A second more than there is in a minute is rounding; more than that is no minute.
    if min(seconds) < 0 or max(seconds) > 61 or sum(seconds[:4]) > 61 or not 0 <= fields["good"] <= 1:
        raise Malformed("minute-range")
    return Minute(node, device, at, **fields)


class Keys:
    """The enrolled keys by node, as base64."""

    def __init__(self, keys: Mapping[str, str]) -> None:
        self._keys: dict[str, Ed25519PublicKey] = {}
        for node, key in keys.items():
            if key:
                self._keys[node] = Ed25519PublicKey.from_public_bytes(base64.b64decode(key))

    def signed(self, minute: Minute) -> bool:
        """Whether the minute is signed with the key that is enrolled for its node."""
        key = self._keys.get(minute.node)
        return key is not None and is_signed(minute, key)


def row(
    minute: Minute, received: int, signed: bool, historical: bool, sequence: int, origin: str, mode: str
) -> dict[str, Any]:
    """A row of the store's minutes."""
    return {
        **asdict(minute),
        "received": received,
        "signed": signed,
        "historical": historical,
        "sequence": sequence,
        "origin": origin,
        "mode": mode,
    }
