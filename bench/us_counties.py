"""Loading the panel of US counties through the ordinary door, beside a bare conversion of the same file.

1,164,563 rows state three variables each. The door reads the Parquet file, checks every cell, appends 3.5 million
observations to a ledger and flushes them; the peer reads the same file with pyarrow, brings it into the ledger's
columns and writes Parquet, without a check, a hash or a flush. Each runs in a process of its own, so that the peak of
its memory is its own. Prints times, peaks and the ratio door / peer; goal: at most 20 s and 4 GiB.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from shazhou.city.folder import read_city
from shazhou.intake.load import load_evidence
from shazhou.ledger.ledger import Ledger
from shazhou.ledger.observation import DECIMAL, SCHEMA

FOLDER = Path(__file__).parents[1] / "examples" / "us-counties"
PANEL = FOLDER / "evidence" / "us_cbp_county_naics4_2017_2021.parquet"
STATED = {
    "establishments": ("establishments", "count", 1),
    "employment": ("employment", "persons", 1),
    "annual_payroll": ("annual_payroll_kusd", "1k_usd", 1000),
}
"""The variables of the panel with their columns, units and factors to base units."""


def door(folder: Path) -> int:
    """Loads the panel into a new ledger; returns the number of observations."""
    ledger = Ledger.create(folder / "ledger")
    return sum(each.count for each in load_evidence(ledger, read_city(FOLDER), FOLDER, "bench"))


def peer(folder: Path) -> int:
    """Converts the panel to the same columns and writes Parquet; returns the number of observations."""
    panel = pq.read_table(PANEL)
    tables = [_converted(panel, variable) for variable in STATED]
    pq.write_table(pa.concat_tables(tables), folder / "bare.parquet")
    return sum(table.num_rows for table in tables)


def _converted(panel: pa.Table, variable: str) -> pa.Table:
    column, unit, factor = STATED[variable]
    rows = panel.num_rows
    numbers = panel.column(column).cast(pa.int64())
    years, counties, naics = (panel.column(name).cast(pa.string()) for name in ("year", "county_fips", "naics"))
    plain = {"variable": variable, "kind": "actual", "unit": unit, "qualifier": "=", "status": "A", "origin": ""}
    plain |= {"label": "", "source": "County Business Patterns", "source_date": "", "source_address": ""}
    plain |= {"note": "", "sheet": ""}
    columns = {
        "entity": pc.binary_join_element_wise("place", counties, ":"),
        "industry": naics,
        "period": years,
        "start": pc.binary_join_element_wise(years, "01-01", "-").cast(pa.date32()),
        "end": pc.binary_join_element_wise(years, "12-31", "-").cast(pa.date32()),
        "value": pc.multiply(numbers, factor).cast(pa.decimal128(19, 0)).cast(DECIMAL),
        "text": pa.nulls(rows, pa.string()),
        "given": numbers.cast(pa.string()),
        "row": pa.array(range(1, rows + 1), pa.int32()),
        **{name: pa.repeat(pa.scalar(text), rows) for name, text in plain.items()},
    }
    return pa.Table.from_arrays([columns[name] for name in SCHEMA.names], schema=SCHEMA)


def measured(way: str) -> tuple[int, float, float]:
    """Observations, seconds and peak memory in GiB of one way, run in a process of its own."""
    command = [sys.executable, __file__, way]
    found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return found["observations"], found["seconds"], found["peak"] / 2**20


def run(way: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        count = {"door": door, "peer": peer}[way](Path(folder))
        seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({"observations": count, "seconds": seconds, "peak": peak}))


def main() -> None:
    found = {way: min((measured(way) for _ in range(3)), key=lambda run: run[1]) for way in ("peer", "door")}
    for way, name in (("peer", "bare conversion"), ("door", "ordinary door")):
        count, seconds, peak = found[way]
        print(f"{name:<16} {count:>9,} observations {seconds:>7.2f} s {peak:>6.2f} GiB")
    (_, bare, _), (_, loaded, peak) = found["peer"], found["door"]
    print(f"ratio door / bare {loaded / bare:>8.2f}")
    verdict = "met" if loaded <= 20 and peak <= 4 else "missed"
    print(f"goal 20 s and 4 GiB: {verdict}")


if __name__ == "__main__":
    run(sys.argv[1]) if len(sys.argv) > 1 else main()
