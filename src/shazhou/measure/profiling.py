"""Counting the profile of the evidence at a head, once: it is kept as a cache that may be deleted at any time."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict
from typing import Any

import ibis
from ibis import _

from shazhou.city.model import City
from shazhou.ledger.cache import Cache
from shazhou.measure.marks import PLAIN_STATUSES
from shazhou.measure.profile import Profile, Spread
from shazhou.measure.spans import grain
from shazhou.measure.statements import Statements

FILE = "profile-4.json"
"""The number rises with the form of the file."""


def profile(connection: ibis.BaseBackend, observations: ibis.Table, city: City, cache: Cache, head: str) -> Profile:
    """The profile of ``observations``, which are those at ``head``: read from the cache or counted and kept there."""
    kept = cache.read(head, FILE)
    if kept is not None:
        return _profile(**json.loads(kept))
    spreads = _spreads(connection, observations)
    merged = _merged(connection, observations, city, _profile(spreads, {}))
    mixed = _mixed(connection, observations)
    counted = {"spreads": spreads, "merged": merged, "mixed": mixed}
    cache.keep(head, FILE, json.dumps(counted, ensure_ascii=False, sort_keys=True).encode())
    return _profile(spreads, merged, mixed)


def _profile(spreads: Iterable[Mapping[str, Any]], merged: Mapping[str, str], mixed: Collection[int] = ()) -> Profile:
    found = {(row["variable"], row["kind"]): Spread(**row["spread"]) for row in spreads}
    return Profile(found, merged, mixed)


def _spreads(connection: ibis.BaseBackend, observations: ibis.Table) -> list[dict[str, Any]]:
    rows = observations
    plain = rows.status.isin(PLAIN_STATUSES) & (rows.qualifier == "=") & (rows.origin == "") & (rows.kind != "forecast")
    periods = rows.group_by("variable", "kind", "source", "start", "end").agg(
        count=rows.count(),
        cells=(rows.industry != "").max(),
        plain=plain.min(),
        numbers=rows.value.notnull().min(),
        texts=rows.text.notnull().min(),
    )
    spreads = (
        periods.mutate(grain=grain(_.start, _.end))
        .group_by("variable", "kind")
        .agg(
            count=_["count"].sum(),
            sources=_.source.nunique(),
            grains=_.grain.collect(distinct=True),
            cells=_.cells.max(),
            plain=_.plain.min(),
            numbers=_.numbers.min(),
            texts=_.texts.min(),
        )
    )
    found = []
    for row in connection.to_pyarrow(spreads).to_pylist():
        names = {"variable": row.pop("variable"), "kind": row.pop("kind")}
        spread = Spread(**{**row, "grains": "".join(sorted(row["grains"]))})
        found.append({**names, "spread": asdict(spread)})
    return found


def _mixed(connection: ibis.BaseBackend, observations: ibis.Table) -> list[int]:
    cited = observations.select("sequence", "source", "source_date", "source_address").distinct()
    several = cited.group_by("sequence").agg(sources=cited.count()).filter(_.sources > 1)
    return sorted(connection.to_pyarrow(several.sequence).to_pylist())


def _merged(connection: ibis.BaseBackend, observations: ibis.Table, city: City, spreads: Profile) -> dict[str, str]:
    if not spreads.spread("same_as", "actual").sources:
        return {}
    counting = Statements(observations, city, spreads).texts("same_as")
    rows = connection.to_pyarrow(counting.select("entity", "value", "start", "ref")).to_pylist()
    rows.sort(key=lambda row: (row["start"], row["ref"]))
    return ends({row["entity"]: row["value"] for row in rows})


def ends(same: Mapping[str, str]) -> dict[str, str]:
    """The end of each chain of merges (a is b, b is c: both are c); in a ring the first by its id stands for all."""
    found = {}
    for alias in same:
        path = [alias]
        while path[-1] in same and same[path[-1]] not in path:
            path.append(same[path[-1]])
        last = path[-1]
        if last in same:
            last = min(path[path.index(same[last]) :])
        if last != alias:
            found[alias] = last
    return found
