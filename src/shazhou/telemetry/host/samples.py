"""Samples on their way to the store: messages are collected as they came and become columns together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from shazhou.telemetry.host.plan import NUMBERS, Plan
from shazhou.telemetry.host.values import LARGEST, Kept
from shazhou.telemetry.sparkplug.datatype import SIGNED, DataType
from shazhou.telemetry.sparkplug.payload import GOOD
from shazhou.telemetry.store.schema import SAMPLES

Integers = npt.NDArray[np.int64]

_INT, _LONG, _FLOAT, _DOUBLE, _BOOLEAN, _STRING = NUMBERS.values()
_SHIFT = np.zeros(256, dtype=np.int64)
for _datatype, _bits in SIGNED.items():
    _SHIFT[_datatype] = 64 - _bits


class Planned(NamedTuple):
    """A message taken by its plan: times of its metrics and the values of each field, as they came."""

    plan: Plan
    at: Iterable[int]
    values: dict[int, Any]
    received: int
    historical: bool
    sequence: int


class Row(NamedTuple):
    """A metric that was looked at by itself."""

    series: int
    at: int
    received: int
    value: Kept
    quality: int
    historical: bool
    transient: bool
    sequence: int


@dataclass
class Columns:
    """Samples as columns, one place per sample in the order they came. ``integer`` and ``real`` hold where their mask
    says so, ``text`` by place; a sample in none of them is null."""

    series: npt.NDArray[np.int32]
    at: Integers
    received: Integers
    integer: Integers
    is_integer: npt.NDArray[np.bool_]
    real: npt.NDArray[np.float64]
    is_real: npt.NDArray[np.bool_]
    text: dict[int, str]
    quality: npt.NDArray[np.int16]
    historical: npt.NDArray[np.bool_]
    transient: npt.NDArray[np.bool_]
    sequence: Integers

    def number(self) -> npt.NDArray[np.float64]:
        """Every value as a number, NaN where it is none."""
        return np.where(self.is_integer, self.integer, np.where(self.is_real, self.real, np.nan))

    def batch(self) -> pa.RecordBatch:
        """The samples that are kept, as the store takes them: transient ones are not."""
        texts: pa.Array = pa.nulls(len(self.series), pa.string())
        if self.text:
            texts = pa.array([self.text.get(place) for place in range(len(self.series))], pa.string())
        arrays = [
            pa.array(self.series),
            pa.array(self.at),
            pa.array(self.received),
            pa.array(self.integer, mask=~self.is_integer),
            pa.array(self.real, mask=~self.is_real),
            texts,
            pa.array(self.quality),
            pa.array(self.historical),
            pa.array(self.sequence),
        ]
        batch = pa.RecordBatch.from_arrays(arrays, schema=SAMPLES)
        left_out = self.transient | (self.series < 0)
        return batch.filter(pa.array(~left_out)) if left_out.any() else batch


def planned(messages: list[Planned], datatypes: npt.NDArray[np.int8]) -> Columns:
    """Columns of messages that have a plan; ``datatypes`` by series."""
    plans = [message.plan for message in messages]
    counts = np.fromiter((plan.count for plan in plans), np.int64, len(plans))
    starts, total = np.cumsum(counts) - counts, int(counts.sum())
    series = np.concatenate([plan.series for plan in plans])
    columns = _empty(total)
    columns.series = series
    columns.at = np.fromiter(chain.from_iterable(message.at for message in messages), np.int64, total)
    columns.received = _spread([message.received for message in messages], counts, np.int64)
    columns.historical = _spread([message.historical for message in messages], counts, np.bool_)
    columns.sequence = _spread([message.sequence for message in messages], counts, np.int64)
    raw = np.zeros(total, dtype=np.uint64)
    for number in NUMBERS.values():
        having = [place for place, message in enumerate(messages) if number in message.values]
        if not having:
            continue
        inside = [plans[place].places[number] for place in having]
        sizes = [len(each) for each in inside]
        places = np.concatenate(inside) + np.repeat(starts[having], sizes)
        values = chain.from_iterable(messages[place].values[number] for place in having)
        if number == _STRING:
            columns.text.update(zip(places.tolist(), values, strict=True))
        elif number in (_FLOAT, _DOUBLE):
            columns.real[places] = np.fromiter(values, np.float64, len(places))
            columns.is_real[places] = True
        else:
            raw[places] = np.fromiter(values, np.uint64, len(places))
            columns.is_integer[places] = True
    types = np.where(series >= 0, datatypes[series], 0)
    shift = _SHIFT[types]
    columns.integer = (raw.view(np.int64) << shift) >> shift
    for place in np.flatnonzero((raw > LARGEST) & ((types == DataType.UINT64) | (types == DataType.DATETIME))).tolist():
        columns.is_integer[place] = False
        columns.text[place] = str(raw[place])
    return columns


def looked_at(rows: list[Row]) -> Columns:
    """Columns of metrics that were looked at one by one."""
    series, at, received, values, quality, historical, transient, sequence = zip(*rows, strict=True)
    columns = _empty(len(rows))
    columns.series = np.array(series, dtype=np.int32)
    columns.at, columns.received = np.array(at, dtype=np.int64), np.array(received, dtype=np.int64)
    columns.quality = np.array(quality, dtype=np.int16)
    columns.historical, columns.transient = np.array(historical, dtype=bool), np.array(transient, dtype=bool)
    columns.sequence = np.array(sequence, dtype=np.int64)
    for place, value in enumerate(values):
        if isinstance(value, int):
            columns.integer[place], columns.is_integer[place] = value, True
        elif isinstance(value, float):
            columns.real[place], columns.is_real[place] = value, True
        elif value is not None:
            columns.text[place] = value
    return columns


def _empty(count: int) -> Columns:
    return Columns(
        np.zeros(count, dtype=np.int32),
        np.zeros(count, dtype=np.int64),
        np.zeros(count, dtype=np.int64),
        np.zeros(count, dtype=np.int64),
        np.zeros(count, dtype=bool),
        np.zeros(count, dtype=np.float64),
        np.zeros(count, dtype=bool),
        {},
        np.full(count, GOOD, dtype=np.int16),
        np.zeros(count, dtype=bool),
        np.zeros(count, dtype=bool),
        np.zeros(count, dtype=np.int64),
    )


def _spread(values: list[Any], counts: Integers, dtype: Any) -> npt.NDArray[Any]:
    """A value of each message, once for each of its metrics."""
    return np.repeat(np.array(values, dtype=dtype), counts)
