"""SHDR over TCP: what an adapter of a lathe sent, sent again by a small server."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from listening import now, running
from waiting import awaited, free_port

from shazhou.telemetry.edge.source import ALIVE, Reading
from shazhou.telemetry.edge.sources.mtconnect.adapter import AdapterSource
from shazhou.telemetry.edge.sources.mtconnect.options import ShdrOptions
from shazhou.telemetry.names import State
from shazhou.telemetry.sparkplug.payload import BAD

RECORDED = Path(__file__).parents[3] / "examples" / "telemetry"
MODEL = str(RECORDED / "mtconnect_demo_devices.xml")


class Adapter:
    """Sends the lines it is given to whoever connects, and answers PING if it has a heartbeat (in milliseconds)."""

    def __init__(self, lines: bytes, heartbeat: int | None = None) -> None:
        self.lines, self.heartbeat = lines, heartbeat
        self.pings = 0
        self.writers: list[asyncio.StreamWriter] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writers.append(writer)
        writer.write(self.lines)
        while line := await reader.readline():
            assert line.startswith(b"* PING")
            self.pings += 1
            if self.heartbeat is not None:
                writer.write(b"* PONG %d\n" % self.heartbeat)

    @asynccontextmanager
    async def at(self, port: int) -> AsyncIterator[None]:
        server = await asyncio.start_server(self.serve, "127.0.0.1", port)
        try:
            yield
        finally:
            server.close()
            for writer in self.writers:
                writer.transport.abort()
            self.writers.clear()


def source(port: int, *tags: str, model: str = MODEL) -> AdapterSource:
    device = "OKUMA" if model else ""
    options = ShdrOptions(kind="shdr", host="127.0.0.1", port=port, model=model, device=device)
    return AdapterSource(options, tags, Path(), now)


def recorded() -> bytes:
    with gzip.open(RECORDED / "okuma_lathe_shdr.txt.gz") as log:
        return log.read()


def test_a_lathes_whole_log_comes_over_the_line() -> None:
    async def scenario() -> None:
        port = free_port()
        async with Adapter(recorded()).at(port), running(source(port, "State", "Z1actw", "ppartcount")) as heard:
            await awaited(lambda: heard.of("ppartcount") == [0, 1, 0, 1, 0, 1, 2, 3])
            await awaited(lambda: len(heard.of("Z1actw")) > 2900)
            assert State.EXECUTING in heard.of("State")

    asyncio.run(scenario())


def test_an_adapter_whose_heart_stops_is_connected_to_again() -> None:
    """The socket of a controller that lost power stays open for hours."""

    async def scenario() -> None:
        port, adapter = free_port(), Adapter(b"|avail|AVAILABLE|pexecution|READY\n", heartbeat=100)
        async with adapter.at(port), running(source(port, "State")) as heard:
            await awaited(lambda: adapter.pings > 3)
            assert heard.of("State")[-1] == State.NOT_EXECUTING
            assert any(reading.tag == ALIVE for reading in heard)
            adapter.heartbeat, connections = None, len(adapter.writers)
            await awaited(lambda: heard.quality("State") == BAD)
            adapter.heartbeat = 100
            await awaited(lambda: len(adapter.writers) > connections and heard.of("State")[-1] == 2)

    asyncio.run(scenario())


def test_an_adapter_without_heartbeat_is_left_in_peace() -> None:
    async def scenario() -> None:
        port, adapter = free_port(), Adapter(b"|a|1\n")
        async with adapter.at(port), running(source(port, "a", model="")) as heard:
            await awaited(lambda: heard.of("a") == [1.0])
            await asyncio.sleep(0.3)
            assert (adapter.pings, len(adapter.writers)) == (1, 1)

    asyncio.run(scenario())


def test_after_a_reconnection_the_same_values_count_again() -> None:
    """An adapter tells everything anew with old times; without that the machine would stay lost until it changes."""

    async def scenario() -> None:
        port, adapter = free_port(), Adapter(b"2022-08-08T13:51:36Z|execution|ACTIVE\n")
        before = now()
        async with running(source(port, "State", "execution", model="")) as heard:
            async with adapter.at(port):
                await awaited(lambda: heard.of("State") == [State.EXECUTING])
            await awaited(lambda: heard.quality("State") == BAD)
            async with adapter.at(port):
                await awaited(lambda: heard.of("State") == [State.EXECUTING] * 2)
        told = [reading.at for reading in heard if reading.tag == "State" and reading.value is not None]
        assert told[0] >= before and told[1] > told[0], "the state holds from when it is known"

    asyncio.run(scenario())


def test_a_line_without_end_is_hung_up_on() -> None:
    async def scenario() -> None:
        port, adapter = free_port(), Adapter(b"|a|1\n" + b"x" * (1 << 21))
        async with adapter.at(port), running(source(port, "a", model="")) as heard:
            await awaited(lambda: heard.of("a") and heard.quality("a") == BAD)
        assert set(heard.of("a")) == {1.0}

    asyncio.run(scenario())


def test_check_says_what_is_wrong() -> None:
    async def scenario() -> None:
        port = free_port()
        report = await source(port, "a").check()
        assert [problem.rule.id for problem in report.problems] == ["source-unreachable"]
        report = await source(port, "a", model="none.xml").check()
        assert [problem.rule.id for problem in report.problems] == ["source-file-unreadable"]

    asyncio.run(scenario())


def test_check_lists_what_the_adapter_tells_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shazhou.telemetry.edge.sources.mtconnect.adapter.LISTENED", 0.3)

    async def scenario() -> None:
        port = free_port()
        async with Adapter(b"|a|1|b|2\n").at(port):
            report = await source(port, "a", "c", model="").check()
            assert [(sample.tag, sample.value) for sample in report.samples] == [("a", 1.0)]
            assert [(problem.rule.id, problem.found) for problem in report.problems] == [("tag-not-found", "c")]
            assert (await source(port, model="").check()).reached[1:] == ("a", "b")

    asyncio.run(scenario())


def test_a_source_ends_when_told_to_whatever_comes_at_that_moment() -> None:
    """Python 3.11's wait_for forgets that it was cancelled when what it waits for comes at that moment: the agent hung.

    So the end comes a different number of the loop's rounds after a line.
    """

    async def scenario() -> None:
        port, adapter = free_port(), Adapter(b"|a|1\n")
        async with adapter.at(port):
            for rounds in range(12):
                heard: list[Reading] = []
                task = asyncio.create_task(source(port, "a", model="").run(heard.append))
                await awaited(lambda heard=heard: heard)
                adapter.writers[-1].write(b"|a|2\n")
                for _ in range(rounds):
                    await asyncio.sleep(0)
                task.cancel()
                done, _ = await asyncio.wait({task}, timeout=1)
                assert done
                adapter.writers.clear()

    asyncio.run(scenario())
