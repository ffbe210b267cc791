"""The query engine: DuckDB through Ibis, over the files that the ledger lists.

Whoever queries a ledger gets the engine here and sends it Ibis expressions, so that another engine is a change of this
one file.
"""

from __future__ import annotations

import ibis


def connect(threads: int | None = None) -> ibis.BaseBackend:
    """A new connection; ``disconnect`` it when done. ``threads``: how many it may use; its own choice where None."""
    return ibis.duckdb.connect(**({} if threads is None else {"threads": threads}))
