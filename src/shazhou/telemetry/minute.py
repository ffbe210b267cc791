"""A minute of one piece of equipment: what an agent rolls up, signs and sends, and what presence is decided from.

The state's seconds add up to at most 60 (less where the agent was not running). Counts and energy are what the meters
moved within the minute, None where there is no meter. The rest is evidence that values were really read: ``samples``
taken, ``times`` distinct source times among them, ``good`` the share of good quality, ``values`` how many distinct
values a tag took at most, and ``digest`` of the values in their order without their times, so that a series that
comes again, from here or from elsewhere, is known again.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass, replace
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from shazhou.telemetry.sparkplug.datatype import DataType

LENGTH = 60_000
"""Milliseconds."""


@dataclass(frozen=True, slots=True)
class Minute:
    """The roll-up of one minute. ``at`` is its beginning in milliseconds since 1970 UTC, ``energy`` kWh, times seconds.

    ``maintenance`` and ``setup`` are the seconds in these operation modes, ``failures`` how often the equipment went
    from executing to out of service or not available. ``signature`` is base64 of Ed25519 over `signed_text`.
    """

    node: str
    device: str
    at: int
    not_available: float = 0.0
    out_of_service: float = 0.0
    not_executing: float = 0.0
    executing: float = 0.0
    maintenance: float = 0.0
    setup: float = 0.0
    failures: int = 0
    total: int | None = None
    good_count: int | None = None
    energy: float | None = None
    cycle: float | None = None
    samples: int = 0
    times: int = 0
    good: float = 0.0
    values: int = 0
    digest: str = ""
    signature: str = ""


FIELDS: dict[str, DataType] = {
    "not_available": DataType.DOUBLE,
    "out_of_service": DataType.DOUBLE,
    "not_executing": DataType.DOUBLE,
    "executing": DataType.DOUBLE,
    "maintenance": DataType.DOUBLE,
    "setup": DataType.DOUBLE,
    "failures": DataType.INT32,
    "total": DataType.INT64,
    "good_count": DataType.INT64,
    "energy": DataType.DOUBLE,
    "cycle": DataType.DOUBLE,
    "samples": DataType.INT32,
    "times": DataType.INT32,
    "good": DataType.DOUBLE,
    "values": DataType.INT32,
    "digest": DataType.STRING,
    "signature": DataType.STRING,
}
"""Fields that travel, each as the metric ``Minute/<field>`` whose timestamp is the minute's beginning."""

PREFIX = "Minute/"


_NAMES = ("node", "device", "at", *FIELDS)
_SIGNED = tuple(name for name in _NAMES if name != "signature")
_canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode


def as_row(minute: Minute) -> dict[str, Any]:
    """The minute's fields by name."""
    return {name: getattr(minute, name) for name in _NAMES}


def signed_text(minute: Minute) -> bytes:
    """What is signed: every field but the signature, as canonical JSON."""
    return _canonical({name: getattr(minute, name) for name in _SIGNED}).encode()


def sign(minute: Minute, key: Ed25519PrivateKey) -> Minute:
    """The minute with its signature."""
    return replace(minute, signature=base64.b64encode(key.sign(signed_text(minute))).decode())


def is_signed(minute: Minute, key: Ed25519PublicKey) -> bool:
    """Whether the minute carries a signature by the key over exactly what it says."""
    try:
        key.verify(base64.b64decode(minute.signature, validate=True), signed_text(minute))
    except (InvalidSignature, ValueError):
        return False
    return True


class Digest:
    """Digest of (metric, value) in their order, taken one by one: 128 bits of BLAKE2b in hex; empty where none came."""

    __slots__ = ("_any", "_hashed")

    def __init__(self) -> None:
        self._hashed, self._any = hashlib.blake2b(digest_size=16), False

    def add(self, metric: str, value: Any) -> None:
        self._any = True
        self._hashed.update(f"{metric}\0{value!r}\n".encode())

    def __str__(self) -> str:
        return self._hashed.hexdigest() if self._any else ""
