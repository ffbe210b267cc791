"""Tables that the engine keeps between questions, since many figures begin with the same work."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import NamedTuple

import ibis

ROWS = 2_000_000
"""Rows that `Kept.make_room` leaves, about 200 bytes each with the references of a year of months."""


class _Table(NamedTuple):
    name: str
    table: ibis.Table
    rows: int


class Kept:
    """Tables by name, those used last behind the others."""

    def __init__(self, connection: ibis.BaseBackend) -> None:
        self._connection = connection
        self._tables: OrderedDict[Hashable, _Table] = OrderedDict()

    def table(self, name: Hashable, make: Callable[[], ibis.Table]) -> ibis.Table:
        """A table, made where it is not there; its marks are left out where there are none. It stays at least until
        `make_room`."""
        if name not in self._tables:
            self._tables[name] = self._made(make())
        self._tables.move_to_end(name)
        return self._tables[name].table

    def make_room(self) -> None:
        """Forgets those not used for longest, as far as there are too many rows; to be called before a question."""
        while sum(each.rows for each in self._tables.values()) > ROWS:
            _, forgotten = self._tables.popitem(last=False)
            self._connection.drop_table(forgotten.name)

    def _made(self, content: ibis.Table) -> _Table:
        name = ibis.util.gen_name("kept")
        table = self._connection.create_table(name, content, temp=True)
        marks = {"marks": table.marks.max()} if "marks" in table.columns else {}
        told = self._connection.to_pyarrow(table.aggregate(rows=table.count(), **marks)).to_pylist()[0]
        unmarked = "marks" in told and not told["marks"]
        return _Table(name, table.drop("marks") if unmarked else table, told["rows"])
