"""A host that does what a test tells it to, an agent that reads what a test emits, and a broker between them."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiomqtt

from shazhou.telemetry import names
from shazhou.telemetry.edge.agent import Agent
from shazhou.telemetry.edge.config import EdgeConfig
from shazhou.telemetry.edge.source import Emit, NotReadable, Reading, Report
from shazhou.telemetry.minute import LENGTH
from shazhou.telemetry.sparkplug import topic
from shazhou.telemetry.sparkplug.datatype import DataType, from_wire
from shazhou.telemetry.sparkplug.descriptor import Payload
from shazhou.telemetry.sparkplug.payload import Sample, add, payload, state
from shazhou.telemetry.sparkplug.topic import Topic, parse


def now() -> int:
    return time.time_ns() // 1_000_000


class Emitted:
    """A source that emits what the test gives it; ``answers`` are what it can read on demand."""

    def __init__(self) -> None:
        self.emit: Emit
        self.begun = asyncio.Event()
        self.answers: dict[str, object] = {}

    async def run(self, emit: Emit) -> None:
        self.emit = emit
        self.begun.set()
        await asyncio.Event().wait()

    async def check(self) -> Report:
        return Report()

    async def read(self, tag: str) -> Reading:
        if tag not in self.answers:
            raise NotReadable(tag)
        return Reading(tag, self.answers[tag], now())  # type: ignore[arg-type]


def config(port: int, node: str, mode: str = "full", **more: Any) -> EdgeConfig:
    """A press with a counter ``parts`` and a state ``state``."""
    metrics = {"Count/Total": {"source": "plc", "tag": "parts"}, "State": {"source": "plc", "tag": "state"}}
    return EdgeConfig.model_validate(
        {
            "city": "town",
            "enterprise": node,
            "host": node,
            "broker": {"address": f"127.0.0.1:{port}", "keepalive": 5},
            "mode": mode,
            "origin": "simulated",
            "shifts": ["mon-fri 08:00-17:30"],
            "folder": ".",
            "sources": {"plc": {"kind": "example"}},
            "equipment": {"press": metrics},
            **more,
        }
    )


@contextlib.asynccontextmanager
async def running(made: EdgeConfig, folder: Path, **more: Any) -> AsyncIterator[tuple[Agent, Emitted]]:
    """An agent at work, and its source."""
    source, begun = Emitted(), now()
    minute = begun - begun % LENGTH
    # Its clock begins with a minute, so that no minute ends and becomes a record while a test counts records.
    more = {"clock": lambda: minute + now() - begun, **more}
    agent = Agent(made, folder, {"plc": source}, tick=0.02, **more)
    task = asyncio.create_task(agent.run())
    try:
        await source.begun.wait()
        yield agent, source
    finally:
        if task.done():
            task.result()  # an agent never ends by itself
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@dataclass
class Metric:
    name: str
    value: Any
    at: int
    historical: bool
    datatype: DataType


@dataclass
class Message:
    type: str
    device: str
    seq: int | None
    at: int
    metrics: dict[str, Metric]

    @property
    def number(self) -> int:
        """The record's number; 0 of what is none, births included."""
        return int(self.metrics[names.SEQUENCE].value or 0) if names.SEQUENCE in self.metrics else 0

    @property
    def previous(self) -> int:
        return int(self.metrics[names.PREVIOUS].value)


@dataclass
class Host:
    """Hears one node, for which it is the host, and remembers everything; ``confirming`` what it takes at once."""

    client: aiomqtt.Client
    node: str
    confirming: bool = False
    deaf: bool = False
    """As if messages from the broker were lost."""
    agent: str = ""
    """The name that was told by the last birth."""
    heard: list[Message] = field(default_factory=list)
    mark: int = 0
    taken: list[Message] = field(default_factory=list)
    """Records taken by the rule of the wire: each once, in order."""
    _known: dict[int, tuple[str, DataType]] = field(default_factory=dict)

    def of(self, *types: str) -> list[Message]:
        return [each for each in self.heard if each.type in types]

    def counts(self) -> list[int]:
        """Values of the counter that were taken."""
        return [each.metrics["Count/Total"].value for each in self.taken if "Count/Total" in each.metrics]

    async def online(self, at: int | None = None) -> None:
        await self.client.publish(topic.state(self.node), state(True, at or now()), qos=1, retain=True)

    async def offline(self, at: int | None = None) -> None:
        await self.client.publish(topic.state(self.node), state(False, at or now()), qos=1, retain=True)

    async def command(self, *samples: tuple[str, DataType, Any]) -> None:
        made = payload(now())
        for name, datatype, value in samples:
            add(made, Sample(name, datatype, value, now()))
        await self.client.publish(str(Topic("town", "NCMD", self.node)), made.SerializeToString())

    async def confirm(self, number: int, agent: str | None = None) -> None:
        """Confirms to the agent that was born last, or to one by its name; an empty one names none."""
        named = self.agent if agent is None else agent
        meant = [(names.AGENT, DataType.STRING, named)] if named else []
        await self.command((names.CONFIRMED, DataType.UINT64, number), *meant)

    async def rebirth(self, nonce: str = "") -> None:
        challenge = [(names.CHALLENGE, DataType.STRING, nonce)] if nonce else []
        await self.command((names.REBIRTH, DataType.BOOLEAN, True), *challenge)

    async def read(self, device: str, metric: str, nonce: str) -> None:
        asked = json.dumps({"device": device, "metric": metric, "nonce": nonce})
        await self.command((names.READ, DataType.STRING, asked))

    async def listen(self) -> None:
        async for each in self.client.messages:
            if self.deaf or "/STATE/" in str(each.topic):
                continue
            where = parse(str(each.topic))
            if where.node != self.node or where.type in ("NCMD", "DCMD"):
                continue
            message = self._decoded(where, each.payload)
            self.heard.append(message)
            if message.type == "NBIRTH":
                self.agent = message.metrics[names.AGENT].value
            if message.number and message.previous <= self.mark < message.number:
                self.mark = message.number
                self.taken.append(message)
                if self.confirming:
                    await self.confirm(self.mark)

    def _decoded(self, where: Topic, content: Any) -> Message:
        made = Payload.FromString(content)
        metrics = {}
        for each in made.metrics:
            if each.name and each.HasField("alias"):
                self._known[each.alias] = each.name, DataType(each.datatype)
            name, datatype = (each.name, DataType(each.datatype)) if each.name else self._known[each.alias]
            assert name not in metrics, "no metric stands twice in a message"
            kind = each.WhichOneof("value")
            assert (kind is None) == each.is_null
            value = None if kind is None else from_wire(datatype, getattr(each, kind))
            metrics[name] = Metric(name, value, each.timestamp, each.is_historical, datatype)
        return Message(where.type, where.device, made.seq if made.HasField("seq") else None, made.timestamp, metrics)


@contextlib.asynccontextmanager
async def host(port: int, node: str, confirming: bool = True) -> AsyncIterator[Host]:
    """A host that is connected but says nothing of being online."""
    async with aiomqtt.Client("127.0.0.1", port) as client:
        await client.subscribe("spBv1.0/#", qos=1)
        made = Host(client, node, confirming)
        task = asyncio.create_task(made.listen())
        try:
            yield made
        finally:
            if task.done():
                task.result()  # it hears until it is told to stop
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


def played(test: Coroutine[Any, Any, None]) -> None:
    async def limited() -> None:
        async with asyncio.timeout(60):
            await test

    asyncio.run(limited())


def emit(source: Emitted, *counts: int) -> None:
    for count in counts:
        source.emit(Reading("parts", count, now()))
