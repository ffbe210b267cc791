"""Storing samples: rows put on the device per second and bytes that a sample takes, beside SQLite and DuckDB.

    python bench/telemetry_store.py [samples]

500 factories of 30 tags speak once a second. Every 200 ms what came (3,000 samples) is committed, flushed to the
device; all three keep the same columns and flush with every commit. Printed are the rates without waiting for the next
200 ms, the processor time of 1,000 samples and what it makes of one core at 15,000 samples a second (the store's with
moving its tail into Parquet, not yet with compacting the day), bytes per sample as committed and after the day was
compacted, and how long a question for one factory's minute takes with everything in place.

The ratios: the store's rate to each peer's, and each peer's bytes to the store's (more is better for the store).
"""

from __future__ import annotations

import resource
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from shazhou.telemetry.store.schema import SAMPLES
from shazhou.telemetry.store.store import Store

NODES, TAGS = 500, 30
COMMIT = 3_000
BEGIN = 1_790_000_000_000
LATER = date(2100, 1, 1)


def stream(samples: int) -> Iterator[pa.RecordBatch]:
    """What comes in 200 ms, again and again: two thirds measurements that drift, a third counters and states."""
    rng = np.random.default_rng(1)
    level = rng.uniform(10, 90, NODES * TAGS)
    count = rng.integers(0, 10**6, NODES * TAGS)
    for first in range(0, samples, COMMIT):
        place = (first + np.arange(COMMIT)) % (NODES * TAGS)
        second = (first + np.arange(COMMIT)) // (NODES * TAGS)
        level[place] += rng.normal(0, 0.2, COMMIT)
        count[place] += rng.integers(0, 2, COMMIT)
        whole = place % 3 == 0
        at = BEGIN + second * 1000 + place // TAGS % 7
        columns = [
            pa.array(place + 1, pa.int32()),
            pa.array(at),
            pa.array(at + rng.integers(5, 60, COMMIT)),
            pa.array(count[place], mask=~whole),
            pa.array(np.round(level[place], 2), mask=whole),
            pa.nulls(COMMIT, pa.string()),
            pa.array(np.full(COMMIT, 192), pa.int16()),
            pa.array(np.zeros(COMMIT, bool)),
            pa.array(second + 1),
        ]
        yield pa.RecordBatch.from_arrays(columns, schema=SAMPLES)


@dataclass
class Cost:
    """What a way of storing took."""

    seconds: float
    processor: float
    bytes: int
    answer: float


def measured(batches: list[pa.RecordBatch], put: Callable[[pa.RecordBatch], None]) -> tuple[float, float]:
    """Seconds and processor seconds to put all batches."""
    seconds, processor = time.perf_counter(), time.process_time()
    for batch in batches:
        put(batch)
    return time.perf_counter() - seconds, time.process_time() - processor


def best(question: Callable[[], int], expected: int) -> float:
    """Seconds of a question, the best of five."""
    found = []
    for _ in range(5):
        started = time.perf_counter()
        assert question() == expected
        found.append(time.perf_counter() - started)
    return min(found)


