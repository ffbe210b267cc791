"""Minutes whose series was seen before, somewhere: what clone and replay have in common.

Who was heard first cannot have copied. So every comparable minute is held against those of the same print that were
received before it (and, of another machine, in the same moment); of two that come in turns first, both are doubted, of
two of which one always comes second, only that one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from shazhou.telemetry.minute import LENGTH
from shazhou.telemetry.presence.digests import Past
from shazhou.telemetry.presence.doubt import Doubt
from shazhou.telemetry.presence.doubts.spans import HOUR, merged
from shazhou.telemetry.presence.grid import Integers
from shazhou.telemetry.presence.thresholds import (
    DAY_MATCHED,
    DAY_SHARE,
    HOUR_MATCHED,
    HOUR_SHARE,
    SCRAMBLED_MATCHED,
    SCRAMBLED_SHARE,
    SOURCES,
)

LOWERS_TO = 2

_MATCH = f"""
WITH known AS (
    SELECT * FROM (SELECT *, true AS mine FROM today UNION ALL BY NAME SELECT *, false AS mine FROM before)
    QUALIFY count(*) OVER (PARTITION BY print) > 1
), first AS (
    SELECT * FROM known
    QUALIFY row_number() OVER (PARTITION BY print ORDER BY received, "at", node, device) <= {SOURCES}
)
SELECT this.print, this.node, this.device, this."at", first.node AS other_node, first.device AS other_device,
       first."at" AS other_at, this.received - first.received AS later
FROM known AS this JOIN first USING (print)
WHERE this.mine AND (first.received < this.received OR first.received = this.received
                     AND (first.node <> this.node OR first.device <> this.device OR first."at" < this."at"))
  AND (first.node <> this.node OR first.device <> this.device OR first."at" <> this."at")
