"""A factory's machines as a source of readings for its agent."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from shazhou.telemetry.edge.source import Clock, Emit, NotReadable, Reading, Report
from shazhou.telemetry.fleet.fault import Telling


class Machines:
    """Tags are ``<machine>/<metric>``.

    Readings are taken at whole periods, so that two factories that tell the same life tell the same values.

    Args:
        tellings: by machine.
        period: milliseconds between two readings, by ``clock``.
        speed: how much faster than the day the clock goes.
    """

    def __init__(self, tellings: Mapping[str, Telling], period: int, clock: Clock, speed: float = 1.0) -> None:
        self._tellings, self._period, self._clock, self._speed = tellings, period, clock, speed

    async def run(self, emit: Emit) -> None:
        moment = self._now() + self._period
        while True:
            await asyncio.sleep((moment - self._clock()) / 1000 / self._speed)
            # Periods that a busy computer slept through are told late rather than never.
            while moment <= self._clock():
                for machine in self._tellings:
                    for reading in self._readings(machine, moment):
                        emit(reading)
                moment += self._period

    async def check(self) -> Report:
        samples = [each for machine in self._tellings for each in self._readings(machine, self._now())]
        return Report(tuple(self._tellings), tuple(samples))

    async def read(self, tag: str) -> Reading:
        for reading in self._readings(tag.partition("/")[0], self._now()):
            if reading.tag == tag:
                return reading
        raise NotReadable(tag)

    def _now(self) -> int:
        now = self._clock()
        return now - now % self._period

    def _readings(self, machine: str, moment: int) -> list[Reading]:
        said = self._tellings[machine](moment)
        if said.values is None:
            return []
        return [Reading(f"{machine}/{name}", value, said.at, said.quality) for name, value in said.values.items()]
