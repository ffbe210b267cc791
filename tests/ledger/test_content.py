"""The content hash: the same for the same rows however they are cut, another for any other rows."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ledger_rows import PLAIN, numbered, table

from shazhou.ledger import content
from shazhou.ledger.content import Digest, blocks
from shazhou.ledger.observation import KINDS, QUALIFIERS, SCHEMA

text = st.text(max_size=6)
row = st.fixed_dictionaries(
    {
        "entity": text,
        "value": st.none() | st.decimals(-(10**20), 10**20, places=9),
        "text": st.none() | text,
        "kind": st.sampled_from(KINDS),
        "qualifier": st.sampled_from(QUALIFIERS),
        "note": text,
        "start": st.dates(date(1949, 1, 1), date(2100, 1, 1)),
        "row": st.integers(0, 2**31 - 1),
    }
)
several_rows = st.lists(row, max_size=30)


def hashed(observations: pa.Table | list[pa.RecordBatch]) -> tuple[int, str]:
    digest = Digest()
    for block in blocks(observations if isinstance(observations, pa.Table) else iter(observations)):
        digest.add(block)
    return digest.count, digest.hexdigest()


@given(several_rows, st.data())
def test_the_hash_does_not_depend_on_how_the_rows_are_cut(rows: list[dict[str, Any]], data: st.DataObject) -> None:
    whole = table(rows)
    block = data.draw(st.integers(1, 8))
    before, content.BLOCK = content.BLOCK, block
    try:
        cuts = sorted(data.draw(st.lists(st.integers(0, len(rows)), max_size=6)))
        ends = [0, *cuts, len(rows)]
        pieces = [whole.slice(a, b - a).to_batches() for a, b in pairwise(ends)]
        assert hashed([batch for piece in pieces for batch in piece]) == hashed(whole)
    finally:
        content.BLOCK = before


@given(several_rows, several_rows)
def test_other_rows_have_another_hash(one: list[dict[str, Any]], two: list[dict[str, Any]]) -> None:
    assert (hashed(table(one)) == hashed(table(two))) == (table(one) == table(two))


@given(st.lists(row, min_size=1, max_size=5), st.data())
def test_any_changed_cell_changes_the_hash(rows: list[dict[str, Any]], data: st.DataObject) -> None:
    number = data.draw(st.integers(0, len(rows) - 1))
    name = data.draw(st.sampled_from(SCHEMA.names))
    changed = [dict(each) for each in rows]
    kind = SCHEMA.field(name).type
    cell = {**PLAIN, **rows[number]}[name]
    if pa.types.is_string(kind):
        changed[number][name] = f"{cell or ''}x"
    elif pa.types.is_decimal(kind):
        changed[number][name] = (cell or Decimal(0)) + Decimal("0.000000001")
    else:
        changed[number][name] = cell.replace(year=1948) if isinstance(cell, date) else (cell + 1) % 2**31
    assert hashed(table(changed)) != hashed(table(rows))


def test_text_moved_from_one_cell_to_the_next_changes_the_hash() -> None:
    assert hashed(table([{"entity": "ab"}, {"entity": "c"}])) != hashed(table([{"entity": "a"}, {"entity": "bc"}]))
    assert hashed(table([{"entity": "a", "industry": "bc"}])) != hashed(table([{"entity": "ab", "industry": "c"}]))


def test_missing_empty_and_zero_are_three_things() -> None:
    cells: list[dict[str, Any]] = [{}, {"text": ""}, {"value": Decimal(0)}]
    assert len({hashed(table([cell])) for cell in cells}) == 3


@settings(deadline=None, max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=several_rows)
def test_the_hash_survives_parquet_and_duckdb(tmp_path: Path, rows: list[dict[str, Any]]) -> None:
    whole = table(rows)
    file = tmp_path / "rows.parquet"
    pq.write_table(whole.append_column("position", pa.array(range(len(rows)), pa.int64())), file, row_group_size=3)
    connection = ibis.duckdb.connect()
    read = connection.read_parquet(str(file)).order_by("position").select(SCHEMA.names)
    batches = list(connection.to_pyarrow_batches(read, chunk_size=5))
    connection.disconnect()
    assert hashed(batches) == hashed(whole)


def test_large_content_is_hashed_block_by_block() -> None:
    whole = numbered(150_000)
    assert hashed(whole) == hashed(whole.to_batches(7_001))
    assert hashed(whole) != hashed(whole.slice(0, 149_999))
