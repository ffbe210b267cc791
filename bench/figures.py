"""Forty indicators over 12 places, 8 industries and 60 months, as of the middle of the corrections.

    python bench/figures.py [observations] [--pandas]

Fills a ledger with monthly values of enterprises (10 M by default), a fifth of them corrected later; reads it as of
the middle of the corrections and computes all 230,400 cells, marks and counts included. Beside it, in the same run and
on the same files: the same numbers by hand-written DuckDB SQL (goal: at most 1.5 times its time) and, with
``--pandas``, by pandas (goal: at least 20 times faster). All must give the same exact numbers. Each runs in a process
of its own, in turn, looks for garbage as seldom as the command does, and ends with a table in memory; the best of the
runs counts, and the peak memory of the process is printed (goal: below 8 GiB). Seconds of processor time are printed
too: other work on the machine does not change them much.

The SQL is what an analyst who knows these files would write: one query for each variable, only the columns it needs,
the newest correction as of the moment by `arg_max`. It knows that this evidence has one source, no marks, no ranges,
and enterprises that never move; Shazhou has to find that out.

Pandas runs twice: with exact decimals, as any value of a ledger needs, and with the 64-bit integers into which the
whole yuan of this bench happen to fit, which is the fastest that pandas can do here.
"""

from __future__ import annotations

import argparse
import gc
import json
import multiprocessing
import shutil
import tempfile
import time
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from shazhou.city.folder import pack
from shazhou.cli import COLLECTED_EVERY
from shazhou.ledger.ledger import Ledger
from shazhou.ledger.observation import SCHEMA
from shazhou.ledger.submission import Delivery
from shazhou.measure.measure import Measure

VARIABLES = [f"v{number:02d}" for number in range(40)]
PLACES = [f"town{number:02d}" for number in range(12)]
INDUSTRIES = [f"industry{number}" for number in range(8)]
MONTHS = [f"{year}-{month:02d}" for year in range(2019, 2024) for month in range(1, 13)]
CORRECTIONS = 10


def definitions() -> bytes:
    """A city of twelve towns and eight industries; the last ten of the forty indicators are ratios and counts."""

    def named(text: str) -> dict[str, str]:
        return {"zh": text, "en": text}

    formulas = {name: f"sum({name})" for name in VARIABLES}
    formulas |= {f"v{n:02d}": f"sum(v{n:02d}) / sum(v{n - 30:02d})" for n in range(30, 35)}
    formulas |= {f"v{n:02d}": f"count(v{n:02d} >= 5000000)" for n in range(35, 40)}
    units = dict.fromkeys(formulas, "cny") | {f"v{n:02d}": "ratio" for n in range(30, 35)}
    units |= {f"v{n:02d}": "count" for n in range(35, 40)}
    attributes = {name: {"measure": "attribute", "type": "text"} for name in ("place", "industry")}
    numeric = {name: {"measure": "flow", "unit": "cny", "frequency": "M"} for name in VARIABLES}
    variables = {
        name: {"name": named(name), "of": ["enterprise"], **fields} for name, fields in (numeric | attributes).items()
    }
    city = {"id": "bench", "name": named("bench"), "code": "1", "root": "city", "currency": "cny", "zone": "UTC"}
    city |= {"languages": ["zh", "en"], "presence": {"days": 20}}
    city |= {"release": {"contributors": 3, "largest_share": 0.85}}
    places = "key,name_zh,name_en,kind,parent,code,aliases,latitude,longitude,outline,source,note\n"
    places += "city,city,city,city,,,,,,,,\n" + "".join(f"{p},{p},{p},town,city,,,,,,,\n" for p in PLACES)
    indicators = {
        name: {"name": named(name), "formula": formula, "unit": units[name], "decimals": 2}
        for name, formula in formulas.items()
    }
    rank = [{"id": "return", "name": named("return")}]
    data = {
        "city.yaml": city,
        "industries.yaml": {key: {"name": named(key)} for key in INDUSTRIES},
        "variables.yaml": variables,
        "indicators.yaml": indicators,
        "targets.yaml": {},
        "sources.yaml": {"precedence": rank, "sources": {"r": {"title": "monthly return", "rank": "return"}}},
    }
    return pack({"places.csv": places.encode(), **{name: json.dumps(each).encode() for name, each in data.items()}})


