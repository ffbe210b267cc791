"""Compaction: one file for a finished day, late rows merged later, nothing twice or lost wherever it breaks off."""

from __future__ import annotations

import os
import threading
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import wait
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest
from store_rows import DAY, START, events, minutes, samples

from shazhou.city.problem import Refused
from shazhou.telemetry.store import filing, parquet, retention, store
from shazhou.telemetry.store.store import Store

ALWAYS = (-(2**63), 2**63 - 1)
FIRST, SECOND, THIRD, LATER = (date(2024, 10, 4), date(2024, 10, 5), date(2024, 10, 6), date(2024, 11, 1))


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "city.telemetry", write=True) as made:
        yield made


def put(writer: Store, *moments: int, **columns: Any) -> None:
    """Commits a sample for each moment (in days since `START`)."""
    rows = [{"series": writer.series("e1", "press", "Power/Active", 10), "at": START + int(at * DAY)} for at in moments]
    writer.add(samples([{"received": row["at"], **row, **columns} for row in rows]))
    writer.commit()


def files(writer: Store) -> list[str]:
    """The days of the files on disk."""
    return sorted(path.name.split(".")[0] for path in (writer.folder / "samples").glob("*.parquet"))


def moments(writer: Store) -> list[float]:
    return [(at - START) / DAY for at in writer.samples(*ALWAYS).column("at").to_pylist()]


def test_a_finished_day_becomes_one_sorted_file(writer: Store) -> None:
    other = writer.series("e1", "press", "State", 3)
    for at in (0.5, 0.25, 0.75):
        writer.add(samples([{"series": other, "at": START + int(at * DAY), "integer": 3}]))
        put(writer, at, 1 + at)
        writer.compact(FIRST)
    assert files(writer) == ["2024-10-04"] * 3 + ["2024-10-05"] * 3, "no day is over yet"
    writer.compact(SECOND)
    assert files(writer) == ["2024-10-04"] + ["2024-10-05"] * 3
    [path] = (writer.folder / "samples").glob("2024-10-04.*")
    rows = pq.read_table(path, columns=["series", "at"]).to_pylist()
    assert rows == sorted(rows, key=lambda row: (row["series"], row["at"]))
    assert len(writer.samples(*ALWAYS)) == 9


def test_a_late_row_joins_its_day_at_the_next_compaction(writer: Store) -> None:
    put(writer, 0.5, 1.5)
    writer.compact(LATER)
    put(writer, 0.25, historical=True, received=START + 20 * DAY)
    assert moments(writer) == [0.25, 0.5, 1.5]
    writer.compact(LATER)
    assert files(writer) == ["2024-10-04", "2024-10-05"]
    assert moments(writer) == [0.25, 0.5, 1.5]


def test_many_files_of_a_day_that_goes_on_are_brought_together(writer: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filing, "MANY", 3)
    for at in (0.1, 0.2):
        put(writer, at)
        writer.compact(FIRST)
    assert len(files(writer)) == 2
    put(writer, 0.3)
    assert writer.compact(FIRST).merged[0].count == 3
    assert len(files(writer)) == 1


def test_full_files_are_left_alone(writer: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filing, "FULL", 4)
    for at in (0.1, 0.2, 0.3):
        put(writer, at, at + 0.01)
        writer.compact(FIRST)
    writer.compact(LATER)
    before = sorted((writer.folder / "samples").iterdir())
    assert len(before) == 2
    writer.compact(LATER)
    assert sorted((writer.folder / "samples").iterdir()) == before


def test_a_wild_clock_makes_no_days_of_its_own(writer: Store) -> None:
    """A row from the year 2262 or 1970 is kept under the day it came on, and found under its own time."""
    wild = [2**62, 0, -5, START + 3000 * DAY]
    series = writer.series("e1", "press", "Power/Active", 10)
    writer.add(samples({"series": series, "at": at, "received": START + 5} for at in wild))
    writer.compact(LATER)
    writer.commit()
    writer.compact(LATER)
    assert files(writer) == ["2024-10-04"]
    assert writer.samples(2**62, 2**62 + 1).num_rows == 1
    assert writer.samples(*ALWAYS).column("at").to_pylist() == sorted(wild)


