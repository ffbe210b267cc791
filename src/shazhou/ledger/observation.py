"""An observation: one value of one variable for one entity in one period, as somebody stated it.

The Arrow schema is the contract between the doors (which make tables of it) and the ledger (which stores them). The
ledger adds what only it knows: attempt, position, and on reading submission, sequence and time.
"""

from __future__ import annotations

import pyarrow as pa

DECIMAL = pa.decimal128(38, 9)
"""Exact values in base units: up to 29 digits before the point, 9 after; what needs more is refused, never rounded."""

STATUSES = ("A", "P", "E", "F", "B", "U", "M")
"""SDMX CL_OBS_STATUS as used: normal, provisional, estimated, forecast, break in series, low reliability, missing."""

QUALIFIERS = ("=", ">", ">=", "<", "<=", "≈")

KINDS = ("actual", "target", "forecast")

ORIGINS = ("", "simulated", "recorded")

SCHEMA = pa.schema(
    [
        pa.field("entity", pa.string(), nullable=False),
        pa.field("industry", pa.string(), nullable=False),
        pa.field("variable", pa.string(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("period", pa.string(), nullable=False),
        pa.field("start", pa.date32(), nullable=False),
        pa.field("end", pa.date32(), nullable=False),
        pa.field("value", DECIMAL),
        pa.field("text", pa.string()),
        pa.field("unit", pa.string(), nullable=False),
        pa.field("qualifier", pa.string(), nullable=False),
        pa.field("status", pa.string(), nullable=False),
        pa.field("origin", pa.string(), nullable=False),
        pa.field("given", pa.string(), nullable=False),
        pa.field("label", pa.string(), nullable=False),
        pa.field("source", pa.string(), nullable=False),
        pa.field("source_date", pa.string(), nullable=False),
        pa.field("source_address", pa.string(), nullable=False),
        pa.field("note", pa.string(), nullable=False),
        pa.field("sheet", pa.string(), nullable=False),
        pa.field("row", pa.int32(), nullable=False),
    ]
)
"""Columns of an observation as a door delivers it.

``value`` is in base units; ``unit`` the unit as given; ``given`` the cell as given; ``label`` the variable's name
as the document has it; ``period`` the SDMX text with ``start`` and ``end`` (last day, inclusive). Both ``value``
and ``text`` null: the statement of that source is withdrawn. ``row`` is 1-based as shown in the user's program, 0
where there is none.
"""

KEY = ("entity", "industry", "variable", "kind", "period")
"""What an observation is about. Statements of different sources about one key stand side by side; of one source
(``source`` title), the newest submission counts, then the last row of the document."""