def ours(folder: Path, batches: list[pa.RecordBatch], expected: int) -> Cost:
    """The store; the tail moves into Parquet on the way, and all that is put into one day's file at the end."""
    with Store.open(folder, write=True) as store:
        for node in range(NODES):
            for tag in range(TAGS):
                store.series(f"e{node}", "machine", f"Tag/{tag}", 10)
        numbers = {(f"e{node}", "agent"): 0 for node in range(NODES)}

        def put(batch: pa.RecordBatch) -> None:
            mark = batch.column("sequence")[-1].as_py()
            first = batch.column("series")[0].as_py() // TAGS
            nodes = list(numbers)[first : first + COMMIT // TAGS]
            store.add(samples=batch, marks=dict.fromkeys(nodes, mark))
            store.commit()

        seconds, processor = measured(batches, put)
        committed = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        answer = best(lambda: store.samples(BEGIN, BEGIN + 60_000, "e7").num_rows, expected)
        started = time.perf_counter()
        store.compact(LATER)
        compaction = time.perf_counter() - started
        compacted = sum(path.stat().st_size for path in (folder / "samples").iterdir())
        rows = sum(batch.num_rows for batch in batches)
        after = best(lambda: store.samples(BEGIN, BEGIN + 60_000, "e7").num_rows, expected)
    print(f"store: bytes per sample   {committed / rows:>8.1f} as committed, {compacted / rows:.2f} compacted")
    print(f"store: compaction         {rows / compaction:>8,.0f} samples/s; the question after it {after * 1e3:.1f} ms")
    return Cost(seconds, processor, compacted, answer)


def in_sqlite(folder: Path, batches: list[pa.RecordBatch], expected: int) -> Cost:
    """A table of SQLite with a key that questions go by, in its write-ahead log, flushed with every commit."""
    folder.mkdir()
    with sqlite3.connect(folder / "samples.sqlite", isolation_level=None) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(f"CREATE TABLE samples ({', '.join(SAMPLES.names)}, PRIMARY KEY (series, at)) WITHOUT ROWID")
        marks = ", ".join("?" * len(SAMPLES.names))

        def put(batch: pa.RecordBatch) -> None:
            connection.execute("BEGIN")
            rows = zip(*(column.to_pylist() for column in batch.columns), strict=True)
            connection.executemany(f"INSERT INTO samples VALUES ({marks})", rows)
            connection.execute("COMMIT")

        seconds, processor = measured(batches, put)
        question = "SELECT * FROM samples WHERE series BETWEEN ? AND ? AND at >= ? AND at < ? ORDER BY at"
        values = (7 * TAGS + 1, 8 * TAGS, BEGIN, BEGIN + 60_000)
        answer = best(lambda: len(connection.execute(question, values).fetchall()), expected)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return Cost(seconds, processor, sum(path.stat().st_size for path in folder.iterdir()), answer)


def in_duckdb(folder: Path, batches: list[pa.RecordBatch], expected: int) -> Cost:
    """A table of DuckDB, inserted from Arrow, flushed with every commit."""
    folder.mkdir()
    with duckdb.connect(str(folder / "samples.duckdb")) as connection:
        connection.from_arrow(pa.Table.from_batches([], SAMPLES)).create("samples")

        def put(batch: pa.RecordBatch) -> None:
            connection.register("batch", batch)
            connection.execute("INSERT INTO samples FROM batch")

        seconds, processor = measured(batches, put)
        question = 'SELECT * FROM samples WHERE series BETWEEN ? AND ? AND "at" >= ? AND "at" < ? ORDER BY "at"'
        values = [7 * TAGS + 1, 8 * TAGS, BEGIN, BEGIN + 60_000]
        answer = best(lambda: connection.execute(question, values).to_arrow_table().num_rows, expected)
        connection.execute("CHECKPOINT")
    return Cost(seconds, processor, sum(path.stat().st_size for path in folder.iterdir()), answer)


def main(samples: int) -> None:
    """Stores the same samples in three ways."""
    batches = list(stream(samples))
    rows = sum(batch.num_rows for batch in batches)
    expected = sum(
        int(np.count_nonzero((batch.column("series").to_numpy() - 1) // TAGS == 7))
        for batch in batches[: 60_000 // 1000 * NODES * TAGS // COMMIT]
    )
    print(f"{rows:,} samples, {len(batches):,} commits")
    costs = {}
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        for name, way in (("store", ours), ("SQLite", in_sqlite), ("DuckDB", in_duckdb)):
            costs[name] = way(Path(folder) / name, batches, expected)
    for name, cost in costs.items():
        each = cost.processor / rows
        print(
            f"{name:<8} {rows / cost.seconds:>10,.0f} samples/s  {each * 1e6:>6.2f} ms processor per 1,000"
            f" = {each * 15_000:>6.1%} of a core at 15,000/s  {cost.bytes / rows:>6.2f} bytes each"
            f"  one factory's minute {cost.answer * 1e3:>6.1f} ms"
        )
    for name in ("SQLite", "DuckDB"):
        rate = costs[name].seconds / costs["store"].seconds
        print(f"ratio store / {name:<6} {rate:>6.1f} in rate, {costs[name].bytes / costs['store'].bytes:.1f} in room")
    print(f"largest memory of this process {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3_000_000)
