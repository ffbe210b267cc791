"""The indicators of machines from the store: one enterprise after another, so that a month of all fits into memory."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby

import pyarrow.compute as pc

from shazhou.city.calendar import Calendar
from shazhou.methods.iso22400 import KPIS, Kpi
from shazhou.telemetry.kpi.elements import COLUMNS, MachineTime, machine_time
from shazhou.telemetry.presence.believed import doubts_within
from shazhou.telemetry.presence.doubt import Doubt
from shazhou.telemetry.store.store import Store

OF_ALL_HOURS = "energy_per_unit"
"""The one indicator that looks at all of the window and not at working hours alone."""


@dataclass(frozen=True)
class MachineKpis:
    """A machine over a window: its time elements and its indicators."""

    node: str
    device: str
    time: MachineTime
    kpis: dict[str, Kpi]


def machine_kpis(
    store: Store, calendar_of: Callable[[str], Calendar], start: int, stop: int, node: str = "", device: str = ""
) -> Iterator[MachineKpis]:
    """The machines that sent minutes within a window (milliseconds, whole minutes), in order of node and device.

    Args:
        calendar_of: the working hours of a node.
        node: only this one's machines; all where empty.
        device: only this one.
    """
    machines, doubts = store.machines(start, stop, node, device), defaultdict[str, list[Doubt]](list)
    for doubt in doubts_within(store, start, stop, node):
        doubts[doubt.node].append(doubt)
    for each, devices in groupby(machines, lambda machine: machine[0]):
        minutes, calendar = store.minutes(start, stop, each, device, COLUMNS), calendar_of(each)
        for _, name in devices:
            time = machine_time(minutes.filter(pc.field("device") == name), calendar, start, stop, doubts[each])
            yield MachineKpis(each, name, time, kpis_of(time))


def kpis_of(time: MachineTime) -> dict[str, Kpi]:
    """All indicators of a machine's time."""
    return {name: compute(time.energy if name == OF_ALL_HOURS else time.elements) for name, compute in KPIS.items()}
