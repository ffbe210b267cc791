"""The years of which something is stated of the city's places."""

from __future__ import annotations

from functools import lru_cache

from ibis import _

from shazhou.console.evidence.stated import Stated, with_stated


@lru_cache(maxsize=16)
def years(head: str) -> dict[int, int]:
    """How many actual statements about places there are at a head, year by year, the latest first."""

    def question(stated: Stated) -> dict[int, int]:
        rows = stated.observations.filter(_.kind == "actual", _.entity.startswith("place:"), _.value.notnull())
        counted = rows.group_by(year=_.end.year()).agg(count=_.count())
        found = stated.connection.to_pyarrow(counted).to_pylist()
        return {row["year"]: row["count"] for row in sorted(found, key=lambda row: -row["year"])}

    return with_stated(head, question)


def well_known(head: str, until: int) -> int:
    """The latest year up to ``until`` that at least half as much is known of as of the best known; ``until`` where
    nothing is known."""
    known = {year: count for year, count in years(head).items() if year <= until}
    most = max(known.values(), default=0)
    return max((year for year, count in known.items() if 2 * count >= most), default=until)
