"""Delivering: a finished day's hours, and the month so far, as submissions of the door telemetry.

What real machines sent, what was recorded and what was simulated are submissions of their own, and every observation
carries its mark. A submission is named by its day (or month), mark and content: the same again is the same submission;
where data came late, or was doubted since, there is a new one, whose statements count from then on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from shazhou.city.model import City
from shazhou.city.problem import Problem, Refused, Rule, Where
from shazhou.ledger.engine import connect
from shazhou.ledger.ledger import Ledger
from shazhou.ledger.submission import Delivery, Submission
from shazhou.telemetry.door.day import (
    MACHINE_VARIABLES,
    day_document,
    day_statements,
    equipment,
    is_believed,
    taken_back,
)
from shazhou.telemetry.door.month import Standing, month_document, month_statements
from shazhou.telemetry.door.record import Document
from shazhou.telemetry.door.standings import day_bounds, standings_of
from shazhou.telemetry.enrolment import Enrolled, enrolled, source_named
from shazhou.telemetry.statement import Statement, observations
from shazhou.telemetry.store.store import Store
from shazhou.telemetry.wall.standing import strictest

SOURCE = "telemetry"
"""The source of the city folder that the door cites."""

MARKS = {"": "real", "recorded": "recorded", "simulated": "simulated"}
"""What a submission's id and document say of the mark of what it holds."""

_TITLES = {
    "": "设备联网 Telemetry {what}",
    "recorded": "设备联网（录制回放） Telemetry (recorded) {what}",
    "simulated": "设备联网（模拟） Telemetry (simulated) {what}",
}

NOT_OVER = Rule(
    "day-not-over",
    "The day {found} is not over in the city's zone.",
    "按本市时区，{found} 尚未结束。",
    "Deliver finished days only.",
    "只能提交已结束的日期。",
)

Rows = list[dict[str, Any]]


def deliver(
    store: Store, ledger: Ledger, city: City, days: Iterable[date], deliverer: str, today: date
) -> list[Submission]:
    """Delivers finished days and the months that they belong to, as far as they say anything new.

    Args:
        store: holds the hours, as presence computed them.
        ledger: takes the submissions.
        city: definitions.
        days: days in the city's zone.
        deliverer: who delivers.
        today: in the city's zone.

    Returns:
        The submissions that hold the days and then those of the months, whether new or made before; none of days of
        which no hours are known.

    Raises:
        Refused: a day is not over, or the city folder has no source `SOURCE`.
    """
    chosen = sorted(days)
    if chosen and chosen[-1] >= today:
        raise Refused([Problem(NOT_OVER, Where(), str(chosen[-1]))])
    door, register = _Door(ledger, city, deliverer), enrolled(ledger, city)
    of_days = {day: [*door.day(day, store, register)] for day in chosen}
    months = dict.fromkeys(f"{day:%Y-%m}" for day, made in of_days.items() if made)
    of_months = [each for month in months for each in door.month(month, store, register, today)]
    return [*(each for made in of_days.values() for each in made), *of_months]


def hours_in(ledger: Ledger) -> dict[tuple[date, str], str]:
    """By day and mark the newest submission of the day's hours."""
    marks = {said: mark for mark, said in MARKS.items()}
    found = {}
    for each in ledger.submissions():
        match each.id.split(":"):
            case ["telemetry", day, said, _number, _content] if len(day) == len("2026-11-26"):
                found[date.fromisoformat(day), marks[said]] = each.id
    return found


def month_in(ledger: Ledger, month: str, mark: str) -> str:
    """The newest submission of a month so far; empty where there is none."""
    named = (each.id for each in ledger.submissions() if each.id.startswith(f"telemetry:{month}:{MARKS[mark]}:"))
    return max(named, key=lambda each: int(each.split(":")[3]), default="")


