"""The query engine: DuckDB through Ibis, over the files that the ledger lists.

Whoever queries a ledger gets the engine here and sends it Ibis expressions, so that another engine is a change of this
one file.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import ibis

SORTING_MEMORY = "4GB"


def connect(threads: int | None = None, sorting: Path | None = None) -> ibis.BaseBackend:
    """A new connection; ``disconnect`` it when done.

    Args:
        threads: how many it may use, at most one for each processor; its own choice where None.
        sorting: a folder for what does not fit into `SORTING_MEMORY` when a whole ledger is sorted.
    """
    options: dict[str, Any] = {} if threads is None else {"threads": min(threads, os.cpu_count() or 1)}
    if sorting is not None:
        sorting.mkdir(parents=True, exist_ok=True)
        options |= {"temp_directory": str(sorting), "memory_limit": SORTING_MEMORY}
    connection = ibis.duckdb.connect(**options)
    # To merge nested selects takes Ibis a third of the time that it needs to write a query; DuckDB merges them anyway.
    ibis.options.sql.fuse_selects = False
    # DuckDB draws a bar over long queries, on the standard output that results are read from.
    connection.settings["enable_progress_bar"] = False
    return connection
