"""Whether there is a ledger, how far it has come, and which entities it speaks of at all."""

from __future__ import annotations

from collections.abc import Sequence

from deltalake.exceptions import DeltaError

from shazhou.city.problem import Refused
from shazhou.console.evidence import current
from shazhou.ledger.engine import connect


def newest() -> tuple[str, int] | None:
    """The newest head and how many submissions there are; None where the ledger cannot be read."""
    try:
        chain = current.ledger().submissions()
    except (Refused, DeltaError, OSError, ValueError):
        return None
    return (chain[-1].head if chain else "", len(chain))


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
