"""The store: what is read is what was added, by one writer, at once in other processes."""

from __future__ import annotations

import json
import multiprocessing
import os
import sqlite3
from datetime import date
from multiprocessing.connection import Connection
from pathlib import Path

import pyarrow as pa
import pytest
from store_rows import START, events, minutes, samples

from shazhou.city.problem import Refused
from shazhou.telemetry.store import quarantine, store
from shazhou.telemetry.store.reading import NAMED_SAMPLES
from shazhou.telemetry.store.schema import EVENTS, HOURS, MACHINE_HOURS, MINUTES
from shazhou.telemetry.store.store import Store, folder_of

CHILDREN = multiprocessing.get_context("forkserver")
CHILDREN.set_forkserver_preload(["shazhou.telemetry.store.store", "store_rows"])
ALWAYS = (-(2**63), 2**63 - 1)
LATER = date(2100, 1, 1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return folder_of(tmp_path / "city")


def test_the_folder_lies_beside_the_ledger() -> None:
    assert folder_of(Path("var/city")) == Path("var/city.telemetry")


def test_what_is_read_is_what_was_added(folder: Path) -> None:
    """Exact at the ends of every type, in the tail and in Parquet."""
    rows = [
        {"integer": 2**63 - 1},
        {"integer": -(2**63)},
        {"text": str(2**64 - 1)},
        {"text": "", "quality": 0},
        {"real": 5e-324, "historical": True},
        {"real": float("-inf")},
        {"real": -0.0},
        {},
        {"text": "温度\0☃"},
    ]
    rows = [{"at": START + place, "received": START + 9, "sequence": place, **row} for place, row in enumerate(rows)]
    with Store.open(folder, write=True) as writer:
        series = writer.series("e1", "press", "Tag/x", 8, "°C", "recorded")
        writer.add(samples({"series": series, **row} for row in rows))
        writer.commit()
        for _ in range(2):
            found = writer.samples(*ALWAYS)
            assert found.schema == NAMED_SAMPLES
            usual = {"integer": None, "real": None, "text": None, "quality": 192, "historical": False}
            about = {"node": "e1", "device": "press", "metric": "Tag/x", "datatype": 8, "unit": "°C"}
            expected = [{**usual, **about, "origin": "recorded", **row} for row in rows]
            assert [{**row, "real": repr(row["real"])} for row in found.to_pylist()] == [
                {**row, "real": repr(row["real"])} for row in expected
            ]
            writer.compact(LATER)


@pytest.mark.parametrize("rows", [1, 10, 20_000])
def test_a_batch_of_any_size_comes_back_the_same(folder: Path, rows: int) -> None:
    """Small ones are kept plain, large ones compressed."""
    made = samples({"series": 1, "at": START + row, "integer": row % 7, "sequence": row} for row in range(rows))
    with Store.open(folder, write=True) as writer:
        writer.series("e1", "press", "Tag/x", 8)
        writer.add(made)
        writer.commit()
        found = writer.samples(*ALWAYS).select(["at", "received", "integer", "quality", "sequence"])
        assert found.equals(pa.Table.from_batches([made]).select(found.column_names).cast(found.schema))
    with sqlite3.connect(folder / "journal.sqlite") as connection:
        [(size,)] = connection.execute("SELECT length(rows) FROM tail")
    assert (size < made.nbytes / 2) == (rows == 20_000)


def test_minutes_and_events_are_read_by_node_device_and_kind(folder: Path) -> None:
    with Store.open(folder, write=True) as writer:
        made = minutes(
            {"node": node, "device": device, "at": START + place * 60_000, "total": 2**40 + place}
            for place, (node, device) in enumerate([("e1", "a"), ("e1", "b"), ("e2", "a")])
        )
        happened = events(
            {"node": node, "at": START + place, "kind": kind}
            for place, (node, kind) in enumerate([("e1", "birth"), ("e1", "gap"), ("e2", "death")])
        )
        writer.add(minutes=made, events=happened)
        writer.commit()
        for _ in range(2):
            assert writer.minutes(*ALWAYS).equals(pa.Table.from_batches([made]))
            assert writer.minutes(*ALWAYS).schema == MINUTES
            assert writer.minutes(*ALWAYS, "e1", "b").column("total").to_pylist() == [2**40 + 1]
            assert writer.minutes(*ALWAYS, "e2", columns=("total", "at")).to_pylist() == [
                {"total": 2**40 + 2, "at": START + 120_000}
            ]
            assert writer.minutes(START, START + 60_000).num_rows == 1, "the end is not in it"
            assert writer.machines(START, START + 60_001) == [("e1", "a"), ("e1", "b")]
            assert writer.machines(*ALWAYS, node="e2") == [("e2", "a")]
            assert writer.events(*ALWAYS).equals(pa.Table.from_batches([happened]))
            assert writer.events(*ALWAYS, kinds=("gap", "death")).column("node").to_pylist() == ["e1", "e2"]
            assert writer.events(*ALWAYS, "e1", ("gap", "death")).column("kind").to_pylist() == ["gap"]
            writer.compact(LATER)


def test_an_empty_store_answers_with_empty_tables(folder: Path) -> None:
    Store.open(folder, write=True).close()
    with Store.open(folder) as reader:
        assert reader.samples(*ALWAYS) == NAMED_SAMPLES.empty_table()
        assert reader.minutes(*ALWAYS) == MINUTES.empty_table()
        assert reader.events(*ALWAYS) == EVENTS.empty_table()
        assert reader.hours(*ALWAYS) == HOURS.empty_table()
        assert reader.machine_hours(*ALWAYS) == MACHINE_HOURS.empty_table()
        assert (reader.marks(), reader.live(), reader.doubts("2026-11"), reader.quarantined(9)) == ({}, {}, [], [])


def test_a_series_has_one_number_for_ever(folder: Path) -> None:
    with Store.open(folder, write=True) as writer:
        first = writer.series("e1", "press", "State", 3)
        assert writer.series("e1", "press", "State", 3) == first
        others = {
            writer.series("e1", "press", "State", 3, origin="simulated"),
            writer.series("e1", "press", "State", 4),
            writer.series("e1", "", "press/State", 3),
        }
        assert len({first, *others}) == 4
        writer.commit()
    with Store.open(folder, write=True) as writer:
        assert writer.series("e1", "press", "State", 3) == first
        assert writer.series("e2", "press", "State", 3) not in {first, *others}


def test_rows_of_another_schema_are_refused_and_the_rest_is_kept(folder: Path) -> None:
    with Store.open(folder, write=True) as writer:
        with pytest.raises((pa.ArrowInvalid, KeyError)):
            writer.add(events=pa.RecordBatch.from_pylist([{"node": "e1"}]))
        writer.add(events=events([{"node": "e1", "at": START}]))
        writer.commit()
        assert writer.events(*ALWAYS).num_rows == 1


def test_what_was_not_committed_is_gone(folder: Path) -> None:
    with Store.open(folder, write=True) as writer:
        writer.add(events=events([{"node": "e1", "at": START}]), marks={("e1", "a"): 1})
        assert writer.events(*ALWAYS).num_rows == 0
    with Store.open(folder) as reader:
        assert reader.events(*ALWAYS).num_rows == 0
        assert reader.marks() == {}


def test_a_commit_that_fails_can_be_tried_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Store.open(folder, write=True) as writer:
        writer.add(
            samples([{"series": writer.series("e1", "a", "b", 3), "at": START, "integer": 1}]), marks={("e1", "a"): 1}
        )
        writer.quarantine(START, "spBv1.0/x", b"\xff", "payload")

        def full(*given: object) -> None:
            raise sqlite3.OperationalError("database or disk is full")

        with monkeypatch.context() as patch:
            patch.setattr(store.tail, "append", full)
            with pytest.raises(sqlite3.OperationalError, match="full"):
                writer.commit()
        assert writer.marks() == {}
        writer.add(events=events([{"node": "e1", "at": START}]), marks={("e1", "a"): 2})
        writer.commit()
        assert writer.samples(*ALWAYS).column("integer").to_pylist() == [1]
        assert writer.events(*ALWAYS).num_rows == 1
        assert writer.marks() == {("e1", "a"): 2}
        assert writer.quarantine_counts() == {"payload": 1}


def test_a_mark_never_goes_back(folder: Path) -> None:
    with Store.open(folder, write=True) as writer:
        writer.add(marks={("e1", "a"): 7, ("e1", "b"): 1})
        writer.add(marks={("e1", "a"): 5})
        writer.commit()
        writer.add(marks={("e1", "a"): 6})
        writer.commit()
        assert writer.marks() == {("e1", "a"): 7, ("e1", "b"): 1}


def test_one_process_writes(folder: Path) -> None:
    with Store.open(folder, write=True) as writer:
        with pytest.raises(Refused, match="telemetry-busy"):
            Store.open(folder, write=True)
        with Store.open(folder) as reader:
            for write in (
                lambda: reader.add(marks={("e1", "a"): 1}),
                reader.commit,
                lambda: reader.series("e1", "a", "b", 3),
                lambda: reader.compact(LATER),
                lambda: reader.quarantine(0, "", b"", ""),
            ):
                with pytest.raises(Refused, match="telemetry-read-only"):
                    write()
        writer.add(marks={("e1", "a"): 1})
        writer.commit()
    Store.open(folder, write=True).close()


def test_there_must_be_a_store_to_read(folder: Path) -> None:
    with pytest.raises(Refused, match="no-telemetry"):
        Store.open(folder)
    assert not folder.exists()


def test_a_journal_that_is_none_is_told(folder: Path) -> None:
    folder.mkdir()
    (folder / "journal.sqlite").write_bytes(b"no database at all" * 100)
    with pytest.raises(Refused, match="telemetry-lost"):
        Store.open(folder, write=True)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_who_may_only_read_reads(folder: Path) -> None:
    with Store.open(folder, write=True) as writer:
        writer.add(events=events([{"node": "e1", "at": START}]))
        writer.commit()
    folder.chmod(0o555)
    try:
        with Store.open(folder) as reader:
            assert reader.events(*ALWAYS).num_rows == 1
    finally:
        folder.chmod(0o755)


def read_on_demand(folder: Path, asked: Connection) -> None:
    """Tells how many samples and events there are whenever it is asked."""
    with Store.open(folder) as reader:
        while asked.recv():
            asked.send((reader.samples(*ALWAYS).num_rows, reader.events(*ALWAYS).num_rows))


@pytest.mark.slow
def test_another_process_finds_what_was_just_committed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """At once: the reader's next question after a commit finds it, in the tail and while it moves into Parquet."""
    monkeypatch.setattr(store, "TAIL_FRAMES", 5)
    here, there = CHILDREN.Pipe()
    with Store.open(folder, write=True) as writer:
        child = CHILDREN.Process(target=read_on_demand, args=(folder, there))
        child.start()
        series = writer.series("e1", "a", "b", 3)
        for number in range(1, 16):
            writer.add(samples({"series": series, "at": START + number} for _ in range(10)))
            writer.add(events=events([{"node": "e1", "at": START + number}]))
            writer.commit()
            if number == 8:
                writer.compact(LATER)
            here.send(True)
            assert here.recv() == (number * 10, number)
        here.send(False)
        child.join()


def test_the_quarantine_is_bounded_and_counts_on(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quarantine, "MOST_BYTES", 10)
    with Store.open(folder, write=True) as writer:
        for number in range(quarantine.MOST + 5):
            writer.quarantine(START + number, f"spBv1.0/{number}", bytes(25), "payload" if number % 2 else "topic")
            if number % 300 == 0:
                writer.commit()
        writer.commit()
        newest = writer.quarantined(2)
        assert [each.topic for each in newest] == ["spBv1.0/1004", "spBv1.0/1003"]
        assert (newest[0].payload, newest[0].size, newest[0].reason) == (bytes(10), 25, "topic")
        assert len(writer.quarantined(10_000)) == quarantine.MOST
        assert writer.quarantine_counts() == {"payload": 502, "topic": 503}


def hours(node: str, hour: int, level: int = 3) -> dict[str, object]:
    about = {"node": node, "hour": hour, "level": level, "before": 4, "working": 3600, "live": 3000, "speaking": 3600}
    return {**about, "reason": "", "doubts": ["clone"], "mode": "full", "origin": ""}


def machine_hours(node: str, device: str, hour: int) -> dict[str, object]:
    times = dict.fromkeys(("not_available", "out_of_service", "not_executing", "maintenance", "setup"), 0.0)
    about = {"node": node, "device": device, "hour": hour, "live": 3600, **times, "executing": 3600.0, "failures": 0}
    return {
        **about,
        "total": 5,
        "good_count": None,
        "energy": 1.5,
        "cycle": None,
        "minutes": 60,
        "believed": 60,
        "origin": "",
    }


def test_a_days_hours_are_replaced_whole_and_read_by_the_hour(folder: Path) -> None:
    hour = 3_600_000
    day = date(2024, 10, 4)
    with Store.open(folder, write=True) as writer, Store.open(folder) as reader:
        for level in (1, 3):
            levels = [hours(node, START + place * hour, level) for place in (-8, 0, 15) for node in ("e2", "e1")]
            machines = [machine_hours("e1", device, START) for device in ("a", "b")]
            writer.keep_hours(
                day, pa.Table.from_pylist(levels, schema=HOURS), pa.Table.from_pylist(machines, schema=MACHINE_HOURS)
            )
        found = reader.hours(START - 8 * hour, START + 15 * hour)
        assert found.schema == HOURS
        assert found.select(["node", "hour"]).to_pylist() == [
            {"node": node, "hour": START + place * hour} for place in (-8, 0) for node in ("e1", "e2")
        ]
        assert set(found.column("level").to_pylist()) == {3}
        assert found.column("doubts").to_pylist()[0] == ["clone"]
        assert reader.hours(*ALWAYS, "e1").num_rows == 3
        assert reader.machine_hours(*ALWAYS, "e1", "b").to_pylist() == [machines[1]]


def test_doubts_and_the_present_are_replaced_whole(folder: Path) -> None:
    with Store.open(folder, write=True) as writer, Store.open(folder) as reader:
        writer.keep_doubts("2026-11", [{"node": "e1", "kind": "clone"}, {"node": "e2", "kind": "时钟"}])
        assert reader.doubts("2026-11", "e2") == [{"node": "e2", "kind": "时钟"}]
        writer.keep_doubts("2026-11", [])
        assert reader.doubts("2026-11") == reader.doubts("2026-12") == []
        writer.put_live({"at": START, "nodes": {"e1": {"level": 3}}})
        assert reader.live()["nodes"]["e1"]["level"] == 3
        assert json.loads((folder / "live.json").read_text())["at"] == START
        assert not list(folder.glob(".*partial"))


def test_more_rows_than_memory_holds_are_refused_in_words(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """DuckDB's own error reached who had asked for some millions of samples at once."""
    made = samples({"series": 1, "at": START + row, "integer": row, "sequence": row} for row in range(100_000))
    with Store.open(folder, write=True) as writer:
        writer.series("e1", "press", "Tag/x", 8)
        writer.add(made)
        writer.commit()
    monkeypatch.setattr("shazhou.telemetry.store.reading.MEMORY", "1MB")
    with Store.open(folder) as reader, pytest.raises(Refused, match="shorter span"):
        reader.samples(*ALWAYS)
