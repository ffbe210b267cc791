"""Measurements of one piece of equipment as minutes.

- A measurement counts at its source's time when that lies at most ``lateness`` before its arrival; later ones, and
  those of a clock that is ahead or far behind, count when they arrive. A minute is folded ``lateness`` after its end.
- Equipment that told a state keeps it until it tells another. It is not available before it told one, when its state
  has no value (the connection is lost), and when nothing at all was heard of it for ``silence``. Only what it told
  itself is a failure.
- What meters moved across a silence is not counted: nobody knows when they moved it.
- Time in which the agent did not run (or slept) is in no minute; a minute may have less than 60 seconds.
- Equipment that has no State has no seconds in any.

``samples`` counts every measurement, ``times`` the source times of those with a value. The digest takes values in the
order of arrival.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from shazhou.telemetry.edge.mapping import Measurement
from shazhou.telemetry.edge.source import Value
from shazhou.telemetry.edge.state import Meter, StateLine, without
from shazhou.telemetry.minute import LENGTH, Digest, Minute
from shazhou.telemetry.names import OperationMode, State
from shazhou.telemetry.sparkplug.payload import GOOD

STOPPED = 180_000
"""Milliseconds between two looks at the clock after which the agent was not running; less than any agent's pause."""
SET_BACK = 3_600_000
"""Milliseconds by which a clock may be set back while time stands still here, so that no minute comes twice."""

MOST = 1e300
"""Of a meter: what is larger, or no number, cannot be subtracted."""

_STATES, _MODES = range(len(State)), range(len(OperationMode))
_METERS = ("Count/Total", "Count/Good", "Energy/Active")


class _Evidence:
    """What one minute's measurements prove."""

    __slots__ = ("digest", "good", "samples", "times", "values")

    def __init__(self) -> None:
        self.samples = self.good = 0
        self.times: set[int] = set()
        self.values: dict[str, set[Value]] = {}
        self.digest = Digest()

    def take(self, measurement: Measurement) -> None:
        self.samples += 1
        self.good += measurement.quality == GOOD
        if measurement.value is not None:
            self.times.add(measurement.at)
            self.values.setdefault(measurement.metric, set()).add(measurement.value)
            self.digest.add(measurement.metric, measurement.value)


