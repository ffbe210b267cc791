"""Many agents in one process, each with a machine whose tags count: what `soaking` runs and kills.

    python gateways.py PORT FOLDER RUN TAGS NODE...

Every second each tag's value is one more, from ``RUN`` times a million on, so that a value tells which run of the
process took it. The line ``rest`` on standard input ends the counting; what was taken is sent on.
"""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from pathlib import Path

from shazhou.telemetry.edge.agent import Agent
from shazhou.telemetry.edge.config import EdgeConfig
from shazhou.telemetry.edge.source import Emit, NotReadable, Reading, Report

MILLION = 1_000_000
PERIOD = 1.0


class Counting:
    """A machine whose tags all count."""

    def __init__(self, tags: list[str], run: int, offset: float, resting: threading.Event) -> None:
        self._tags, self._count, self._offset, self._resting = tags, run * MILLION, offset, resting

    async def run(self, emit: Emit) -> None:
        due = time.monotonic() + self._offset
        while not self._resting.is_set():
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            due += PERIOD
            self._count += 1
            at = time.time_ns() // MILLION
            for tag in self._tags:
                emit(Reading(tag, self._count, at))
        await asyncio.Event().wait()

    async def check(self) -> Report:
        return Report()

    async def read(self, tag: str) -> Reading:
        raise NotReadable(tag)


def config(port: int, node: str, tags: list[str]) -> EdgeConfig:
    metrics = {f"Tag/{tag}": {"source": "machine", "tag": tag, "type": "int64"} for tag in tags}
    return EdgeConfig.model_validate(
        {
            "city": "zhangjiagang",
            "enterprise": node,
            "broker": {"address": f"127.0.0.1:{port}", "keepalive": 5},
            "mode": "full",
            "origin": "simulated",
            "folder": ".",
            "sources": {"machine": {"kind": "example"}},
            "equipment": {"line": metrics},
        }
    )


async def main(port: int, folder: Path, run: int, tags: list[str], nodes: list[str]) -> None:
    resting = threading.Event()
    threading.Thread(target=lambda: [resting.set() for line in sys.stdin if line == "rest\n"], daemon=True).start()
    async with asyncio.TaskGroup() as tasks:
        for place, node in enumerate(nodes):
            counting = Counting(tags, run, place / len(nodes), resting)
            agent = Agent(config(port, node, tags), folder / node, {"machine": counting}, hardware=node)
            tasks.create_task(agent.run())
            await asyncio.sleep(0)
        print("ready", flush=True)


if __name__ == "__main__":
    names = [f"{number:03d}" for number in range(int(sys.argv[4]))]
    asyncio.run(main(int(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), names, sys.argv[5:]))
