"""A store is held as it stands at one moment, whatever its writer does meanwhile."""

from __future__ import annotations

import errno
import os
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from threading import Event, Thread

import pytest
from store_rows import put_in

from shazhou.city.model import RetentionRule
from shazhou.city.problem import Refused
from shazhou.telemetry.host.spool import ask
from shazhou.telemetry.store import filing, store
from shazhou.telemetry.store.backup import HELD, holding
from shazhou.telemetry.store.derived import LIVE
from shazhou.telemetry.store.schema import HOURS, MACHINE_HOURS
from shazhou.telemetry.store.store import Store

ALWAYS = (-(2**63), 2**63 - 1)
TODAY = date(2100, 1, 1)
BUFFER = ("e1", "agent")


def write(writer: Store, number: int) -> None:
    put_in(writer, number)
    writer.commit()


@contextmanager
def at_work(writer: Store) -> Iterator[list[int]]:
    """Writes record after record, and compacts, all the time."""
    stop, written = Event(), [0]

    def go_on() -> None:
        while not stop.is_set():
            write(writer, written[0] + 1)
            written[0] += 1

    def compact() -> None:
        while not stop.is_set():
            writer.compact(TODAY)

    threads = [Thread(target=each) for each in (go_on, compact)]
    for each in threads:
        each.start()
    try:
        yield written
    finally:
        stop.set()
        for each in threads:
            each.join()


def taken_to(folder: Path, files: dict[str, Path]) -> Path:
    """What an archive does with held files."""
    for name, path in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, folder / name)
    return folder


def test_a_moment_is_held_while_rows_come_and_files_are_merged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "TAIL_FRAMES", 6)
    monkeypatch.setattr(filing, "FULL", 500)
    folder = tmp_path / "city.telemetry"
    with Store.open(folder, write=True) as writer, at_work(writer) as written:
        for attempt in range(5):
            before = written[0]
            with holding(folder, tmp_path) as held:
                held.freeze()
                after = written[0]
                copy = taken_to(tmp_path / f"copy {attempt}", held.files)
            with Store.open(copy, write=True) as again:
                mark = again.marks().get(BUFFER, 0)
                assert before <= mark <= after + 1
                rows = Counter(again.samples(*ALWAYS)["sequence"].to_pylist())
                assert rows == dict.fromkeys(range(1, mark + 1), 3)
                assert sorted(again.minutes(*ALWAYS)["sequence"].to_pylist()) == list(range(1, mark + 1))
                assert sorted(map(int, again.events(*ALWAYS)["detail"].to_pylist())) == list(range(1, mark + 1))
                write(again, mark + 1)
    assert not (folder / HELD).exists()


def test_what_retention_drops_meanwhile_stays_in_the_backup(tmp_path: Path) -> None:
    folder = tmp_path / "city.telemetry"
    with Store.open(folder, write=True) as writer, holding(folder, tmp_path) as held:
        write(writer, 1)
        writer.compact(TODAY)
        held.freeze()
        writer.retain(RetentionRule(samples_days=1, minutes_days=1), TODAY)
        assert not writer.samples(*ALWAYS).num_rows
        copy = taken_to(tmp_path / "copy", held.files)
    assert Store.open(copy).samples(*ALWAYS).num_rows == 3


def test_what_is_computed_and_the_key_come_along_and_what_passes_does_not(tmp_path: Path) -> None:
    folder = tmp_path / "city.telemetry"
    with Store.open(folder, write=True) as writer:
        write(writer, 1)
        writer.keep_hours(date(2024, 10, 4), HOURS.empty_table(), MACHINE_HOURS.empty_table())
        writer.keep_doubts("2024-10", [{"node": "e1"}])
        writer.put_live({"at": 5})
        (folder / "certificate.key").write_text("secret")
        (folder / "digests" / "meter").mkdir(parents=True)
        (folder / "digests" / "meter" / "2024-10-04.parquet").write_bytes(b"seen")
        (folder / "digests" / "meter" / "2024-10-05.making").write_bytes(b"half")
        (folder / "hours" / ".2024-10-05.parquet.1.partial").write_bytes(b"half")
        ask(folder, {"target": "e1/press", "metric": "setpoint", "value": "5"})
        (folder / "samples").mkdir(exist_ok=True)
        (folder / "samples" / "unnamed.parquet").write_bytes(b"of a writer that died")
        with holding(folder, tmp_path) as held:
            held.freeze()
            assert sorted(held.files) == [
                "certificate.key",
                "digests/meter/2024-10-04.parquet",
                "doubts/2024-10.json",
                "hours/2024-10-04.parquet",
                "journal.sqlite",
                LIVE,
                "machine_hours/2024-10-04.parquet",
            ]


def test_the_next_backup_clears_what_a_killed_one_held(tmp_path: Path) -> None:
    folder = tmp_path / "city.telemetry"
    with Store.open(folder, write=True) as writer:
        write(writer, 1)
        writer.compact(TODAY)
    (folder / HELD / "samples").mkdir(parents=True)
    (folder / HELD / "samples" / "of a killed one.parquet").write_bytes(b"")
    with holding(folder, tmp_path) as held:
        held.freeze()
        assert not (folder / HELD / "samples" / "of a killed one.parquet").exists()
        assert Store.open(taken_to(tmp_path / "copy", held.files)).samples(*ALWAYS).num_rows == 3
    assert not (folder / HELD).exists()


