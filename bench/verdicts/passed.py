"""Minutes through signature, record, encoder and the host's decoder: what presence judges of some factories is what the
host gives, and it must be what was put in."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from shazhou.telemetry.edge.record import LATE
from shazhou.telemetry.minute import FIELDS, Minute
from shazhou.telemetry.store.schema import MINUTES
from verdicts.agents import Agent, host_of
from verdicts.factories import FIRST, City

MADE = ("signature", "sequence")
"""Columns that get values of their own on the way."""


class Passing:
    """The way of some factories' minutes to the host, over all days."""

    def __init__(self, city: City, factories: int) -> None:
        self._agents = {
            node: Agent(node, city.devices(factory), city.modes[factory])
            for factory, node in enumerate(city.nodes[:factories])
        }
        self._host = host_of(self._agents.values())
        for agent in self._agents.values():
            for topic, born in agent.births(FIRST):
                self._host.received(0, topic, born, FIRST)
        self.minutes = 0

    def __len__(self) -> int:
        return len(self._agents)

    def through(self, minutes: pa.Table) -> pa.Table:
        """The same minutes, those of the factories concerned as the host gives them.

        Raises:
            ValueError: the host refused something, or gives something else than was put in.
        """
        mine = pc.is_in(minutes["node"], pa.array(list(self._agents), pa.string()))
        put_in = minutes.filter(mine).sort_by([(name, "ascending") for name in ("received", "node", "device", "at")])
        for row in put_in.to_pylist():
            self._send(row)
        outbox = self._host.outbox
        given = pa.Table.from_pylist(outbox.minutes, schema=MINUTES)
        outbox.minutes.clear()
        outbox.events.clear()
        if outbox.counts or not given.drop_columns(list(MADE)).equals(put_in.drop_columns(list(MADE))):
            raise ValueError(f"not what was put in; refused: {dict(outbox.counts)}")
        self.minutes += given.num_rows
        return pa.concat_tables([minutes.filter(pc.invert(mine)), given])

    def _send(self, row: dict[str, Any]) -> None:
        minute = Minute(**{name: row[name] for name in ("node", "device", "at", *FIELDS)})
        now = row["received"]
        taken = now - (LATE + 1 if row["historical"] else 0)
        topic, sent = self._agents[minute.node].record(minute, row["signed"], taken, now)
        self._host.received(0, topic, sent, now)
