"""The month: whether an enterprise is online by the city's rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from shazhou.city.model import PresenceRule
from shazhou.telemetry.presence.challenges import passed
from shazhou.telemetry.presence.frame import HOUR
from shazhou.telemetry.presence.grid import Integers, Mask
from shazhou.telemetry.presence.sessions import told


@dataclass(frozen=True)
class Verdict:
    """An enterprise's month (``2026-11``), or as much of it as there was.

    ``days`` on which the rule's share of the working time was reached, ``challenges`` passed, ``highest`` level of any
    hour, ``reason``: code of `reasons` why it is not online, empty where it is.
    """

    node: str
    month: str
    online: bool
    days: int
    challenges: int
    highest: int
    reason: str


def verdicts_of(
    hours: pa.Table, events: pa.Table, rule: PresenceRule, zone: str | ZoneInfo, joined: Collection[str]
) -> list[Verdict]:
    """Every joined enterprise's verdict for each month that the hours (schema HOURS) touch in the zone, by node."""
    local = zone if isinstance(zone, ZoneInfo) else ZoneInfo(zone)
    nodes = sorted(joined)
    moments = hours["hour"].unique()
    hours = hours.filter(pc.is_in(hours["node"], value_set=pa.array(nodes, pa.string())))
    month = _Months(hours, moments.to_pylist(), nodes, local)
    level = hours["level"].to_numpy()
    working = hours["working"].to_numpy().astype(np.int64)
    reached, missed = month.days(_proven(hours, level, working, rule.level), working, rule)
    highest = np.zeros(reached.shape, dtype=np.int64)
    np.maximum.at(highest, (month.node, month.month), level)
    below = month.reasons(hours["reason"], (working > 0) & (level < rule.level))
    challenges = _challenges(hours, events, local)
    verdicts = []
    for row, node in enumerate(nodes):
        for column, name in enumerate(month.names):
            days, answered = int(reached[row, column]), challenges[node, name]
            online = days >= rule.days and answered >= rule.challenges
            why = ""
            if not online:
                why = _why(
                    days, int(missed[row, column]), int(highest[row, column]), below.get((row, column), ""), rule
                )
            verdicts.append(Verdict(node, name, online, days, answered, int(highest[row, column]), why))
    return verdicts


class _Months:
    """Hours placed in local days and months."""

    def __init__(self, hours: pa.Table, moments: list[int], nodes: list[str], zone: ZoneInfo) -> None:
        moments = sorted(moments)
        place = np.searchsorted(np.array(moments, dtype=np.int64), hours["hour"].to_numpy())
        dates = [datetime.fromtimestamp(moment / 1000, zone).date() for moment in moments]
        known = sorted(set(dates))
        self.names = sorted({f"{each:%Y-%m}" for each in known})
        self.month_of = np.array([self.names.index(f"{each:%Y-%m}") for each in known], dtype=np.int64)
        days = {each: number for number, each in enumerate(known)}
        self.day = np.array([days[each] for each in dates], dtype=np.int64)[place]
        self.month = self.month_of[self.day] if known else self.day
        self.node = np.asarray(pc.index_in(hours["node"], value_set=pa.array(nodes, pa.string())).to_numpy())
        self.shape = len(nodes), len(known)

    def days(self, proven: Integers, working: Integers, rule: PresenceRule) -> tuple[Integers, Integers]:
        """Enterprises x months: working days that reached the rule's share, and those that did not."""
        sums = np.zeros((2, *self.shape), dtype=np.int64)
        np.add.at(sums[0], (self.node, self.day), np.where(working > 0, proven, 0))
        np.add.at(sums[1], (self.node, self.day), working)
        of, over = rule.share.as_integer_ratio()
        reached = (sums[0] > 0) & (sums[0] * over >= sums[1] * of)
        return self._by_month(reached), self._by_month(~reached & (sums[1] > 0))

    def reasons(self, reason: pa.ChunkedArray, chosen: Mask) -> dict[tuple[int, int], str]:
        """The commonest reason of some hours by enterprise and month; of equally common ones the first by its name."""
        table = pa.table({"node": self.node, "month": self.month, "reason": reason}).filter(pa.array(chosen))
        counted = table.group_by(["node", "month", "reason"]).aggregate([([], "count_all")])
        order = [("count_all", "ascending"), ("reason", "descending")]
        return {(row["node"], row["month"]): row["reason"] for row in counted.sort_by(order).to_pylist()}

    def _by_month(self, days: Mask) -> Integers:
        sums = np.zeros((self.shape[0], len(self.names)), dtype=np.int64)
        for day, month in enumerate(self.month_of.tolist()):
            sums[:, month] += days[:, day]
        return sums


def _proven(hours: pa.Table, level: npt.NDArray[np.int8], working: Integers, asked: int) -> Integers:
    """Seconds of working time in each hour at a level. Levels 2 and 3 count the seconds themselves, so that what misses
    the share in one hour is not lost to the day."""
    live, speaking = (hours[name].to_numpy().astype(np.int64) for name in ("live", "speaking"))
    if asked == 3:
        return np.asarray(live)
    if asked == 2:
        return np.asarray(np.maximum(speaking, live))
    return np.where(level >= asked, live if asked == 4 else working, 0)


def _challenges(hours: pa.Table, events: pa.Table, zone: ZoneInfo) -> Counter[tuple[str, str]]:
    """How many challenges an enterprise passed in a month; in mode full with a tag read each."""
    in_full = hours.filter(pc.equal(hours["mode"], "full"))
    full = set(zip(in_full["node"].to_pylist(), in_full["hour"].to_pylist(), strict=True))
    found: Counter[tuple[str, str]] = Counter()
    for event in told(events, ("challenge-passed",)):
        if passed(event.detail, (event.node, event.at - event.at % HOUR) in full):
            found[event.node, f"{datetime.fromtimestamp(event.at / 1000, zone):%Y-%m}"] += 1
    return found


def _why(days: int, missed: int, highest: int, below: str, rule: PresenceRule) -> str:
    """Why an enterprise is not online: where days are missing, the commonest reason of its working hours."""
    if highest == 0:
        return "never-heard"
    if days >= rule.days:
        return "too-few-challenges"
    return below if missed and below else "days-to-come"