class _Door:
    """Makes submissions; remembers nothing."""

    def __init__(self, ledger: Ledger, city: City, deliverer: str) -> None:
        self._ledger = ledger
        self._city = city
        self._deliverer = deliverer
        self._zone = ZoneInfo(city.zone)
        self._source = source_named(city, SOURCE)

    def day(self, day: date, store: Store, register: Mapping[str, Enrolled]) -> Iterator[Submission]:
        span = day_bounds(day, self._city.zone)
        by_mark = _by_mark(store.hours(*span), store.machine_hours(*span), register)
        for mark, (hours, machines) in by_mark.items():
            document = day_document(day, self._zone, self._city.presence.level, hours, machines)
            yield self._submission(document, self._of_day(document, day, register), str(day), mark)

    def _of_day(self, document: Document, day: date, register: Mapping[str, Enrolled]) -> Iterator[Statement]:
        """What a day's document states, of machines that are met for the first time too, and what it takes back."""
        yield from day_statements(document, day)
        yield from _machines_met(document, day, _known_machines(self._ledger), register)
        yield from taken_back(document, day, _stated_of_machines(self._ledger, day))

    def month(self, month: str, store: Store, register: Mapping[str, Enrolled], today: date) -> Iterator[Submission]:
        by_mark: dict[str, list[Standing]] = defaultdict(list)
        for each in standings_of(store, self._city, register, month, today, hours_in(self._ledger)):
            by_mark[each.origin].append(each)
        for mark in sorted(by_mark):
            document = month_document(month, self._zone, by_mark[mark])
            yield self._submission(document, month_statements(document, self._city.presence), month, mark)

    def _submission(self, document: Document, stated: Iterable[Statement], what: str, mark: str) -> Submission:
        about = f"telemetry:{what}:{MARKS[mark]}:"
        earlier = [each for each in self._ledger.submissions() if each.id.startswith(about)]
        if earlier and earlier[-1].id.endswith(f":{document.content}"):
            return earlier[-1]
        delivery = Delivery(
            id=f"{about}{len(earlier) + 1}:{document.content}",
            deliverer=self._deliverer,
            door="telemetry",
            title=_TITLES[mark].format(what=what),
            document=document.packed(),
            document_name=f"telemetry-{what}-{MARKS[mark]}.csv.gz",
            source=self._source.title,
        )
        known = (each for each in stated if each.variable in self._city.variables)
        return self._ledger.append(delivery, observations(known, self._source, what))


def _by_mark(hours: pa.Table, machines: pa.Table, register: Mapping[str, Enrolled]) -> dict[str, tuple[Rows, Rows]]:
    """The rows of the enterprises in the register, by mark: an enterprise's day is as weak as its weakest hour."""
    rows = [[row for row in table.to_pylist() if row["node"] in register] for table in (hours, machines)]
    origins: dict[str, list[str]] = defaultdict(list)
    for row in (*rows[0], *rows[1]):
        origins[row["node"]].append(row["origin"])
    marks = {node: strictest(register[node].origin, *said) for node, said in origins.items()}
    found: dict[str, tuple[Rows, Rows]] = {mark: ([], []) for mark in sorted(set(marks.values()))}
    for number, several in enumerate(rows):
        for row in several:
            found[marks[row["node"]]][number].append({**row, "origin": marks[row["node"]]})
    return found


def _machines_met(
    document: Document, day: date, known: Mapping[tuple[str, str], str], register: Mapping[str, Enrolled]
) -> Iterator[Statement]:
    """What a machine is called, whose it is and where it stands, where that is not known yet."""
    for row, record in document.rows():
        if not is_believed(record):
            continue
        node, device, mark = (str(record[name]) for name in ("node", "device", "origin"))
        entity, owner = equipment(node, device), register[node]
        for name, text in (("name", device), ("enterprise", owner.entity), ("place", owner.town)):
            if text and known.get((entity, name)) != text:
                yield Statement(entity, name, str(day), text=text, given=device, label="device", origin=mark, row=row)


def _known_machines(ledger: Ledger) -> dict[tuple[str, str], str]:
    """What the ledger says of machines, by entity and variable."""
    connection = connect()
    try:
        stated = ledger.observations(connection)
        ours = stated.filter(
            stated.entity.startswith("equipment:"), stated.variable.isin(["name", "enterprise", "place"])
        )
        rows = connection.to_pyarrow(ours.order_by("sequence", "position").select("entity", "variable", "text"))
    finally:
        connection.disconnect()
    return {(row["entity"], row["variable"]): row["text"] for row in rows.to_pylist()}


def _stated_of_machines(ledger: Ledger, day: date) -> dict[tuple[str, str], str]:
    """What counts of machines on a day: units by entity and variable."""
    connection = connect()
    try:
        stated = ledger.observations(connection)
        of_day = (stated.period == str(day)) & stated.variable.isin(MACHINE_VARIABLES)
        ours = stated.filter(of_day & stated.entity.startswith("equipment:"))
        columns = ("entity", "variable", "unit", "value")
        rows = connection.to_pyarrow(ours.order_by("sequence", "position").select(*columns)).to_pylist()
    finally:
        connection.disconnect()
    newest = {(row["entity"], row["variable"]): row for row in rows}
    return {key: row["unit"] for key, row in newest.items() if row["value"] is not None}
