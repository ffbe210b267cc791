"""Submissions as pages show them: their rows, and what these changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import ibis
from ibis import _

from shazhou.console.evidence import current
from shazhou.console.evidence.stated import canonical
from shazhou.ledger.engine import connect
from shazhou.ledger.ledger import named_rows
from shazhou.ledger.submission import Submission
from shazhou.ledger.withdraw import WITHDRAWAL, withdrawn
from shazhou.measure.trail import NAMES

KEY = ("entity", "industry", "variable", "kind", "start", "end", "source")
"""What makes two statements of one source statements about the same."""

_SCHEMA = {name: "date" if name in ("start", "end") else "string" for name in KEY}

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Change:
    """A row of a submission, with what the same source had stated of the same before; None where it had not."""

    row: Row
    before: Row | None

    @property
    def what(self) -> str:
        """``new``, ``same``, ``changed``, ``withdrawn``, or ``again`` where it had been withdrawn before."""
        nothing, had = _content(self.row) == (None, None), self.before is not None
        if nothing:
            return "withdrawn"
        if self.before is not None and _content(self.before) == (None, None):
            return "again"
        if not had:
            return "new"
        return "same" if _content(self.before or {}) == _content(self.row) else "changed"


def submission(sequence: int) -> Submission | None:
    """The submission with a number; None where there is none."""
    chain = current.ledger().submissions()
    return chain[sequence - 1] if 0 < sequence <= len(chain) else None


@lru_cache(maxsize=64)
def changes(of: Submission, first: int, count: int) -> tuple[Change, ...]:
    """Some rows of a submission, in its order, with what they changed. Neither ever changes."""
    connection = connect()
    try:
        ledger = current.ledger()
        mine = named_rows(connection, ledger.observation_files.files(), (of,))
        part = mine.filter(_.position >= first, _.position < first + count).order_by("position")
        rows = connection.to_pyarrow(part).to_pylist()
        before = _before(connection, of, rows) if rows else {}
        return tuple(Change(row, before.get(_key(row))) for row in rows)
    finally:
        connection.disconnect()


def names(of: Sequence[Change]) -> dict[str, str]:
    """What the entities of some rows are called now, as far as the evidence names them."""
    head = current.head()
    stated = {str(each.row["entity"]) for each in of if not str(each.row["entity"]).startswith("place:")}
    whole = {entity: canonical(head, entity) for entity in stated}
    found: dict[str, str] = {}
    for variable in NAMES:
        missing = sorted(set(whole.values()) - found.keys())
        if variable in current.city().variables and missing:
            found |= _texts(variable, missing)
    return {entity: found[one] for entity, one in whole.items() if one in found}


def _texts(variable: str, entities: list[str]) -> dict[str, str]:
    return current.with_measure(None, lambda measure: measure.texts(variable, entities))


def withdrawals(of: Sequence[Submission]) -> dict[int, Submission]:
    """For each of some submissions (by number) that was withdrawn, wholly or partly, the first withdrawal."""
    orders = [each for each in current.ledger().submissions() if each.id.startswith(WITHDRAWAL)]
    found = ((each.sequence, withdrawn(each, orders)) for each in of)
    return {sequence: order for sequence, order in found if order is not None}


def _before(connection: ibis.BaseBackend, of: Submission, rows: Sequence[Row]) -> dict[tuple[Any, ...], Row]:
    asked = ibis.memtable([dict(zip(KEY, _key(row), strict=True)) for row in rows], schema=_SCHEMA).distinct()
    earlier = current.ledger().observations(connection, of.previous)
    about = earlier.filter(_.variable.isin(sorted({row["variable"] for row in rows}))).semi_join(asked, KEY)
    latest = ibis.window(group_by=KEY, order_by=[_.sequence.desc(), _.position.desc()])
    newest = about.mutate(order=ibis.row_number().over(latest)).filter(_.order == 0)
    return {_key(row): row for row in connection.to_pyarrow(newest).to_pylist()}


def _key(row: Row) -> tuple[Any, ...]:
    return tuple(row[name] for name in KEY)


def _content(row: Row) -> tuple[Any, ...]:
    value, text = row.get("value"), row.get("text")
    return (None, None) if value is None and text is None else (value, text, row["qualifier"], row["status"])
