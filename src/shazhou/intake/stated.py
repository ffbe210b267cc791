"""Observations of a document in compact form: texts as codes, until they are delivered batch by batch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from shazhou.city.period import Period
from shazhou.intake.coded import Coded
from shazhou.ledger.observation import SCHEMA

BATCH = 65_536

TEXTS = tuple(field.name for field in SCHEMA if pa.types.is_string(field.type) and field.name != "text")


@dataclass(frozen=True)
class Stated:
    """What a document's rows state of one thing: every text column of an observation, the value, and the rows.

    ``said`` holds the text of an attribute (empty: none), ``value`` the number in base units (null: none).
    """

    texts: Mapping[str, Coded]
    value: pa.Array
    said: Coded
    rows: npt.NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.rows)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The observations in the ledger's columns."""
        spans = [Period.parse(text) for text in self.texts["period"].values]
        dictionaries = {name: pa.array(self.texts[name].values, pa.string()) for name in TEXTS}
        dictionaries["start"] = pa.array([span.start for span in spans], pa.date32())
        dictionaries["end"] = pa.array([span.end for span in spans], pa.date32())
        dictionaries["text"] = pa.array([text or None for text in self.said.values], pa.string())
        period = self.texts["period"].codes
        codes = {
            **{name: self.texts[name].codes for name in TEXTS},
            "start": period,
            "end": period,
            "text": self.said.codes,
        }
        for first in range(0, len(self), BATCH):
            part = slice(first, first + BATCH)
            columns = {
                name: dictionaries[name].take(pa.array(np.ascontiguousarray(codes[name][part]))) for name in codes
            }
            columns["value"] = self.value.slice(first, BATCH)
            columns["row"] = pa.array(self.rows[part], pa.int32())
            yield pa.RecordBatch.from_arrays([columns[name] for name in SCHEMA.names], schema=SCHEMA)
