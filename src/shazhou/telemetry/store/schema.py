"""What the store keeps, as Arrow schemas: the contract between host, presence, door and pages.

Moments are milliseconds since 1970 UTC (int64). A sample's series (node, device, metric, type, unit) stands once in the
store's catalogue and is an integer in the rows.
"""

from __future__ import annotations

import pyarrow as pa

SAMPLES = pa.schema(
    [
        pa.field("series", pa.int32(), nullable=False),
        pa.field("at", pa.int64(), nullable=False),
        pa.field("received", pa.int64(), nullable=False),
        pa.field("integer", pa.int64()),
        pa.field("real", pa.float64()),
        pa.field("text", pa.string()),
        pa.field("quality", pa.int16(), nullable=False),
        pa.field("historical", pa.bool_(), nullable=False),
        pa.field("sequence", pa.int64(), nullable=False),
    ]
)
"""One row per sample. Integers, DATETIME and booleans in ``integer``, FLOAT and DOUBLE in ``real``, else in ``text``
(UINT64 over 2**63-1 in decimal, bytes in base64, arrays, DataSet and Template as JSON); all three null is null.
``sequence`` is the agent's record number, 0 of third-party nodes."""

_WORK = (
    pa.field("not_available", pa.float64(), nullable=False),
    pa.field("out_of_service", pa.float64(), nullable=False),
    pa.field("not_executing", pa.float64(), nullable=False),
    pa.field("executing", pa.float64(), nullable=False),
    pa.field("maintenance", pa.float64(), nullable=False),
    pa.field("setup", pa.float64(), nullable=False),
    pa.field("failures", pa.int32(), nullable=False),
    pa.field("total", pa.int64()),
    pa.field("good_count", pa.int64()),
    pa.field("energy", pa.float64()),
    pa.field("cycle", pa.float64()),
)
"""What equipment did in a while: seconds by state and mode, failures, and what its meters moved."""

MINUTES = pa.schema(
    [
        pa.field("node", pa.string(), nullable=False),
        pa.field("device", pa.string(), nullable=False),
        pa.field("at", pa.int64(), nullable=False),
        pa.field("received", pa.int64(), nullable=False),
        *_WORK,
        pa.field("samples", pa.int32(), nullable=False),
        pa.field("times", pa.int32(), nullable=False),
        pa.field("good", pa.float64(), nullable=False),
        pa.field("values", pa.int32(), nullable=False),
        pa.field("digest", pa.string(), nullable=False),
        pa.field("signature", pa.string(), nullable=False),
        pa.field("signed", pa.bool_(), nullable=False),
        pa.field("historical", pa.bool_(), nullable=False),
        pa.field("sequence", pa.int64(), nullable=False),
        pa.field("origin", pa.string(), nullable=False),
        pa.field("mode", pa.string(), nullable=False),
    ]
)
"""One row per minute of one piece of equipment (`shazhou.telemetry.minute.Minute`) as an agent sent it. ``signed``:
the signature was checked against the enterprise's enrolled key. Minutes of a node of others, which has no agent, are
made by the host from its samples: their mode is empty, and they count as signed if it is in the register without a key,
so that its right to speak at the broker is all there is to vouch for it."""

EVENTS = pa.schema(
    [
        pa.field("node", pa.string(), nullable=False),
        pa.field("device", pa.string(), nullable=False),
        pa.field("at", pa.int64(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("detail", pa.string(), nullable=False),
    ]
)
"""What happened to a node or device, at the host's time. ``detail`` is JSON. Kinds (`KINDS`); ``sent`` is by the host's
clock as well, ``clock`` is host - node."""

KINDS = (
    "birth",  # bdSeq, seq, agent, mode, origin, gateway, key, shifts, challenge, software, sent, clock
    "death",  # bdSeq, since: its last message was sent, ms
    "stale",  # since (as of a death), why: nothing is known until the next birth
    "gap",  # seq did not go on: {"expected", "got", "from": last message sent, "to": next one came, ms, "missing": n}
    "duplicate",  # the same seq again
    "records-lost",  # an agent dropped records, or (why: store) the host's store did: {"after", "before", "count"}
    "rebirth-asked",  # detail: reason
    "challenge",  # asked: {"nonce", "read": {"device", "metric"}?}
    "challenge-passed",  # {"nonce", "after": ms, "read": true/false/None}
    "challenge-failed",  # {"nonce", "why"}
    "clock",  # {"offset": ms}: received - sent of what was not historical, told at most once a minute
    "pulse",  # a pulse's minute: {"minute": ms, "times": n, "good": share}
    "quarantined",  # a payload or metric that could not be understood: {"reason"}
)

HOURS = pa.schema(
    [
        pa.field("node", pa.string(), nullable=False),
        pa.field("hour", pa.int64(), nullable=False),
        pa.field("level", pa.int8(), nullable=False),
        pa.field("before", pa.int8(), nullable=False),
        pa.field("working", pa.int32(), nullable=False),
        pa.field("live", pa.int32(), nullable=False),
        pa.field("speaking", pa.int32(), nullable=False),
        pa.field("reason", pa.string(), nullable=False),
        pa.field("doubts", pa.list_(pa.string()), nullable=False),
        pa.field("mode", pa.string(), nullable=False),
        pa.field("origin", pa.string(), nullable=False),
    ]
)
"""One row per enterprise and hour, derived from minutes and events; can be made again. ``level`` after doubts,
``before`` without them; seconds of the hour that are ``working`` time, that are ``live`` (any machine's minute passes
L3), and in which the node was ``speaking``; ``reason``: code of why the next level was not reached."""

MACHINE_HOURS = pa.schema(
    [
        pa.field("node", pa.string(), nullable=False),
        pa.field("device", pa.string(), nullable=False),
        pa.field("hour", pa.int64(), nullable=False),
        pa.field("live", pa.int32(), nullable=False),
        *_WORK,
        pa.field("minutes", pa.int32(), nullable=False),
        pa.field("believed", pa.int32(), nullable=False),
        pa.field("origin", pa.string(), nullable=False),
    ]
)
"""One row per piece of equipment and hour: how many ``minutes`` came, how many of them are ``believed`` (signed and not
in doubt), and the sums of these."""
