"""Tables that the engine keeps between questions, since many figures begin with the same work."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable

import ibis

ROWS = 2_000_000
"""Rows kept in all, about 200 bytes each with the references of a year of months."""


class Kept:
    """The tables used last."""

    def __init__(self, connection: ibis.BaseBackend) -> None:
        self._connection = connection
        self._tables: OrderedDict[Hashable, ibis.Table] = OrderedDict()
        self._rows: dict[Hashable, int] = {}

    def table(self, name: Hashable, make: Callable[[], ibis.Table]) -> ibis.Table:
        """A table, made where it is not there. It stays at least until `make_room`."""
        if name not in self._tables:
            table = self._connection.create_table(ibis.util.gen_name("kept"), make(), temp=True)
            self._tables[name], self._rows[name] = table, self._connection.to_pyarrow(table.count()).as_py()
        self._tables.move_to_end(name)
        return self._tables[name]

    def make_room(self) -> None:
        """Forgets those not used for longest, as far as there are too many rows; to be called before a question."""
        while sum(self._rows.values()) > ROWS:
            name, table = self._tables.popitem(last=False)
            del self._rows[name]
            self._connection.drop_table(table.op().name)