class Rollup:
    """The minutes of one piece of equipment from a moment on.

    Args:
        node, device: whose.
        metrics: the standard metrics that it has, with the rollover of those that have one.
        silence, lateness: milliseconds.
        now: the moment, as in all methods milliseconds since 1970 UTC by the agent's clock.
        cycle: planned seconds per item where no machine tells them.
    """

    def __init__(
        self,
        node: str,
        device: str,
        metrics: Mapping[str, float | None],
        silence: int,
        lateness: int,
        now: int,
        cycle: float | None = None,
    ) -> None:
        self._node, self._device = node, device
        self._metrics, self._silence, self._lateness, self._cycle = metrics, silence, lateness, cycle
        self._begin(now)

    def _begin(self, now: int) -> None:
        self._start = self._looked = self._heard = now
        self._state = StateLine()
        self._mode = StateLine()
        self._last: int | None = None
        self._meters = {name: Meter(rollover) for name, rollover in self._metrics.items() if name in _METERS}
        self._silent: list[tuple[int, int]] = []
        self._evidence: dict[int, _Evidence] = {}

    def follow(self, metrics: Mapping[str, float | None]) -> None:
        """Goes on with other metrics; what it had of those that stay, it keeps."""
        self._metrics = metrics
        meters = {name: Meter(rollover) for name, rollover in metrics.items() if name in _METERS}
        self._meters = {name: self._meters.get(name, made) for name, made in meters.items()}

    def alive(self, now: int) -> None:
        """Something was heard of the equipment, with no value."""
        self._hear(self._clock(now))

    def take(self, measurement: Measurement, now: int) -> None:
        """Takes a measurement that arrived now."""
        now = self._clock(now)
        at = measurement.at if now - self._lateness <= measurement.at <= now else now
        at = max(at, self._start)
        self._hear(at)
        minute = at - at % LENGTH
        evidence = self._evidence.get(minute)
        if evidence is None:
            evidence = self._evidence[minute] = _Evidence()
        evidence.take(measurement)
        value, metric = measurement.value, measurement.metric
        good = measurement.quality == GOOD
        if metric == "State":
            self._state.tell(at, value if good and isinstance(value, int) and value in _STATES else None)
        elif metric == "Operation Mode":
            self._mode.tell(at, value if good and isinstance(value, int) and value in _MODES else None)
        elif metric in self._meters and good and isinstance(value, int | float) and abs(value) <= MOST:
            self._meters[metric].tell(at, value)
        elif metric == "Cycle/Planned" and good and isinstance(value, float) and abs(value) <= MOST:
            self._cycle = value

    def close(self, now: int) -> list[Minute]:
        """Minutes that have ended, in order. Nothing that arrives from now on changes them."""
        if not -SET_BACK <= now - self._looked <= STOPPED:
            closed = self._closed(self._looked)
            if self._start < self._looked:
                closed.append(self._fold(self._start - self._start % LENGTH, self._looked))
            self._begin(now)
            return closed
        self._looked = self._clock(now)
        return self._closed(self._looked - self._lateness)

    def _clock(self, now: int) -> int:
        return max(now, self._looked)

    def _hear(self, at: int) -> None:
        if at > self._heard + self._silence:
            self._silent.append((self._heard + self._silence, at))
            for meter in self._meters.values():
                meter.tell(at, None)
        self._heard = max(self._heard, at)

    def _closed(self, until: int) -> list[Minute]:
        closed = []
        while (end := self._start - self._start % LENGTH + LENGTH) <= until:
            closed.append(self._fold(end - LENGTH, end))
            self._start = end
        return closed

    def _fold(self, minute: int, end: int) -> Minute:
        quiet_from = self._heard + self._silence
        holes = [*self._silent, (quiet_from, max(quiet_from, end))]
        self._silent = [hole for hole in self._silent if hole[1] > end]
        seconds = [0, 0, 0, 0]
        told = self._state.fold(self._start, end)
        for begin, stop, state in without(told, holes, State.NOT_AVAILABLE) if "State" in self._metrics else ():
            seconds[state or 0] += stop - begin
        modes = [0, 0, 0, 0]
        for begin, stop, mode in without(self._mode.fold(self._start, end), holes, OperationMode.NONE):
            modes[mode or 0] += stop - begin
        moved = {name: meter.fold(end) for name, meter in self._meters.items()}
        if sum(max(0, min(end, stop) - max(self._start, begin)) for begin, stop in holes) >= end - self._start:
            moved = {}
        evidence = self._evidence.pop(minute, None) or _Evidence()
        return Minute(
            self._node,
            self._device,
            minute,
            not_available=seconds[State.NOT_AVAILABLE] / 1000,
            out_of_service=seconds[State.OUT_OF_SERVICE] / 1000,
            not_executing=seconds[State.NOT_EXECUTING] / 1000,
            executing=seconds[State.EXECUTING] / 1000,
            maintenance=modes[OperationMode.MAINTENANCE] / 1000,
            setup=modes[OperationMode.SETUP] / 1000,
            failures=self._failures(state for _, _, state in told),
            total=_whole(moved.get("Count/Total")),
            good_count=_whole(moved.get("Count/Good")),
            energy=_rounded(moved.get("Energy/Active")),
            cycle=self._cycle,
            samples=evidence.samples,
            times=len(evidence.times),
            good=evidence.good / evidence.samples if evidence.samples else 0.0,
            values=max(map(len, evidence.values.values()), default=0),
            digest=str(evidence.digest),
        )

    def _failures(self, states: Iterable[int | None]) -> int:
        """How often executing was followed by a state, told by the equipment, in which it cannot work."""
        failures = 0
        for state in states:
            stopped = state in (State.OUT_OF_SERVICE, State.NOT_AVAILABLE)
            failures += self._last == State.EXECUTING and stopped
            self._last = state
        return failures


def _rounded(moved: float | None) -> float | None:
    """To a milliwatt hour: what lies below is the noise of subtracting large meter readings."""
    return None if moved is None else round(moved, 6)


def _whole(moved: float | None) -> int | None:
    return None if moved is None else round(moved)
