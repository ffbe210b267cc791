"""The same Sparkplug stream into Shazhou's host, through Node-RED into InfluxDB, and by a script into PostgreSQL.

    python bench/telemetry_peers.py                # finds the rate that each holds, from 5,000 tags a second on
    python bench/telemetry_peers.py --rates 15000 --seconds 20

Edge nodes that only send (tests/telemetry/load) publish DATA with aliases and data types. A rate is held when every
value can be read ten seconds after the last was sent. Told are the processor's milliseconds per 1,000 tags of whatever
takes part beside broker and publisher, and bytes on disk per sample once the store has settled. Each peer is set up as
its users do, and in its favour: points are gathered for a fifth of a second and written together, PostgreSQL is fed by
COPY and does not wait for its disk (Shazhou's host does). Needs npm, and ``influxdb`` and ``postgresql`` of Debian.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
TESTS = HERE.parent / "tests"
sys.path[:0] = [str(TESTS / "telemetry" / each) for each in ("interop", "load")] + [str(TESTS / "console"), str(TESTS)]

import psycopg  # noqa: E402
from machine import processor, size_of  # noqa: E402
from peer import installed  # noqa: E402
from publisher import Load, Publishers  # noqa: E402
from running_postgresql import postgresql  # noqa: E402
from serving import broker, host  # noqa: E402
from waiting import free_port  # noqa: E402

PATIENCE = 10.0


@dataclass
class Peer:
    """What takes a stream in: its processes, how many values can be read of it, and bytes on disk once it settled."""

    processes: list[int]
    count: Callable[[], int]
    settled: Callable[[], int]


@contextmanager
def shazhou(folder: Path, port: int) -> Iterator[Peer]:
    with host(folder / "ledger", port) as running:
        yield Peer([running.process.pid], running.count, running.settled)


@contextmanager
def node_red(folder: Path, port: int) -> Iterator[Peer]:
    """Node-RED with a flow of three nodes, and InfluxDB 1.6 behind it."""
    http, ui = free_port(), free_port()
    (folder / "influx.conf").write_text(
        f"""reporting-disabled = true
