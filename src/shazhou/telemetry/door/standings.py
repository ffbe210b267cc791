"""The enterprises' month so far, from the hours that the store keeps."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shazhou.city.model import City
from shazhou.telemetry.door.month import Day, Standing
from shazhou.telemetry.enrolment import Enrolled
from shazhou.telemetry.presence.verdict import verdicts_of
from shazhou.telemetry.store.schema import EVENTS
from shazhou.telemetry.store.store import Store
from shazhou.telemetry.wall.month import Challenge, bounds, challenges_of
from shazhou.telemetry.wall.reading import CHALLENGES
from shazhou.telemetry.wall.standing import strictest


def day_bounds(day: date, zone: str) -> tuple[int, int]:
    """A day in a zone as moments in milliseconds: its beginning and its end."""
    first, after = (
        datetime.combine(each, time(), ZoneInfo(zone)).timestamp() for each in (day, day + timedelta(days=1))
    )
    return int(first * 1000), int(after * 1000)


def standings_of(
    store: Store,
    city: City,
    register: Mapping[str, Enrolled],
    month: str,
    today: date,
    hours_in: Mapping[tuple[date, str], str],
    node: str = "",
) -> list[Standing]:
    """The month of every enterprise of the register, over the days before today of which hours are known.

    ``hours_in`` names the submission of a day's hours by day and mark; of ``node`` alone hours are read where it is
    given.
    """
    start, stop = bounds(month, city.zone)
    stop = min(stop, day_bounds(today, city.zone)[0])
    hours = store.hours(start, stop, node)
    if not hours.num_rows:
        return []
    events = store.events(start, stop, node, CHALLENGES)
    days: dict[str, list[Day]] = defaultdict(list)
    for day, of_day in _by_day(hours, ZoneInfo(city.zone)):
        for each in _days(day, of_day, city, register, hours_in):
            days[each[0]].append(each[1])
    challenges = _challenges(events)
    marks = {node: strictest(one.origin, *origins) for node, one, origins in _origins(hours, register)}
    return [
        Standing(verdict, tuple(days[verdict.node]), challenges.get(verdict.node, ()), marks[verdict.node])
        for verdict in verdicts_of(hours, events, city.presence, city.zone, register)
    ]


def _by_day(hours: pa.Table, zone: ZoneInfo) -> Iterator[tuple[date, pa.Table]]:
    moments = hours["hour"].to_numpy()
    dates = {moment: datetime.fromtimestamp(moment / 1000, zone).date() for moment in np.unique(moments).tolist()}
    for day in sorted(set(dates.values())):
        of_day = [moment for moment, each in dates.items() if each == day]
        yield day, hours.filter(pc.is_in(hours["hour"], pa.array(of_day, pa.int64())))


def _days(
    day: date,
    hours: pa.Table,
    city: City,
    register: Mapping[str, Enrolled],
    hours_in: Mapping[tuple[date, str], str],
) -> Iterator[tuple[str, Day]]:
    """The enterprises' day. Whether it counts is asked of the month's rule, for a month of this day alone."""
    sums = hours.group_by("node").aggregate([("live", "sum"), ("working", "sum"), ("level", "max"), ("origin", "list")])
    by_node = {row["node"]: row for row in sums.to_pylist()}
    for verdict in verdicts_of(hours, EVENTS.empty_table(), city.presence, city.zone, register):
        row = by_node.get(verdict.node)
        if row is not None:
            mark = strictest(register[verdict.node].origin, *row["origin_list"])
            told = hours_in.get((day, mark), "")
            yield verdict.node, Day(day, verdict.days > 0, row["level_max"], row["live_sum"], row["working_sum"], told)


def _challenges(events: pa.Table) -> dict[str, tuple[Challenge, ...]]:
    by_node: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in events.sort_by("at").to_pylist():
        by_node[row["node"]].append({**row, "detail": json.loads(row["detail"] or "{}")})
    return {node: tuple(challenges_of(rows)) for node, rows in by_node.items()}


def _origins(hours: pa.Table, register: Mapping[str, Enrolled]) -> Iterator[tuple[str, Enrolled, list[str]]]:
    stated: dict[str, list[str]] = defaultdict(list)
    for row in hours.select(["node", "origin"]).group_by(["node", "origin"]).aggregate([]).to_pylist():
        stated[row["node"]].append(row["origin"])
    for node, one in register.items():
        yield node, one, stated[node]
