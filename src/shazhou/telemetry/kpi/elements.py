"""Time elements of a machine over a window, from its minutes and its working hours.

States become elements as in OPC 40001-1, annex C.2. That table asks a higher system whether an order is registered; a
gateway does not know. What is assumed instead:

| what the machine said | element |
| --- | --- |
| executing | APT |
| any state, in set-up mode | AUST |
| any state, in maintenance mode | PDOT: maintenance is taken as planned, and PBT is without it |
| out of service, not available | ADET: a malfunction while an order was registered |
| not executing, for at most `WAIT` minutes on end | ADET: a short stoppage within an order |
| not executing for longer | ADOT: no order was registered |
| nothing (no minute came) | unknown: no element, and no part of POT |

A minute has sums only: its seconds in set-up and maintenance mode are taken off out of service first, then off not
executing, not available, executing. Only minutes within working hours (POT) count, since availability compares with
what was planned; energy per unit alone looks at all of the window, since a machine uses energy at any hour. FE are the
minutes' failures, TTR their seconds out of service or not available, TBF the planned busy time that the failures cut
up. PRI is the planned run time of each minute's pieces, weighted by the pieces.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from shazhou.methods.iso22400 import Elements
from shazhou.telemetry.calendar import Calendar
from shazhou.telemetry.minute import LENGTH

WAIT = 5
"""Minutes without executing up to which a machine is taken to be within an order."""

CONTEXT = WAIT * LENGTH
"""Milliseconds before and after a window whose minutes say how long the stoppages at its ends are."""

Numbers = npt.NDArray[np.float64]

_STATES = ("out_of_service", "not_executing", "not_available", "executing")


@dataclass(frozen=True)
class MachineTime:
    """What became of a window: seconds, pieces, kWh.

    Attributes:
        elements: within working hours; see `shazhou.methods.iso22400`. What no meter told is None.
        energy: E and PQ of all of the window.
        unknown: seconds of working hours of which nothing is known; they are in no element.
        incomplete: elements whose meters told nothing in some minute in which the machine executed.
        outside: seconds that the machine executed outside working hours; in no element.
        origins: simulated, recorded, or empty for what came from a machine.
    """

    elements: Elements
    energy: Elements
    unknown: float = 0.0
    incomplete: tuple[str, ...] = ()
    outside: float = 0.0
    origins: tuple[str, ...] = field(default=())


def machine_time(minutes: pa.Table, calendar: Calendar, start: int, stop: int) -> MachineTime:
    """The elements of one machine from a moment to before another (milliseconds, whole minutes).

    ``minutes`` are rows of one device with `CONTEXT` before and after. Elements of windows that follow one another add
    up to those of the whole, PRI apart. A minute that was sent twice counts once, as it was received last.

    Raises:
        ValueError: the window does not begin and end with a minute.
    """
    if start % LENGTH or stop % LENGTH or stop < start:
        raise ValueError(f"{start} to {stop} are no whole minutes")
    planned = _planned(calendar, start, stop)
    rows = _Minutes.of(minutes)
    within = (rows.at >= start) & (rows.at < stop)
    working = np.zeros(len(rows.at), dtype=bool)
    working[within] = planned[(rows.at[within] - start) // LENGTH]
    times = {name: float(seconds[working].sum()) for name, seconds in rows.elements().items()}
    known = sum(times.values())
    meters, incomplete = rows.meters(working)
    elements = {
        **times,
        "POT": known,
        "PBT": known - times["PDOT"],
        "TBF": known - times["PDOT"],
        "TTR": float(rows.repair()[working].sum()),
        "FE": float(rows.columns["failures"][working].sum()),
        **meters,
    }
    whole, lacking = rows.meters(within)
    return MachineTime(
        elements,
        {"E": whole["E"], "PQ": whole["PQ"]},
        float(planned.sum()) * LENGTH / 1000 - known,
        tuple(dict.fromkeys((*incomplete, *lacking))),
        float(rows.columns["executing"][within & ~working].sum()),
        tuple(sorted({rows.origins[place] for place in np.flatnonzero(within)})),
    )


def _planned(calendar: Calendar, start: int, stop: int) -> npt.NDArray[np.bool_]:
    """By minute of a window, whether it is working time."""
    planned = np.zeros((stop - start) // LENGTH, dtype=bool)
    begin, end = (datetime.fromtimestamp(moment / 1000, UTC) for moment in (start, stop))
    for first, last in calendar.spans(begin, end):
        planned[_minute(first, start) : _minute(last, start)] = True
    return planned


def _minute(moment: datetime, start: int) -> int:
    return (round(moment.timestamp() * 1000) - start) // LENGTH


@dataclass(frozen=True)
class _Minutes:
    """Minutes of one device as columns, in order, each once; None in a meter's column is NaN."""

    at: npt.NDArray[np.int64]
    columns: dict[str, Numbers]
    origins: list[str]

    @classmethod
    def of(cls, minutes: pa.Table) -> _Minutes:
        minutes = minutes.sort_by([("at", "ascending"), ("received", "ascending"), ("sequence", "ascending")])
        at = minutes.column("at").to_numpy()
        last = np.flatnonzero(np.append(at[1:] != at[:-1], True)) if len(at) else np.arange(0)
        minutes = minutes.take(pa.array(last))
        names = (*_STATES, "maintenance", "setup", "failures", "total", "good_count", "energy", "cycle")
        columns = {name: minutes.column(name).cast(pa.float64()).to_numpy() for name in names}
        return cls(minutes.column("at").to_numpy(), columns, minutes.column("origin").to_pylist())

    def elements(self) -> dict[str, Numbers]:
        """Seconds of each minute by element."""
        left = self._left()
        waiting = left["not_executing"]
        short = self._short()
        return {
            "APT": left["executing"],
            "AUST": self._within("setup"),
            "ADET": left["out_of_service"] + left["not_available"] + np.where(short, waiting, 0.0),
            "ADOT": np.where(short, 0.0, waiting),
            "PDOT": self._within("maintenance"),
        }

    def repair(self) -> Numbers:
        """Seconds of each minute that a malfunction took."""
        left = self._left()
        return left["out_of_service"] + left["not_available"]

    def meters(self, chosen: npt.NDArray[np.bool_]) -> tuple[dict[str, float | None], tuple[str, ...]]:
        """What the meters told in the chosen minutes, and which of them not in all that the machine executed in."""
        found: dict[str, float | None] = {}
        incomplete = []
        for element, name in (("PQ", "total"), ("GQ", "good_count"), ("E", "energy")):
            told = self.columns[name][chosen]
            known = ~np.isnan(told)
            found[element] = float(told[known].sum()) if known.any() else None
            if known.any() and (~known & (self.columns["executing"][chosen] > 0)).any():
                incomplete.append(element)
        found["PRI"] = self._planned_run_time(chosen)
        return found, tuple(incomplete)

    def _planned_run_time(self, chosen: npt.NDArray[np.bool_]) -> float | None:
        """Seconds per piece; None where a piece was made for which it is not known."""
        pieces, cycle = np.nan_to_num(self.columns["total"][chosen]), self.columns["cycle"][chosen]
        if pieces.sum() > 0:
            mean = float((pieces * np.where(pieces > 0, cycle, 0.0)).sum() / pieces.sum())
        else:
            known = cycle[~np.isnan(cycle)]
            mean = float(known.mean()) if len(known) else float("nan")
        return None if np.isnan(mean) else mean

    def _within(self, mode: str) -> Numbers:
        """Seconds in an operation mode, no more than the states leave room for; maintenance goes before set-up."""
        room = sum((self.columns[state] for state in _STATES), np.zeros(len(self.at)))
        if mode == "setup":
            room = room - self._within("maintenance")
        return np.minimum(self.columns[mode], room)

    def _left(self) -> dict[str, Numbers]:
        """Seconds by state outside set-up and maintenance."""
        taken = self._within("maintenance") + self._within("setup")
        left = {}
        for state in _STATES:
            part = np.minimum(self.columns[state], taken)
            left[state] = self.columns[state] - part
            taken = taken - part
        return left

    def _short(self) -> npt.NDArray[np.bool_]:
        """By minute, whether it belongs to no longer stoppage than `WAIT`."""
        still = (self.columns["executing"] == 0) & (self.columns["not_executing"] > 0)
        short = np.ones(len(self.at), dtype=bool)
        for first, last in self._runs(still):
            short[first:last] = last - first <= WAIT
        return short

    def _runs(self, chosen: npt.NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
        """Stretches of chosen minutes that follow one another without a gap, as places from to before."""
        places = np.flatnonzero(chosen)
        if not len(places):
            return
        apart = np.flatnonzero((np.diff(places) > 1) | (np.diff(self.at[places]) != LENGTH)) + 1
        for run in np.split(places, apart):
            yield int(run[0]), int(run[-1]) + 1
