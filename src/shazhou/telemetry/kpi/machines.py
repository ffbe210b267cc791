"""The indicators of machines from the store: some enterprises at a time, so that a month of all fits into memory."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa

from shazhou.city.calendar import Calendar
from shazhou.methods.iso22400 import KPIS, Kpi
from shazhou.telemetry.kpi.elements import COLUMNS, MachineTime, machine_time
from shazhou.telemetry.minute import LENGTH
from shazhou.telemetry.presence.believed import doubts_within
from shazhou.telemetry.presence.doubt import Doubt
from shazhou.telemetry.store.store import Store

ROWS = 500_000
"""Minutes that are in memory at a time, some 200 bytes each; more only where one enterprise has more."""

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
    doubts = defaultdict[str, list[Doubt]](list)
    for doubt in doubts_within(store, start, stop, node):
        doubts[doubt.node].append(doubt)
    machines = store.machines(start, stop, node, device)
    for nodes in _together(machines, max((stop - start) // LENGTH, 1)):
        minutes = store.minutes(start, stop, nodes, device, COLUMNS)
        for each, name, rows in _by_machine(minutes):
            time = machine_time(rows, calendar_of(each), start, stop, doubts[each])
            yield MachineKpis(each, name, time, kpis_of(time))


def _together(machines: Sequence[tuple[str, str]], each: int) -> Iterator[list[str]]:
    """Nodes whose machines, with so many minutes each, are at most `ROWS` rows, or a single node."""
    nodes: list[str] = []
    rows = 0
    for node, several in Counter(node for node, _ in machines).items():
        if nodes and rows + several * each > ROWS:
            yield nodes
            nodes, rows = [], 0
        nodes.append(node)
        rows += several * each
    if nodes:
        yield nodes


def _by_machine(minutes: pa.Table) -> Iterator[tuple[str, str, pa.Table]]:
    """The minutes of each machine, in order of node and device."""
    key = ["node", "device"]
    minutes = minutes.sort_by([(name, "ascending") for name in key])
    counts = minutes.group_by(key, use_threads=False).aggregate([([], "count_all")])
    place = 0
    for row in counts.to_pylist():
        yield row["node"], row["device"], minutes.slice(place, row["count_all"])
        place += row["count_all"]


def kpis_of(time: MachineTime) -> dict[str, Kpi]:
    """All indicators of a machine's time."""
    return {name: compute(time.energy if name == OF_ALL_HOURS else time.elements) for name, compute in KPIS.items()}
