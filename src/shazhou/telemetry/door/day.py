"""A day: the hours of every enterprise and of every machine as a document, and what they add up to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from shazhou.telemetry.door.record import FIRST, Cells, Document, local, plain
from shazhou.telemetry.statement import Statement, exact
from shazhou.telemetry.wall.standing import strictest

Rows = Sequence[Mapping[str, Any]]

COLUMNS = (
    *("record", "node", "device", "from", "level", "before", "working", "live", "speaking", "reason", "doubts", "mode"),
    *("hours_online", "hours_speaking", "executing", "not_executing", "out_of_service", "not_available"),
    *("maintenance", "setup", "failures", "total", "good_count", "energy", "minutes", "believed", "origin"),
)
"""Of a record (``enterprise-day``, ``enterprise-hour``, ``machine-day``, ``machine-hour``). Times are in seconds but
``hours_…``, ``energy`` in kWh; ``level`` is after doubts and ``before`` without them, of a day the highest. A
machine's sums are of the minutes that are ``believed``: signed and not in doubt."""

_ENTERPRISE = ("working", "live", "speaking")
_MACHINE = (
    *("live", "executing", "not_executing", "out_of_service", "not_available", "maintenance", "setup", "failures"),
    *("total", "good_count", "energy", "minutes", "believed"),
)


def day_document(day: date, zone: ZoneInfo, level: int, hours: Rows, machine_hours: Rows) -> Document:
    """The document of a day: below each enterprise's day its hours, then each of its machines' day and hours.

    Args:
        day: the day in the city's zone.
        zone: the city's.
        level: the level from which an hour counts as online.
        hours: rows of HOURS of that day.
        machine_hours: rows of MACHINE_HOURS of that day.
    """
    by_node, by_machine = _grouped(hours, "node"), _grouped(machine_hours, "node")
    records: list[Cells] = []
    for node in sorted(by_node):
        records += _enterprise(day, zone, level, by_node[node])
        machines = _grouped(by_machine.get(node, ()), "device")
        for device in sorted(machines):
            records += _machine(day, zone, machines[device])
    return Document(COLUMNS, tuple(records))


def day_statements(document: Document, day: date) -> Iterator[Statement]:
    """What a day's document states of enterprises and machines."""
    for row, record in document.rows():
        if record["record"] == "enterprise-day":
            entity = f"enterprise:{record['node']}"
            for label, variable, unit in _OF_ENTERPRISES:
                yield _stated(entity, variable, unit, day, record, label, Decimal(str(record[label])), row)
        elif is_believed(record):
            entity = equipment(str(record["node"]), str(record["device"]))
            for label, variable, unit, per in _OF_MACHINES:
                if record[label]:
                    value = exact(float(str(record[label])) / per)
                    yield _stated(entity, variable, unit, day, record, label, value, row)


def taken_back(document: Document, day: date, before: Mapping[tuple[str, str], str]) -> Iterator[Statement]:
    """Withdrawals of what was stated of machines of the document's enterprises and is not stated any more, since late
    doubts take it back. ``before``: units by entity and variable."""
    stated = {(each.entity, each.variable) for each in day_statements(document, day)}
    places = {(str(each["node"]), str(each.get("device", ""))): row for row, each in reversed([*document.rows()])}
    for (entity, variable), unit in before.items():
        node, _, device = entity.removeprefix("equipment:").partition(".")
        if (entity, variable) not in stated and (node, "") in places:
            row = places.get((node, device), places[node, ""])
            origin = str(document.records[row - FIRST]["origin"])
            yield Statement(entity, variable, str(day), unit=unit, origin=origin, row=row)


def is_believed(record: Cells) -> bool:
    """Whether it is the day of a machine of which at least a minute is believed."""
    return record["record"] == "machine-day" and record["believed"] != plain(0)


def equipment(node: str, device: str) -> str:
    """The entity of a machine of an enterprise."""
    return f"equipment:{node}.{device}"


_OF_ENTERPRISES = (
    ("hours_online", "hours_online", "hours"),
    ("hours_speaking", "hours_speaking", "hours"),
    ("level", "presence_level", "rank"),
)
_OF_MACHINES = (
    ("executing", "running_hours", "hours", 3600),
    ("total", "pieces_made", "count", 1),
    ("good_count", "pieces_good", "count", 1),
    ("energy", "energy_used", "kwh", 1),
)
MACHINE_VARIABLES = tuple(variable for _, variable, _, _ in _OF_MACHINES)
"""What is stated of machines by day."""


def _stated(
    entity: str, variable: str, unit: str, day: date, record: Cells, label: str, value: Decimal, row: int
) -> Statement:
    origin = str(record["origin"])
    return Statement(entity, variable, str(day), value, None, unit, str(record[label]), label, origin=origin, row=row)


def _enterprise(day: date, zone: ZoneInfo, level: int, hours: Rows) -> Iterator[Cells]:
    yield {
        "record": "enterprise-day",
        "node": hours[0]["node"],
        "from": str(day),
        "level": max(row["level"] for row in hours),
        "before": max(row["before"] for row in hours),
        "doubts": plain(sorted({doubt for row in hours for doubt in row["doubts"]})),
        "hours_online": sum(row["level"] >= level for row in hours),
        "hours_speaking": sum(row["level"] >= 2 for row in hours),
        "origin": strictest(*(row["origin"] for row in hours)),
        **{name: plain(_sum(hours, name)) for name in _ENTERPRISE},
    }
    for row in hours:
        cells = ("level", "before", *_ENTERPRISE, "reason", "doubts", "mode", "origin")
        moment = local(row["hour"], zone)
        told = {name: plain(row[name]) for name in cells}
        yield {"record": "enterprise-hour", "node": row["node"], "from": moment, **told}


def _machine(day: date, zone: ZoneInfo, hours: Rows) -> Iterator[Cells]:
    whose = {"node": hours[0]["node"], "device": hours[0]["device"]}
    sums = {name: plain(_sum(hours, name)) for name in _MACHINE}
    yield {
        "record": "machine-day",
        **whose,
        "from": str(day),
        **sums,
        "origin": strictest(*(row["origin"] for row in hours)),
    }
    for row in hours:
        told = {name: plain(row[name]) for name in (*_MACHINE, "origin")}
        yield {"record": "machine-hour", **whose, "from": local(row["hour"], zone), **told}


def _sum(rows: Rows, name: str) -> float | int | None:
    known = [row[name] for row in rows if row[name] is not None]
    return sum(known) if known else None


def _grouped(rows: Rows, name: str) -> dict[str, list[Mapping[str, Any]]]:
    groups: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        groups[row[name]].append(row)
    return groups
