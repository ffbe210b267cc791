"""A fleet at work: one agent for each factory, in one process, and what is known of each beforehand."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from shazhou.city.calendar import Calendar
from shazhou.telemetry.edge.agent import Agent
from shazhou.telemetry.edge.config import EdgeConfig
from shazhou.telemetry.edge.keys import FILE
from shazhou.telemetry.edge.source import Clock
from shazhou.telemetry.fleet.factory import Factory
from shazhou.telemetry.fleet.fault import FAULTS, FRAUDS, Telling, honest
from shazhou.telemetry.fleet.life import Life
from shazhou.telemetry.fleet.machines import Machines
from shazhou.telemetry.fleet.register import private_key
from shazhou.telemetry.names import EQUIPMENT, TAG

METRICS = (*EQUIPMENT, f"{TAG}Temperature", f"{TAG}Speed")
"""What every machine of a fleet tells."""

MINUTE = 60_000
TOGETHER = 0.02
"""Seconds between the starts of two agents: a city does not switch on at once."""


@dataclass(frozen=True)
class Plan:
    """What a fleet is to do. ``nodes`` gives the edge node of each factory's key, ``troubles`` the kind of fault or
    fraud; ``zone`` is the city's; ``began`` in milliseconds since 1970 UTC is when the troubles begin."""

    city: str
    zone: str
    broker: str
    folder: Path
    seed: int
    began: int
    nodes: Mapping[str, str]
    troubles: Mapping[str, str]
    mode: str = "rollup"
    period: int = 5_000
    speed: float = 1.0
    host: str = "shazhou"


def labels(plan: Plan, factories: Sequence[Factory]) -> Iterator[dict[str, Any]]:
    """One row per factory: what is wrong with it from ``start`` on, or that nothing is."""
    for factory in factories:
        kind = plan.troubles.get(factory.key, "")
        yield {
            "node": plan.nodes[factory.key],
            "factory": factory.key,
            "kind": kind,
            "fraud": kind in FRAUDS,
            "start": plan.began if kind else None,
            "shifts": list(factory.shifts),
        }


def agents(plan: Plan, factories: Sequence[Factory], clock: Clock) -> Iterator[Agent]:
    """An agent for each factory, with its buffer and key in a folder of its own."""
    cloned = {each.key: factories[place - 1] for place, each in enumerate(factories)}
    for factory in factories:
        kind = plan.troubles.get(factory.key, "")
        folder = plan.folder / factory.key
        _put_key(folder, factory, plan.seed)
        told = cloned[factory.key] if kind == "clone" else factory
        telling = {
            mine.key: _telling(kind, plan, told, their.key)
            for mine, their in zip(factory.machines, _as_many(told.machines, len(factory.machines)), strict=True)
        }
        machines = Machines(telling, plan.period, clock, plan.speed)
        # Simulated gateways stand in one computer; those that share one on purpose all name the same.
        hardware = "one gateway" if kind == "shared-gateway" else f"{plan.seed}/{factory.key}"
        yield Agent(config(plan, factory), folder, {"machines": machines}, clock, hardware)


def config(plan: Plan, factory: Factory) -> EdgeConfig:
    """What the factory's agent would have in its file."""
    metrics = {
        machine.key: {name: {"source": "machines", "tag": f"{machine.key}/{name}"} for name in METRICS}
        for machine in factory.machines
    }
    return EdgeConfig.model_validate(
        {
            "city": plan.city,
            "enterprise": plan.nodes[factory.key],
            "host": plan.host,
            "broker": {"address": plan.broker},
            "mode": plan.mode,
            "origin": "simulated",
            "shifts": factory.shifts,
            "folder": ".",
            "sources": {"machines": {"kind": "example"}},
            "equipment": metrics,
        }
    )


async def run(
    plan: Plan, factories: Sequence[Factory], clock: Clock, report: Callable[[Sequence[Agent]], None]
) -> None:
    """Runs all agents until cancelled; ``report`` is called every second."""
    running: list[Agent] = []
    async with asyncio.TaskGroup() as tasks:
        for agent in agents(plan, factories, clock):
            running.append(agent)
            tasks.create_task(agent.run())
            await asyncio.sleep(TOGETHER)
        while True:
            report(running)
            await asyncio.sleep(1)


def run_until_stopped(
    plan: Plan, factories: Sequence[Factory], clock: Clock, report: Callable[[Sequence[Agent]], None]
) -> None:
    """Runs all agents until SIGINT or SIGTERM; each then says goodbye and keeps what the host has not confirmed."""

    async def until_stopped() -> None:
        task = asyncio.ensure_future(run(plan, factories, clock, report))
        for each in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(each, task.cancel)
        with contextlib.suppress(asyncio.CancelledError):
            await task

    asyncio.run(until_stopped())


def clock_from(start: int, speed: float) -> Clock:
    """A clock that goes ``speed`` times as fast as the day from a moment on, until it has caught up with it."""
    begun = time.monotonic()

    def clock() -> int:
        return min(start + int((time.monotonic() - begun) * 1000 * speed), time.time_ns() // 1_000_000)

    return clock


def _telling(kind: str, plan: Plan, factory: Factory, machine: str) -> Telling:
    """How a machine of a factory is told of; its life begins on the Monday of the week before."""
    calendar = Calendar.parse(factory.shifts, plan.zone)
    day = datetime.fromtimestamp(plan.began / 1000, calendar.zone).date()
    first = day - timedelta(days=7 + day.weekday())
    life = Life(next(each for each in factory.machines if each.key == machine), calendar, first)
    tell = {**FAULTS, **FRAUDS}.get(kind)
    return tell(life, plan.began - plan.began % MINUTE) if tell else honest(life)


def _as_many(machines: Sequence[Any], number: int) -> list[Any]:
    return [machines[place % len(machines)] for place in range(number)]


def _put_key(folder: Path, factory: Factory, seed: int) -> None:
    if (folder / FILE).exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    text = private_key(factory, seed).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with os.fdopen(os.open(folder / FILE, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(text)
