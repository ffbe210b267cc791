"""A machine's life: runs, pauses, breakdowns and maintenance of a day, and what its meters show at a moment.

A day is drawn from the machine's seed and the date alone, so that a machine that is looked at again, after whatever was
killed in between, has lived the same. Within working hours it runs for three quarters of an hour or so at a time; a run
ends in a short pause, a set-up or, seldom, a breakdown. Once a week it is maintained for two hours. Meters count from
the life's first day on.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random
from zlib import crc32

from shazhou.city.calendar import Calendar
from shazhou.telemetry.fleet.factory import Machine
from shazhou.telemetry.names import OperationMode, State

Values = dict[str, float | int]
"""Readings of one moment by standard name, or by ``Tag/`` name."""

_RUN, _PAUSE, _SETUP, _BREAKDOWN, _MAINTENANCE = 45 * 60, 4 * 60, 18 * 60, 50 * 60, 2 * 3600
"""Lengths in seconds: all but the maintenance's are medians or means of what is drawn."""

_SHARE_OF_POWER = {
    State.NOT_AVAILABLE: 0.0,
    State.OUT_OF_SERVICE: 0.08,
    State.NOT_EXECUTING: 0.22,
    State.EXECUTING: 1.0,
}


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time in one state, in seconds since 1970; meters as they stand at its start."""

    start: float
    stop: float
    state: State
    mode: OperationMode
    cycle: float
    scrap: float
    power: float
    total: int = 0
    good: int = 0
    energy: float = 0.0

    def meters(self, at: float) -> tuple[int, int, float]:
        """Items made, good ones, and kWh up to a moment of the stretch."""
        made = int((at - self.start) / self.cycle) if self.state is State.EXECUTING else 0
        good = made - int(made * self.scrap)
        return self.total + made, self.good + good, self.energy + self.power * (at - self.start) / 3600


class Life:
    """What a machine does from a first day on, looked at in the order of time for preference."""

    def __init__(self, machine: Machine, calendar: Calendar, first: date) -> None:
        self.machine = machine
        self._calendar = calendar
        self._next = first
        self._stretches: list[Stretch] = []
        self._starts: list[float] = []

    def at(self, moment: int) -> Values:
        """Readings at a moment in milliseconds since 1970 UTC.

        Raises:
            ValueError: before the first day.
        """
        seconds = moment / 1000
        while not self._stretches or self._stretches[-1].stop <= seconds:
            self._live_a_day()
        if seconds < self._starts[0]:
            raise ValueError("the machine did not exist yet")
        now = self._stretches[bisect_right(self._starts, seconds) - 1]
        total, good, energy = now.meters(seconds)
        power = now.power * (0.94 + 0.12 * self._noise("power", moment))
        heat = 24.0 + 40.0 * now.power / self.machine.power + 1.5 * self._noise("heat", moment)
        return {
            "State": int(now.state),
            "Operation Mode": int(now.mode),
            "Count/Total": total,
            "Count/Good": good,
            "Energy/Active": round(energy, 4),
            "Power/Active": round(power, 3),
            "Cycle/Planned": self.machine.cycle,
            "Tag/Temperature": round(heat, 2),
            "Tag/Speed": round(60 / now.cycle, 3) if now.state is State.EXECUTING else 0.0,
        }

    def _noise(self, what: str, moment: int) -> float:
        """From 0 to 1, as irregular as a measurement; the same whenever the moment is looked at."""
        return crc32(f"{self.machine.seed}/{what}/{moment}".encode()) / 0xFFFFFFFF

    def _live_a_day(self) -> None:
        day, self._next = self._next, self._next + timedelta(days=1)
        begin, end = self._midnight(day), self._midnight(self._next)
        draw, cursor = Random(f"{self.machine.seed}/{day}"), begin
        for start, stop in self._calendar.spans(begin, end):
            self._rest(cursor, start)
            self._work(draw, day, start.timestamp(), stop.timestamp())
            cursor = stop
        self._rest(cursor, end)

    def _midnight(self, day: date) -> datetime:
        return datetime(day.year, day.month, day.day, tzinfo=self._calendar.zone).astimezone(UTC)

    def _rest(self, start: datetime, stop: datetime) -> None:
        if start < stop:
            self._append(start.timestamp(), stop.timestamp(), self.machine.resting, OperationMode.NONE)

    def _work(self, draw: Random, day: date, start: float, stop: float) -> None:
        if day.weekday() == self.machine.maintained:
            until = min(stop, start + _MAINTENANCE)
            self._append(start, until, State.NOT_EXECUTING, OperationMode.MAINTENANCE)
            start = until
        for length, state, mode in self._what_happens(draw):
            until = min(stop, start + length)
            if until > start:
                slower, scrap = draw.uniform(0.97, 1.3), self.machine.scrap * draw.uniform(0, 2)
                strain = draw.uniform(0.85, 1.1)
                self._append(start, until, state, mode, self.machine.cycle * slower, scrap, strain)
            start = until
            if start >= stop:
                return

    def _what_happens(self, draw: Random) -> Iterator[tuple[float, State, OperationMode]]:
        while True:
            yield _RUN * draw.lognormvariate(0, 0.7), State.EXECUTING, OperationMode.PROCESSING
            chance = draw.random()
            if chance < self.machine.unreliable:
                yield 120 + draw.expovariate(1 / _BREAKDOWN), State.OUT_OF_SERVICE, OperationMode.NONE
            elif chance < self.machine.unreliable + 0.15:
                yield 60 + draw.expovariate(1 / _SETUP), State.NOT_EXECUTING, OperationMode.SETUP
            else:
                yield 20 + draw.expovariate(1 / _PAUSE), State.NOT_EXECUTING, OperationMode.PROCESSING

    def _append(
        self,
        start: float,
        stop: float,
        state: State,
        mode: OperationMode,
        cycle: float = 1.0,
        scrap: float = 0.0,
        strain: float = 1.0,
    ) -> None:
        last = self._stretches[-1] if self._stretches else None
        total, good, energy = last.meters(last.stop) if last else (0, 0, 0.0)
        power = self.machine.power * _SHARE_OF_POWER[state] * strain
        self._stretches.append(Stretch(start, stop, state, mode, cycle, scrap, power, total, good, energy))
        self._starts.append(start)
