"""What the ledger holds of the cells of returns: ask once, and what it holds comes prefilled with its source.

Of several sources the one that counts is given, by the same rule as in figures: for each source its newest statement,
then the strongest source, then the newest.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection as Some
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from ibis import _

from shazhou.city.collection import Collection
from shazhou.city.model import City, Variable
from shazhou.city.period import Period
from shazhou.city.unit import UNITS
from shazhou.intake.value import NUMERIC
from shazhou.ledger.engine import connect
from shazhou.ledger.ledger import AsOf, Ledger

Row = dict[str, Any]

_COLUMNS = (
    *("entity", "variable", "period", "start", "end", "value", "text", "qualifier", "unit"),
    *("source", "source_date", "source_address", "note", "row", "sequence"),
)


@dataclass(frozen=True)
class Held:
    """What counts of one variable of one entity in one period. ``value`` is in the variable's unit (None for a text);
    ``submission`` and ``row`` say where it was stated."""

    entity: str
    variable: str
    period: str
    start: date
    end: date
    value: Decimal | None
    text: str
    qualifier: str
    unit: str
    source: str
    source_date: str
    source_address: str
    note: str
    submission: str
    row: int

    @property
    def shown(self) -> str:
        """As a reporter would type it; read back it is the same."""
        if self.value is None:
            return self.text
        return f"{self.qualifier.removeprefix('=')}{self.value:f}"


class Prefilled(NamedTuple):
    """What is known of a cell: for its own period, and for the period before."""

    now: Held | None
    before: Held | None


def held(
    ledger: Ledger, city: City, variables: Iterable[str], entities: Iterable[str], as_of: AsOf = None
) -> tuple[Held, ...]:
    """What counts of these variables of these entities, of all periods, in order of entity, variable and time.

    Only actual values of the entities themselves and of those that were merged into them; what was withdrawn is not
    held.
    """
    connection = connect()
    stated = ledger.observations(connection, as_of).order_by("sequence", "position")
    asked = sorted(set(entities))
    rulings = stated.filter(_.variable == "same_as").select(*_COLUMNS)
    merged = _merged(connection.to_pyarrow(rulings).to_pylist(), asked)
    wanted = stated.filter(
        _.entity.isin([*asked, *merged]),
        _.variable.isin(sorted(set(variables))),
        _.kind == "actual",
        _.industry == "",
    )
    rows = connection.to_pyarrow(wanted.select(*_COLUMNS)).to_pylist()
    connection.disconnect()
    rows = [row | {"entity": merged.get(row["entity"], row["entity"])} for row in rows]
    newest = {(r["entity"], r["variable"], r["start"], r["end"], r["source"]): r for r in rows}
    several: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for key, row in newest.items():
        if row["variable"] in city.variables and (row["value"] is not None or row["text"] is not None):
            several[key[:4]].append(row)
    ids = {each.sequence: each.id for each in ledger.submissions(as_of)}
    ranks = _ranks(city)
    return tuple(_held(city, max(several[key], key=lambda row: _weight(row, ranks)), ids) for key in sorted(several))


def prefilled(city: City, collection: Collection, period: str, known: Iterable[Held]) -> dict[str, Prefilled]:
    """What is known of each cell of one entity's return.

    Args:
        city: definitions.
        collection: the collection.
        period: the period of the return.
        known: what the ledger holds of the entity.
    """
    now = Period.parse(period)
    before = collection.before(now)
    mine: dict[str, list[Held]] = defaultdict(list)
    for each in known:
        mine[each.variable].append(each)
    return {
        name: Prefilled(
            _at(city.variables[name], mine[name], now.start, now.end),
            _at(city.variables[name], mine[name], before.start, before.end),
        )
        for name in collection.variables
    }


def year_before(
    city: City, collection: Collection, period: str, known: Iterable[Held]
) -> dict[str, tuple[Decimal, str]]:
    """What is known of one entity's numbers a year before a period: in base units with qualifiers, by variable."""
    earlier = Period.parse(period).year_earlier()
    found = {}
    for each in known:
        variable = city.variables[each.variable]
        if each.value is not None and (each.start, each.end) == (earlier.start, earlier.end):
            found[each.variable] = (each.value * UNITS[variable.unit].factor, each.qualifier)
    return {name: found[name] for name in collection.variables if name in found}


def _at(variable: Variable, known: Iterable[Held], start: date, end: date) -> Held | None:
    """What is held of a span; of an attribute, what holds at its end."""
    if variable.measure == "attribute":
        since = [each for each in known if each.start <= end]
        return max(since, key=lambda each: (each.start, -each.end.toordinal())) if since else None
    return next((each for each in known if (each.start, each.end) == (start, end)), None)


def _merged(rulings: Iterable[Row], entities: Some[str]) -> dict[str, str]:
    """The entities that were confirmed to be one of these, each with that one."""
    newest = {(row["entity"], row["period"], row["source"]): row for row in rulings}
    same = {row["entity"]: row["text"] for row in newest.values() if row["text"]}
    found = {}
    for entity in same:
        counting, seen = same[entity], {entity}
        while counting in same and counting not in seen:
            seen.add(counting)
            counting = same[counting]
        if counting in entities and entity not in entities:
            found[entity] = counting
    return found


def _ranks(city: City) -> dict[str, int]:
    order = {rank.id: number for number, rank in enumerate(city.precedence)}
    return {source.title: order.get(source.rank, len(order)) for source in city.sources.values()}


def _weight(row: Row, ranks: dict[str, int]) -> tuple[int, str, int, int]:
    return -ranks.get(row["source"], len(ranks)), row["source_date"], row["sequence"], row["row"]


def _held(city: City, row: Row, ids: dict[int, str]) -> Held:
    variable = city.variables[row["variable"]]
    value = (row["value"] / UNITS[variable.unit].factor).normalize() if variable.type in NUMERIC else None
    carried = ("entity", "variable", "period", "start", "end", "qualifier", "source", "source_date", "source_address")
    return Held(
        **{name: row[name] for name in carried},
        value=value,
        text=row["text"] or "",
        unit=variable.unit,
        note=row["note"],
        submission=ids[row["sequence"]],
        row=row["row"],
    )
