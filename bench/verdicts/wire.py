"""What comes over the wire: minutes as the host stores them and events, through outages and restarts of the host."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from shazhou.telemetry.store.schema import EVENTS, MINUTES
from verdicts.factories import DAY, FIRST, MINUTE, City, T
from verdicts.troubles import Trouble

_HEX = np.array([f"{byte:02x}" for byte in range(256)], dtype="S2")


@dataclass
class Wire:
    """Connections of all factories over the whole time: `connected` (factories x minutes) is the broker's view,
    `delivered` gives for every minute the one in which it could be sent."""

    city: City
    troubles: list[Trouble]
    days: int
    connected: Any = None
    delivered: Any = None
    sessions: pa.Table = field(default_factory=EVENTS.empty_table)
    late: Any = None

    def __post_init__(self) -> None:
        city, rng, length = self.city, self.city.rng, self.days * T
        count = len(city.nodes)
        self.connected = np.ones((count, length), dtype=bool)
        events: list[dict[str, Any]] = []
        for factory in range(count):
            self._connect(factory, events)
        for _ in range(max(1, self.days // 12)):
            self._restart(int(rng.integers(T // 4, length - 60)), events)
        columns = np.arange(length)
        following = np.where(self.connected, columns, length + 1)
        self.delivered = np.minimum.accumulate(following[:, ::-1], axis=1)[:, ::-1]
        self.sessions = pa.Table.from_pylist(sorted(events, key=lambda each: each["at"]), schema=EVENTS)
        self.late = 1000 * rng.uniform(*city.ranges.late, count)

    def _connect(self, factory: int, events: list[dict[str, Any]]) -> None:
        rng, length = self.city.rng, self.days * T
        own = [each for each in self.troubles if each.factory == factory]
        cuts, hung = [], []
        for _ in range(rng.poisson(self.days / self.city.ranges.outages_in_days)):
            start = int(rng.integers(0, length - 10))
            cuts.append(
                (start, min(start + int(np.clip(rng.lognormal(*self.city.ranges.outage), 2, 2 * T)), length - 2))
            )
        for each in own:
            if each.kind == "power-cut":
                cuts.append((each.start, each.stop))
            if each.kind == "agent-dead":
                hung.append(each.stop)
            if each.kind == "lockstep":
                together = np.random.default_rng(each.more["group"] + 77)
                cuts = [(int(at), int(at) + 3) for at in together.integers(5, length - 10, max(8, self.days))]
        self._event(events, factory, -int(rng.integers(1, 300)), "birth")
        for start, stop in sorted(cuts):
            self.connected[factory, start:stop] = False
            lockstep = any(each.kind == "lockstep" for each in own)
            self._event(events, factory, start + (0.5 if lockstep else rng.uniform(0.3, 1.6)), "death")
            self._event(events, factory, stop + (0.01 if lockstep else rng.uniform(0.01, 0.7)), "birth")
        for stop in hung:
            self._event(events, factory, stop, "death")
            self._event(events, factory, stop + 0.3, "birth")

    def _restart(self, start: int, events: list[dict[str, Any]]) -> None:
        """The host restarts: it loses sight of all, and all are born again."""
        rng = self.city.rng
        for factory in range(len(self.city.nodes)):
            if not self.connected[factory, start]:
                continue
            self._event(events, factory, start, "stale")
            if self.connected[factory, min(start + 3, self.days * T - 1)]:
                self._event(events, factory, start + 2 + rng.uniform(0, 1.0), "birth")

    def _event(self, events: list[dict[str, Any]], factory: int, minute: float, kind: str) -> None:
        detail: dict[str, Any] = {}
        if kind == "birth":
            shared = next(
                (each for each in self.troubles if each.factory == factory and each.kind == "one-gateway"), None
            )
            gateway = f"gateway-of-group-{shared.more['group']}" if shared else f"gateway-{factory}"
            detail = {"mode": self.city.modes[factory], "gateway": gateway, "agent": f"agent-{factory}",
                      "key": f"key-{factory}", "clock": int(self.city.rng.normal(0, 200))}  # fmt: skip
        at = FIRST + round(minute * MINUTE)
        node = self.city.nodes[factory]
        events.append({"node": node, "device": "", "at": at, "kind": kind, "detail": json.dumps(detail)})

    def minutes(self, day: int, data: dict[str, Any], wire: dict[str, Any]) -> pa.Table:
        """A day's minutes as the store gives them."""
        city, rng = self.city, self.city.rng
        m = city.machines
        n = len(m.factory)
        column = day * T + np.arange(T)
        sent = self.delivered[m.factory][:, column]
        waited = (sent - column) * MINUTE
        base = FIRST + day * DAY + np.arange(T) * MINUTE
        latency = rng.lognormal(4.0, 0.8, (len(city.nodes), T))
        arrival = np.where(waited > 0, rng.uniform(1000, 50_000, (n, T)), 0) + self.late[m.factory][:, None]
        received = base + MINUTE + waited + arrival + latency[m.factory]
        for factory, (source, delay) in wire["follows"].items():
            rows = city.rows[factory]
            first = received[city.rows[source].start]
            received[rows] = first + delay + rng.lognormal(3.0, 0.6, (rows.stop - rows.start, T))
        offset = np.round(wire["offset"] / MINUTE).astype(np.int64) * MINUTE
        there = wire["there"] & (sent <= self.days * T)
        machine, minute = np.nonzero(there)
        factory = m.factory[machine]
        executing, broken = data["executing"], data["out_of_service"]
        values: dict[str, Any] = {
            "node": _text(np.array(city.nodes), factory),
            "device": _text(np.array([f"m{row}" for row in range(n)]), machine),
            "at": (base + offset)[there],
            "received": received[there].astype(np.int64),
            "not_available": np.zeros(len(machine)),
            "not_executing": np.maximum(60 - executing - broken, 0)[there],
            "setup": np.zeros(len(machine)),
            "cycle": pa.array(m.cycle[machine], mask=~m.counted[machine]),
            "digest": _hex(data["digest"][there]),
            "signature": _text(np.array(["signature"]), np.zeros(len(machine), dtype=np.int64)),
            "signed": wire["signed"][there],
            "historical": (waited > 0)[there],
            "sequence": (column + 1)[minute],
            "origin": _text(np.array(["simulated"]), np.zeros(len(machine), dtype=np.int64)),
            "mode": _text(np.array(city.modes), factory),
        }
        for each in MINUTES:
            if each.name not in values:
                plain = data[each.name][there]
                whole = pa.types.is_integer(each.type)
                known = ~np.isnan(plain) if each.nullable else np.ones(len(plain), dtype=bool)
                plain = np.where(known, plain, 0)
                values[each.name] = pa.array(plain.astype(np.int64) if whole else plain, mask=~known)
        return pa.table([pa.array(values[each.name]).cast(each.type) for each in MINUTES], schema=MINUTES)

    def events(self, day: int) -> pa.Table:
        """Sessions until the day's end, and the day's clocks, duplicates and challenges."""
        start = FIRST + day * DAY
        found: list[dict[str, Any]] = []
        rng, city = self.city.rng, self.city
        drifting = {each.factory: each for each in self.troubles if each.kind == "clock-drift"}
        for factory, node in enumerate(city.nodes):
            for minute in range(int(rng.integers(0, 15)), T, 15):
                if not self.connected[factory, day * T + minute]:
                    continue
                offset, trouble = float(rng.normal(40, 60)), drifting.get(factory)
                if trouble and trouble.start <= day * T + minute < trouble.stop:
                    offset -= trouble.more["rate"] * (day * T + minute - trouble.start) / T * MINUTE
                found.append(_row(node, start + minute * MINUTE, "clock", f'{{"offset": {round(offset)}}}'))
        for each in self.troubles:
            when = each.today(day)
            if each.kind == "seq-duplicates" and when.start < when.stop:
                for minute in np.repeat(np.arange(T), rng.poisson(each.more["rate"], T)).tolist():
                    if when.start <= minute < when.stop:
                        at = start + minute * MINUTE + int(rng.integers(0, MINUTE))
                        found.append(_row(city.nodes[each.factory], at, "duplicate", '{"seq": 1}'))
        known = self.sessions.filter(pa.array(self.sessions["at"].to_numpy() < start + DAY))
        return pa.concat_tables([known, pa.Table.from_pylist(found, schema=EVENTS)])


def _row(node: str, at: int, kind: str, detail: str) -> dict[str, Any]:
    return {"node": node, "device": "", "at": at, "kind": kind, "detail": detail}


def _text(names: Any, codes: Any) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int32)), pa.array(names)).cast(pa.string())


def _hex(prints: Any) -> pa.Array:
    """Digests of 32 digits from 64 bits."""
    high = np.ascontiguousarray(prints.astype(">u8")).view(np.uint8).reshape(-1, 8)
    letters = _HEX[np.concatenate([high, high ^ 0xA5], axis=1)]
    data = np.ascontiguousarray(letters).view(np.uint8)
    offsets = np.arange(len(prints) + 1, dtype=np.int32) * 32
    return pa.StringArray.from_buffers(len(prints), pa.py_buffer(offsets), pa.py_buffer(data))
