"""The profile of a ledger at one head: for each variable and kind, how its statements are spread.

It is counted once per head and kept as a rebuildable cache, so that a query does only the work that the evidence
needs: no contest between sources where there is one source, no rolling up of days where there are only months.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

import ibis
from ibis import _

from shazhou.measure.spans import grain


@dataclass(frozen=True)
class Spread:
    """How the statements about one variable of one kind are spread: number of cited sources, and the grains of their
    periods (D, M, Q, A, R)."""

    sources: int
    grains: str


class Profile:
    """Spreads by variable and kind; a variable without evidence has an empty one."""

    def __init__(self, spreads: dict[str, Spread]) -> None:
        self._spreads = spreads

    def spread(self, variable: str, kind: str) -> Spread:
        """The spread of a variable's statements of one kind."""
        return self._spreads.get(f"{variable}/{kind}", Spread(0, ""))

    def names(self) -> frozenset[str]:
        """``variable/kind`` of all evidence."""
        return frozenset(self._spreads)


def profile(connection: ibis.BaseBackend, observations: ibis.Table, cache: Path) -> Profile:
    """The profile of ``observations``, read from the cache folder or counted and kept there."""
    file = cache / "profile.json"
    if file.exists():
        stored = json.loads(file.read_text())
    else:
        stored = {name: asdict(spread) for name, spread in _counted(connection, observations).items()}
        _keep(file, json.dumps(stored))
    return Profile({name: Spread(**s) for name, s in stored.items()})


def _counted(connection: ibis.BaseBackend, observations: ibis.Table) -> dict[str, Spread]:
    periods = observations.group_by("variable", "kind", "source", "start", "end").agg()
    spreads = (
        periods.mutate(grain=grain(_.start, _.end))
        .group_by("variable", "kind")
        .agg(sources=_.source.nunique(), grains=_.grain.collect(distinct=True))
    )
    return {
        f"{row['variable']}/{row['kind']}": Spread(row["sources"], "".join(sorted(row["grains"])))
        for row in connection.to_pyarrow(spreads).to_pylist()
    }


def _keep(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_suffix(f".{os.getpid()}")
    partial.write_text(text)
    partial.replace(file)
