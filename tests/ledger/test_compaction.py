"""Compaction: other files, the same facts, and nobody who reads is disturbed."""

from __future__ import annotations

import os
import time
from pathlib import Path

import ibis
import pytest
from ledger_rows import append, complete, delivery, numbered, seen

from shazhou.city.problem import Refused
from shazhou.ledger import compaction
from shazhou.ledger.ledger import Ledger
from shazhou.ledger.verification import verify


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return complete(tmp_path / "ledger")


def age(folder: Path) -> None:
    """As if everything had been written two hours ago."""
    then = time.time() - 2 * compaction.GRACE
    for path in folder.rglob("*"):
        os.utime(path, (then, then))


@pytest.mark.slow
def test_heads_submissions_and_references_to_rows_hold(ledger: Ledger) -> None:
    chain = ledger.submissions()
    before = {each.head: seen(ledger, each.head) for each in chain}
    for _ in range(3):
        ledger.compact()
        for one in (ledger, Ledger.open(ledger.folder)):
            assert one.submissions() == chain
            assert {each.head: seen(one, each.head) for each in chain} == before
        assert verify(ledger).ok
    assert len(ledger.observation_files.names()) == 1
    assert len(ledger.submission_files.names()) == 1


def test_rows_lie_sorted_in_the_compacted_file(ledger: Ledger) -> None:
    ledger.compact()
    connection = ibis.duckdb.connect()
    (file,) = ledger.observation_files.files()
    entities = connection.to_pyarrow(connection.read_parquet(str(file)).select("entity")).column(0).to_pylist()
    assert entities == sorted(entities)


def test_who_reads_goes_on_reading_while_others_compact(ledger: Ledger) -> None:
    connection = ibis.duckdb.connect()
    reading = ledger.observations(connection).order_by("sequence", "position")
    expected = connection.to_pyarrow(reading)
    for number in range(3):
        append(ledger, f"more{number}")
        ledger.compact()
        assert connection.to_pyarrow(reading).equals(expected)


def test_what_is_off_the_table_is_deleted_after_its_time_of_grace(ledger: Ledger) -> None:
    expected, chain = seen(ledger), ledger.submissions()
    ledger.compact()
    assert len(list(ledger.observation_files.folder.glob("*.parquet"))) > 1
    age(ledger.folder)
    ledger.compact()
    age(ledger.folder)
    ledger.compact()
    for table in (ledger.observation_files, ledger.submission_files):
        assert sorted(table.folder.glob("*.parquet")) == table.files()
        assert len(list(table.log.glob("*.json"))) <= 1
    fresh = Ledger.open(ledger.folder)
    assert seen(fresh) == expected
    assert fresh.submissions() == chain
    assert verify(fresh).ok
    append(fresh, "afterwards")
    assert verify(fresh).ok


def test_a_ledger_opened_long_ago_reads_on_after_compactions(ledger: Ledger) -> None:
    other = Ledger.open(ledger.folder)
    assert other.submissions()
    for number in range(3):
        append(ledger, f"more{number}")
        ledger.compact()
        age(ledger.folder)
    assert other.submissions() == ledger.submissions()
    assert seen(other) == seen(ledger)
    append(other, "its own")
    assert verify(ledger).ok


def test_what_dead_writers_left_goes_and_what_lives_stays(ledger: Ledger) -> None:
    orphan = ledger.observation_files.folder / "a-12345.parquet"
    staged = ledger.documents.folder / ".0123456789abcdef.partial"
    for path in (orphan, staged):
        path.write_bytes(b"unfinished")
    ledger.compact()
    assert orphan.exists()
    assert staged.exists()
    age(ledger.folder)
    ledger.compact()
    assert not orphan.exists()
    assert not staged.exists()
    assert verify(ledger).ok


def test_damage_is_not_compacted_away(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compaction, "SMALL_FILES", 8)
    damaged = ledger.observation_files.files()[0]
    content = bytearray(damaged.read_bytes())
    content[len(content) // 2] ^= 1
    damaged.write_bytes(content)
    with pytest.raises(Refused) as refused:
        ledger.compact()
    assert [each.rule.id for each in refused.value.problems] == ["compaction-of-damage"]
    for number in range(compaction.SMALL_FILES + 1):
        append(ledger, f"more{number}", 1)
    assert damaged in ledger.observation_files.files()
    assert "file-changed" in [each.rule.id for each in verify(ledger).failures]


def test_large_files_are_not_rewritten_by_an_append(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compaction, "SMALL_ROWS", 10)
    monkeypatch.setattr(compaction, "MOST_ROWS", 200)
    monkeypatch.setattr(compaction, "SMALL_FILES", 8)
    ledger = Ledger.create(tmp_path / "ledger")
    ledger.append(delivery("large"), numbered(1_000))
    (large,) = ledger.observation_files.files()
    for number in range(30):
        append(ledger, f"s{number}", 5, first=10_000 + number * 5)
        assert large in ledger.observation_files.files()
        assert len(ledger.observation_files.files()) <= 20
    assert len(seen(ledger)) == 1_150
    assert verify(ledger).ok