def rows(entity: pa.Array, variable: pa.Array, month: np.ndarray[Any, Any], cents: np.ndarray[Any, Any]) -> pa.Table:
    """Monthly values as a door delivers them."""
    count = len(cents)
    first = np.array(MONTHS, dtype="datetime64[M]")[month]
    plain = {"industry": "", "kind": "actual", "unit": "cny", "qualifier": "=", "status": "A", "origin": ""}
    plain |= {"given": "", "label": "", "source": "monthly return", "source_date": "", "source_address": "", "note": ""}
    columns = {
        "entity": entity,
        "variable": variable,
        "period": pa.array(MONTHS).take(pa.array(month)),
        "start": pa.array(first.astype("datetime64[D]")),
        "end": pa.array((first + 1).astype("datetime64[D]") - 1),
        "value": pa.array(cents).cast(pa.decimal128(19, 0)).cast(SCHEMA.field("value").type),
        "text": pa.nulls(count, pa.string()),
        "row": pa.array(np.arange(count, dtype=np.int32)),
        "sheet": pa.repeat(pa.scalar(""), count),
        **{name: pa.repeat(pa.scalar(text), count) for name, text in plain.items()},
    }
    return pa.Table.from_arrays([columns[name] for name in SCHEMA.names], schema=SCHEMA)


def fill(folder: Path, total: int) -> int:
    """Fills a ledger; returns the number of observations."""
    ledger = Ledger.create(folder)
    ledger.append(Delivery("d", "bench", "definitions", "d", definitions()), SCHEMA.empty_table())
    firms = max(int(total / 1.2 / len(VARIABLES) / len(MONTHS)), 100)
    names = pa.array([f"enterprise:e{number:07d}" for number in range(firms)])
    rng = np.random.default_rng(7)
    ledger.append(Delivery("attributes", "bench", "file", "attributes"), attributes(names, rng))
    count = 2 * firms
    for variable in VARIABLES:
        firm, month = np.divmod(np.arange(firms * len(MONTHS)), len(MONTHS))
        cents = rng.integers(0, 10**9, len(firm))
        table = rows(names.take(pa.array(firm)), pa.repeat(pa.scalar(variable), len(firm)), month, cents)
        ledger.append(Delivery(variable, "bench", "file", variable), table)
        count += len(firm)
    each = int(count * 0.2 / CORRECTIONS)
    for number in range(CORRECTIONS):
        firm, month = rng.integers(0, firms, each), rng.integers(0, len(MONTHS), each)
        which = pa.array(VARIABLES).take(pa.array(rng.integers(0, len(VARIABLES), each)))
        table = rows(names.take(pa.array(firm)), which, month, rng.integers(0, 10**9, each))
        ledger.append(Delivery(f"correction {number}", "bench", "file", f"correction {number}"), table)
        count += each
    ledger.compact()
    return count


def attributes(names: pa.Array, rng: np.random.Generator) -> pa.Table:
    """Place and industry of every enterprise."""
    firms = len(names)
    tables = []
    for variable, values in (("place", PLACES), ("industry", INDUSTRIES)):
        table = rows(names, pa.repeat(pa.scalar(variable), firms), np.zeros(firms, int), np.zeros(firms, int))
        texts = pa.array(values).take(pa.array(rng.integers(0, len(values), firms)))
        table = table.set_column(
            SCHEMA.names.index("value"), SCHEMA.field("value"), pa.nulls(firms, SCHEMA.field("value").type)
        )
        tables.append(table.set_column(SCHEMA.names.index("text"), SCHEMA.field("text"), texts))
    return pa.concat_tables(tables)


