"""Decoding: messages a second, with names and types restored from aliases, beside bare protobuf and two peers.

    python bench/telemetry_decode.py [messages]

A device of 30 metrics (doubles, integers of three widths, booleans) sends DATA that carry aliases alone. Compared are

- this host: order checked, aliases and types restored, columns made and current values brought up to date;
- bare protobuf: the C decoder alone, no metric looked at; and looked at: alias, time and value of each metric;
- `mqtt-spb-wrapper` (Python) and `sparkplug-payload` (npm), each decoding and putting names in by alias. Neither
  restores types that a message omits, so both get messages that carry every metric's type as well.

The ratios: this host's rate to each. Peers are installed by the lock files of tests/telemetry/interop.
"""

from __future__ import annotations

import os
import struct
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from shazhou.telemetry.host.before import Before
from shazhou.telemetry.host.host import Host, Settings
from shazhou.telemetry.sparkplug.datatype import DataType
from shazhou.telemetry.sparkplug.descriptor import Payload
from shazhou.telemetry.sparkplug.payload import Sample, add, payload

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests" / "telemetry" / "interop"))
from peer import installed  # noqa: E402

BEGIN = 1_795_000_000_000
TYPES = (DataType.DOUBLE, DataType.INT16, DataType.INT32, DataType.INT64, DataType.BOOLEAN)
COMMIT = 100
"""Messages after which columns are made: 200 ms of 500 nodes that speak once a second."""


def value(datatype: DataType, number: int) -> Any:
    if datatype is DataType.BOOLEAN:
        return bool(number % 2)
    return number / 7 if datatype is DataType.DOUBLE else -(number % 30_000)


def message(number: int, typed: bool = False, birth: bool = False) -> bytes:
    made = payload(BEGIN + number, (number + 1) % 256)
    for alias in range(30):
        datatype = TYPES[alias % len(TYPES)]
        add(made, Sample(f"Tag/{alias}", datatype, value(datatype, number), BEGIN + number, alias + 1), birth)
        if typed:
            made.metrics[-1].datatype = datatype
    return bytes(made.SerializeToString())


def ours(messages: list[bytes]) -> float:
    """Messages a second through the state machine, columns made every `COMMIT`; every sample is counted."""
    series: dict[Any, int] = {}
    host = Host(
        Settings("bench", "city", challenges=0), lambda *key: series.setdefault(key, len(series)), {}, {}, Before()
    )
    born = payload(BEGIN, 0)
    add(born, Sample("bdSeq", DataType.INT64, 0, BEGIN), birth=True)
    host.received(0, "spBv1.0/city/NBIRTH/n", born.SerializeToString(), BEGIN)
    host.received(0, "spBv1.0/city/DBIRTH/n/d", message(0, birth=True), BEGIN)
    host.data.drain()
    taken, begin = 0, time.perf_counter()
    for number, each in enumerate(messages):
        host.received(0, "spBv1.0/city/DDATA/n/d", each, BEGIN + number)
        if number % COMMIT == COMMIT - 1:
            taken += sum(columns.batch().num_rows for columns in host.data.drain())
    taken += sum(columns.batch().num_rows for columns in host.data.drain())
    rate = len(messages) / (time.perf_counter() - begin)
    assert taken == 30 * len(messages) and not host.outbox.counts
    return rate


def bare(messages: list[bytes]) -> float:
    return _timed(messages, Payload.FromString)


def looked_at(messages: list[bytes]) -> float:
    def look(raw: bytes) -> None:
        for metric in Payload.FromString(raw).metrics:
            metric.alias, metric.timestamp, getattr(metric, metric.WhichOneof("value"))

    return _timed(messages, look)


def _timed(messages: list[bytes], decode: Callable[[bytes], Any]) -> float:
    begin = time.perf_counter()
    for each in messages:
        decode(each)
    return len(messages) / (time.perf_counter() - begin)


def peer(command: list[str], messages: list[bytes], environment: dict[str, str]) -> float:
    """Messages a second that a peer tells, of a birth and messages with types."""
    raw = b"".join(struct.pack("<I", len(each)) + each for each in messages)
    done = subprocess.run(command, input=raw, capture_output=True, check=False, env={**os.environ, **environment})
    assert done.returncode == 0, done.stderr.decode()
    return float(done.stdout.split()[-2])


def main(count: int) -> None:
    messages = [message(number) for number in range(1, count + 1)]
    typed = [message(0, birth=True), *(message(number, typed=True) for number in range(1, count // 10 + 1))]
    interop, decode = ROOT / "tests" / "telemetry" / "interop", ROOT / "bench" / "decode"
    wrapper = installed(interop / "mqtt-spb-wrapper.lock") / "bin" / "python"
    modules = installed(interop / "package-lock.json") / "node_modules"
    rates = {
        "this host": ours(messages),
        "bare protobuf": bare(messages),
        "protobuf, each metric looked at": looked_at(messages),
        "mqtt-spb-wrapper": peer([str(wrapper), str(decode / "wrapper.py")], typed, {}),
        "sparkplug-payload": peer(["node", str(decode / "payload.cjs")], typed, {"NODE_PATH": str(modules)}),
    }
    print(f"{count:,} messages of 30 metrics, {len(messages[0])} bytes each")
    for name, rate in rates.items():
        ratio = f"ratio {rates['this host'] / rate:.2f}" if name != "this host" else ""
        print(f"{name:<32} {rate:>10,.0f} messages/s  {30 * rate:>12,.0f} metrics/s  {ratio}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
