"""Everything is killed and cut in random order while agents work, and then every sample is looked for.

    python tests/telemetry/soak/soaking.py                                  # make soak: 10 minutes, 500 nodes x 30 tags
    python tests/telemetry/soak/soaking.py --nodes 40 --tags 10 --seconds 40

A sample counts as taken when the agent's buffer has committed it. All records that a buffer ever numbered must be in
the store once each, whole, and per tag in order; what the agents' machines counted must have no hole but at a kill,
where readings that were not yet committed are nobody's. A node of somebody else promises nothing, but what it sent and
is not in the store must lie within a gap that the host told of.
"""

from __future__ import annotations

import argparse
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent / "load"), str(HERE.parents[1])]

import checking  # noqa: E402
from iotcore.broker import Broker  # noqa: E402
from serving import Host  # noqa: E402
from waiting import free_port  # noqa: E402

from shazhou.telemetry.edge.agent import BUFFER_FILE  # noqa: E402
from shazhou.telemetry.edge.buffer import depth_of  # noqa: E402

KILLS = ("broker", "host", "gateways", "cut field", "cut city", "freeze field")
STRANGER = "stranger"


@dataclass(frozen=True)
class Size:
    """How much of everything; ``gateways`` are processes, each with its share of the nodes."""

    nodes: int = 500
    tags: int = 30
    seconds: float = 600
    gateways: int = 4
    seed: int = 1
    between: tuple[float, float] = (4, 12)
    down: tuple[float, float] = (0.5, 5)


@dataclass
class Soak:
    """What runs."""

    size: Size
    folder: Path
    ports: dict[str, int] = field(default_factory=lambda: {name: free_port() for name in ("broker", "field", "city")})
    done: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.data = self.folder / "ledger"
        self.notes = self.folder / "stranger.txt"
        self.names = [f"node{number:04d}" for number in range(self.size.nodes)]
        self.parts = [self.names[part :: self.size.gateways] for part in range(self.size.gateways)]
        self._stack = ExitStack()
        self._runs = 0
        self._gateways: dict[int, subprocess.Popen[str]] = {}

    def __enter__(self) -> Soak:
        self.broker = Broker(port=self.ports["broker"], listen="127.0.0.1", max_payload_size=1 << 20)
        self.broker.start()
        self._stack.callback(self.broker.stop)
        links = [f"{name}:{self.ports[name]}" for name in ("field", "city")]
        self.proxy = self._python("proxy.py", self.ports["broker"], *links)
        self.host = Host(self.data, self.ports["city"])
        self._stack.callback(self.host.kill)
        self.host.start()
        for part in range(self.size.gateways):
            self._start_gateway(part)
        self._python("stranger.py", self.ports["field"], STRANGER, self.size.tags, self.notes, wait=False)
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._gateways.values():
            process.kill()
            process.wait()
        self._stack.close()

    def run(self) -> None:
        """Kills and cuts until the time is over."""
        draw, until = random.Random(self.size.seed), time.monotonic() + self.size.seconds
        while time.monotonic() + self.size.between[1] + self.size.down[1] < until:
            time.sleep(draw.uniform(*self.size.between))
            self._break(draw, KILLS[len(self.done)] if len(self.done) < len(KILLS) else draw.choice(KILLS))
        time.sleep(max(0.0, until - time.monotonic()))

    def settle(self, seconds: float = 300) -> dict[str, int]:
        """Lets the machines rest and waits until the host has confirmed all; by node how many records were taken."""
        for process in self._gateways.values():
            self._tell(process, "rest")
        time.sleep(3)
        taken = {name: depth_of(self.buffer(name)).last for name in self.names}
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if all(depth_of(self.buffer(name)).confirmed >= last for name, last in taken.items()):
                break
            time.sleep(1)
        return taken

    def buffer(self, node: str) -> Path:
        return self.folder / "buffers" / node / BUFFER_FILE

    def _break(self, draw: random.Random, what: str) -> None:
        down = draw.uniform(*self.size.down)
        self.done.append(what)
        print(f"  {what} for {down:.1f} s", flush=True)
        kind, _, name = what.partition(" ")
        if kind == "broker":
            assert self.broker._process is not None
            self.broker._process.kill()
            self.broker._process.wait()
            time.sleep(down)
            self.broker.stop()
            self.broker.start()
        elif kind == "host":
            self.host.kill()
            time.sleep(down)
            self.host.start()
        elif kind == "gateways":
            part = draw.randrange(self.size.gateways)
            self._gateways[part].kill()
            self._gateways[part].wait()
            time.sleep(down)
            self._start_gateway(part)
        else:
            self._tell(self.proxy, f"{kind} {name} {down}")
            time.sleep(down)

    def _start_gateway(self, part: int) -> None:
        self._runs += 1
        folder = self.folder / "buffers"
        arguments = (self.ports["field"], folder, self._runs, self.size.tags, *self.parts[part])
        self._gateways[part] = self._python("gateways.py", *arguments)

    def _python(self, script: str, *arguments: object, wait: bool = True) -> subprocess.Popen[str]:
        command = [sys.executable, str(HERE / script), *map(str, arguments)]
        with (self.folder / f"{script}.log").open("a") as words:
            process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=words, text=True, cwd=self.folder
            )
        self._stack.callback(process.kill)
        if wait:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n", (self.folder / f"{script}.log").read_text()
        return process

    def _tell(self, process: subprocess.Popen[str], line: str) -> None:
        assert process.stdin is not None
        process.stdin.write(f"{line}\n")
        process.stdin.flush()


def soak(size: Size) -> checking.Result:
    """Runs, settles, looks."""
    folder = Path(tempfile.mkdtemp(prefix="soak-"))
    try:
        with Soak(size, folder) as running:
            running.run()
            taken = running.settle()
        result = checking.look(running.data, taken, size.tags, STRANGER, running.notes)
        result.breaks = running.done
        return result
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main(arguments: Sequence[str] | None = None) -> Iterator[str]:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nodes", type=int, default=Size.nodes)
    parser.add_argument("--tags", type=int, default=Size.tags)
    parser.add_argument("--seconds", type=float, default=Size.seconds)
    parser.add_argument("--gateways", type=int, default=Size.gateways)
    parser.add_argument("--seed", type=int, default=Size.seed)
    asked = parser.parse_args(arguments)
    result = soak(Size(asked.nodes, asked.tags, asked.seconds, asked.gateways, asked.seed))
    yield from result.lines()
    if not result.ok:
        raise SystemExit(1)


if __name__ == "__main__":
    for line in main():
        print(line)
