"""A doubt: evidence that what an enterprise's machine shows is not what it claims to be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from shazhou.telemetry.minute import LENGTH

KINDS = (
    "clone",  # the same series from another enterprise, or from another machine at the same time
    "replay",  # a past series of the enterprise again
    "echo",  # minute by minute the consumption follows another enterprise's machine
    "cached",  # only source times change
    "frozen",  # samples come, source times stand still
    "regular",  # more regular than machines are
    "shared-gateway",  # one gateway, agent or key for several enterprises, or births and deaths in lockstep
    "clock",  # the gateway's clock is adrift
    "seq-duplicates",  # the same Sparkplug sequence numbers again: two publishers under one name
    "unsigned",  # minutes without a signature by the enrolled key
)


LIVE = 3
"""The level below which a doubt must lower for minutes not to be believed."""

FORGERIES = frozenset({"clone", "replay", "echo", "regular"})
"""Kinds that say that a series was made and not read. Who signs for one made series is not believed for the other
machines of the same gateway at that time either."""


@dataclass(frozen=True)
class Doubt:
    """One doubt about one machine (``device`` empty: about all that the node says) from ``start`` to before ``stop``.

    Moments are milliseconds since 1970 UTC. Within that time nothing above level ``lowers_to`` is believed.
    ``evidence`` says what equals what, when and how often, JSON-ready.
    """

    node: str
    device: str
    kind: str
    start: int
    stop: int
    lowers_to: int
    evidence: Mapping[str, Any] = field(default_factory=dict)

    def takes_back(self, node: str, device: str) -> bool:
        """Whether a machine's minutes at that time are not believed."""
        of_all = not self.device or self.kind in FORGERIES
        return self.node == node and self.lowers_to < LIVE and (of_all or self.device == device)

    def columns(self, start: int) -> slice:
        """The places of the minutes that it touches, among minutes that begin at a moment."""
        return slice(max((self.start - start) // LENGTH, 0), max(-(-(self.stop - start) // LENGTH), 0))

    def as_dict(self) -> dict[str, Any]:
        """The doubt as JSON-ready data."""
        return asdict(self)
