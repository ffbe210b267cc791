"""The month: whether an enterprise is online by the city's rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from shazhou.city.model import PresenceRule
from shazhou.telemetry.presence.challenges import passed
from shazhou.telemetry.presence.sessions import told

HOUR = 3_600_000


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
    rows = hours.sort_by([("node", "ascending"), ("hour", "ascending")]).to_pylist()
    dates = {hour: datetime.fromtimestamp(hour / 1000, local) for hour in hours["hour"].unique().to_pylist()}
    months = sorted({f"{moment:%Y-%m}" for moment in dates.values()})
    by_node = {node: list(each) for node, each in groupby(rows, key=lambda row: str(row["node"]))}
    challenges = _challenges(events, by_node, local)
    return [
        _verdict(
            node,
            month,
            [(dates[row["hour"]], row) for row in by_node.get(node, ()) if f"{dates[row['hour']]:%Y-%m}" == month],
            challenges[node, month],
            rule,
        )
        for node in sorted(joined)
        for month in months
    ]


def _challenges(events: pa.Table, by_node: dict[str, list[dict[str, Any]]], zone: ZoneInfo) -> Counter[tuple[str, str]]:
    """How many challenges an enterprise passed in a month; in mode full with a tag read each."""
    full = {(node, row["hour"]) for node, rows in by_node.items() for row in rows if row["mode"] == "full"}
    found: Counter[tuple[str, str]] = Counter()
    for event in told(events, ("challenge-passed",)):
        if passed(event.detail, (event.node, event.at - event.at % HOUR) in full):
            found[event.node, f"{datetime.fromtimestamp(event.at / 1000, zone):%Y-%m}"] += 1
    return found


def _verdict(
    node: str, month: str, hours: list[tuple[datetime, dict[str, Any]]], challenges: int, rule: PresenceRule
) -> Verdict:
    days = sum(_reached(day, rule) for day in _days(hours))
    highest = max((row["level"] for _, row in hours), default=0)
    online = days >= rule.days and challenges >= rule.challenges
    return Verdict(node, month, online, days, challenges, highest, "" if online else _why(hours, days, highest, rule))


def _days(hours: list[tuple[datetime, dict[str, Any]]]) -> Iterator[list[dict[str, Any]]]:
    """The hours with working time, by local day."""
    for _, day in groupby(hours, key=lambda pair: pair[0].date()):
        if working := [row for _, row in day if row["working"]]:
            yield working


def _reached(day: list[dict[str, Any]], rule: PresenceRule) -> bool:
    """Whether a day's working time reached the rule's level for the rule's share."""
    proven = sum(_proven(row, rule.level) for row in day)
    of, over = rule.share.as_integer_ratio()
    return proven > 0 and proven * over >= of * sum(row["working"] for row in day)


def _proven(row: dict[str, Any], level: int) -> int:
    """Seconds of working time in an hour at a level. Level 3 and 2 count the seconds themselves, so that what misses
    the share in one hour is not lost to the day."""
    if level == 3:
        return int(row["live"])
    if level == 2:
        return int(row["speaking"])
    if row["level"] < level:
        return 0
    return int(row["live"] if level == 4 else row["working"])


def _why(hours: list[tuple[datetime, dict[str, Any]]], days: int, highest: int, rule: PresenceRule) -> str:
    """The commonest reason in the working hours below the rule's level, where the days did not suffice."""
    if highest == 0:
        return "never-heard"
    if days >= rule.days:
        return "too-few-challenges"
    below = Counter(row["reason"] for _, row in hours if row["working"] and row["level"] < rule.level)
    missed = [day for day in _days(hours) if not _reached(day, rule)]
    if not missed or not below:
        return "days-to-come"
    return str(below.most_common(1)[0][0])
