"""Which entities the evidence speaks of at all."""

from __future__ import annotations

from collections.abc import Sequence

from shazhou.console.evidence import current
from shazhou.ledger.engine import connect


def unknown_enterprises(ids: Sequence[str]) -> list[str]:
    """Those of some ids that are not of an enterprise of which something is stated, in their order."""
    asked = [each for each in ids if each.startswith("enterprise:")]
    found: set[str] = set()
    if asked:
        connection = connect()
        try:
            rows = current.ledger().observations(connection)
            stated = rows.filter(rows.entity.isin(asked)).select("entity").distinct()
            found = set(connection.to_pyarrow(stated).column("entity").to_pylist())
        finally:
            connection.disconnect()
    return [each for each in ids if each not in found]
