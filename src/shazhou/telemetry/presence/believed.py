"""What is believed of the minutes of machines: those that are signed and not in doubt.

Hours of machines, the ledger's figures and indicators are sums of these alone: what proves nothing adds nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa

from shazhou.telemetry.minute import LENGTH
from shazhou.telemetry.presence.doubt import Doubt
from shazhou.telemetry.presence.grid import Grid, Integers, Mask, once
from shazhou.telemetry.store.store import Store


def not_in_doubt(grid: Grid, doubts: Iterable[Doubt]) -> Mask:
    """Machines x minutes that no doubt takes back."""
    of_node: dict[str, list[int]] = {}
    for row, (node, _) in enumerate(grid.machines):
        of_node.setdefault(node, []).append(row)
    kept = np.ones((len(grid.machines), grid.length), dtype=bool)
    for doubt in doubts:
        rows = [row for row in of_node.get(doubt.node, ()) if doubt.takes_back(*grid.machines[row])]
        kept[rows, doubt.columns(grid.start)] = False
    return kept


def of_machine(minutes: pa.Table, doubts: Iterable[Doubt]) -> tuple[pa.Table, Mask]:
    """The minutes of one machine in order, each once (`grid.once`), and which of them are believed."""
    at: Integers = minutes["at"].to_numpy()
    rows = minutes.take(pa.array(once(at, minutes)))
    at = rows["at"].to_numpy()
    believed = np.array(rows["signed"].to_numpy(zero_copy_only=False), dtype=bool)
    machine = [str(rows[name][0]) for name in ("node", "device") if len(at)]
    for doubt in doubts if machine else ():
        if doubt.takes_back(*machine):
            first = np.searchsorted(at, doubt.start - LENGTH, "right")
            believed[first : np.searchsorted(at, doubt.stop)] = False
    return rows, believed


def doubts_within(store: Store, start: int, stop: int, node: str = "") -> list[Doubt]:
    """The doubts that may touch a span, as they were judged last, of one enterprise or of all."""
    # The store files them by the month in the city's zone, which is at most a day from that of UTC.
    first, last = (datetime.fromtimestamp(each / 1000, UTC).date() for each in (start, stop))
    days = ((first + timedelta(days=each)) for each in range(-1, (last - first).days + 2))
    months = dict.fromkeys(f"{day:%Y-%m}" for day in days)
    found = (Doubt(**each) for month in months for each in store.doubts(month, node))
    return [each for each in found if each.start < stop and each.stop > start]
