"""When an enterprise's last challenge still speaks for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from shazhou.telemetry.presence.frame import HOUR, Frame
from shazhou.telemetry.presence.sessions import told
from shazhou.telemetry.presence.thresholds import CHALLENGE_HOLDS

OUTCOMES = ("challenge-passed", "challenge-failed")
"""Kinds of events that end a challenge."""

NONE, PASSED, FAILED, UNREAD = range(4)

Codes = npt.NDArray[np.int8]


def challenged(frame: Frame, events: pa.Table, full: npt.NDArray[np.bool_]) -> Codes:
    """Enterprises x hours: the outcome of the last challenge within `CHALLENGE_HOLDS`.

    ``full`` tells the hours in mode full, in which a tag must have been read as well.
    """
    codes = np.full((len(frame.nodes), frame.hours), NONE, dtype=np.int8)
    for event in told(events, OUTCOMES):
        if (row := frame.row.get(event.node)) is None:
            continue
        first, last = ((moment - frame.start) // HOUR for moment in (event.at, event.at + CHALLENGE_HOLDS))
        hours = slice(max(first, 0), max(last, 0))
        if event.kind == "challenge-failed" or event.detail.get("read") is False:
            codes[row, hours] = FAILED
        elif event.detail.get("read") is True:
            codes[row, hours] = PASSED
        else:
            codes[row, hours] = np.where(full[row, hours], UNREAD, PASSED)
    return codes


def passed(detail: Mapping[str, Any], full: bool) -> bool:
    """Whether a challenge that was answered counts: in mode full only with a tag that was read and agreed."""
    return bool(detail.get("read")) if full else detail.get("read") is not False
