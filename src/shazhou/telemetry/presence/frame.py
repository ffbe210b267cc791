"""The frame of a judgement: which enterprises, which hours."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shazhou.city.calendar import Calendar
from shazhou.telemetry.minute import LENGTH
from shazhou.telemetry.presence.grid import Integers, Mask

HOUR = 3_600_000
"""Milliseconds."""
MINUTES = HOUR // LENGTH


@dataclass(frozen=True)
class Frame:
    """Enterprises in order of their names x hours from ``start`` (milliseconds, a whole hour) on."""

    nodes: tuple[str, ...]
    start: int
    hours: int

    @classmethod
    def of(cls, nodes: Iterable[str], span: tuple[int, int]) -> Frame:
        """The frame of a span of whole hours.

        Raises:
            ValueError: the span does not begin and end with an hour.
        """
        if span[0] % HOUR or span[1] % HOUR or span[1] < span[0]:
            raise ValueError(f"{span} are no whole hours")
        return cls(tuple(sorted(nodes)), span[0], (span[1] - span[0]) // HOUR)

    @cached_property
    def row(self) -> dict[str, int]:
        """The row of a node."""
        return {node: row for row, node in enumerate(self.nodes)}

    def rows(self, column: pa.ChunkedArray) -> Integers:
        """Rows of a column of nodes, -1 for nodes that are none of these."""
        found = pc.fill_null(pc.index_in(column, value_set=pa.array(self.nodes, pa.string())), -1)
        return np.asarray(found.to_numpy(), dtype=np.int64)

    def none(self) -> Mask:
        """Enterprises x minutes, nothing set."""
        return np.zeros((len(self.nodes), self.hours * MINUTES), dtype=bool)

    def set(self, mask: Mask, row: int, begin: int, end: int, value: bool = True) -> None:
        """Sets the minutes that a time covers at least half."""
        first, last = (round((each - self.start) / LENGTH) for each in (begin, end))
        mask[row, max(first, 0) : max(last, 0)] = value

    def working(self, calendars: Mapping[str, Calendar]) -> Mask:
        """Enterprises x minutes that are working time; none for those without a calendar."""
        mask = self.none()
        start, stop = (
            datetime.fromtimestamp(each / 1000, UTC) for each in (self.start, self.start + self.hours * HOUR)
        )
        known: dict[Calendar, Mask] = {}
        for node, row in self.row.items():
            if (calendar := calendars.get(node)) is None:
                continue
            if calendar not in known:
                for begin, end in calendar.spans(start, stop):
                    self.set(mask, row, round(begin.timestamp() * 1000), round(end.timestamp() * 1000))
                known[calendar] = mask[row]
            mask[row] = known[calendar]
        return mask

    def by_hour(self, mask: Mask) -> Integers:
        """Enterprises x hours: how many minutes are set."""
        return np.asarray(mask.reshape(len(mask), self.hours, MINUTES).sum(axis=2), dtype=np.int64)

    def moments(self) -> Iterator[int]:
        """When each hour begins."""
        return iter(range(self.start, self.start + self.hours * HOUR, HOUR))
