"""Minutes: from a record of our agent to a row of the store, its signature checked against the enrolled key."""

from __future__ import annotations

import base64
import logging
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from shazhou.telemetry.host.births import Malformed
from shazhou.telemetry.host.values import Kept
from shazhou.telemetry.minute import FIELDS, LENGTH, PREFIX, Minute, as_row, is_signed
from shazhou.telemetry.sparkplug.datatype import DataType

_log = logging.getLogger("shazhou.host")

MOST = 1e9
"""Pieces, kWh or seconds per piece in one minute: far beyond any factory."""
MOST_COUNTED = 10_000_000
"""Samples, times, values or failures in one minute."""

_SECONDS = ("not_available", "out_of_service", "not_executing", "executing", "maintenance", "setup")
_COUNTS = ("failures", "samples", "times", "values")
_OPTIONAL = ("cycle", "energy", "good_count", "total")
_PYTHON = {DataType.DOUBLE: float, DataType.INT32: int, DataType.INT64: int, DataType.STRING: str}
_METRICS = [(PREFIX + name, name, _PYTHON[datatype]) for name, datatype in FIELDS.items()]


def minute_of(node: str, device: str, at: int, values: Mapping[str, Kept]) -> Minute:
    """The minute that metrics ``Minute/<field>`` tell, by their names.

    Raises:
        Malformed: a field is missing or of another type, the time is no minute's beginning, or seconds or shares are
            out of all range.
    """
    fields: dict[str, Any] = {}
    for metric, name, python in _METRICS:
        value = values.get(metric)
        if value is None and name not in _OPTIONAL:
            raise Malformed("minute-field-missing")
        if value is not None and type(value) is not python:
            raise Malformed("minute-field-type")
        fields[name] = value
    if at % LENGTH:
        raise Malformed("minute-time")
    minute = Minute(node, device, at, **fields)
    if not can_be(minute):
        raise Malformed("minute-range")
    return minute


def can_be(minute: Minute) -> bool:
    """Whether a minute's numbers lie within what a minute can hold: sums of them have to fit wherever they go."""
    seconds = [getattr(minute, name) for name in _SECONDS]
    counts = [getattr(minute, name) for name in _COUNTS]
    amounts = [value for value in (getattr(minute, name) for name in _OPTIONAL) if value is not None]
    # A second more than there is in a minute is rounding; more than that is no minute.
    return (
        all(0 <= each <= 61 for each in (*seconds, sum(seconds[:4])))
        and 0 <= minute.good <= 1
        and all(0 <= each <= MOST_COUNTED for each in counts)
        and all(0 <= each <= MOST for each in amounts)
    )


class Keys:
    """The enrolled keys by node, as base64."""

    def __init__(self, keys: Mapping[str, str]) -> None:
        self._keys: dict[str, Ed25519PublicKey] = {}
        for node, key in keys.items():
            if key:
                try:
                    self._keys[node] = Ed25519PublicKey.from_public_bytes(base64.b64decode(key, validate=True))
                except ValueError:
                    # A slip in a list that was loaded: nothing is signed with it, and the others are not held up.
                    _log.warning("%s: what is enrolled is no key: %s", node, key)

    def signed(self, minute: Minute) -> bool:
        """Whether the minute is signed with the key that is enrolled for its node."""
        key = self._keys.get(minute.node)
        return key is not None and is_signed(minute, key)


def row(
    minute: Minute, received: int, signed: bool, historical: bool, sequence: int, origin: str, mode: str
) -> dict[str, Any]:
    """A row of the store's minutes."""
    return {
        **as_row(minute),
        "received": received,
        "signed": signed,
        "historical": historical,
        "sequence": sequence,
        "origin": origin,
        "mode": mode,
    }
