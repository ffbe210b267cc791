"""Columns of texts as distinct texts and, for each row, the number of its text.

A rule of a mapping is a function of a text. It runs once per distinct text; the rows follow by their numbers. A column
of a million rows with three thousand different texts costs three thousand calls.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Codes = npt.NDArray[np.int32]
Mask = npt.NDArray[np.bool_]

_TABLE = 1 << 24
"""Up to so many possible combinations are told apart by a table, more by sorting."""


@dataclass(frozen=True)
class Coded:
    """``values`` are distinct, ``codes`` the index of each row's value among them. An empty text means none."""

    codes: Codes
    values: Sequence[str]

    @classmethod
    def constant(cls, text: str, rows: int) -> Coded:
        """The same text in each row; it takes no memory."""
        return cls(np.broadcast_to(np.int32(0), (rows,)), (text,))

    @classmethod
    def of(cls, array: pa.Array) -> Coded:
        """The texts of an Arrow column; null is empty, and blanks around a text do not count."""
        encoded = pc.dictionary_encode(array, null_encoding="encode")
        texts = (_text(value) for value in _as_texts(encoded.dictionary).to_pylist())
        return cls(encoded.indices.to_numpy(zero_copy_only=False).astype(np.int32, copy=False), ()).revalued(texts)

    def map(self, becomes: Callable[[str], str]) -> Coded:
        """Each text as the rule says."""
        return self.revalued(map(becomes, self.values))

    def empty(self) -> Mask:
        """Where there is no text."""
        return self.where(lambda text: not text)

    def where(self, holds: Callable[[str], bool]) -> Mask:
        """Where a rule about texts holds."""
        return np.fromiter(map(holds, self.values), np.bool_, len(self.values))[self.codes]

    def otherwise(self, other: Coded) -> Coded:
        """These texts, and where there is none the other's."""
        if "" not in self.values:
            return self
        if len(self.values) == 1:
            return other
        codes = np.where(self.empty(), other.codes + np.int32(len(self.values)), self.codes)
        return Coded(codes.astype(np.int32, copy=False), ()).revalued((*self.values, *other.values))

    def filter(self, mask: Mask) -> Coded:
        """The rows that a mask keeps."""
        return Coded(self.codes[mask], self.values)

    @property
    def single(self) -> str | None:
        """The text of all rows, where there is only one."""
        return self.values[0] if len(self.values) == 1 else None

    def used(self) -> Coded:
        """The same texts, without values that no row has."""
        found, codes = np.unique(self.codes, return_inverse=True)
        return Coded(codes.astype(np.int32), tuple(self.values[each] for each in found.tolist()))

    def revalued(self, values: Iterable[str]) -> Coded:
        """Other texts in place of the values, in their order; they need not be distinct."""
        numbers: dict[str, int] = {}
        renumbered = [numbers.setdefault(value, len(numbers)) for value in values]
        if len(numbers) == len(renumbered):
            return Coded(self.codes, tuple(numbers))
        return Coded(np.array(renumbered, np.int32)[self.codes], tuple(numbers))


def combined(columns: Sequence[Coded]) -> tuple[Codes, list[tuple[str, ...]]]:
    """The distinct combinations of columns: for each row the number of its combination, and the combinations."""
    numbers: npt.NDArray[np.int64] = np.zeros(len(columns[0].codes), np.int64)
    parts: list[tuple[str, ...]] = [()] if len(numbers) else []
    for column in columns:
        size = len(column.values)
        if size == 1:
            parts = [(*part, column.values[0]) for part in parts]
            continue
        numbers, found = _compact(numbers * size + column.codes, len(parts) * size)
        parts = [(*parts[each // size], column.values[each % size]) for each in found.tolist()]
    return numbers.astype(np.int32), parts


def numbered(columns: Sequence[Coded]) -> tuple[npt.NDArray[np.int64], int]:
    """The same number for rows with the same combination of columns, and a bound of the numbers."""
    numbers: npt.NDArray[np.int64] = np.zeros(len(columns[0].codes), np.int64)
    bound = 1
    for column in columns:
        size = len(column.values)
        if size <= 1:
            continue
        if bound * size > _TABLE:
            numbers, found = _compact(numbers, bound)
            bound = len(found)
        numbers, bound = numbers * size + column.codes, bound * size
    if bound > _TABLE:
        numbers, found = _compact(numbers, bound)
        bound = len(found)
    return numbers, bound


def joined(columns: Sequence[Coded], separator: str) -> Coded:
    """The texts of several columns as one."""
    codes, parts = combined(columns)
    return Coded(codes, ()).revalued(separator.join(part) for part in parts)


def stacked(columns: Sequence[Coded]) -> Coded:
    """Columns one below the other."""
    values = [value for column in columns for value in column.values]
    starts = np.cumsum([0, *(len(column.values) for column in columns)])
    codes = [column.codes + np.int32(start) for column, start in zip(columns, starts, strict=False)]
    return Coded(np.concatenate(codes) if codes else np.zeros(0, np.int32), ()).revalued(values)


def _compact(numbers: npt.NDArray[np.int64], size: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    if size > _TABLE:
        found, inverse = np.unique(numbers, return_inverse=True)
        return inverse.astype(np.int64), found
    seen = np.zeros(size, np.bool_)
    seen[numbers] = True
    found = np.flatnonzero(seen)
    place = np.zeros(size, np.int64)
    place[found] = np.arange(len(found))
    return place[numbers], found


def _as_texts(array: pa.Array) -> pa.Array:
    if pa.types.is_floating(array.type):
        return pa.array([None if value is None else repr(value) for value in array.to_pylist()], pa.string())
    if pa.types.is_decimal(array.type):
        return pa.array([None if value is None else f"{value:f}" for value in array.to_pylist()], pa.string())
    return array.cast(pa.string())


def _text(value: str | None) -> str:
    return (value or "").strip()
