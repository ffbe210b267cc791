"""Forty indicators over 12 places, 8 industries and 60 months, as of the middle of the corrections.

    python bench/figures.py [observations] [--pandas]

Fills a ledger with monthly values of enterprises (10 M by default), a fifth of them corrected later; reads it as of
the middle of the corrections and computes all 230,400 cells. Beside it, in the same run and on the same files: the
same numbers by hand-written DuckDB SQL (goal: at most 1.5 times its time) and, with ``--pandas``, by pandas (goal:
at least 20 times faster). All three must give the same exact sums. Also prints the peak memory of the process that
computes (goal: below 8 GiB).
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import tempfile
import time
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa

from shazhou.city.folder import pack
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
    units = {name: "count" if formula.startswith("count") else "cny" for name, formula in formulas.items()}
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


def by_shazhou(folder: Path) -> dict[Any, Decimal]:
    ledger = Ledger.open(folder)
    measure = Measure(ledger, middle(ledger)[0])
    table = measure.tabulate(VARIABLES, PLACES, MONTHS, INDUSTRIES)
    kept = table.select(["indicator", "place", "industry", "period", "value"])
    return {tuple(row.values())[:4]: row["value"] for row in kept.to_pylist() if row["value"] is not None}


SQL = """
with named as (select attempt, sequence from submissions where sequence <= {last}),
current as (
  select entity, start, arg_max(value, sequence * 2147483648 + position) as value
  from read_parquet({files}) join named using (attempt) where variable = '{variable}' group by entity, start
),
attribute as (
  select entity, max(text) filter (variable = 'place') as place, max(text) filter (variable = 'industry') as industry
  from read_parquet({files}) where variable in ('place', 'industry') group by entity
)
select place, industry, start, sum(value) as total, count(*) filter (value >= 5000000) as many
from current join attribute using (entity) group by place, industry, start
"""


def by_sql(folder: Path) -> dict[Any, Decimal]:
    ledger = Ledger.open(folder)
    chain = ledger.submissions()
    pairs = pa.table({"attempt": [each.attempt for each in chain], "sequence": [each.sequence for each in chain]})
    connection = duckdb.connect()
    connection.register("submissions", pairs)
    files = [str(file) for file in ledger.observation_files.files()]
    last = middle(ledger)[1]
    found: dict[Any, Decimal] = {}
    totals: dict[str, dict[Any, Decimal]] = {}
    for variable in VARIABLES:
        query = SQL.format(files=files, last=last, variable=variable)
        result = connection.execute(query).fetchall()
        keys = [(place, industry, start) for place, industry, start, _total, _many in result]
        totals[variable] = dict(zip(keys, (row[3] for row in result), strict=True))
        number = int(variable[1:])
        if number < 30:
            values = totals[variable]
        elif number < 35:
            below = totals[f"v{number - 30:02d}"]
            values = {key: value / below[key] for key, value in totals[variable].items()}
        else:
            values = dict(zip(keys, (Decimal(row[4]) for row in result), strict=True))
        for (place, industry, start), value in values.items():
            found[variable, place, industry, f"{start:%Y-%m}"] = round(value, 2)
    return found


def by_pandas(folder: Path) -> dict[Any, Decimal]:
    ledger = Ledger.open(folder)
    last = middle(ledger)[1]
    sequence = {each.attempt: each.sequence for each in ledger.submissions()}
    files = ledger.observation_files.files()
    columns = ["entity", "variable", "start", "value", "text", "attempt", "position"]
    frame = pd.concat([_read(file, columns) for file in files])
    frame["sequence"] = frame["attempt"].map(sequence)
    frame = frame[frame["sequence"] <= last].sort_values(["sequence", "position"])
    place = frame[frame["variable"] == "place"].set_index("entity")["text"]
    industry = frame[frame["variable"] == "industry"].set_index("entity")["text"]
    numeric = frame[~frame["variable"].isin(["place", "industry"])]
    newest = numeric.drop_duplicates(["entity", "variable", "start"], keep="last")
    newest = newest.assign(place=newest["entity"].map(place), industry=newest["entity"].map(industry))
    newest["many"] = newest["value"] >= 5_000_000
    grouped = newest.groupby(["variable", "place", "industry", "start"])
    sums, many = grouped["value"].sum(), grouped["many"].sum()
    found = {}
    for (variable, at, of, start), total in sums.items():
        number, period = int(variable[1:]), f"{start:%Y-%m}"
        if number < 30:
            found[variable, at, of, period] = Decimal(int(total))
        elif number < 35:
            below = sums[f"v{number - 30:02d}", at, of, start]
            found[variable, at, of, period] = round(Decimal(int(total)) / Decimal(int(below)), 2)
        else:
            found[variable, at, of, period] = Decimal(int(many[variable, at, of, start]))
    return found


def _read(file: Path, columns: list[str]) -> pd.DataFrame:
    """The whole yuan of this bench fit into 64-bit integers, the fastest exact type of pandas."""
    import pyarrow.parquet as pq

    table = pq.read_table(file, columns=columns, use_threads=True)
    whole = table.column("value").cast(pa.decimal128(19, 0)).cast(pa.int64())
    return table.set_column(columns.index("value"), "value", whole.fill_null(0)).to_pandas(date_as_object=False)


def measured(work: Callable[[Path], dict[Any, Decimal]], folder: Path) -> tuple[dict[Any, Decimal], float, float]:
    """Result, seconds and peak GiB of some work in a process of its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_timed, (work, folder))


def _timed(work: Callable[[Path], dict[Any, Decimal]], folder: Path) -> tuple[dict[Any, Decimal], float, float]:
    started = time.perf_counter()
    found = work(folder)
    seconds = time.perf_counter() - started
    return found, seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("observations", nargs="?", type=int, default=10_000_000)
    parser.add_argument("--pandas", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as parent:
        folder = Path(parent) / "ledger"
        started = time.perf_counter()
        count = fill(folder, options.observations)
        print(f"{count:,} observations in {time.perf_counter() - started:.0f} s, {date.today()}")
        ours, seconds, memory = measured(by_shazhou, folder)
        print(f"shazhou  {seconds:8.1f} s  {memory:5.1f} GiB  {len(ours):,} cells")
        theirs, sql_seconds, memory = measured(by_sql, folder)
        print(f"SQL      {sql_seconds:8.1f} s  {memory:5.1f} GiB  {len(theirs):,} cells")
        print(f"ratio shazhou / SQL     {seconds / sql_seconds:6.2f}   (goal <= 1.5)")
        print(f"same numbers as SQL     {_same(ours, theirs)}")
        if options.pandas:
            frames, pandas_seconds, memory = measured(by_pandas, folder)
            print(f"pandas   {pandas_seconds:8.1f} s  {memory:5.1f} GiB  {len(frames):,} cells")
            print(f"ratio pandas / shazhou  {pandas_seconds / seconds:6.2f}   (goal >= 20)")
            print(f"same numbers as pandas  {_same(ours, frames)}")


def _same(ours: dict[Any, Decimal], theirs: dict[Any, Decimal]) -> bool:
    """Equal keys, and equal values but for the last digit of a quotient rounded half up here, half even there."""
    return ours.keys() == theirs.keys() and all(abs(ours[key] - theirs[key]) <= Decimal("0.01") for key in ours)


if __name__ == "__main__":
    main()
