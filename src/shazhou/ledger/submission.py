"""A submission: observations delivered together by one deliverer with the original document; never edited."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Door = Literal["file", "form", "telemetry", "dataset", "simulation", "definitions"]

GENESIS = "0" * 64
"""The head of an empty ledger."""


@dataclass(frozen=True)
class Delivery:
    """What a door hands to the ledger beside the observations.

    ``id`` names the delivery for ever: the same id again is the same append (and a different content under it is an
    error). ``document`` is the original as given; empty for a delivery without one.
    """

    id: str
    deliverer: str
    door: Door
    title: str
    document: bytes = b""
    document_name: str = ""
    mapping: str = ""
    source: str = ""


@dataclass(frozen=True)
class Submission:
    """One row of the ledger's chain: ``head = sha256(previous, everything else)``.

    ``sequence`` counts from 1. ``content`` and ``document`` are sha256 in hex (``document`` empty where there is none),
    ``attempt`` names the written observations, ``recorded_at`` is UTC and strictly rising.
    """

    sequence: int
    id: str
    deliverer: str
    door: Door
    title: str
    document: str
    document_name: str
    document_size: int
    mapping: str
    source: str
    content: str
    count: int
    attempt: int
    recorded_at: datetime
    previous: str
    head: str
