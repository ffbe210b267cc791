"""The statements behind figures: which observations went in, who is cited for them, who states otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import ibis
from ibis import _

from shazhou.city.unit import Unit
from shazhou.measure.evaluate import rounded
from shazhou.measure.figure import Citation, Statement
from shazhou.measure.marks import Marks
from shazhou.measure.statements import KEY, Statements

Row = Mapping[str, Any]
"""An observation as the ledger gives it, with its ``ref``."""


class Evidence:
    """Observations by their reference."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self.rows: dict[int, Row] = {row["ref"]: row for row in rows}

    def citations(self, refs: Iterable[int]) -> tuple[Citation, ...]:
        """The sources cited by these observations, once each, in the order of the ledger."""
        return tuple(dict.fromkeys(_citation(self.rows[ref]) for ref in refs))

    def statements(self, refs: Iterable[int], unit: Unit, decimals: int) -> tuple[Statement, ...]:
        """What these observations state, in a unit."""
        rows = [self.rows[ref] for ref in refs]
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
        wanted = ibis.memtable({"ref": sorted(refs)}, schema={"ref": "int64"})
        return Evidence(self._connection.to_pyarrow(self._statements.by_reference(wanted)).to_pylist())

    def others(self, refs: set[int], evidence: Evidence) -> dict[int, list[int]]:
        """For each disputed statement the newest ones of other sources about the same key that state another value;
        these are added to ``evidence``."""
        if not refs:
            return {}
        rows = [evidence.rows[ref] for ref in sorted(refs)]
        variables, kinds = {row["variable"] for row in rows}, {row["kind"] for row in rows}
        found: dict[int, list[int]] = {ref: [] for ref in refs}
        for kind in sorted(kinds):
            about = self._statements.about(sorted(variables), kind)
            last = about.group_by(*KEY, "variable", "source").agg(ref=about.ref.max(), marks=about.marks.argmax(_.ref))
            standing = about.semi_join(last.filter((last.marks & int(Marks.WITHDRAWN)) == 0), "ref")
            rivals: dict[tuple[object, ...], list[Row]] = {}
            for row in self._connection.to_pyarrow(standing).to_pylist():
                rivals.setdefault(_key(row), []).append(row)
            for row in rows:
                against = [
                    r for r in rivals.get(_key(row), []) if r["value"] is not None and r["value"] != row["value"]
                ]
                against.sort(key=lambda r: r["ref"])
                found[row["ref"]] += [r["ref"] for r in against]
                evidence.rows.update({r["ref"]: r for r in against})
        return found


def _key(row: Row) -> tuple[object, ...]:
    return tuple(row[name] for name in (*KEY, "variable", "kind"))


def _citation(row: Row) -> Citation:
    return Citation(row["source"], row["source_date"], row["source_address"])
