"""Observations and deliveries for tests of the ledger."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa

from shazhou.ledger.ledger import AsOf, Ledger
from shazhou.ledger.observation import SCHEMA
from shazhou.ledger.submission import Delivery, Submission

PLAIN: dict[str, Any] = {
    **dict.fromkeys(SCHEMA.names, ""),
    "entity": "place:city",
    "variable": "gdp",
    "kind": "actual",
    "period": "2021",
    "start": date(2021, 1, 1),
    "end": date(2021, 12, 31),
    "value": None,
    "text": None,
    "unit": "cny",
    "qualifier": "=",
    "status": "A",
    "source": "office",
    "row": 0,
}


def table(rows: Iterable[dict[str, Any]]) -> pa.Table:
    """Rows as a door delivers them; what is not given has its plain value."""
    return pa.Table.from_pylist([{**PLAIN, **row} for row in rows], schema=SCHEMA)


def numbered(count: int, first: int = 0, **fields: Any) -> pa.Table:
    """Rows of entities ``first``, ``first + 1``, … with the same values."""
    return table(
        {"entity": f"enterprise:e{first + n}", "value": Decimal(first + n), "row": n + 2, **fields}
        for n in range(count)
    )


def delivery(name: str, document: bytes = b"", **fields: Any) -> Delivery:
    """A delivery with an id."""
    return Delivery(name, "tester", "file", f"title of {name}", document, **fields)


def append(ledger: Ledger, name: str, count: int = 3, first: int = 0, document: bytes = b"") -> Submission:
    """Appends numbered rows."""
    return ledger.append(delivery(name, document), numbered(count, first))


def seen(ledger: Ledger, as_of: AsOf = None) -> list[tuple[int, int, Any]]:
    """What a reader sees: sequence, position and value of every observation, in order."""
    connection = ibis.duckdb.connect()
    rows = ledger.observations(connection, as_of).order_by("sequence", "position")
    found = connection.to_pyarrow(rows.select("sequence", "position", "value")).to_pylist()
    connection.disconnect()
    return [(row["sequence"], row["position"], row["value"]) for row in found]


def complete(folder: Path) -> Ledger:
    """A small ledger with everything in it: documents, an erasure, a withdrawal, a compaction and appends after it."""
    from shazhou.ledger.withdraw import withdraw

    ledger = Ledger.create(folder)
    append(ledger, "one", 40, document=b"the first document")
    personal = append(ledger, "two", 3, first=100, document=b"personal data")
    append(ledger, "three", 5, first=200)
    ledger.erase(personal.document, "by order of the court", "registrar")
    ledger.compact()
    append(ledger, "four", 4, first=300, document=b"the fourth document")
    withdraw(ledger, "three", "wrong unit", "tester", rows=[3, 4])
    append(ledger, "five", 2, first=400)
    return ledger