ORDER BY this.node, this.device, other_node, other_device, this."at", other_at
"""


def matches(seen: pa.Table, past: Past, day: date) -> pa.Table:
    """Every pair of a minute (of ``seen``, schema SEEN) with an earlier one that has the same print, of the day or of
    another."""
    with duckdb.connect() as engine:
        engine.register("today", seen)
        engine.register("before", past.like(seen["print"], day))
        return engine.execute(_MATCH).to_arrow_table()


def doubts(kind: str, today: pa.Table, matched: pa.Table, span: tuple[int, int]) -> Iterator[Doubt]:
    """Doubts from the pairs of one kind, by machine and hour; about the whole span where nearly all of it matched."""
    if not matched.num_rows:
        return
    machines = _names(matched["node"], matched["device"])
    pairs = _Pairs(matched, machines)
    count = _by_hour(_minutes(today["at"].to_numpy(), _names(today["node"], today["device"])))
    any_order, in_series, of_one_day = pairs.in_any_order(), pairs.in_series(), pairs.of_one_day()
    flagged: dict[str, list[int]] = {}
    for machine, hour in any_order:
        comparable, scrambled = count[machine, hour], of_one_day[machine, hour]
        kept = in_series.get((machine, hour), 0) >= HOUR_SHARE * comparable
        if kept or scrambled >= max(SCRAMBLED_MATCHED, SCRAMBLED_SHARE * comparable):
            flagged.setdefault(machine, []).append(hour)
    for machine, hours in sorted(flagged.items()):
        minutes = sum(any_order[machine, hour] for hour in hours)
        if minutes < DAY_MATCHED:
            continue
        if minutes >= DAY_SHARE * sum(several for (each, _), several in count.items() if each == machine):
            yield replace(pairs.doubt(kind, machine, *span, count), start=span[0], stop=span[1])
            continue
        for start, stop in merged(hours):
            yield pairs.doubt(kind, machine, start, stop, count)


@dataclass(frozen=True)
class _Pairs:
    """Pairs of minutes as arrays, in order of machine, other machine and time."""

    table: pa.Table
    machines: npt.NDArray[np.object_]

    def in_any_order(self) -> dict[tuple[str, int], int]:
        """By machine and hour the minutes of which there is a pair."""
        return _by_hour(_minutes(self.at, self.machines))

    def in_series(self) -> dict[tuple[str, int], int]:
        """By machine and hour the minutes that are in a series: `HOUR_MATCHED` or more that one machine showed at one
        distance. What comes again by chance is scattered over all machines and times that are remembered."""
        minutes, several = self._alike(self.at - self.other_at)
        series = several.filter(pc.greater_equal(several["count_all"], HOUR_MATCHED)).drop_columns("count_all")
        return _by_hour(minutes.join(series, series.column_names, join_type="left semi"))

    def of_one_day(self) -> dict[tuple[str, int], int]:
        """By machine and hour the most minutes that one day of one machine has, in any order."""
        _, several = self._alike(self.other_at // _DAY)
        return _counts(several.group_by([*_OWN]).aggregate([("count_all", "max")]), "count_all_max")

    def _alike(self, alike: Integers) -> tuple[pa.Table, pa.Table]:
        """The minutes with the machines that have them and what they are alike in, each once, and how many there are in
        an hour."""
        minutes = _minutes(self.at, self.machines)
        other = {"node": self.table["other_node"], "device": self.table["other_device"], "alike": pa.array(alike)}
        for name, column in other.items():
            minutes = minutes.append_column(name, column)
        minutes = minutes.group_by(minutes.column_names).aggregate([])
        return minutes, minutes.group_by([*_OWN, *other]).aggregate([([], "count_all")])

    @property
    def at(self) -> Integers:
        return np.asarray(self.table["at"].to_numpy())

    @property
    def other_at(self) -> Integers:
        return np.asarray(self.table["other_at"].to_numpy())

    def doubt(self, kind: str, machine: str, start: int, stop: int, count: dict[tuple[str, int], int]) -> Doubt:
        """The doubt over some hours, from the first minute that matched to the last."""
        inside = (self.machines == machine) & (self.at >= start) & (self.at < stop)
        chosen = self.table.filter(pa.array(inside))
        others = _commonest(_names(chosen["other_node"], chosen["other_device"]))
        distances = (self.at - self.other_at)[inside]
        found, times = np.unique(distances, return_counts=True)
        minutes = np.unique(self.at[inside])
        node, device = machine.split("\0")
        comparable = sum(count.get((machine, hour), 0) for hour in range(start, stop, HOUR))
        evidence = {
            "others": [dict(zip(("node", "device"), each.split("\0"), strict=True)) for each in others],
            "minutes": len(minutes),
            "of": comparable,
            "distance": int(found[np.argmax(times)]),
            "distances": len(found),
            "later": int(np.median(chosen["later"].to_numpy())),
            "examples": [
                {
                    "at": row["at"],
                    "node": row["other_node"],
                    "other_at": row["other_at"],
                    "print": f"{row['print']:016x}",
                }
                for row in chosen.slice(0, 3).to_pylist()
            ],
        }
        return Doubt(node, device, kind, int(minutes[0]), int(minutes[-1]) + LENGTH, LOWERS_TO, evidence)


_DAY = 24 * HOUR
_OWN = ("machine", "hour")


def _names(nodes: pa.ChunkedArray, devices: pa.ChunkedArray) -> npt.NDArray[np.object_]:
    return np.asarray(pc.binary_join_element_wise(nodes, devices, "\0").to_numpy(zero_copy_only=False), dtype=object)


def _minutes(at: Integers, machines: npt.NDArray[np.object_]) -> pa.Table:
    return pa.table({"machine": pa.array(machines, pa.string()), "hour": at - at % HOUR, "at": at})


def _by_hour(minutes: pa.Table) -> dict[tuple[str, int], int]:
    """By machine and hour how many different minutes there are."""
    once = minutes.group_by([*_OWN, "at"]).aggregate([])
    return _counts(once.group_by([*_OWN]).aggregate([([], "count_all")]), "count_all")


def _counts(counted: pa.Table, name: str) -> dict[tuple[str, int], int]:
    return {(row["machine"], row["hour"]): row[name] for row in counted.to_pylist()}


def _commonest(names: npt.NDArray[np.object_]) -> list[str]:
    found, times = np.unique(names.astype(str), return_counts=True)
    return [str(found[each]) for each in np.argsort(-times, kind="stable")[:3]]
