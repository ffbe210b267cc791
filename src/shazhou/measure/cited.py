"""Who is cited for a figure, however many observations went into it: read submission by submission, and kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

import ibis
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from shazhou.measure.figure import Citation
from shazhou.measure.statements import POSITIONS, Statements

_SCHEMA = {"sequence": "int64", "source": "string", "source_date": "string", "source_address": "string"}


class Cited:
    """The citations of one head's submissions. Most submissions cite one source throughout; of the others four bytes
    are kept for each observation."""

    def __init__(self, connection: ibis.BaseBackend, statements: Statements) -> None:
        self._connection = connection
        self._statements = statements
        self._citations: dict[int, list[Citation]] = {}
        self._numbers: dict[int, npt.NDArray[np.int32]] = {}

    def by(self, refs: npt.NDArray[np.int64]) -> tuple[Citation, ...]:
        """The sources cited by observations, once each, in the order of the ledger.

        Args:
            refs: their references, rising.
        """
        sequence = refs // POSITIONS
        first = np.flatnonzero(np.diff(sequence, prepend=-1))
        sequences = sequence[first].tolist()
        self._read([each for each in sequences if each not in self._citations])
        found: dict[Citation, None] = {}
        for sequence, part in zip(sequences, np.split(refs, first[1:]), strict=False):
            found |= dict.fromkeys(self._of(sequence, part % POSITIONS))
        return tuple(found)

    def _of(self, sequence: int, positions: npt.NDArray[np.int64]) -> Iterator[Citation]:
        known = self._citations[sequence]
        if len(known) == 1:
            yield known[0]
        else:
            numbers, first = np.unique(self._numbers[sequence][positions], return_index=True)
            yield from (known[number] for number in numbers[np.argsort(first)].tolist())

    def _read(self, sequences: Sequence[int]) -> None:
        if not sequences:
            return
        rows = self._statements.of_submissions(sequences)
        found: dict[int, list[Citation]] = defaultdict(list)
        for row in self._connection.to_pyarrow(rows.select(*_SCHEMA).distinct()).to_pylist():
            found[row["sequence"]].append(Citation(row["source"], row["source_date"], row["source_address"]))
        several = {sequence: citations for sequence, citations in found.items() if len(citations) > 1}
        if several:
            self._number(rows, several)
        self._citations |= found

    def _number(self, rows: ibis.Table, several: dict[int, list[Citation]]) -> None:
        """Keeps which of a submission's citations each of its observations has."""
        known = [
            {"sequence": sequence, "source": each.title, "source_date": each.date, "source_address": each.address}
            | {"number": number}
            for sequence, citations in several.items()
            for number, each in enumerate(citations)
        ]
        numbered = ibis.memtable(known, schema={**_SCHEMA, "number": "int32"})
        asked = rows.join(numbered, tuple(_SCHEMA)).select("sequence", "position", "number")
        table: pa.Table = self._connection.to_pyarrow(asked.order_by("sequence", "position"))
        sequence, position, number = (table.column(name).to_numpy() for name in table.column_names)
        for each in several:
            first, after = np.searchsorted(sequence, [each, each + 1])
            self._numbers[each] = np.zeros(position[after - 1] + 1, np.int32)
            self._numbers[each][position[first:after]] = number[first:after]
