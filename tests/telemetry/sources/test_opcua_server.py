"""OPC UA against a server that nobody here wrote: npm's `node-opcua`, in a process of its own."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import pytest
from interop.peer import Peer
from listening import now, running
from waiting import awaited, free_port

from shazhou.telemetry.edge.sources.opcua.opcua import OpcUaSource
from shazhou.telemetry.edge.sources.opcua.options import OpcUaOptions
from shazhou.telemetry.sparkplug.payload import BAD

pytestmark = pytest.mark.slow
COUNT = 500


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keeps the server's certificates from one start to the next: making them takes seconds."""
    return tmp_path_factory.mktemp("node-opcua")


def serving(folder: Path, port: int, **options: Any) -> Peer:
    peer = Peer("opcua_server.cjs", json.dumps({"port": port, "variables": COUNT, "folder": str(folder), **options}))
    peer.said("up", 90)
    return peer


def source(port: int, folder: Path, *tags: str, **options: Any) -> OpcUaSource:
    made = OpcUaOptions(kind="opcua", endpoint=f"opc.tcp://127.0.0.1:{port}", interval=0.1, **options)
    return OpcUaSource(made, tags, folder, now)


def test_a_server_with_narrow_limits_gives_everything_and_is_back_in_five_seconds(folder: Path) -> None:
    """At most 50 operations in one call; then the server is killed, started again, and every tag comes anew."""

    async def scenario() -> None:
        port = free_port()
        tags = [f"ns=1;s=v{number}" for number in range(COUNT)]
        made = source(port, folder, *tags)
        peer = await asyncio.to_thread(serving, folder, port, limit=50, period=200)
        async with running(made) as heard:
            await awaited(lambda: min(_counted(heard, tags).values()) > 1, 30)
            assert (await made.read("ns=1;s=v7")).value is not None
            assert all(reading.at > now() - 60_000 for reading in heard), "times are the source's and recent"
            peer.tell("bad 7")
            await awaited(lambda: _was_bad(heard, "ns=1;s=v7"))
            peer.kill()
            await awaited(lambda: all(heard.quality(tag) == BAD for tag in tags))
            heard.clear()
            peer = await asyncio.to_thread(serving, folder, port, limit=50, period=200)
            begun = time.monotonic()
            await awaited(lambda: min(_counted(heard, tags).values()) > 0, 30)
            assert time.monotonic() - begun < 5
        peer.kill()

    asyncio.run(scenario())


def test_signed_and_encrypted_with_the_agents_own_certificate_and_a_password(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRESS_PASSWORD", "secret")

    async def scenario() -> None:
        port = free_port()
        login = {"username": "reader", "password_env": "PRESS_PASSWORD"}
        peer = await asyncio.to_thread(serving, folder, port, user="reader", password="secret", period=100)
        for security in ("Basic256Sha256/Sign", "Basic256Sha256/SignAndEncrypt"):
            async with running(source(port, folder, "Press/V3", security=security, **login)) as heard:
                await awaited(lambda heard=heard: len(heard.of("Press/V3")) > 2, 20)
        monkeypatch.setenv("PRESS_PASSWORD", "wrong")
        for turned_away in (
            source(port, folder, "Press/V3", security="Basic256Sha256/SignAndEncrypt", **login),
            source(port, folder, "Press/V3", security="Basic256Sha256/SignAndEncrypt"),
        ):
            report = await turned_away.check()
            assert [problem.rule.id for problem in report.problems] == ["source-turned-away"]
        peer.kill()

    asyncio.run(scenario())


def _counted(heard: Any, tags: list[str]) -> dict[str, int]:
    counts = dict.fromkeys(tags, 0)
    for reading in heard:
        if reading.value is not None and reading.tag in counts:
            counts[reading.tag] += 1
    return counts


def _was_bad(heard: Any, tag: str) -> bool:
    return any(reading.tag == tag and reading.quality == BAD for reading in heard)