def test_where_there_are_no_links_files_are_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "no links here")

    monkeypatch.setattr(os, "link", refuse)
    folder = tmp_path / "city.telemetry"
    with Store.open(folder, write=True) as writer, holding(folder, tmp_path) as held:
        write(writer, 1)
        writer.compact(TODAY)
        held.freeze()
        assert Store.open(taken_to(tmp_path / "copy", held.files)).samples(*ALWAYS).num_rows == 3


def test_who_may_only_read_holds_copies_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "city.telemetry"
    with Store.open(folder, write=True) as writer:
        write(writer, 1)
    monkeypatch.setattr("shazhou.telemetry.store.backup.writable", lambda path: False)
    (tmp_path / "spare").mkdir()
    with holding(folder, tmp_path / "spare") as held:
        held.freeze()
        assert {path.relative_to(tmp_path).parts[0] for path in held.files.values()} == {"spare"}
        assert Store.open(taken_to(tmp_path / "copy", held.files)).samples(*ALWAYS).num_rows == 3


def test_files_that_are_merged_between_two_links_are_not_named_any_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, link, links = tmp_path / "city.telemetry", os.link, [0]
    with Store.open(folder, write=True) as writer:
        for number in (1, 2, 8, 9):
            write(writer, number)
            writer.compact(date(2024, 1, 1))

        def compacting(source: Path, target: Path) -> None:
            links[0] += 1
            if links[0] == 3:
                assert writer.compact(TODAY).merged
            link(source, target)

        monkeypatch.setattr(os, "link", compacting)
        with holding(folder, tmp_path) as held:
            held.freeze()
            assert not held.lost and all(path.exists() for path in held.files.values())
            copy = taken_to(tmp_path / "copy", held.files)
    assert Store.open(copy).samples(*ALWAYS).num_rows == 12


def test_a_later_moment_replaces_the_one_that_was_held(tmp_path: Path) -> None:
    folder = tmp_path / "city.telemetry"
    with Store.open(folder, write=True) as writer, holding(folder, tmp_path) as held:
        for number in (1, 2):
            write(writer, number)
            writer.compact(TODAY)
            writer.put_live({"at": number})
            held.freeze()
        again = Store.open(taken_to(tmp_path / "copy", held.files))
        assert again.marks() == {BUFFER: 2} and again.live() == {"at": 2} and again.samples(*ALWAYS).num_rows == 6


def test_what_was_lost_is_named_and_the_rest_is_held(tmp_path: Path) -> None:
    folder = tmp_path / "city.telemetry"
    with Store.open(folder, write=True) as writer:
        write(writer, 1)
        write(writer, 2)
        writer.compact(TODAY)
    lost = next((folder / "samples").glob("*.parquet"))
    lost.unlink()
    with holding(folder, tmp_path) as held:
        held.freeze()
        assert held.lost == (f"samples/{lost.name}",) and len(held.files) == 1 + 5
        assert Store.open(taken_to(tmp_path / "copy", held.files)).minutes(*ALWAYS).num_rows == 2


@pytest.mark.parametrize("damaged", [False, True])
def test_where_the_journal_is_lost_the_files_of_rows_are_held_all_the_same(tmp_path: Path, damaged: bool) -> None:
    folder = tmp_path / "city.telemetry"
    with Store.open(folder, write=True) as writer:
        write(writer, 1)
        writer.compact(TODAY)
    (folder / "journal.sqlite").unlink()
    if damaged:
        (folder / "journal.sqlite").write_bytes(b"no journal any more" * 1000)
    with holding(folder, tmp_path) as held:
        held.freeze()
        assert held.lost == ("journal.sqlite",)
        assert {name.partition("/")[0] for name in held.files} == {"samples", "minutes", "events"}


def test_without_room_it_is_said_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    folder = tmp_path / "city.telemetry"
    with Store.open(folder, write=True) as writer:
        write(writer, 1)
        writer.compact(TODAY)
    monkeypatch.setattr(os, "link", refuse)
    monkeypatch.setattr(shutil, "copy", refuse)
    with holding(folder, tmp_path) as held, pytest.raises(Refused) as refused:
        held.freeze()
    assert refused.value.problems[0].rule.id == "telemetry-not-held" and "No space left" in str(refused.value)


def test_what_cannot_be_cleared_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "city.telemetry"
    Store.open(folder, write=True).close()
    (folder / HELD).mkdir()

    def refuse(path: Path, **_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(shutil, "rmtree", refuse)
    with pytest.raises(Refused) as refused, holding(folder, tmp_path):
        pass
    assert refused.value.problems[0].rule.id == "telemetry-not-held" and HELD in str(refused.value)


def test_of_two_backups_the_second_waits_for_the_first(tmp_path: Path) -> None:
    folder, order = tmp_path / "city.telemetry", list[str]()
    (tmp_path / "second").mkdir()
    with Store.open(folder, write=True) as writer:
        write(writer, 1)

        def second() -> None:
            with holding(folder, tmp_path / "second") as held:
                order.append("second")
                held.freeze()

        with holding(folder, tmp_path) as held:
            held.freeze()
            waiting = Thread(target=second)
            waiting.start()
            waiting.join(0.3)
            order.append("first")
            assert all(path.exists() for path in held.files.values())
        waiting.join()
    assert order == ["first", "second"]


def test_where_there_is_no_store_nothing_is_held_and_nothing_made(tmp_path: Path) -> None:
    with holding(tmp_path / "city.telemetry", tmp_path) as held:
        held.freeze()
        assert not held.files
    assert not list(tmp_path.iterdir())
