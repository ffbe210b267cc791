"""Why figures differ between two heads: the submissions in between that speak of what they were made from.

A submission is behind a change where it states (or withdraws) something about the very keys of the statements in the
figure's older or newer trail; and where it brought definitions under which the indicator is another one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import ibis

from shazhou.city.model import City
from shazhou.console.evidence import current
from shazhou.ledger.engine import connect
from shazhou.ledger.ledger import named_rows
from shazhou.ledger.submission import Submission
from shazhou.measure.figure import Cell
from shazhou.measure.measure import Measure

KEY = ("entity", "industry", "variable", "kind", "start", "end")
_SCHEMA = {name: "date" if name in ("start", "end") else "string" for name in KEY}
_Key = tuple[Any, ...]


def causes(one: str, other: str, cells: Iterable[Cell]) -> dict[Cell, tuple[Submission, ...]]:
    """For each cell the submissions between two heads that its figure changed because of, in their order.

    Raises:
        Refused: there is no such head.
    """
    chain = current.ledger().submissions()
    counts = sorted(len(current.ledger().submissions(head)) for head in (one, other))
    between = {each.sequence: each for each in chain[counts[0] : counts[1]]}
    asked = list(dict.fromkeys(cells))
    keys: dict[Cell, set[_Key]] = defaultdict(set)
    for head in (one, other):
        for cell, found in current.with_measure(head, lambda measure: _keys(measure, asked)).items():
            keys[cell] |= found
    speaking = _speaking(list(between.values()), set().union(*keys.values()))
    cities = current.city(one), current.city(other)
    definitions = [each.sequence for each in between.values() if each.door == "definitions"]
    behind: dict[Cell, tuple[Submission, ...]] = {}
    for cell in asked:
        numbers = {number for key in keys[cell] for number in speaking.get(key, ())}
        numbers |= set(definitions) if _is_defined_anew(cell, *cities) else set()
        behind[cell] = tuple(between[number] for number in sorted(numbers))
    return behind


def _keys(measure: Measure, cells: Sequence[Cell]) -> dict[Cell, set[_Key]]:
    """The keys of the statements behind figures; nothing for cells that are not defined at that head."""
    known = [cell for cell in cells if _is_defined(cell, measure.city)]
    traced, evidence = measure.traced(known)
    return {
        cell: {_key(evidence.rows[ref]) for ref in (*each.shown, *each.beside)}
        for cell, each in zip(known, traced, strict=True)
    }


def _speaking(submissions: Sequence[Submission], keys: set[_Key]) -> dict[_Key, set[int]]:
    """The numbers of those of some submissions that state something about a key, key by key."""
    if not submissions or not keys:
        return {}
    connection = connect()
    try:
        rows = named_rows(connection, current.ledger().observation_files.files(), tuple(submissions))
        asked = ibis.memtable([dict(zip(KEY, key, strict=True)) for key in keys], schema=_SCHEMA)
        spoken = rows.semi_join(asked, KEY).select(*KEY, "sequence").distinct()
        found: dict[_Key, set[int]] = defaultdict(set)
        for row in connection.to_pyarrow(spoken).to_pylist():
            found[tuple(row[name] for name in KEY)].add(row["sequence"])
        return found
    finally:
        connection.disconnect()


def _key(row: Any) -> _Key:
    return row["stated_entity"], *(row[name] for name in KEY[1:])


def _is_defined(cell: Cell, city: City) -> bool:
    place = cell.place.removeprefix("place:")
    has_industry = not cell.industry or cell.industry in city.industries
    return cell.indicator in city.indicators and has_industry and (place in city.places or ":" in place)


def _is_defined_anew(cell: Cell, one: City, other: City) -> bool:
    return one.indicators.get(cell.indicator) != other.indicators.get(cell.indicator)
