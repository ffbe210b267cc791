"""Current values: of every series the newest sample that is not historical, and whether it still holds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from shazhou.telemetry.host.samples import Columns
from shazhou.telemetry.sparkplug.datatype import DataType
from shazhou.telemetry.sparkplug.payload import GOOD, STALE


class Current:
    """Arrays by series: type, time of the newest sample (0: none yet), its value as a number and its quality."""

    def __init__(self) -> None:
        self.datatype = np.zeros(1024, dtype=np.int8)
        self.at = np.zeros(1024, dtype=np.int64)
        self.number = np.full(1024, np.nan)
        self.quality = np.full(1024, STALE, dtype=np.int16)

    def declare(self, series: int, datatype: DataType) -> None:
        """A series and its type."""
        while series >= len(self.datatype):
            self.datatype = np.concatenate([self.datatype, np.zeros_like(self.datatype)])
            self.at = np.concatenate([self.at, np.zeros_like(self.at)])
            self.number = np.concatenate([self.number, np.full_like(self.number, np.nan)])
            self.quality = np.concatenate([self.quality, np.full_like(self.quality, STALE)])
        self.datatype[series] = datatype

    def update(self, columns: Columns) -> None:
        """Takes over what is not older than what is known; historical samples change nothing."""
        use = ~columns.historical & (columns.series >= 0)
        use &= columns.at >= self.at[columns.series]
        order = np.flatnonzero(use)
        order = order[np.argsort(columns.at[order], kind="stable")]
        series = columns.series[order]
        # Where a series occurs more than once, the last assignment stays: the newest.
        self.at[series] = columns.at[order]
        self.number[series] = columns.number()[order]
        self.quality[series] = columns.quality[order]

    def stale(self, series: Sequence[int]) -> None:
        """Nothing is known of these any more."""
        self.quality[np.array(series, dtype=np.int64)] = STALE

    def holds(self, series: int) -> bool:
        """Whether the value is known and of good quality."""
        return bool(self.quality[series] == GOOD)
