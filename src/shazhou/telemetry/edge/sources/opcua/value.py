"""OPC UA's data values as readings: plain values, quality from the status code, the source's own time.

Good (severity 00) is GOOD. Uncertain (01) is STALE: the value was good once or comes from a substitute. Bad (10, 11) is
BAD and has no value. Numbers, booleans and texts stay what they are; a localized text is its text, a time is ISO 8601,
bytes are base64, and arrays are JSON.
"""

from __future__ import annotations

import base64
import json
import time
from datetime import datetime
from typing import Any

from asyncua import ua

from shazhou.telemetry.edge.source import Reading
from shazhou.telemetry.sparkplug.payload import BAD, GOOD, STALE

QUALITY = (GOOD, STALE, BAD, BAD)
"""By the severity of a status code, its two highest bits."""
_PLAIN = frozenset({float, int, bool, str})


def reading(tag: str, data: ua.DataValue | None) -> Reading:
    """A data value as a reading of the tag; the moment of arrival where the server gives no time."""
    if data is None:
        return Reading(tag, None, _now(), BAD)
    stamp = data.SourceTimestamp or data.ServerTimestamp
    at = int(stamp.timestamp() * 1000) if stamp is not None else _now()
    status = data.StatusCode
    quality = GOOD if status is None else QUALITY[status.value >> 30]
    if quality == BAD or data.Value is None:
        return Reading(tag, None, at, quality)
    value = data.Value.Value
    return Reading(tag, value if type(value) in _PLAIN else plain(value), at, quality)


def plain(value: Any) -> int | float | bool | str | None:
    """A value of any OPC UA type as one that a metric can have."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, ua.LocalizedText):
        return value.Text
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, list | tuple):
        return json.dumps([plain(item) for item in value], ensure_ascii=False)
    if isinstance(value, ua.NodeId):
        return value.to_string()
    if isinstance(value, ua.QualifiedName):
        return value.Name
    return str(value)


def _now() -> int:
    return int(time.time() * 1000)
