"""Headline indicators on the city's real evidence, each beside SQL of its own.

A case of `cases/*.yaml` asks for one figure and says the same in SQL over the files of the ledger, written without
knowledge of the engine; one runner compares both. `stated` holds every observation with the sequence of its submission,
`below` the keys of the city's places.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
import yaml
from zhangjiagang_ledger import FOLDER, filled

from shazhou.ledger.ledger import Ledger
from shazhou.measure.figure import Figure
from shazhou.measure.measure import Measure

CASES: dict[str, dict[str, Any]] = {}
for file in sorted((Path(__file__).parent / "cases").glob("*.yaml")):
    CASES |= yaml.safe_load(file.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    return filled(tmp_path_factory.mktemp("city") / "data")


@pytest.fixture(scope="module")
def figures(ledger: Ledger) -> dict[str, Figure]:
    measure = Measure(ledger)
    return {name: measure.figure(**case["ask"]) for name, case in CASES.items()}


@pytest.fixture(scope="module")
def files(ledger: Ledger) -> Iterator[duckdb.DuckDBPyConnection]:
    """The ledger's Parquet files as plain SQL sees them."""
    connection = duckdb.connect()
    chain = [(each.attempt, each.sequence) for each in ledger.submissions()]
    attempts, sequences = zip(*chain, strict=True)
    connection.register("chain", pa.table({"attempt": attempts, "sequence": sequences}))
    connection.read_parquet([str(file) for file in ledger.observation_files.files()]).create_view("rows")
    connection.execute("create view stated as select * from rows join chain using (attempt)")
    keys = duckdb.sql(f"from read_csv('{FOLDER / 'places.csv'}', header=true, all_varchar=true)").arrow().read_all()
    connection.register("places", keys)
    connection.execute(
        "create view below as with recursive b(key) as (values ('320582') union all "
        "select p.key from places p join b on p.parent = b.key) select key from b"
    )
    yield connection
    connection.close()


def test_there_are_at_least_fifteen_headline_indicators() -> None:
    assert len({case["ask"]["indicator"] for case in CASES.values()}) >= 15


@pytest.mark.parametrize("name", CASES)
def test_the_engine_and_plain_sql_agree(
    name: str, figures: dict[str, Figure], files: duckdb.DuckDBPyConnection
) -> None:
    figure = figures[name]
    (answer,) = files.execute(CASES[name]["sql"]).fetchall() or [(None,)]
    exact = None if answer[0] is None else Decimal(str(answer[0]))
    step = Decimal(1).scaleb(-figure.decimals)
    assert figure.value == (None if exact is None else exact.quantize(step, ROUND_HALF_UP))


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if "known" in case])
def test_what_is_known_of_the_figure(name: str, figures: dict[str, Figure]) -> None:
    figure, known = figures[name], CASES[name]["known"]
    seen = {
        "value": None if figure.value is None else str(figure.value),
        "sources": [source.title for source in figure.sources],
        "others": [str(other.value) for other in figure.others],
    }
    assert {field: seen.get(field, getattr(figure, field)) for field in known} == known
