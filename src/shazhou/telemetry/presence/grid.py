"""Minutes as arrays: one row per machine, one column per minute of a span."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from shazhou.telemetry.minute import LENGTH

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Grid:
    """Minutes of machines from `start` (milliseconds) on, `length` of them.

    `nodes` and `machines` (node, device) are in order of their names; `node_of` gives a machine's node. `rows` are
    the minutes with one row per machine and minute (`once`).
    """

    start: int
    length: int
    nodes: tuple[str, ...]
    machines: tuple[tuple[str, str], ...]
    node_of: Integers
    rows: pa.Table
    machine: Integers
    column: Integers

    @classmethod
    def of(cls, minutes: pa.Table, span: tuple[int, int]) -> Grid:
        """The grid of a MINUTES table; rows outside the span are left out."""
        start, stop = span
        at = minutes["at"].to_numpy()
        inside = (at >= start) & (at < stop)
        rows = minutes if inside.all() else minutes.filter(pa.array(inside))
        node, nodes = _coded(rows["node"])
        device, devices = _coded(rows["device"])
        known, machine = np.unique(node * max(len(devices), 1) + device, return_inverse=True)
        column = (rows["at"].to_numpy() - start) // LENGTH
        length = -(-(stop - start) // LENGTH)
        kept = once(machine * length + column, rows)
        return cls(
            start,
            length,
            nodes,
            tuple((nodes[each // len(devices)], devices[each % len(devices)]) for each in known.tolist()),
            known // max(len(devices), 1),
            rows.drop_columns(["signature"]).take(pa.array(kept)),
            machine[kept],
            column[kept],
        )

    @cached_property
    def there(self) -> Mask:
        """Whether a minute came."""
        return self.spread(np.ones(len(self.machine), dtype=bool), False)

    def values(self, name: str) -> npt.NDArray[Any]:
        """A column by row, null as NaN."""
        column = self.rows[name]
        if pa.types.is_integer(column.type) and column.null_count:
            column = column.cast(pa.float64())
        if column.null_count:
            column = pc.fill_null(column, float("nan"))
        return np.asarray(column.to_numpy())

    def spread(self, values: npt.NDArray[Any], fill: Any) -> npt.NDArray[Any]:
        """Values by row as an array of machines x minutes."""
        spread = np.full((len(self.machines), self.length), fill, dtype=values.dtype)
        spread[self.machine, self.column] = values
        return spread

    def by_node(self, mask: Mask) -> Mask:
        """Of an array by machine, whether it holds for any machine of a node."""
        result = np.zeros((len(self.nodes), self.length), dtype=bool)
        np.logical_or.at(result, self.node_of, mask)
        return result

    def moment(self, column: int) -> int:
        """When a minute begins."""
        return self.start + column * LENGTH


def once(key: Integers, rows: pa.Table) -> Integers:
    """One row for each key, in the order of the keys: of several the one that is signed, of these the one that was
    received first. What comes later, from here or under a foreign name, replaces nothing."""
    kept = np.argsort(key, kind="stable")
    if np.diff(key[kept]).all():
        return np.asarray(kept)
    unsigned = ~rows["signed"].to_numpy(zero_copy_only=False)
    order = np.lexsort((rows["sequence"].to_numpy(), rows["received"].to_numpy(), unsigned, key))
    return np.asarray(order[np.flatnonzero(np.append(True, np.diff(key[order])))])


def _coded(column: pa.ChunkedArray) -> tuple[Integers, tuple[str, ...]]:
    """Codes in the order of the names, and the names."""
    encoded = column.combine_chunks().dictionary_encode()
    names = encoded.dictionary.to_pylist()
    order = sorted(range(len(names)), key=names.__getitem__)
    rank = np.empty(len(names), dtype=np.int64)
    rank[order] = np.arange(len(names))
    return rank[encoded.indices.to_numpy()], tuple(names[each] for each in order)