bind-address = "127.0.0.1:{free_port()}"
[meta]
dir = "{folder}/influx/meta"
[data]
dir = "{folder}/influx/data"
wal-dir = "{folder}/influx/wal"
query-log-enabled = false
cache-snapshot-write-cold-duration = "2s"
[http]
bind-address = "127.0.0.1:{http}"
log-enabled = false
[monitor]
store-enabled = false
"""
    )

    def ask(query: str) -> Any:
        asked = urllib.parse.urlencode({"db": "shop", "q": query}).encode()
        with urllib.request.urlopen(f"http://127.0.0.1:{http}/query", asked) as answer:
            return json.load(answer)["results"][0]

    def count() -> int:
        series = ask("SELECT count(value) FROM sample").get("series")
        return int(series[0]["values"][0][1]) if series else 0

    def settled() -> int:
        size = -1
        while size != (size := size_of(folder / "influx")):
            time.sleep(4)
        return size

    flow = [
        {"id": "flow", "type": "tab"},
        {"id": "broker", "type": "mqtt-broker", "broker": "127.0.0.1", "port": str(port), "clientid": "node-red"},
        {"id": "in", "type": "mqtt in", "z": "flow", "topic": "spBv1.0/#", "qos": "0", "datatype": "buffer"}
        | {"broker": "broker", "wires": [["decode"]]},
        {"id": "decode", "type": "function", "z": "flow", "outputs": 1, "wires": [["out"]]}
        | {"func": (HERE / "node-red" / "decode.js").read_text()},
        {"id": "out", "type": "influxdb batch", "z": "flow", "influxdb": "influx", "precision": "ms"},
        {"id": "influx", "type": "influxdb", "hostname": "127.0.0.1", "port": str(http), "database": "shop"}
        | {"influxdbVersion": "1.x"},
    ]
    (folder / "flow.json").write_text(json.dumps(flow))
    modules = installed(HERE / "node-red" / "package-lock.json") / "node_modules"
    environment = {**os.environ, "UI_PORT": str(ui), "USER_DIR": str(modules.parent), "FLOW": str(folder / "flow.json")}
    shutil.copy(HERE / "node-red" / "settings.js", modules.parent / "settings.js")
    with process(["influxd", "-config", str(folder / "influx.conf")], folder / "influx.log") as influx:
        wait_for(lambda: ask("CREATE DATABASE shop") is not None, folder / "influx.log")
        command = ["node", str(modules / "node-red" / "red.js"), "--settings", str(modules.parent / "settings.js")]
        with process(command, folder / "node-red.log", environment) as red:
            wait_for(lambda: "Connected to broker" in (folder / "node-red.log").read_text(), folder / "node-red.log")
            yield Peer([influx, red], count, settled)


@contextmanager
def copying(folder: Path, port: int) -> Iterator[Peer]:
    """A script that takes messages with paho and copies rows into PostgreSQL."""
    from copying import TABLES

    with postgresql() as server:
        address = server.database("shop")
        with psycopg.connect(address, autocommit=True) as asking:
            asking.execute(TABLES.encode())

            def count() -> int:
                found = asking.execute("SELECT count(*) FROM sample").fetchone()
                return int(found[0]) if found else 0

            def settled() -> int:
                found = asking.execute("SELECT pg_total_relation_size('sample')").fetchone()
                return int(found[0]) if found else 0

            script = str(TESTS / "telemetry" / "load" / "copying.py")
            with process([sys.executable, script, str(port), address], folder / "copying.log") as script_process:
                wait_for(lambda: "ready" in (folder / "copying.log").read_text(), folder / "copying.log")
                postmaster = int((server.folder / "data" / "postmaster.pid").read_text().split()[0])
                yield Peer([script_process, postmaster], count, settled)


@contextmanager
def process(command: list[str], log: Path, environment: dict[str, str] | None = None) -> Iterator[int]:
    """A program that runs until the context ends, its words in a file."""
    with log.open("w") as out:
        running = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, env=environment)
    try:
        yield running.pid
    finally:
        running.terminate()
        running.wait()


def wait_for(true: Callable[[], bool], log: Path, seconds: float = 60) -> None:
    """Waits until something holds; tells the log where it never does."""
    until, refusal = time.monotonic() + seconds, ""
    while time.monotonic() < until:
        try:
            if true():
                return
        except urllib.error.URLError as error:
            refusal = str(error)
        time.sleep(0.1)
    raise SystemExit(f"{log.read_text()}\n{refusal}")


PEERS: dict[str, Callable[..., Any]] = {
    "Shazhou host": shazhou,
    "Node-RED, InfluxDB": node_red,
    "script, PostgreSQL": copying,
}


def measured(name: str, rate: int, asked: argparse.Namespace) -> bool:
    """Runs a peer at a rate in tags a second and prints what it took; whether the rate was held."""
    nodes = [f"n{number:04d}" for number in range(asked.nodes)]
    with tempfile.TemporaryDirectory() as made, broker() as port, PEERS[name](Path(made), port) as peer:
        load = Load(port, nodes, asked.tags, rate / asked.tags, asked.seconds, typed=True)
        with Publishers(load, 1) as sending:
            time.sleep(2)
            before = sum(map(processor, peer.processes))
            sending.start()
            result = sending.result()
            sent = sum(result.messages.values()) * asked.tags
            until = time.monotonic() + PATIENCE
            while (there := peer.count()) < sent and time.monotonic() < until:
                time.sleep(0.5)
            used = sum(map(processor, peer.processes)) - before
            settled = peer.settled()
    held = there == sent and result.late < 1
    text = (
        f"{name:20} {rate:>9,} {sent - there:>9,} {used * 1e6 / max(there, 1):>10.2f} {settled / max(there, 1):>10.1f}"
    )
    print(f"{text}   {'held' if held else 'not held'}", flush=True)
    return held


def main() -> None:
    """Raises the rate of each peer until it no longer holds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rates", default="5000,10000,15000,20000,30000,40000,60000,80000,100000,150000,200000")
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--nodes", type=int, default=500)
    parser.add_argument("--tags", type=int, default=30)
    asked = parser.parse_args()
    print("figures: tags a second, lost, processor ms per 1,000 tags, bytes on disk per sample")
    best: dict[str, int] = {}
    for name in PEERS:
        for rate in map(int, asked.rates.split(",")):
            if not measured(name, rate, asked):
                break
            best[name] = rate
    ours = best.get("Shazhou host", 0)
    for name, rate in best.items():
        print(f"{name:20} holds {rate:,} tags a second; ratio to Shazhou host {rate / ours if ours else 0:.2f}")


if __name__ == "__main__":
    main()
