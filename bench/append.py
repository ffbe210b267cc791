"""Appending to a ledger: a million observations at once, and a thousand submissions of one observation.

    python bench/append.py [observations] [submissions]

The large append stands beside a bare Parquet write of the same table; printed are the rates of both and their ratio
(append / bare write; goal: at least 0.3). The append checks the observations, hashes their content, flushes everything
to the device and chains the submission; the bare write does none of this.

The small appends show what a door with little to say at a time sees: how many submissions go in per second (first and
last hundred), and how long it takes to open the ledger and to sum all observations, as the appends left it and after
`shazhou compact` (goal: small appends do not make reads slow).
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from shazhou.ledger.ledger import Ledger
from shazhou.ledger.observation import SCHEMA
from shazhou.ledger.submission import Delivery


def table(rows: int) -> pa.Table:
    """Monthly values of enterprises, as a door delivers them."""
    rng = np.random.default_rng(1)
    entities = pa.array([f"enterprise:e{number:09d}" for number in range(rows // 60 + 1)])
    months = [f"{year}-{month:02d}" for year in range(2019, 2024) for month in range(1, 13)]
    month = np.arange(rows) % 60
    starts = np.array(months, dtype="datetime64[M]")
    cents = rng.integers(0, 10**12, rows)
    plain = {"industry": "", "variable": "output", "kind": "actual", "unit": "cny", "qualifier": "=", "status": "A"}
    plain |= {"origin": "", "label": "", "source": "monthly return", "source_date": "", "source_address": ""}
    plain |= {"note": "", "sheet": "data"}
    columns = {
        "entity": entities.take(pa.array(np.arange(rows) // 60)),
        "period": pa.array(months).take(pa.array(month)),
        "start": pa.array(starts[month].astype("datetime64[D]")),
        "end": pa.array((starts[month] + 1).astype("datetime64[D]") - 1),
        "value": pa.array(cents).cast(pa.decimal128(19, 0)).cast(SCHEMA.field("value").type),
        "text": pa.nulls(rows, pa.string()),
        "given": pa.array(cents).cast(pa.string()),
        "row": pa.array(np.arange(2, rows + 2, dtype=np.int32)),
        **{name: pa.repeat(pa.scalar(text), rows) for name, text in plain.items()},
    }
    return pa.Table.from_arrays([columns[name] for name in SCHEMA.names], schema=SCHEMA)


def large(rows: int) -> None:
    """A bare write and an append of the same table, three times in turn."""
    observations = table(rows)
    bare, appended = [], []
    for attempt in range(3):
        with tempfile.TemporaryDirectory() as folder:
            started = time.perf_counter()
            pq.write_table(observations, Path(folder) / "bare.parquet")
            bare.append(time.perf_counter() - started)
            ledger = Ledger.create(Path(folder) / "ledger")
            started = time.perf_counter()
            ledger.append(Delivery(f"bench-{attempt}", "bench", "file", "bench"), observations)
            appended.append(time.perf_counter() - started)
    print(f"bare Parquet write  {rows / min(bare):>12,.0f} rows/s")
    print(f"ledger append       {rows / min(appended):>12,.0f} rows/s")
    print(f"ratio append / bare {min(bare) / min(appended):>12.2f}   (goal >= 0.30)")


def small(submissions: int) -> None:
    """Submissions of one observation, then reading before and after compaction."""
    rows = table(submissions)
    with tempfile.TemporaryDirectory() as folder:
        ledger = Ledger.create(Path(folder) / "ledger")
        seconds = []
        for number in range(submissions):
            started = time.perf_counter()
            ledger.append(Delivery(f"s{number}", "bench", "form", "bench"), rows.slice(number, 1))
            seconds.append(time.perf_counter() - started)
        for name, part in (("first", seconds[:100]), ("last", seconds[-100:])):
            rate, slowest = len(part) / sum(part), max(part) * 1e3
            print(f"{name + ' 100 small appends':<24} {rate:>7.1f} per s, slowest {slowest:.0f} ms")
        left = reading(ledger.folder)
        ledger.compact()
        compacted = reading(ledger.folder)
    print(
        f"read {submissions} submissions   {left * 1e3:>8.1f} ms as left by appends, {compacted * 1e3:.1f} ms compacted"
    )
    print(f"ratio left / compacted   {left / compacted:>7.2f}")


def reading(folder: Path) -> float:
    """Seconds to open a ledger and sum its observations, the best of five."""
    found = []
    for _ in range(5):
        started = time.perf_counter()
        connection = ibis.duckdb.connect()
        observations = Ledger.open(folder).observations(connection)
        connection.to_pyarrow(observations.value.sum())
        found.append(time.perf_counter() - started)
        connection.disconnect()
    return min(found)


if __name__ == "__main__":
    large(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
    small(int(sys.argv[2]) if len(sys.argv) > 2 else 1_000)
