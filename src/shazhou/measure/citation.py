"""The statements behind figures: which observations went in, who is cited for them, who states otherwise."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import ibis
from ibis import _

from shazhou.city.unit import Unit
from shazhou.measure.evaluate import rounded
from shazhou.measure.figure import Citation, Statement
from shazhou.measure.marks import Marks
from shazhou.measure.statements import KEY, Statements

_KEY = (*KEY, "kind", "variable")
_SCHEMA = {name: "date" if name in ("start", "end") else "string" for name in _KEY}

Row = Mapping[str, Any]
"""An observation as the ledger gives it, with its ``ref``."""


class Evidence:
    """Observations by their reference."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self.rows: dict[int, Row] = {row["ref"]: row for row in rows}

    def contradicting(self, ref: int, others: Iterable[int], unit: Unit, decimals: int) -> tuple[Statement, ...]:
        """What others state, in a unit, where it is another value than that of ``ref``."""
        rows = [self.rows[other] for other in others if self.rows[other]["value"] != self.rows[ref]["value"]]
        return tuple(
            Statement(rounded(row["value"], unit.factor, decimals), row["qualifier"], _citation(row)) for row in rows
        )


class Inputs:
    """Fetches observations by reference, and the statements that contradict them."""

    def __init__(self, connection: ibis.BaseBackend, statements: Statements) -> None:
        self._connection = connection
        self._statements = statements

    def evidence(self, refs: set[int]) -> Evidence:
        """The observations with these references, whole."""
        if not refs:
            return Evidence(())
        return Evidence(self._connection.to_pyarrow(self._statements.by_reference(refs)).to_pylist())

    def others(self, refs: set[int], evidence: Evidence) -> dict[int, list[int]]:
        """For each statement those of other sources about the same key that stand beside it, whether they agree or
        not; these are added to ``evidence``."""
        found: dict[int, list[int]] = {ref: [] for ref in sorted(refs)}
        beside: dict[tuple[object, ...], list[Row]] = defaultdict(list)
        for kind in sorted({evidence.rows[ref]["kind"] for ref in refs}):
            keys = [_key(evidence.rows[ref]) for ref in found if evidence.rows[ref]["kind"] == kind]
            for row in self._connection.to_pyarrow(self._standing(keys, kind)).to_pylist():
                beside[_key(row)].append(row)
        for ref, others in found.items():
            for row in sorted(beside[_key(evidence.rows[ref])], key=lambda row: row["ref"]):
                if row["source"] != evidence.rows[ref]["source"]:
                    others.append(row["ref"])
                    evidence.rows[row["ref"]] = row
        return found

    def _standing(self, keys: list[tuple[object, ...]], kind: str) -> ibis.Table:
        """The newest statement of each source about some keys, where it has not been withdrawn."""
        asked = ibis.memtable([dict(zip(_KEY, key, strict=True)) for key in keys], schema=_SCHEMA).distinct()
        about = self._statements.about(sorted({str(key[-1]) for key in keys}), kind).semi_join(asked, _KEY)
        last = about.group_by(*_KEY, "source").agg(ref=about.ref.max(), marks=about.marks.argmax(_.ref))
        return about.semi_join(last.filter((last.marks & int(Marks.WITHDRAWN)) == 0), "ref")


def _key(row: Row) -> tuple[object, ...]:
    return tuple(row[name] for name in _KEY)


def _citation(row: Row) -> Citation:
    return Citation(row["source"], row["source_date"], row["source_address"])