def middle(ledger: Ledger) -> tuple[str, int]:
    """Head and sequence in the middle of the corrections."""
    chain = ledger.submissions()
    return chain[-1 - CORRECTIONS // 2].head, chain[-1 - CORRECTIONS // 2].sequence


def by_shazhou(folder: Path) -> pa.Table:
    ledger = Ledger.open(folder)
    measure = Measure(ledger, middle(ledger)[0])
    return measure.tabulate(VARIABLES, PLACES, MONTHS, INDUSTRIES)


SQL = """
with named as (select attempt, sequence from submissions where sequence <= {last}),
current as (
  select entity, start, arg_max(value, sequence * 2147483648 + position) as value
  from read_parquet({files}) join named using (attempt) where variable = '{variable}' group by entity, start
),
attribute as (
  select entity, arg_max(text, sequence) filter (variable = 'place') as place,
    arg_max(text, sequence) filter (variable = 'industry') as industry
  from read_parquet({files}) join named using (attempt) where variable in ('place', 'industry') group by entity
)
select '{variable}' as indicator, place, industry, start, sum(value) as total,
  count(*) filter (value >= 5000000) as many
from current join attribute using (entity) group by place, industry, start
"""

INDICATORS_SQL = """
select indicator, place, industry, strftime(start, '%Y-%m') as period, case
  when indicator < 'v30' then total
  when indicator < 'v35' then round(total::decimal(38, 9)::double / below::double, 2)::decimal(38, 2)
  else many end as value
from totals left join (
  select 'v' || (substr(indicator, 2)::int + 30) as indicator, place, industry, start, total as below from totals
) using (indicator, place, industry, start)
"""


def by_sql(folder: Path) -> pa.Table:
    ledger = Ledger.open(folder)
    chain = ledger.submissions()
    pairs = pa.table({"attempt": [each.attempt for each in chain], "sequence": [each.sequence for each in chain]})
    connection = duckdb.connect()
    connection.register("submissions", pairs)
    files = [str(file) for file in ledger.observation_files.files()]
    last = middle(ledger)[1]
    for variable in VARIABLES:
        query = SQL.format(files=files, last=last, variable=variable)
        create = "insert into totals" if variable != VARIABLES[0] else "create temp table totals as"
        connection.execute(f"{create} {query}")
    return connection.execute(INDICATORS_SQL).to_arrow_table()


def by_pandas(folder: Path) -> pa.Table:
    """With exact decimals."""
    return _by_pandas(folder, whole=False)


def by_pandas_in_integers(folder: Path) -> pa.Table:
    """With 64-bit integers."""
    return _by_pandas(folder, whole=True)


def _by_pandas(folder: Path, whole: bool) -> pa.Table:
    ledger = Ledger.open(folder)
    last = middle(ledger)[1]
    sequence = {each.attempt: each.sequence for each in ledger.submissions()}
    frame = pd.concat([_read(file, whole) for file in ledger.observation_files.files()])
    frame["sequence"] = frame["attempt"].map(sequence)
    frame = frame[frame["sequence"] <= last].sort_values(["sequence", "position"])
    place = frame[frame["variable"] == "place"].set_index("entity")["text"]
    industry = frame[frame["variable"] == "industry"].set_index("entity")["text"]
    numeric = frame[~frame["variable"].isin(["place", "industry"])]
    newest = numeric.drop_duplicates(["entity", "variable", "start"], keep="last")
    newest = newest.assign(place=newest["entity"].map(place), industry=newest["entity"].map(industry))
    newest["many"] = newest["value"] >= 5_000_000
    grouped = newest.groupby(["variable", "place", "industry", "start"])
    found = grouped.agg(total=("value", "sum"), many=("many", "sum")).reset_index()
    number = found["variable"].str[1:].astype(int)
    keys = ["variable", "place", "industry", "start"]
    below = found.assign(variable=[f"v{each + 30:02d}" for each in number])[[*keys, "total"]]
    found = found.merge(below, on=keys, how="left", suffixes=("", "_below"))
    ratio = (found["total"].astype(float) / found["total_below"].astype(float)).round(2)
    value = found["total"].astype(object).where(number < 30, ratio.where(number < 35, found["many"]).astype(object))
    texts = [str(each) for each in value]
    return pa.table(
        {
            "indicator": found["variable"],
            "place": found["place"],
            "industry": found["industry"],
            "period": found["start"].dt.strftime("%Y-%m"),
            "value": texts,
        }
    )


def _read(file: Path, whole: bool) -> pd.DataFrame:
    columns = ["entity", "variable", "start", "value", "text", "attempt", "position"]
    table = pq.read_table(file, columns=columns, use_threads=True)
    if whole:
        integers = table.column("value").cast(pa.decimal128(19, 0)).cast(pa.int64())
        table = table.set_column(columns.index("value"), "value", integers.fill_null(0))
    return table.to_pandas(date_as_object=False)


class Run(NamedTuple):
    """One run of some work: wall and processor seconds, peak GiB, and the numbers that it gave."""

    seconds: float
    processor: float
    memory: float
    table: pa.Table


def measured(work: Callable[[Path], pa.Table], folder: Path) -> Run:
    """Runs some work in a process of its own, on files that are warm."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_timed, (work, folder))


def _timed(work: Callable[[Path], pa.Table], folder: Path) -> Run:
    gc.set_threshold(COLLECTED_EVERY)
    started, processor = time.perf_counter(), time.process_time()
    table = work(folder)
    seconds, used = time.perf_counter() - started, time.process_time() - processor
    return Run(seconds, used, _peak(), table)


def _peak() -> float:
    """Peak memory of this process in GiB (the one that getrusage tells may be the parent's)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    (peak,) = (int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
    return peak / 2**20


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("observations", nargs="?", type=int, default=10_000_000)
    parser.add_argument("--pandas", action="store_true")
    parser.add_argument("--runs", type=int, default=2)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as parent:
        folder = Path(parent) / "ledger"
        started = time.perf_counter()
        count = fill(folder, options.observations)
        print(f"{count:,} observations in {time.perf_counter() - started:.0f} s, {date.today()}", flush=True)
        turns = []
        for _ in range(options.runs):
            shutil.rmtree(folder / "cache", ignore_errors=True)
            turns.append((measured(by_shazhou, folder), measured(by_sql, folder)))
        ours = _shown("shazhou", [mine for mine, _ in turns])
        theirs = _shown("SQL", [peer for _, peer in turns])
        print(f"ratio shazhou / SQL     {ours.seconds / theirs.seconds:6.2f}   (goal <= 1.5)", end="")
        print(f"   in processor time {ours.processor / theirs.processor:6.2f}")
        print(f"same numbers as SQL     {_same(ours.table, theirs.table)}", flush=True)
        if options.pandas:
            for name, work in (("pandas, integers", by_pandas_in_integers), ("pandas, decimals", by_pandas)):
                frames = _shown(name, [measured(work, folder)])
                print(f"ratio pandas / shazhou  {frames.seconds / ours.seconds:6.2f}   (goal >= 20)")
                print(f"same numbers as pandas  {_same(ours.table, frames.table)}", flush=True)


def _shown(name: str, runs: list[Run]) -> Run:
    best = min(runs, key=lambda run: run.seconds)
    print(f"{name:16} {best.seconds:8.1f} s  {best.processor:8.1f} s of processor", end="  ")
    print(f"{max(run.memory for run in runs):5.1f} GiB  {best.table.num_rows:,} cells", flush=True)
    return best


def _same(ours: pa.Table, theirs: pa.Table) -> bool:
    """Equal cells; equal sums and counts, and quotients that differ by their last digit at most (theirs are rounded
    from floating point)."""
    mine, other = _cells(ours), _cells(theirs)
    if mine.keys() != other.keys():
        return False
    return all(
        mine[key] == other[key] or ("v30" <= key[0] < "v35" and abs(mine[key] - other[key]) <= Decimal("0.01"))
        for key in mine
    )


def _cells(table: pa.Table) -> dict[tuple[str, ...], Decimal]:
    keys = zip(*(table.column(name).to_pylist() for name in ("indicator", "place", "industry", "period")), strict=True)
    values = table.column("value").to_pylist()
    return {key: Decimal(str(value)) for key, value in zip(keys, values, strict=True) if value is not None}


if __name__ == "__main__":
    main()