@pytest.mark.parametrize("place", ["write", "_name", "forget", "delete"])
def test_a_compaction_that_breaks_off_leaves_each_row_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    folder = tmp_path / "city.telemetry"
    with Store.open(folder, write=True) as writer:
        for at in (0.1, 0.2, 0.3):
            put(writer, at, 1 + at)
            writer.compact(FIRST)
        put(writer, 0.4)
        real = getattr(filing, place)

        def break_off(*given: Any) -> Any:
            if place in ("write", "_name"):
                real(*given)
            raise OSError("no space left on device")

        full = pytest.RaisesExc(OSError, match="no space")
        with monkeypatch.context() as patch:
            patch.setattr(filing, place, break_off)
            with pytest.RaisesGroup(full, full) if place in ("forget", "delete") else full:
                writer.compact(LATER)
        assert moments(writer) == pytest.approx([0.1, 0.2, 0.3, 0.4, 1.1, 1.2, 1.3])
    with Store.open(folder, write=True) as writer:
        assert moments(writer) == pytest.approx([0.1, 0.2, 0.3, 0.4, 1.1, 1.2, 1.3])
        writer.compact(LATER)
        assert files(writer) == ["2024-10-04", "2024-10-05"], "nothing unnamed stays behind"
        assert moments(writer) == pytest.approx([0.1, 0.2, 0.3, 0.4, 1.1, 1.2, 1.3])


@pytest.mark.slow
def test_compaction_goes_on_while_rows_are_committed(writer: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "TAIL_FRAMES", 3)
    done, failed = threading.Event(), []

    def compact() -> None:
        try:
            while not done.is_set():
                writer.compact(LATER)
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=compact)
    thread.start()
    for number in range(30):
        put(writer, number / 100, sequence=number)
        assert writer.samples(*ALWAYS).num_rows == number + 1
    done.set()
    thread.join()
    assert failed == []
    assert writer.samples(*ALWAYS).column("sequence").to_pylist() == list(range(30))


