"""An agent of ours with one machine whose readings are known, in a thread of its own."""

from __future__ import annotations

import asyncio
import threading
import time
from pathlib import Path

from shazhou.telemetry.edge.agent import Agent
from shazhou.telemetry.edge.config import EdgeConfig
from shazhou.telemetry.edge.source import Emit, NotReadable, Reading, Report

READINGS = {
    "State": 3,
    "Count/Total": 1 << 40,
    "Power/Active": -0.5,
    "Tag/Offset": -9007199254740993,
    "Tag/Open": True,
    "Tag/Recipe": "沙洲 7",
}
TYPES = {"Tag/Offset": "int64", "Tag/Open": "boolean", "Tag/Recipe": "string"}


class Machine:
    """Says the same all the time."""

    async def run(self, emit: Emit) -> None:
        while True:
            for tag, value in READINGS.items():
                emit(Reading(tag, value, time.time_ns() // 1_000_000))
            await asyncio.sleep(0.2)

    async def check(self) -> Report:
        return Report()

    async def read(self, tag: str) -> Reading:
        raise NotReadable(tag)


class OwnAgent:
    """Runs until the context ends."""

    def __init__(self, port: int, folder: Path, mode: str = "full") -> None:
        metrics = {
            name: {"source": "machine", "tag": name} | ({"type": TYPES[name]} if name in TYPES else {})
            for name in READINGS
        }
        content = {
            "city": "zhangjiagang",
            "enterprise": "works",
            "broker": {"address": f"127.0.0.1:{port}"},
            "mode": mode,
            "sources": {"machine": {"kind": "example"}},
            "equipment": {"press": metrics},
        }
        self._config, self._folder = EdgeConfig.model_validate(content), folder
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()))

    async def _run(self) -> None:
        self._loop = asyncio.get_running_loop()
        agent = Agent(self._config, self._folder, {"machine": Machine()})
        self._task = asyncio.ensure_future(agent.run())
        await asyncio.gather(self._task, return_exceptions=True)

    def __enter__(self) -> OwnAgent:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._task.cancel)
        self._thread.join()
