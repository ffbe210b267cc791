"""Minutes through signature, record, encoder and the host's decoder: what presence judges of some factories is what the
host gives, and it must be what was put in."""

from __future__ import annotations

import os
from concurrent.futures import ProcessPoolExecutor

import pyarrow as pa
import pyarrow.compute as pc

from shazhou.telemetry.edge.record import LATE
from shazhou.telemetry.host.host import Host
from shazhou.telemetry.minute import FIELDS, Minute
from shazhou.telemetry.store.schema import MINUTES
from verdicts.agents import Agent, host_of
from verdicts.factories import FIRST, City

MADE = ("signature", "sequence")
"""Columns that get values of their own on the way."""


class Passing:
    """The way of some factories' minutes to the host, over all days: a host for each processor, with its share of the
    factories."""

    def __init__(self, city: City, factories: range) -> None:
        several = min(len(factories), os.cpu_count() or 1)
        shares = [factories[number::several] for number in range(several)]
        self._ways = [
            ([city.nodes[each] for each in share], ProcessPoolExecutor(1, initializer=_begin, initargs=(city, share)))
            for share in shares
        ]
        self.factories, self.minutes = factories, 0

    def through(self, minutes: pa.Table) -> pa.Table:
        """The same minutes, those of the factories concerned as the hosts give them.

        Raises:
            ValueError: a host refused something, or gives something else than was put in.
        """
        order = [(name, "ascending") for name in ("received", "node", "device", "at")]
        waiting = []
        for nodes, way in self._ways:
            mine = pc.is_in(minutes["node"], pa.array(nodes))
            put_in, minutes = minutes.filter(mine).sort_by(order), minutes.filter(pc.invert(mine))
            waiting.append((put_in, way.submit(_sent, put_in)))
        for put_in, running in waiting:
            given, refused = running.result()
            if refused or not given.drop_columns(list(MADE)).equals(put_in.drop_columns(list(MADE))):
                raise ValueError(f"not what was put in; refused: {refused}")
            self.minutes += given.num_rows
            minutes = pa.concat_tables([minutes, given])
        return minutes


_host: Host
_agents: dict[str, Agent] = {}
"""Of a process: its host, and the agents that speak to it."""


def _begin(city: City, factories: range) -> None:
    global _host
    for each in factories:
        _agents[city.nodes[each]] = Agent(city.nodes[each], city.devices(each), city.modes[each])
    _host = host_of(_agents.values())
    for agent in _agents.values():
        for topic, born in agent.births(FIRST):
            _host.received(0, topic, born, FIRST)


def _sent(minutes: pa.Table) -> tuple[pa.Table, dict[str, int]]:
    """What the host gives of minutes that are sent to it, and what it refused, by reason."""
    for batch in minutes.to_batches(max_chunksize=10_000):
        for row in batch.to_pylist():
            minute = Minute(**{name: row[name] for name in ("node", "device", "at", *FIELDS)})
            now = row["received"]
            taken = now - (LATE + 1 if row["historical"] else 0)
            topic, sent = _agents[minute.node].record(minute, row["signed"], taken, now)
            _host.received(0, topic, sent, now)
    given = pa.Table.from_pylist(_host.outbox.minutes, schema=MINUTES)
    _host.outbox.minutes.clear()
    _host.outbox.events.clear()
    return given, dict(_host.outbox.counts)
