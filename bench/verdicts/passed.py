"""Minutes of a day through signature, record, encoder and the host's decoder: what presence judges of some factories is
what the host gives, and it is told whether that is what was put in."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shazhou.telemetry.edge.births import Identity, described, device_birth, node_birth
from shazhou.telemetry.edge.buffer import Record
from shazhou.telemetry.edge.record import LATE, Aliases, by_name, message, minute_body
from shazhou.telemetry.host.before import Before
from shazhou.telemetry.host.host import Host, Settings
from shazhou.telemetry.minute import FIELDS, Minute, sign
from shazhou.telemetry.store.schema import MINUTES
from verdicts.decoded import GROUP, Known
from verdicts.factories import FIRST, City

MADE = ("signature", "sequence")
"""Columns that the way through gives values of its own."""


@dataclass
class _Node:
    """An agent's side: its key, the aliases of its metrics, and the last record's number."""

    key: Ed25519PrivateKey
    aliases: Aliases
    number: int = 0
    seq: int = 0


class Passing:
    """The way of some factories' minutes to the host, over all days."""

    def __init__(self, city: City, factories: int) -> None:
        self._nodes = {node: self._node(city, factory) for factory, node in enumerate(city.nodes[:factories])}
        register = {
            name: Known(base64.b64encode(each.key.public_key().public_bytes_raw()).decode())
            for name, each in self._nodes.items()
        }
        self._host = Host(Settings("host", GROUP, challenges=0), lambda *_: 0, {}, register, Before())
        self._strange = Ed25519PrivateKey.generate()
        for factory, name in enumerate(self._nodes):
            self._born(name, city.modes[factory], [f"m{row}" for row in _rows(city, factory)])
        self.minutes = 0

    def __len__(self) -> int:
        return len(self._nodes)

    def through(self, minutes: pa.Table) -> pa.Table:
        """The same minutes, those of the factories concerned as the host gives them.

        Raises:
            ValueError: the host refused something, or gives something else than was put in.
        """
        mine = pc.is_in(minutes["node"], pa.array(list(self._nodes), pa.string()))
        put_in = minutes.filter(mine).sort_by([(name, "ascending") for name in ("received", "node", "device", "at")])
        for row in put_in.to_pylist():
            self._send(row)
        given = pa.Table.from_pylist(self._host.outbox.minutes, schema=MINUTES)
        self._host.outbox.minutes.clear()
        self._host.outbox.events.clear()
        if self._host.outbox.counts or not given.drop_columns(list(MADE)).equals(put_in.drop_columns(list(MADE))):
            raise ValueError(f"not what was put in; refused: {dict(self._host.outbox.counts)}")
        self.minutes += given.num_rows
        return pa.concat_tables([minutes.filter(pc.invert(mine)), given])

    @staticmethod
    def _node(city: City, factory: int) -> _Node:
        devices: Sequence[str] = [f"m{row}" for row in _rows(city, factory)]
        numbered = {each: number for number, each in enumerate(described("rollup", devices, []))}
        return _Node(Ed25519PrivateKey.generate(), by_name(numbered))

    def _born(self, name: str, mode: str, devices: list[str]) -> None:
        numbered = {each: number for number, each in enumerate(described("rollup", devices, []))}
        identity = Identity(mode, "simulated", f"gateway {name}", (), "", "bench")
        born = node_birth(numbered, identity, f"agent {name}", 0, 0, "", FIRST)
        self._host.received(0, f"spBv1.0/{GROUP}/NBIRTH/{name}", born, FIRST)
        for device in devices:
            self._nodes[name].seq += 1
            born = device_birth(numbered, device, self._nodes[name].seq, FIRST)
            self._host.received(0, f"spBv1.0/{GROUP}/DBIRTH/{name}/{device}", born, FIRST)

    def _send(self, row: dict[str, object]) -> None:
        node = self._nodes[str(row["node"])]
        plain = {name: row[name] for name in ("node", "device", "at", *FIELDS) if name != "signature"}
        minute = sign(Minute(**plain), node.key if row["signed"] else self._strange)  # type: ignore[arg-type]
        received = int(str(row["received"]))
        taken = received - (LATE + 1 if row["historical"] else 0)
        node.number, node.seq = node.number + 1, (node.seq + 1) % 256
        record = Record(node.number, node.number - 1, minute.device, taken, minute_body(minute, node.aliases))
        sent = message(record, node.seq, received, node.aliases)
        self._host.received(0, f"spBv1.0/{GROUP}/DDATA/{minute.node}/{minute.device}", sent, received)


def _rows(city: City, factory: int) -> range:
    return range(city.rows[factory].start, city.rows[factory].stop)
