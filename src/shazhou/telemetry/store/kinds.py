"""The three kinds of rows that the journal commits together, and what of each decides where a row is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from shazhou.telemetry.store.schema import EVENTS, MINUTES, SAMPLES


@dataclass(frozen=True)
class Kind:
    """Rows of one schema: its name (a folder and a column of the journal) and the columns that files are sorted by.

    ``together`` are rows that are read together or not at all: about a day of what is asked for at once, a factory's
    tags or machines.
    """

    name: str
    schema: pa.Schema
    sorted_by: Sequence[str]
    together: int

    @property
    def received(self) -> str:
        """The column with the host's own time."""
        return "received" if "received" in self.schema.names else "at"


KINDS = {
    kind.name: kind
    for kind in (
        Kind("samples", SAMPLES, ("series", "at", "received", "sequence"), 128_000),
        Kind("minutes", MINUTES, ("node", "device", "at", "received", "sequence"), 20_000),
        Kind("events", EVENTS, ("node", "device", "at"), 20_000),
    )
}
