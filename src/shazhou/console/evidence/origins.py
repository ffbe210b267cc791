"""Whether anything that is shown is not real: simulated, or played back from a recording; told on every page."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from pydantic import TypeAdapter

from shazhou.console.evidence import current, shared
from shazhou.ledger.engine import connect
from shazhou.telemetry.store.derived import LIVE
from shazhou.telemetry.store.store import folder_of

_ORIGINS = TypeAdapter(list[str])


def origins(head: str) -> frozenset[str]:
    """The marks on what the ledger holds at a head (empty: no ledger) and on what the host hears now."""
    return (stated(head) if head else frozenset()) | heard(folder_of(settings.DEPLOYMENT.data))


@lru_cache(maxsize=64)
def stated(head: str) -> frozenset[str]:
    """The marks on statements up to a head."""

    def made(_names: list[str]) -> list[list[str]]:
        connection = connect()
        try:
            rows = current.ledger().observations(connection, head)
            found = connection.to_pyarrow(rows.select("origin").distinct())
        finally:
            connection.disconnect()
        return [sorted(set(found.column("origin").to_pylist()) - {""})]

    kept = shared.computed(current.ledger().cache, head, ["origins"], _ORIGINS, made)
    return frozenset(kept["origins"])


def heard(folder: Path) -> frozenset[str]:
    """The marks on nodes that the host of a telemetry folder heard last."""
    file = folder / LIVE
    try:
        return _heard(file, file.stat().st_mtime_ns)
    except FileNotFoundError:
        return frozenset()


@lru_cache(maxsize=2)
def _heard(file: Path, _changed: int) -> frozenset[str]:
    nodes = json.loads(file.read_bytes()).get("nodes", {})
    return frozenset(each.get("origin", "") for each in nodes.values()) - {""}
