"""One day as samples once a second: through the agent's roll-up, its signature and its records to the host's decoder.

What stands in a day's arrays is played second by second, so that what presence judges was not made for it but rolled
up, signed, encoded, decoded and checked by the code that does so in a factory and in the city.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa

from shazhou.telemetry.edge.mapping import Measurement
from shazhou.telemetry.edge.rollup import Rollup
from shazhou.telemetry.host.host import Host
from shazhou.telemetry.minute import Minute
from shazhou.telemetry.sparkplug.payload import BAD, GOOD
from shazhou.telemetry.store.schema import EVENTS, MINUTES
from verdicts.agents import Agent, host_of
from verdicts.factories import DAY, FIRST, MINUTE, City, T
from verdicts.troubles import Trouble

METRICS = {"State": None, "Energy/Active": None, "Count/Total": None, "Power/Active": None}
LATENESS, SILENCE = 5_000, 60_000


def decoded(
    city: City, day: int, data: dict[str, Any], wire: dict[str, Any], troubles: list[Trouble]
) -> tuple[pa.Table, pa.Table, int]:
    """The day's minutes and events as hosts give them, one for each processor with its share of the factories, and how
    many samples were rolled up."""
    several = os.cpu_count() or 1
    late = [LATENESS + int(each) for each in city.rng.uniform(0, 4_000, len(city.nodes))]
    work = [
        (range(number, len(city.nodes), several), city, day, data, wire, troubles, late) for number in range(several)
    ]
    with ProcessPoolExecutor(several) as processes:
        made = list(processes.map(_decoded, *zip(*work, strict=True)))
    minutes, events, played = zip(*made, strict=True)
    return pa.concat_tables(minutes), pa.concat_tables(events), sum(played)


def _decoded(
    factories: Sequence[int],
    city: City,
    day: int,
    data: dict[str, Any],
    wire: dict[str, Any],
    troubles: list[Trouble],
    late: list[int],
) -> tuple[pa.Table, pa.Table, int]:
    agents = {each: Agent(city.nodes[each], city.devices(each)) for each in factories}
    host, kind = host_of(agents.values()), {each.factory: each for each in troubles}
    played = sum(
        _play(host, city, factory, agent, day, data, wire, kind.get(factory), late[factory])
        for factory, agent in agents.items()
    )
    refused = dict(host.outbox.counts)
    if refused:
        raise ValueError(f"the host refused what the agent said: {refused}")
    minutes = pa.Table.from_pylist(host.outbox.minutes, schema=MINUTES)
    return minutes, pa.Table.from_pylist(host.outbox.events, schema=EVENTS), played


def _play(
    host: Host,
    city: City,
    factory: int,
    agent: Agent,
    day: int,
    data: dict[str, Any],
    wire: dict[str, Any],
    trouble: Trouble | None,
    late: int,
) -> int:
    """A factory's day, minute by minute, into the host; the number of samples."""
    rows, start = range(city.rows[factory].start, city.rows[factory].stop), FIRST + day * DAY
    # A copy is sent after its original has come.
    if factory in wire["follows"]:
        late = LATENESS + 4_000 + round(wire["follows"][factory][1])
    rollups: dict[int, Rollup] = {}
    meters = {row: [0.0, 0.0] for row in rows}
    played = 0
    for minute in range(T):
        real = start + minute * MINUTE
        skew = int(wire["offset"][rows.start, minute])
        if not wire["there"][rows.start, minute]:
            rollups.clear()
            continue
        if not rollups:
            for topic, born in agent.births(real + skew):
                host.received(0, topic, born, real)
            rollups = {
                row: Rollup(agent.node, device, METRICS, SILENCE, LATENESS, real + skew)
                for row, device in zip(rows, city.devices(factory), strict=True)
            }
        for row, device in zip(rows, city.devices(factory), strict=True):
            for each in _samples(data, row, device, minute, real, skew, meters[row]):
                rollups[row].take(each, max(each.at, real + skew))
                played += 1
            for closed in rollups[row].close(real + skew + MINUTE + LATENESS):
                own, sent = bool(wire["signed"][row, minute]), real + MINUTE + late
                _send(host, agent, closed, own, sent, skew, trouble, minute + day * T)
    return played


def _send(
    host: Host, agent: Agent, closed: Minute, own: bool, now: int, skew: int, trouble: Trouble | None, minute: int
) -> None:
    """A minute to the host; where two publishers speak under one name, twice with one number."""
    topic, sent = agent.record(closed, own, now + skew, now + skew)
    host.received(0, topic, sent, now)
    doubled = trouble is not None and trouble.kind == "seq-duplicates" and trouble.start <= minute < trouble.stop
    if doubled:
        host.received(0, topic, sent, now + 40)
    host.tick(now + 50)


def _samples(
    data: dict[str, Any], row: int, device: str, minute: int, real: int, skew: int, meter: list[float]
) -> Iterator[Measurement]:
    """What the source of a machine says in a minute, once a second; fewer where the day's arrays say that it hung."""
    executing, broken = (float(data[name][row, minute]) for name in ("executing", "out_of_service"))
    energy, total = (float(np.nan_to_num(data[name][row, minute])) for name in ("energy", "total"))
    values, stands = (
        int(data["values"][row, minute]),
        int(data["times"][row, minute]) == 1 < int(data["samples"][row, minute]),
    )
    # Copies show the same values: what is drawn depends on the minute's print alone.
    draw = np.random.default_rng(int(data["digest"][row, minute]))
    power = draw.integers(0, max(values, 1), 60) if values > 1 else np.zeros(60, dtype=np.int64)
    good = draw.random(60) < float(data["good"][row, minute])
    first = real - real % DAY
    for second in range(60):
        at = (first if stands else real + second * 1000) + skew
        share = (second + 1) / 60
        state = 3 if second < executing else 1 if second < executing + broken else 2
        said = {
            "State": state,
            "Energy/Active": round(meter[0] + energy * share, 6),
            "Count/Total": int(meter[1] + total * share),
            "Power/Active": round(1.0 + 0.01 * int(power[second]), 4),
        }
        quality = GOOD if good[second] else BAD
        now = real + skew + second * 1000
        for metric, value in said.items():
            each = Measurement(device, metric, value, at, quality)
            yield each if not stands else replace(each, at=min(at, now - LATENESS - 1))
    meter[0] += energy
    meter[1] += total
