"""Signatures of texts: 128 bits, of which each pair of neighbouring bytes sets one.

A text that holds a word has every bit of the word's signature, so that most texts are ruled out by comparing two
integers, and only those left are searched (superimposed coding: Mooers 1948, Faloutsos and Christodoulakis 1984).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Bits = npt.NDArray[np.int64]

HALVES = ("lower", "upper")

AT_ONCE = 50_000
"""Texts whose pairs are held in memory together."""


def signatures(texts: pa.ChunkedArray) -> tuple[Bits, Bits]:
    """The lower and upper 64 bits of the signature of each text."""
    halves = [_part(pa.concat_arrays(part.chunks)) for part in _slices(texts)]
    empty = np.empty(0, np.int64)
    lower, upper = (np.concatenate([empty, *(each[half] for each in halves)]) for half in (0, 1))
    return lower, upper


def signature(word: str) -> tuple[int, int]:
    """The lower and upper 64 bits of a word's signature, as signed integers."""
    lower, upper = signatures(pa.chunked_array([[word]], pa.string()))
    return int(lower[0]), int(upper[0])


def _slices(texts: pa.ChunkedArray) -> list[pa.ChunkedArray]:
    return [texts.slice(first, AT_ONCE) for first in range(0, len(texts), AT_ONCE)]


def _part(texts: pa.StringArray) -> tuple[Bits, Bits]:
    _valid, offsets, content = texts.buffers()
    ends = np.frombuffer(offsets, np.int32)[texts.offset : texts.offset + len(texts) + 1].astype(np.int64)
    data = np.frombuffer(content or b"", np.uint8)[ends[0] : ends[-1]]
    ends -= ends[0]
    filled = ends[1:] > ends[:-1]
    pairs = np.zeros(len(data), np.uint64)
    pairs[:-1] = ((data[:-1].astype(np.uint32) * 40503 + data[1:].astype(np.uint32) * 30011) >> 5) & 127
    bits = np.left_shift(np.uint64(1), pairs & np.uint64(63))
    bits[ends[1:][filled] - 1] = 0
    found = []
    for is_upper in (False, True):
        half = np.zeros(len(texts), np.uint64)
        chosen = np.where((pairs > 63) == is_upper, bits, np.uint64(0))
        if filled.any():
            half[filled] = np.bitwise_or.reduceat(chosen, ends[:-1][filled])
        found.append(half.view(np.int64))
    return found[0], found[1]
