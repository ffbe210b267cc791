"""OPC UA at 15,000 values a second: what the agent's source takes from one server, and how soon it is back.

    python bench/telemetry_opcua.py [variables] [--seconds N]

A server by npm's `node-opcua` (a process of its own, installed as for the tests) has so many variables (15,000 by
default) that all change every second. The agent's source subscribes to all of them in a process of its own for N
seconds; so does, after it, `node-opcua`'s own client, with the same intervals and queues, every change reported.
Printed: values a second of both, CPU of the client's process for each 1,000 values, and the ratio of the two (Shazhou's
by node-opcua's). Neither client can hold more than the server brings about on this machine, so what it changed and its
own CPU are printed too. In between the server is killed while the source listens, and started again: from the moment at
which it serves, until every variable was heard anew.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import multiprocessing.connection
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parents[1] / "tests" / each) for each in ("telemetry/interop", "")]

from peer import Peer  # noqa: E402
from waiting import free_port  # noqa: E402

from shazhou.telemetry.edge.source import Reading  # noqa: E402
from shazhou.telemetry.edge.sources.opcua.opcua import OpcUaSource  # noqa: E402
from shazhou.telemetry.edge.sources.opcua.options import OpcUaOptions  # noqa: E402

GOAL = 5.0
"""Seconds from the server's return to the last variable."""
QUEUE = 10
"""Values that the server keeps of each variable for a client that is slow to ask."""
SETTLED = 3.0
"""Seconds between the last variable's first value and the measurement."""


def serving(folder: str, port: int, variables: int) -> Peer:
    peer = Peer("opcua_server.cjs", json.dumps({"port": port, "variables": variables, "folder": folder}))
    peer.said("up", 120)
    return peer


def cpu_of(process: int) -> float:
    """CPU seconds that a process used so far."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def listening(port: int, variables: int, line: multiprocessing.connection.Connection) -> None:
    """The agent's source in this process: tells through the line how much came, whenever it is asked."""
    heard, good = 0, set()
    source = OpcUaSource(
        OpcUaOptions(
            kind="opcua", endpoint=f"opc.tcp://127.0.0.1:{port}", interval=1.0, sampling=0, queue=QUEUE, timeout=60
        ),
        [f"ns=1;s=v{number}" for number in range(variables)],
        Path(),
        lambda: int(time.time() * 1000),
    )

    def emit(reading: Reading) -> None:
        nonlocal heard
        if reading.value is not None:
            heard += 1
            good.add(reading.tag)
        elif reading.tag in good:
            good.discard(reading.tag)

    async def run() -> None:
        task = asyncio.create_task(source.run(emit))
        while not task.done():
            await asyncio.sleep(0.01)
            while line.poll():
                if line.recv() == "end":
                    task.cancel()
                    return
                line.send((heard, len(good), time.process_time(), time.monotonic()))

    asyncio.run(run())


class Listener:
    """The process that listens."""

    def __init__(self, port: int, variables: int) -> None:
        self._line, other = multiprocessing.Pipe()
        self._process = multiprocessing.get_context("spawn").Process(target=listening, args=(port, variables, other))
        self._process.start()

    def asked(self) -> tuple[int, int, float, float]:
        """Values heard so far, variables with a good value, CPU seconds, moment."""
        self._line.send("?")
        return tuple(self._line.recv())  # type: ignore[return-value]

    def until(self, variables: int, seconds: float) -> float:
        """Waits until so many variables have a good value, or none; seconds that it took."""
        begun = time.monotonic()
        while (self.asked()[1] < variables) if variables else self.asked()[1]:
            if time.monotonic() - begun > seconds:
                raise TimeoutError(f"{self.asked()[1]} of {variables} variables within {seconds} s")
            time.sleep(0.02)
        return time.monotonic() - begun

    def end(self) -> None:
        self._line.send("end")
        self._process.join(20)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("variables", nargs="?", type=int, default=15_000)
    parser.add_argument("--seconds", type=float, default=30)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measure(folder, asked.variables, asked.seconds)


def measure(folder: str, variables: int, seconds: float) -> None:
    port = free_port()
    server = serving(folder, port, variables)
    listener = Listener(port, variables)
    print(f"all {variables:,} variables after {listener.until(variables, 300):.1f} s")
    ours = listened(listener, server, seconds)
    show("shazhou", ours)

    server.kill()
    listener.until(0, 60)
    server = serving(folder, port, variables)
    first = listener.until(1, 300)
    back = first + listener.until(variables, 300)
    listener.end()

    peer = Peer("opcua_client.cjs", port, variables, seconds, 1000, QUEUE, SETTLED)
    peer.said("begun", 300)
    served = Served(server)
    theirs = peer.said("measured", seconds + 60)
    served.show(theirs)
    show("node-opcua", theirs)
    server.kill()
    ratio = cost(ours) / cost(theirs) if theirs["heard"] and ours["heard"] else float("nan")
    print(f"ratio of CPU per value, shazhou by node-opcua: {ratio:.2f}")
    goal = "within" if back < GOAL else "beyond"
    print(f"resume after the server's restart: first value {first:.2f} s, all {back:.2f} s ({goal} {GOAL:.0f} s)")


def listened(listener: Listener, server: Peer, seconds: float) -> dict[str, Any]:
    """What came within so many seconds."""
    time.sleep(SETTLED)
    served = Served(server)
    heard, _, used, begun = listener.asked()
    time.sleep(seconds)
    after, _, used_after, ended = listener.asked()
    measured = {"heard": after - heard, "seconds": ended - begun, "cpu": used_after - used}
    served.show(measured)
    return measured


class Served:
    """What the server did since a moment."""

    def __init__(self, server: Peer) -> None:
        self._server = server
        self._begun, self._cpu, self._changes = self._now()

    def show(self, measured: dict[str, Any]) -> None:
        now, cpu, changes = self._now()
        took, changed = now - self._begun, changes - self._changes
        share = measured["heard"] / changed
        print(
            f"server: {changed / took:,.0f} changes/s, {(cpu - self._cpu) / took:.2f} cores; {share:.1%} of them heard"
        )

    def _now(self) -> tuple[float, float, int]:
        self._server.tell("count")
        return time.monotonic(), cpu_of(self._server.process.pid), int(self._server.said("count"))


def cost(measured: dict[str, Any]) -> float:
    """Milliseconds of CPU for each 1,000 values."""
    return float(measured["cpu"]) / max(int(measured["heard"]), 1) * 1e6


def show(name: str, measured: dict[str, Any]) -> None:
    rate, cores = measured["heard"] / measured["seconds"], measured["cpu"] / measured["seconds"]
    print(f"{name}: {rate:,.0f} values/s, {cores:.2f} cores, {cost(measured):.1f} ms CPU per 1,000 values")


if __name__ == "__main__":
    main()
