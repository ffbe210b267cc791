"""The document of a return: CSV that the ordinary door reads with the mapping ``template``, a row for each cell.

The bytes follow from the return alone, so that the same approval twice is the same submission, and every trail ends at
a row of them. A return that was handed in also states that it was: due, received, and whether in time, each in a row
that cites the desk's own register.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple
from zoneinfo import ZoneInfo

from shazhou.city.collection import Collection
from shazhou.city.model import City
from shazhou.city.period import Period
from shazhou.intake.filled import COLUMNS
from shazhou.intake.returned import Return

FIRST_ROW = 2
"""The row of the first cell: the header is the first."""


class Line(NamedTuple):
    """A row of the document: the variable it is about and its cells by column."""

    variable: str
    cells: dict[str, str]


def lines_of(city: City, returned: Return) -> list[Line]:
    """The rows of a return's document in their order; its collection must be the city's."""
    collection = city.collections[returned.collection]
    day = submitted_on(city, returned)
    found = []
    for name in collection.variables:
        cell = returned.cells.get(name)
        if cell is None or cell.prefilled or not (cell.given or cell.note):
            continue
        said = {"value": cell.given, "unit": cell.unit, "note": cell.note}
        date_of_it = {"source_date": day.isoformat()} if day else {}
        found.append(
            Line(name, {**_about(city, returned, name), **said, **_cited(city, collection.source), **date_of_it})
        )
    return [*found, *_receipts(city, collection, returned, day)]


def document_of(city: City, returned: Return) -> bytes:
    """The document of a return."""
    return written(line.cells for line in lines_of(city, returned))


def round_document(city: City, collection: Collection, period: str, entities: Iterable[str]) -> bytes:
    """The document that opens a round: of each of these entities a return is due, and none is received yet."""
    accounts = collection.accounts
    if accounts is None:
        return b""
    span = Period.parse(period)
    note = f"due {collection.due(span)}, locked from {collection.locks(span)}"
    opened = {"source_date": collection.opens(span).isoformat(), "note": note}
    said = ((accounts.due, "1"), (accounts.received, "0"), (accounts.in_time, "0"))
    return written(
        {
            **_about(city, Return(collection=collection.id, entity=entity, period=period), name),
            **_cited(city, accounts.source),
            **opened,
            "value": value,
        }
        for entity in sorted(set(entities))
        for name, value in said
    )


def withdrawn_document(city: City, returned: Return, reason: str) -> bytes:
    """The document that stands for a return that was withdrawn: it is due, and not received."""
    collection = city.collections[returned.collection]
    accounts = collection.accounts
    if accounts is None:
        return b""
    said = {accounts.due: "1", accounts.received: "0", accounts.in_time: "0"}
    note = f"withdrawn: {reason}"
    return written(
        {**_about(city, returned, name), **_cited(city, accounts.source), "note": note, "value": value}
        for name, value in said.items()
    )


def submitted_on(city: City, returned: Return) -> date | None:
    """The day, in the city's zone, on which a return was handed in."""
    return returned.submitted.astimezone(ZoneInfo(city.zone)).date() if returned.submitted else None


def written(rows: Iterable[dict[str, str]]) -> bytes:
    """Rows of the template's columns as CSV."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def _receipts(city: City, collection: Collection, returned: Return, day: date | None) -> Iterator[Line]:
    accounts = collection.accounts
    if accounts is None or day is None or returned.submitted is None:
        return
    due = collection.due(Period.parse(returned.period))
    moment = returned.submitted.astimezone(ZoneInfo(city.zone)).isoformat(timespec="seconds")
    note = f"submitted {moment}, due {due}" + (
        f"; after the lock date: {returned.unlocked}" if returned.unlocked else ""
    )
    cited = {**_cited(city, accounts.source), "source_date": day.isoformat(), "note": note}
    values = {accounts.due: "1", accounts.received: "1", accounts.in_time: "1" if day <= due else "0"}
    for name, value in values.items():
        yield Line(name, {**_about(city, returned, name), **cited, "value": value})


def _about(city: City, returned: Return, variable: str) -> dict[str, str]:
    return {
        "entity": returned.entity,
        "variable": variable,
        "variable_name": city.variables[variable].name.zh,
        "period": returned.period,
        "kind": "actual",
    }


def _cited(city: City, source: str) -> dict[str, str]:
    of = city.sources[source]
    return {"source": of.title, "source_date": of.date, "source_address": of.address}
