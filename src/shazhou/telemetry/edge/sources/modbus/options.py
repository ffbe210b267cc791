"""What the agent's file says of a Modbus TCP device or gateway.

    meter: {kind: modbus, host: 192.168.1.30, unit: 1, interval: 2}

Tags are addresses as in `shazhou.telemetry.edge.sources.modbus.address`: ``holding:100:float32``, ``coil:5``.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Literal

from pydantic import Field

from shazhou.telemetry.edge.source import Clock, Source, SourceOptions

Order = Literal["big", "little"]


class ModbusOptions(SourceOptions):
    """A Modbus TCP device. Times in seconds."""

    kind: Literal["modbus"]
    host: str
    port: int = Field(502, ge=1, le=65535)
    unit: int = Field(1, ge=0, le=255)
    """The unit behind a gateway, for tags that name none."""
    interval: float = Field(1.0, ge=0.02, le=86_400)
    """How often all tags are read."""
    timeout: float = Field(3.0, ge=0.1, le=60)
    word_order: Order = "big"
    """Whether the first register of a value is its highest."""
    byte_order: Order = "big"
    """Whether the first byte of a register is its higher one, as the standard says."""
    gap: int = Field(8, ge=0, le=100)
    """Registers that nobody asked for and that are read along to save a request."""
    registers: int = Field(120, ge=1, le=125)
    """Registers in one request at most; the standard allows 125, some devices fewer."""

    def source(self, tags: Collection[str], folder: Path, clock: Clock) -> Source:
        from shazhou.telemetry.edge.sources.modbus.modbus import ModbusSource

        return ModbusSource(self, tags, clock)
