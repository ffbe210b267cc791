"""A source of readings from an MTConnect agent: probe for the model, current for what holds, sample for what follows.

An agent keeps a limited number of observations, each with its number. Whoever comes too late is told OUT_OF_RANGE (or
gets later ones than asked for): that gap is counted and said, and reading goes on from what holds now. An agent that
was started anew has another instance id and numbers from one again, so everything is begun anew.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Collection
from contextlib import aclosing
from urllib.parse import quote

from shazhou.telemetry.edge.source import ALIVE, Clock, Emit, NotReadable, Reading, Report, fresh
from shazhou.telemetry.edge.sources.connection import keep_connected
from shazhou.telemetry.edge.sources.mtconnect.condition import Conditions
from shazhou.telemetry.edge.sources.mtconnect.device import Device
from shazhou.telemetry.edge.sources.mtconnect.http import Connection
from shazhou.telemetry.edge.sources.mtconnect.model import DataItem, data_items
from shazhou.telemetry.edge.sources.mtconnect.options import AgentOptions
from shazhou.telemetry.edge.sources.mtconnect.streams import AgentError, Streams, streams
from shazhou.telemetry.edge.sources.rules import BAD_VALUE, NO_SUCH_TAG, UNREACHABLE, problem, said
from shazhou.telemetry.sparkplug.payload import GOOD

SHOWN = 40
_LOG = logging.getLogger(__name__)


class AgentSource:
    """See `shazhou.telemetry.edge.sources.mtconnect.options`. ``gaps`` counts how often observations were lost."""

    def __init__(self, options: AgentOptions, tags: Collection[str], clock: Clock) -> None:
        self._options, self._tags, self._clock = options, tuple(tags), clock
        self._items: dict[str, DataItem] = {}
        self.gaps = 0

    async def run(self, emit: Emit) -> None:
        async def session(connected: Callable[[], None]) -> None:
            await self._session(connected, emit)

        await keep_connected(self._options.url, session, emit, self._tags, self._clock)

    async def check(self) -> Report:
        url = self._options.url
        try:
            items = await self._probe()
            device = Device(items, self._tags, self._clock())
            now = streams(await self._get("/current"), items, Conditions(), self._clock())
        except (OSError, ValueError, AgentError) as error:
            return Report(problems=(problem(UNREACHABLE, url, said(error)),))
        samples = {reading.tag: reading for reading in device.tagged(now.readings)}
        missing = device.missing()
        problems = [problem(NO_SUCH_TAG, url, tag) for tag in missing]
        problems += [problem(BAD_VALUE, url, tag, "UNAVAILABLE") for tag, one in samples.items() if one.quality != GOOD]
        listed = () if self._tags else tuple(f"{item.id} {item.name} ({item.type})" for item in items.values())[:SHOWN]
        return Report((f"{url}: {len(items)} data items", *listed), tuple(samples.values()), tuple(problems))

    async def read(self, tag: str) -> Reading:
        """From an observation that is not older than the question: the agent asks the machine by itself and cannot be
        told to, so that what it had before proves nothing."""
        return await fresh(lambda: self._current(tag), self._clock())

    async def _current(self, tag: str) -> Reading:
        try:
            items = self._items or await self._probe()
            now = streams(await self._get("/current"), items, Conditions(), self._clock())
        except (OSError, ValueError, AgentError) as error:
            raise NotReadable(said(error)) from error
        found = [reading for reading in Device(items, (tag,), 0).tagged(now.readings) if reading.tag == tag]
        if not found:
            raise NotReadable(f"no data item {tag}")
        return found[-1]

    async def _session(self, connected: Callable[[], None], emit: Emit) -> None:
        items = self._items = await self._probe()
        device, conditions = Device(items, self._tags, self._clock()), Conditions()
        for tag in device.missing():
            _LOG.warning("%s: no data item for tag %s", self._options.url, tag)
        while True:
            now = streams(await self._get("/current"), items, conditions, self._clock())
            connected()
            _hand_on(now, device, emit)
            try:
                await self._follow(now, device, conditions, emit)
            except AgentError as error:
                if error.code != "OUT_OF_RANGE":
                    raise
                self._gap(str(error))

    async def _follow(self, now: Streams, device: Device, conditions: Conditions, emit: Emit) -> None:
        """Hands on what is observed after ``now``, without end but for errors and gaps."""
        instance, wanted = now.instance, now.next
        asked = f"/sample?from={wanted}&count={self._options.count}"
        asked += f"&interval={int(self._options.interval * 1000)}&heartbeat={int(self._options.heartbeat * 1000)}"
        async with aclosing(self._parts(asked)) as parts:
            async for document in parts:
                heard = streams(document, self._items, conditions, self._clock())
                if heard.instance != instance:
                    raise ConnectionError("the agent was started anew")
                if heard.first > wanted:
                    self._gap(f"asked for {wanted}, oldest is {heard.first}")
                wanted = heard.next
                _hand_on(heard, device, emit)
                emit(Reading(ALIVE, None, self._clock()))
        raise ConnectionError("the agent ended the stream")

    def _gap(self, why: str) -> None:
        self.gaps += 1
        _LOG.warning("%s: observations lost: %s", self._options.url, why)

    async def _probe(self) -> dict[str, DataItem]:
        document = await self._get("/probe")
        items = data_items(document)
        if not items:
            raise ValueError("no data items")
        return items

    async def _get(self, path: str) -> bytes:
        connection = self._connection(self._options.timeout)
        try:
            return await asyncio.to_thread(connection.get, self._path(path))
        finally:
            connection.close()

    async def _parts(self, path: str) -> AsyncGenerator[bytes, None]:
        """Each part as a thread reads it; closing the connection ends the thread's wait."""
        connection = self._connection(2 * self._options.heartbeat + self._options.interval)
        parts = connection.parts(self._path(path))
        try:
            while (part := await asyncio.to_thread(next, parts, None)) is not None:
                yield part
        finally:
            connection.close()

    def _connection(self, timeout: float) -> Connection:
        return Connection(self._options.url, timeout)

    def _path(self, path: str) -> str:
        return f"/{quote(self._options.device)}{path}" if self._options.device else path


def _hand_on(heard: Streams, device: Device, emit: Emit) -> None:
    for reading in device.tagged(heard.readings):
        emit(reading)
