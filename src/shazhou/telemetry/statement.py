"""What the machine side states, in the ledger's columns."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

import pyarrow as pa

from shazhou.city.model import Source
from shazhou.city.period import Period
from shazhou.ledger.observation import SCHEMA

_EXACT = Decimal("1e-6")


@dataclass(frozen=True)
class Statement:
    """One value (``value`` in the base ``unit``) or text of one entity in one period. ``given`` and ``label`` are the
    cell of the document and the name of its column, ``row`` the record, ``status`` as of SDMX (P: provisional)."""

    entity: str
    variable: str
    period: str
    value: Decimal | None = None
    text: str | None = None
    unit: str = "text"
    given: str = ""
    label: str = ""
    status: str = "A"
    origin: str = ""
    note: str = ""
    row: int = 0


def observations(statements: Iterable[Statement], source: Source, stated_on: str = "") -> pa.Table:
    """The statements as observations that cite a source; ``stated_on`` is its date where it has none of its own."""
    spans: dict[str, Period] = {}
    rows = []
    for each in statements:
        span = spans.setdefault(each.period, Period.parse(each.period))
        rows.append(
            {
                "entity": each.entity,
                "industry": "",
                "variable": each.variable,
                "kind": "actual",
                "period": each.period,
                "start": span.start,
                "end": span.end,
                "value": each.value,
                "text": each.text,
                "unit": each.unit,
                "qualifier": "=",
                "status": each.status,
                "origin": each.origin,
                "given": each.given,
                "label": each.label,
                "source": source.title,
                "source_date": source.date or stated_on,
                "source_address": source.address,
                "note": each.note,
                "sheet": "",
                "row": each.row,
            }
        )
    return pa.Table.from_pylist(rows, SCHEMA)


def exact(number: float) -> Decimal:
    """A measured number as the ledger keeps it: to six decimals, the nearest."""
    return Decimal(repr(number)).quantize(_EXACT, ROUND_HALF_EVEN)
