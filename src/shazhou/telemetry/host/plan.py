"""Plans: how the columns of a DATA message fall into series, found once for each order of metrics that a node uses.

Most nodes send the same metrics in the same order again and again. For such an order it is known which field carries
each metric's value and which series it belongs to, so a message of it is taken without looking at a single metric.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from shazhou.telemetry.names import PREVIOUS, SEQUENCE
from shazhou.telemetry.sparkplug.datatype import FIELDS, DataType

if TYPE_CHECKING:
    from shazhou.telemetry.host.births import Metric

Key = tuple[tuple[int, ...], tuple[str, ...]]
"""The aliases and the names of a message, in its order; one of both is empty."""

NUMBERS = {
    "int_value": 10,
    "long_value": 11,
    "float_value": 12,
    "double_value": 13,
    "boolean_value": 14,
    "string_value": 15,
}
"""Fields whose values are taken as columns, and their numbers in a metric."""

Places = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Plan:
    """An order of metrics: ``series`` and types in it, and by number of a field the places whose values it carries.

    ``sequence`` and ``previous`` are the places, among the values of ``long_value``, of the record's number and the
    number before it; -1 where the message is no record.
    """

    series: npt.NDArray[np.int32]
    datatypes: list[int]
    places: dict[int, Places]
    counts: dict[int, int]
    sequence: int
    previous: int

    @property
    def count(self) -> int:
        return len(self.datatypes)


def made(metrics: Sequence[Metric]) -> Plan | None:
    """The plan of some metrics; None where a metric needs to be looked at by itself."""
    numbers = [NUMBERS.get(FIELDS[metric.datatype], 0) for metric in metrics]
    names = [metric.name for metric in metrics]
    if not all(numbers) or len(set(names)) < len(names) or any(_is_looked_at(metric) for metric in metrics):
        return None
    places = {number: np.flatnonzero(np.array(numbers) == number) for number in sorted(set(numbers))}
    longs = [name for name, number in zip(names, numbers, strict=True) if number == NUMBERS["long_value"]]
    return Plan(
        np.array([metric.series for metric in metrics], dtype=np.int32),
        [int(metric.datatype) for metric in metrics],
        places,
        {number: len(found) for number, found in places.items()},
        *(longs.index(name) if name in longs else -1 for name in (SEQUENCE, PREVIOUS)),
    )


def _is_looked_at(metric: Metric) -> bool:
    """Whether a metric is more than a sample and no record's number: minutes, pulses and answers."""
    if metric.name in (SEQUENCE, PREVIOUS):
        return metric.datatype is not DataType.UINT64
    return metric.series < 0
