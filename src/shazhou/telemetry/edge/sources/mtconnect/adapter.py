"""A source of readings from an MTConnect adapter: SHDR over TCP with heartbeats."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from collections.abc import AsyncIterator, Callable, Collection
from pathlib import Path

from shazhou.telemetry.edge.source import ALIVE, Clock, Emit, NotReadable, Reading, Report
from shazhou.telemetry.edge.sources.connection import keep_connected
from shazhou.telemetry.edge.sources.mtconnect.device import Device
from shazhou.telemetry.edge.sources.mtconnect.model import DataItem, model_at
from shazhou.telemetry.edge.sources.mtconnect.options import ShdrOptions
from shazhou.telemetry.edge.sources.mtconnect.shdr import Parser
from shazhou.telemetry.edge.sources.rules import NO_SUCH_TAG, UNREACHABLE, UNREADABLE_FILE, problem, said

LONGEST = 1 << 20
"""Bytes of one line; an adapter that sends more is hung up on."""
PATIENCE = 2.0
"""Heartbeats after which an adapter that says nothing is taken for dead."""
LISTENED = 2.0
"""Seconds that a check listens: an adapter says all it knows when one connects."""


class AdapterSource:
    """See `shazhou.telemetry.edge.sources.mtconnect.options`. An adapter that answers PING is asked at half the
    heartbeat that it states; of one that does not, only TCP's own keep-alive tells that it is gone."""

    def __init__(self, options: ShdrOptions, tags: Collection[str], folder: Path, clock: Clock) -> None:
        self._options, self._tags, self._clock = options, tuple(tags), clock
        self._model = folder / options.model if options.model else None
        self._address = f"{options.host}:{options.port}"

    async def run(self, emit: Emit) -> None:
        async def session(connected: Callable[[], None]) -> None:
            items = self._items()
            device, parser = Device(items, self._tags, self._clock()), Parser(items)
            async for line in self._lines(connected, emit):
                for reading in device.tagged(parser.readings(line, self._clock())):
                    emit(reading)

        await keep_connected(self._address, session, emit, self._tags, self._clock)

    async def check(self) -> Report:
        try:
            items = self._items()
        except (OSError, ValueError) as error:
            return Report(problems=(problem(UNREADABLE_FILE, str(self._model), said(error)),))
        device, parser = Device(items, self._tags, self._clock()), Parser(items)
        samples: dict[str, Reading] = {}
        words: set[str] = set()

        async def listen() -> None:
            async for line in self._lines(lambda: None, lambda _: None):
                heard = parser.readings(line, self._clock())
                words.update(reading.tag for reading in heard)
                samples.update({reading.tag: reading for reading in device.tagged(heard)})

        try:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LISTENED):
                    await listen()
        except (OSError, ValueError) as error:
            return Report(problems=(problem(UNREACHABLE, self._address, said(error)),))
        absent = [tag for tag in self._tags if tag not in samples]
        listed = () if self._tags else tuple(sorted(words))
        return Report(
            (f"{self._address}: {len(words)} items", *listed),
            tuple(samples.values()),
            tuple(problem(NO_SUCH_TAG, self._address, tag) for tag in absent),
        )

    async def read(self, tag: str) -> Reading:
        raise NotReadable("an SHDR adapter only sends what changes")

    def _items(self) -> dict[str, DataItem]:
        return model_at(self._model, self._options.device) if self._model else {}

    async def _lines(self, connected: Callable[[], None], emit: Emit) -> AsyncIterator[str]:
        """Every line from connecting until the adapter is gone; asks for its heartbeat in between."""
        async with asyncio.timeout(self._options.timeout):
            reader, writer = await asyncio.open_connection(self._options.host, self._options.port, limit=LONGEST)
        _keep_alive(writer.get_extra_info("socket"))
        connected()
        heartbeat: float | None = None
        asked = heard = time.monotonic()
        writer.write(b"* PING\r\n")
        try:
            while True:
                wait = self._options.timeout if heartbeat is None else heartbeat / 2
                try:
                    # Not wait_for: in Python 3.11 it forgets that it was cancelled if a line comes at the same moment.
                    async with asyncio.timeout(max(wait - (time.monotonic() - asked), 0.01)) as limit:
                        line: bytes | None = await reader.readline()
                except TimeoutError:
                    if not limit.expired():
                        raise
                    line = None
                if line == b"":
                    raise ConnectionError("the adapter hung up")
                if line is not None:
                    heard, text = time.monotonic(), line.decode("utf-8", "replace")
                    if text.startswith("* PONG"):
                        heartbeat = _heartbeat(text)
                        emit(Reading(ALIVE, None, self._clock()))
                    else:
                        yield text
                elif heartbeat is not None and time.monotonic() - heard > PATIENCE * heartbeat:
                    raise ConnectionError("the adapter's heart stopped")
                if time.monotonic() - asked >= wait:
                    asked = time.monotonic()
                    if heartbeat is not None:
                        writer.write(b"* PING\r\n")
        finally:
            writer.close()


def _heartbeat(pong: str) -> float | None:
    """Seconds between heartbeats as the adapter states them in milliseconds; None where it says none."""
    words = pong.split()
    return max(int(words[2]) / 1000, 0.1) if len(words) > 2 and words[2].isdecimal() else None


def _keep_alive(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    if hasattr(socket, "TCP_KEEPIDLE"):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 10)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 5)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 3)
