"""Time elements of a machine over a window, from its minutes and its working hours.

States become elements as OPC 40501-1 (annex C.2.3) has it, which needs no system above the machine; where it says
nothing, as OPC 40001-1 (annex C.2), with an order taken to be registered during all working hours:

| what the machine said | element |
| --- | --- |
| executing | APT |
| in set-up mode | AUST: whether executing or not, set-up is taken as belonging to an order |
| out of service, not available | ADET: a malfunction |
| not executing | ADOT |
| in maintenance mode | PDOT: maintenance is taken as planned, and PBT is without it |
| nothing (no minute came that is signed and not in doubt) | unknown: no element, and no part of POT |

A minute has sums only: its seconds in set-up and maintenance mode are taken off out of service first, then off not
executing, not available, executing. Only minutes within working hours (POT) count, since availability compares with
what was planned; energy per unit alone looks at all of the window, since a machine uses energy at any hour. FE are the
minutes' failures, TTR their seconds of malfunction, TBF the planned busy time that the failures cut up. PRI is the
planned run time of each minute's pieces, weighted by the pieces. AOET would need the orders, SQ a count of scrap:
nobody tells them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from shazhou.city.calendar import Calendar
from shazhou.methods.iso22400 import Elements
from shazhou.telemetry.minute import LENGTH
from shazhou.telemetry.presence.believed import of_machine
from shazhou.telemetry.presence.doubt import Doubt

Numbers = npt.NDArray[np.float64]

_STATES = ("out_of_service", "not_executing", "not_available", "executing")
_NUMBERS = (*_STATES, "maintenance", "setup", "failures", "total", "good_count", "energy", "cycle")
COLUMNS = ("node", "device", "at", "received", "sequence", "signed", "origin", *_NUMBERS)
"""What of a minute is looked at."""


@dataclass(frozen=True)
class MachineTime:
    """What became of a window: seconds, pieces, kWh.

    Attributes:
        elements: within working hours; see `shazhou.methods.iso22400`. What no meter told is None.
        energy: E and PQ of all of the window.
        unknown: seconds of working hours of which nothing is known; they are in no element.
        incomplete: elements whose meters told nothing in some minute in which the machine executed.
        outside: seconds that the machine executed outside working hours; in no element.
        left_out: minutes that are not signed or in doubt; they are in no element, and within working hours unknown.
        origins: simulated, recorded, or empty for what came from a machine.
    """

    elements: Elements
    energy: Elements
    unknown: float = 0.0
    incomplete: tuple[str, ...] = ()
    outside: float = 0.0
    left_out: int = 0
    origins: tuple[str, ...] = field(default=())


def machine_time(
    minutes: pa.Table, calendar: Calendar, start: int, stop: int, doubts: Iterable[Doubt] = ()
) -> MachineTime:
    """The elements of one machine from a moment to before another (milliseconds, whole minutes).

    ``minutes`` are rows of one device (at least `COLUMNS`). Elements of windows that follow one another add up to those
    of the whole, PRI apart. Of a minute that was sent twice the signed one counts, of these the one received first.

    Raises:
        ValueError: the window does not begin and end with a minute.
    """
    if start % LENGTH or stop % LENGTH or stop < start:
        raise ValueError(f"{start} to {stop} are no whole minutes")
    planned = _planned(calendar, start, stop)
    at = minutes["at"].to_numpy()
    came, believed = of_machine(minutes.filter(pa.array((at >= start) & (at < stop))), doubts)
    rows = _Minutes.of(came.filter(pa.array(believed)))
    within = np.ones(len(rows.at), dtype=bool)
    working = planned[(rows.at - start) // LENGTH]
    times = {name: float(seconds[working].sum()) for name, seconds in rows.elements().items()}
    known = sum(times.values())
    meters, incomplete = rows.meters(working)
    elements = {
        **times,
        "POT": known,
        "PBT": known - times["PDOT"],
        "TBF": known - times["PDOT"],
        "TTR": times["ADET"],
        "FE": float(rows.columns["failures"][working].sum()),
        **meters,
    }
    whole, lacking = rows.meters(within)
    return MachineTime(
        elements,
        {"E": whole["E"], "PQ": whole["PQ"]},
        float(planned.sum()) * LENGTH / 1000 - known,
        tuple(dict.fromkeys((*incomplete, *lacking))),
        float(rows.columns["executing"][~working].sum()),
        int((~believed).sum()),
        tuple(sorted(set(came["origin"].unique().to_pylist()))),
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
    """Minutes of one device as columns; None in a meter's column is NaN."""

    at: npt.NDArray[np.int64]
    columns: dict[str, Numbers]

    @classmethod
    def of(cls, minutes: pa.Table) -> _Minutes:
        columns = {name: minutes.column(name).cast(pa.float64()).to_numpy() for name in _NUMBERS}
        return cls(minutes.column("at").to_numpy(), columns)

    def elements(self) -> dict[str, Numbers]:
        """Seconds of each minute by element."""
        left = {state: self.columns[state] for state in _STATES}
        maintenance = _taken_off(left, self.columns["maintenance"])
        setup = _taken_off(left, self.columns["setup"])
        malfunction = left["out_of_service"] + left["not_available"]
        times = {"APT": left["executing"], "AUST": setup, "ADET": malfunction, "ADOT": left["not_executing"]}
        return {**times, "PDOT": maintenance}

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


def _taken_off(left: dict[str, Numbers], seconds: Numbers) -> Numbers:
    """Takes the seconds of a mode off those by state, as far as there are any; how many they were."""
    wanted = seconds
    for state in _STATES:
        part = np.minimum(left[state], wanted)
        left[state] = left[state] - part
        wanted = wanted - part
    return seconds - wanted