def test_a_tail_that_could_not_be_moved_is_told_with_the_next_commit(
    writer: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is lost by it, what was added meanwhile waits, and the move is tried again."""
    monkeypatch.setattr(store, "TAIL_FRAMES", 1)

    def full(*given: Any) -> Any:
        raise OSError("no space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(filing, "write", full)
        put(writer, 0.1)
        wait([writer._filed])
        with pytest.raises(OSError, match="no space"):
            put(writer, 0.2)
    assert moments(writer) == [0.1]
    writer.commit()
    assert moments(writer) == [0.1, 0.2]
    writer.compact(LATER)
    assert moments(writer) == [0.1, 0.2]
    assert files(writer) == ["2024-10-04"]


def test_a_reader_asks_again_where_compaction_took_its_files(writer: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    put(writer, 0.1)
    writer.compact(FIRST)
    put(writer, 0.2)
    writer.compact(FIRST)
    from shazhou.telemetry.store import reading

    real, calls = reading.named, []

    def named_then_compacted(*given: Any) -> Any:
        found = real(*given)
        calls.append(len(found))
        if len(calls) == 1:
            writer.compact(LATER)
        return found

    with Store.open(writer.folder) as reader:
        monkeypatch.setattr(reading, "named", named_then_compacted)
        assert reader.samples(*ALWAYS).num_rows == 2
    assert calls == [2, 1]


def test_a_lost_file_is_told(writer: Store) -> None:
    put(writer, 0.1)
    writer.compact(LATER)
    [path] = (writer.folder / "samples").iterdir()
    path.unlink()
    with pytest.raises(Refused, match=r"cannot be read.*telemetry-lost"):
        writer.samples(*ALWAYS)


def lose(path: Path) -> None:
    path.unlink()


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def garble(path: Path) -> None:
    """Damages the list of columns; DuckDB does not say of which file that is."""
    whole = path.read_bytes()
    columns = int.from_bytes(whole[-8:-4], "little")
    path.write_bytes(whole[: -columns - 8] + b"\xff" * columns + whole[-8:])


def shorten(path: Path) -> None:
    pq.write_table(pq.read_table(path).slice(1), path)


@pytest.mark.parametrize("damage", [lose, cut, garble, shorten])
def test_a_lost_or_damaged_file_ended_the_compaction_of_all_other_days(
    writer: Store, damage: Callable[[Path], None]
) -> None:
    for at in (0.25, 0.5):
        put(writer, at, at + 0.01, 1 + at)
        writer.add(events=events([{"node": "e1", "at": START + int(at * DAY)}]))
        writer.compact(FIRST)
    [bad, good] = sorted((writer.folder / "samples").glob("2024-10-04.*"))
    whole = bad.read_bytes()
    damage(bad)
    before = good.read_bytes()
    for _ in range(2):
        with pytest.RaisesGroup(pytest.RaisesExc((duckdb.Error, RuntimeError))) as told:
            writer.compact(LATER)
        assert bad.name in "".join(traceback.format_exception(told.value))
    assert files(writer).count("2024-10-05") == 1
    assert len(list((writer.folder / "events").iterdir())) == 1
    kept = [path for path in (writer.folder / "samples").glob("2024-10-04.*") if path != bad]
    assert [path.read_bytes() for path in kept] == [before], "neither replaced nor beside it a file that none names"
    bad.write_bytes(whole)
    # DuckDB knows what it has read by the second in which a file was changed.
    os.utime(bad, (0, 0))
    writer.compact(LATER)
    assert files(writer) == ["2024-10-04", "2024-10-05"]
    assert moments(writer) == pytest.approx([0.25, 0.26, 0.5, 0.51, 1.25, 1.5])


def test_a_file_that_could_not_be_written_stayed_behind_half(writer: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    for at in (0.25, 0.5):
        put(writer, at)
        writer.compact(FIRST)
    before = sorted((writer.folder / "samples").iterdir())

    def full(*given: Any) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(parquet, "flush", full)
    with pytest.RaisesGroup(pytest.RaisesExc(OSError, match="no space")):
        writer.compact(LATER)
    assert sorted((writer.folder / "samples").iterdir()) == before


def test_retention_drops_whole_days_and_says_so(writer: Store) -> None:
    from shazhou.city.model import RetentionRule

    put(writer, 0.5, 1.5, 2.5)
    for day in range(3):
        writer.add(minutes=minutes([{"node": "e1", "at": START + day * DAY}]))
        writer.add(events=events([{"node": "e1", "at": START + day * DAY}]))
    writer.commit()
    writer.compact(LATER)
    rule = RetentionRule(samples_days=1, minutes_days=2)
    dropped = writer.retain(rule, THIRD)
    assert [(each.kind, each.day, each.count) for each in dropped] == [("samples", "2024-10-04", 1)]
    assert dropped[0].bytes > 0
    assert moments(writer) == [1.5, 2.5]
    assert files(writer) == ["2024-10-05", "2024-10-06"]
    assert writer.retain(rule, THIRD) == []
    put(writer, 0.1, historical=True)
    writer.compact(LATER)
    again = writer.retain(rule, date(2024, 10, 7))
    assert [(each.kind, each.day, each.count) for each in again] == [
        ("samples", "2024-10-04", 1),
        ("samples", "2024-10-05", 1),
        ("minutes", "2024-10-04", 1),
        ("events", "2024-10-04", 1),
    ]
    with Store.open(writer.folder) as reader:
        assert reader.dropped() == dropped + again
        assert reader.minutes(*ALWAYS).num_rows == reader.events(*ALWAYS).num_rows == 2


def test_retention_that_breaks_off_has_dropped_all_or_nothing(writer: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    from shazhou.city.model import RetentionRule

    put(writer, 0.5, 1.5)
    writer.compact(LATER)

    def break_off(*given: Any) -> None:
        raise OSError("interrupted")

    with monkeypatch.context() as patch:
        patch.setattr(retention, "forget", break_off)
        with pytest.raises(OSError, match="interrupted"):
            writer.retain(RetentionRule(samples_days=1), LATER)
    assert moments(writer) == [0.5, 1.5]
    assert writer.dropped() == []


def test_an_error_that_nobody_foresaw_ended_the_compaction_of_all_other_days(
    writer: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DuckDB's words about a garbled file hold bytes of it, which are no text."""
    for at in (0.25, 0.5):
        put(writer, at, 1 + at)
        writer.compact(FIRST)
    real = filing._merged

    def no_text(*given: Any) -> Any:
        return real(*given) if "2024-10-05" in given else b"\xff".decode()

    monkeypatch.setattr(filing, "_merged", no_text)
    with pytest.RaisesGroup(UnicodeDecodeError):
        writer.compact(LATER)
    assert files(writer) == ["2024-10-04", "2024-10-04", "2024-10-05"]


def test_files_without_a_row_ended_compaction_and_left_another_behind(writer: Store) -> None:
    for at in (0.25, 0.5):
        put(writer, at)
        writer.compact(FIRST)
    for path in (writer.folder / "samples").iterdir():
        pq.write_table(pq.read_table(path).slice(1), path)
    before = sorted((writer.folder / "samples").iterdir())
    with pytest.RaisesGroup(ValueError):
        writer.compact(LATER)
    assert sorted((writer.folder / "samples").iterdir()) == before
