"""How much the host takes: loss, time until it can be queried, processor and memory, and the highest rate held.

    python bench/telemetry_ingest.py               # 500 nodes x 30 tags at 1 s for a minute, then rising rates
    python bench/telemetry_ingest.py --nodes 20 --rate 600 --seconds 3 --rates 1200

Publisher, broker and host share the machine. The nodes number their records as our agent does (tests/telemetry/load),
so that a message that is lost would lose all that follow it: nothing is sent again. Time is taken from the timestamp of
a sample to the first look, of one every tenth of a second, at which another process finds it in the store. A rate is
held when nothing is lost, the publishers kept up, and ten seconds later all can be read. Goals: 0 lost, p99 below
1 s and at most 25 % of a core for the host at 15,000 tags a second; 200,000 tags a second held.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, replace
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "tests" / "telemetry" / "load"))

from machine import memory, processor  # noqa: E402
from publisher import Load, Publishers, now  # noqa: E402
from serving import Host, broker, host  # noqa: E402

PATIENCE = 10.0


@dataclass(frozen=True)
class Figures:
    """``sent`` and ``lost`` tags; ``late`` seconds by which the publishers fell behind; delays in milliseconds."""

    sent: int
    lost: int
    late: float
    share: float
    megabytes: float
    delays: tuple[int, ...]

    @property
    def held(self) -> bool:
        return self.lost == 0 and self.late < 1

    def quantile(self, part: float) -> int:
        return self.delays[min(len(self.delays) - 1, int(part * len(self.delays)))] if self.delays else 0


class Looking(threading.Thread):
    """Looks for new samples of some nodes again and again, and notes how old each is when it is first found."""

    def __init__(self, host: Host, nodes: list[str]) -> None:
        super().__init__(daemon=True)
        self._host, self._nodes, self.over = host, nodes, threading.Event()
        self.delays: list[int] = []

    def run(self) -> None:
        newest = dict.fromkeys(self._nodes, now())
        with self._host.store() as store:
            while not self.over.wait(0.1):
                for node in self._nodes:
                    rows = store.samples(newest[node] + 1, now() + 60_000, node=node, metric="Tag/000")
                    found = now()
                    for at in rows["at"].to_pylist():
                        self.delays.append(found - at)
                        newest[node] = at


def measured(nodes: int, tags: int, rate: float, seconds: float, processes: int, look: bool) -> Figures:
    """One run at a rate in tags a second."""
    names = [f"n{number:04d}" for number in range(nodes)]
    load = Load(0, names, tags, rate / tags, seconds, agent=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        broker() as port,
        host(Path(folder) / "ledger", port) as running,
        Publishers(replace(load, port=port), processes) as sending,
    ):
        time.sleep(2)
        looking = Looking(running, names[:: max(1, nodes // 5)][:5])
        if look:
            looking.start()
        before, begun, pid = processor(running.process.pid), time.monotonic(), running.process.pid
        sending.start()
        result = sending.result()
        share = (processor(pid) - before) / (time.monotonic() - begun)
        megabytes = memory(pid) / 1e6
        sent = sum(result.messages.values()) * tags
        until = time.monotonic() + PATIENCE
        while (there := running.count()) < sent and time.monotonic() < until:
            time.sleep(0.5)
        looking.over.set()
    return Figures(sent, sent - there, result.late, share, megabytes, tuple(sorted(looking.delays)))


def main() -> None:
    """The load of a city, then as much as goes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nodes", type=int, default=500)
    parser.add_argument("--tags", type=int, default=30)
    parser.add_argument("--rate", type=float, default=15_000, help="tags a second of the first run")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--rates", default="50000,100000,150000,200000,250000,300000", help="tags a second, rising")
    asked = parser.parse_args()
    city = measured(asked.nodes, asked.tags, asked.rate, asked.seconds, 1, look=True)
    print(f"figures: {asked.nodes} nodes x {asked.tags} tags, {asked.rate:,.0f} tags a second, {asked.seconds:.0f} s")
    print(f"sent {city.sent:,}, lost {city.lost:,}")
    print(f"timestamp to queryable p50 {city.quantile(0.5)} ms, p99 {city.quantile(0.99)} ms ({len(city.delays)} seen)")
    print(f"host: {city.share:.1%} of a core, {city.megabytes:.0f} MB", flush=True)
    best = 0
    for rate in map(int, filter(None, asked.rates.split(","))):
        run = measured(asked.nodes, asked.tags, rate, min(asked.seconds, 20), 2, look=False)
        held = "held" if run.held else "not held"
        print(f"{rate:>9,} tags a second: lost {run.lost:,}, host {run.share:.0%} of a core, {held}", flush=True)
        if not run.held:
            break
        best = rate
    print(f"highest rate held: {best:,} tags a second; ratio to the goal of 200,000: {best / 200_000:.2f}")


if __name__ == "__main__":
    main()
