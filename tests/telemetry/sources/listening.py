"""Running a source beside a test: what it emits, and waiting for a condition instead of for time."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from shazhou.telemetry.edge.source import Reading, Source


def now() -> int:
    return int(time.time() * 1000)


class Heard(list[Reading]):
    """What was emitted."""

    def of(self, tag: str) -> list[object]:
        """The values of the tag, without those that say that there is none."""
        return [reading.value for reading in self if reading.tag == tag and reading.value is not None]

    def quality(self, tag: str) -> int | None:
        """Of the tag's last reading."""
        return next((reading.quality for reading in reversed(self) if reading.tag == tag), None)


@asynccontextmanager
async def running(source: Source) -> AsyncIterator[Heard]:
    """The source running; ends it afterwards and fails when it ended by itself."""
    heard = Heard()
    task = asyncio.create_task(source.run(heard.append))
    try:
        yield heard
        assert not task.done(), task.exception() if not task.cancelled() else "cancelled"
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


@asynccontextmanager
async def forwarding(port: int, target: int) -> AsyncIterator[None]:
    """A line from one port to another; cut at the end, with everything that went through it."""
    ends: list[asyncio.StreamWriter] = []

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                writer.write(data)
        writer.close()

    async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", target)
        ends.extend((writer, far_writer))
        await asyncio.gather(pass_on(reader, far_writer), pass_on(far_reader, writer))

    server = await asyncio.start_server(forward, "127.0.0.1", port)
    try:
        yield
    finally:
        server.close()
        for end in ends:
            end.transport.abort()
