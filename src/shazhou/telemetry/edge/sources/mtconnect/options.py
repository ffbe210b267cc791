"""What the agent's file says of MTConnect: an agent over HTTP, or an adapter's SHDR.

    lathe: {kind: mtconnect, url: "http://192.168.1.20:5000", device: OKUMA}
    mill: {kind: shdr, host: 192.168.1.21, port: 7878, model: mill.xml}

A tag is a data item's id or name, or ``State`` and ``Operation Mode``, derived as in
`shazhou.telemetry.edge.sources.mtconnect.state`.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Literal

from pydantic import Field

from shazhou.telemetry.edge.source import Clock, Source, SourceOptions


class AgentOptions(SourceOptions):
    """An MTConnect agent. Times in seconds."""

    kind: Literal["mtconnect"]
    url: str = Field(pattern=r"^https?://.+")
    device: str = ""
    """Name or uuid, where the agent has several."""
    interval: float = Field(0.5, ge=0.01, le=3600)
    """How often the agent sends what is new."""
    heartbeat: float = Field(5.0, ge=1, le=60)
    """How often it says that nothing is new."""
    count: int = Field(1000, ge=1, le=100_000)
    """Observations in one document at most."""
    timeout: float = Field(10.0, ge=1, le=120)

    def source(self, tags: Collection[str], folder: Path, clock: Clock) -> Source:
        from shazhou.telemetry.edge.sources.mtconnect.agent import AgentSource

        return AgentSource(self, tags, clock)


class ShdrOptions(SourceOptions):
    """An MTConnect adapter. Times in seconds."""

    kind: Literal["shdr"]
    host: str
    port: int = Field(7878, ge=1, le=65535)
    model: str = ""
    """File with the device model; without it, items are known by common words and numbers by their look."""
    device: str = ""
    timeout: float = Field(10.0, ge=1, le=120)

    def source(self, tags: Collection[str], folder: Path, clock: Clock) -> Source:
        from shazhou.telemetry.edge.sources.mtconnect.adapter import AdapterSource

        return AdapterSource(self, tags, folder, clock)
