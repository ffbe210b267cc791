"""An example of a machine: for trying a connection before any machine is wired. What it says is simulated.

Every ten minutes it sets up for one, works for seven and waits for two. All it says follows from the moment alone.
Tags: ``state`` (0 to 3 as `shazhou.telemetry.names.State`), ``mode``, ``parts`` (one every five seconds of work),
``energy`` (kWh), ``power`` (kW).
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from pathlib import Path
from typing import Literal

from pydantic import Field

from shazhou.telemetry.edge.source import Clock, Emit, NotReadable, Reading, Report, SourceOptions, Value
from shazhou.telemetry.names import OperationMode, State

_ROUND = 600_000
_WORK = range(60_000, 480_000)


class ExampleOptions(SourceOptions):
    """``kind: example``; ``every`` seconds between readings."""

    kind: Literal["example"]
    every: float = Field(default=1.0, gt=0, le=3600)

    def source(self, tags: Collection[str], folder: Path, clock: Clock) -> Example:
        return Example(tags, self.every, clock)


class Example:
    """A machine that is none."""

    def __init__(self, tags: Collection[str], every: float, clock: Clock) -> None:
        self._tags, self._every, self._clock = tuple(tags), every, clock

    async def run(self, emit: Emit) -> None:
        while True:
            at = self._clock()
            for tag in self._tags:
                value = value_at(tag, at)
                if value is not None:
                    emit(Reading(tag, value, at))
            await asyncio.sleep(self._every)

    async def check(self) -> Report:
        at = self._clock()
        return Report(("example",), tuple(Reading(tag, value_at(tag, at), at) for tag in self._tags))

    async def read(self, tag: str) -> Reading:
        at = self._clock()
        value = value_at(tag, at)
        if value is None:
            raise NotReadable(tag)
        return Reading(tag, value, at)


def value_at(tag: str, at: int) -> Value:
    """What the machine says at a moment; None for a tag that it has not."""
    rounds, within = divmod(at, _ROUND)
    worked = rounds * len(_WORK) + min(max(within - _WORK.start, 0), len(_WORK))
    working = within in _WORK
    match tag:
        case "state":
            return int(State.EXECUTING if working else State.NOT_EXECUTING)
        case "mode":
            return int(OperationMode.SETUP if within < _WORK.start else OperationMode.PROCESSING)
        case "parts":
            return worked // 5_000
        case "energy":
            return round((worked * 12.0 + (at - worked) * 0.8) / 3_600_000, 6)
        case "power":
            return 12.0 if working else 0.8
    return None
