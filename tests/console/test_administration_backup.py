"""A backup holds ledger, documents, people and secret as they stood at one moment, and a restore proves it."""

from __future__ import annotations

import gzip
import io
import json
import sqlite3
import tarfile
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from shazhou.city.problem import Refused
from shazhou.console.backup import back_up, last_backup, restore
from shazhou.console.deployment import Deployment, folder_of
from shazhou.ledger import backup as packing
from shazhou.ledger.ledger import Ledger
from shazhou.ledger.submission import Delivery
from shazhou.measure.measure import Measure
from shazhou.measure.quoted import Quoted
from shazhou.telemetry.certificate.signature import KEY, city_key
from shazhou.telemetry.store.store import Store
from shazhou.telemetry.store.store import folder_of as telemetry_of


def deployment_at(data: Path, database: str = "") -> Deployment:
    file = folder_of(data) / "people.sqlite3"
    return Deployment(data, Path("city"), database or f"sqlite:///{file}", "secret", (), False)


def rows(count: int) -> object:
    import pyarrow as pa

    from shazhou.ledger.observation import SCHEMA

    plain = {**dict.fromkeys(SCHEMA.names, ""), "variable": "gdp", "kind": "actual", "period": "2021", "unit": "cny"}
    from datetime import date

    days = {"start": date(2021, 1, 1), "end": date(2021, 12, 31), "text": None, "qualifier": "=", "status": "A"}
    return pa.Table.from_pylist(
        [{**plain, **days, "entity": f"place:p{n}", "value": Decimal(n), "row": n + 2} for n in range(count)],
        schema=SCHEMA,
    )


def deliver(ledger: Ledger, name: str, document: bytes = b"") -> None:
    ledger.append(Delivery(name, "tester", "file", name, document, f"{name}.csv"), rows(3))  # type: ignore[arg-type]


def people_in(file: Path) -> list[str]:
    with closing(sqlite3.connect(file)) as database:
        return [name for (name,) in database.execute("SELECT name FROM people ORDER BY rowid")]


@pytest.fixture
def running(tmp_path: Path) -> Deployment:
    """A deployment with two submissions, a quoted figure, two people and a secret."""
    deployment = deployment_at(tmp_path / "site" / "ledger")
    ledger = Ledger.create(deployment.data)
    deliver(ledger, "one", b"the first document")
    deliver(ledger, "two", b"the second document")
    deployment.prepare()
    with closing(sqlite3.connect(deployment.folder / "people.sqlite3")) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("CREATE TABLE people (name TEXT)")
        database.executemany("INSERT INTO people VALUES (?)", [("wang",), ("li",)])
        database.commit()
    return deployment


def test_what_was_backed_up_is_there_again_and_verified(running: Deployment, tmp_path: Path) -> None:
    archive = tmp_path / "backup.tar.gz"
    ledger = Ledger.open(running.data)
    done = back_up(running, archive)
    assert (done.head, done.submissions, done.database) == (ledger.head(), 2, "sqlite")
    assert last_backup(running.folder) == done and archive.stat().st_mode & 0o077 == 0
    deliver(ledger, "after the backup")
    other = deployment_at(tmp_path / "other" / "ledger")
    result = restore(other, archive)
    assert result.ok and result.head == done.head and (result.submissions, result.documents) == (2, 2)
    again = Ledger.open(other.data)
    assert [again.document(each.document) for each in again.submissions()] == [
        b"the first document",
        b"the second document",
    ]
    assert people_in(other.folder / "people.sqlite3") == ["wang", "li"]
    assert (other.folder / "secret").read_text() == "secret"
    assert other.folder.stat().st_mode & 0o077 == 0
    deliver(again, "goes on")


def test_the_telemetry_comes_with_it_while_a_host_writes(running: Deployment, tmp_path: Path) -> None:
    with Store.open(telemetry_of(running.data), write=True) as writer:
        key = city_key(writer.folder)
        writer.add(marks={("e1", "agent"): 7})
        writer.commit()
        writer.keep_doubts("2026-11", [{"node": "e1"}])
        done = back_up(running, tmp_path / "backup.tar.gz")
        writer.add(marks={("e1", "agent"): 8})
        writer.commit()
    assert done.telemetry == 3 and last_backup(running.folder) == done
    other = deployment_at(tmp_path / "other" / "ledger")
    assert restore(other, tmp_path / "backup.tar.gz").ok
    with Store.open(telemetry_of(other.data), write=True) as again:
        assert again.marks() == {("e1", "agent"): 7} and again.doubts("2026-11") == [{"node": "e1"}]
        assert city_key(again.folder).private_bytes_raw() == key.private_bytes_raw()
    assert (telemetry_of(other.data) / KEY).stat().st_mode & 0o077 == 0


def test_telemetry_that_lost_a_file_does_not_stop_the_backup_of_the_rest(running: Deployment, tmp_path: Path) -> None:
    folder = telemetry_of(running.data)
    Store.open(folder, write=True).close()
    (folder / "journal.sqlite").unlink()
    (folder / "minutes").mkdir()
    (folder / "minutes" / "2026-11-26.0.parquet").write_bytes(b"rows")
    done = back_up(running, tmp_path / "backup.tar.gz")
    assert done.lost == ("journal.sqlite",) and last_backup(running.folder) == done
    assert [each.rule.id for each in done.problems()] == ["backup-incomplete"]
    other = deployment_at(tmp_path / "other" / "ledger")
    assert restore(other, tmp_path / "backup.tar.gz").ok
    assert (telemetry_of(other.data) / "minutes" / "2026-11-26.0.parquet").read_bytes() == b"rows"


def test_quoted_figures_come_with_it(evidence: Path, tmp_path: Path) -> None:
    import shutil

    data = tmp_path / "ledger"
    shutil.copytree(evidence, data)
    measure = Measure(Ledger.open(data))
    figure = measure.figure("gdp", measure.city.root, "2021")
    Quoted(data).keep([figure])
    back_up(deployment_at(data), tmp_path / "backup.tar.gz")
    other = deployment_at(tmp_path / "other" / "ledger")
    assert restore(other, tmp_path / "backup.tar.gz").ok
    assert Quoted(other.data).find(figure.id).value == figure.value is not None


@pytest.fixture
def writing(running: Deployment) -> Iterator[list[int]]:
    """Others append to the ledger, and then note in the people's database what they appended, all the time."""
    stop, counted = threading.Event(), [0]

    def write() -> None:
        ledger = Ledger.open(running.data)
        with closing(sqlite3.connect(running.folder / "people.sqlite3", timeout=20)) as database:
            while not stop.is_set():
                counted[0] += 1
                deliver(ledger, f"appended-{counted[0]}", f"document {counted[0]}".encode())
                database.execute("INSERT INTO people VALUES (?)", (f"appended-{counted[0]}",))
                database.commit()

    writer = threading.Thread(target=write)
    writer.start()
    yield counted
    stop.set()
    writer.join()


@pytest.mark.slow
def test_a_backup_while_others_write_is_of_one_moment(running: Deployment, writing: list[int], tmp_path: Path) -> None:
    for number in range(4):
        before = writing[0]
        archive = tmp_path / f"{number}.tar.gz"
        done = back_up(running, archive)
        other = deployment_at(tmp_path / f"restored-{number}" / "ledger")
        result = restore(other, archive)
        assert result.ok, result.failures
        assert result.head == done.head and result.submissions == done.submissions >= 2 + before - 1
        appended = {each.id for each in Ledger.open(other.data).submissions()}
        noted = set(people_in(other.folder / "people.sqlite3")) - {"wang", "li"}
        assert noted <= appended, "what the database calls appended is in the ledger of the same archive"
        assert len(appended) - 2 - len(noted) <= 1


def test_a_document_erased_while_it_is_packed_does_not_get_into_the_archive(
    running: Deployment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = Ledger.open(running.data)
    personal = ledger.submissions()[0].document
    first, pack = [True], packing.pack

    def erase_then_pack(*arguments: object) -> None:
        if first:
            first.clear()
            ledger.erase(personal, "by order of the court", "registrar")
        pack(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr("shazhou.console.backup.pack", erase_then_pack)
    done = back_up(running, tmp_path / "backup.tar.gz")
    assert done.submissions == 3
    with tarfile.open(tmp_path / "backup.tar.gz") as archive:
        assert not [name for name in archive.getnames() if personal in name]
    assert restore(deployment_at(tmp_path / "other" / "ledger"), tmp_path / "backup.tar.gz").ok


def test_a_damaged_ledger_is_not_backed_up_as_if_it_were_whole(running: Deployment, tmp_path: Path) -> None:
    ledger = Ledger.open(running.data)
    document = ledger.documents.path(ledger.submissions()[0].document)
    document.write_bytes(b"the first docu-ment")
    with pytest.raises(Refused) as refused:
        back_up(running, tmp_path / "backup.tar.gz")
    assert document.name in refused.value.problems[0].where.file
    assert [each.name for each in tmp_path.iterdir()] == ["site"]


def test_a_backup_replaces_nothing_and_does_not_lie_in_what_it_is_of(running: Deployment, tmp_path: Path) -> None:
    (tmp_path / "there").write_bytes(b"another")
    inside = [(folder / "b.tar.gz", "backup-inside") for folder in (running.folder, telemetry_of(running.data))]
    for file, rule in ((tmp_path / "there", "backup-exists"), *inside):
        with pytest.raises(Refused) as refused:
            back_up(running, file)
        assert refused.value.problems[0].rule.id == rule
    assert (tmp_path / "there").read_bytes() == b"another"


def test_a_restore_overwrites_nothing(running: Deployment, tmp_path: Path) -> None:
    back_up(running, tmp_path / "backup.tar.gz")
    new = deployment_at(tmp_path / "new" / "ledger")
    with_people = deployment_at(tmp_path / "people" / "ledger")
    with_people.prepare()
    with_telemetry = deployment_at(tmp_path / "telemetry" / "ledger")
    Store.open(telemetry_of(with_telemetry.data), write=True).close()
    for deployment in (running, with_people, with_telemetry, replace(new, database=running.database)):
        with pytest.raises(Refused) as refused:
            restore(deployment, tmp_path / "backup.tar.gz")
        assert refused.value.problems[0].rule.id == "restore-not-empty"
    assert not new.data.exists() and people_in(running.folder / "people.sqlite3") == ["wang", "li"]


def altered(archive: Path, target: Path, name: str) -> None:
    """The archive with a file of another name put into it."""
    with tarfile.open(archive) as old, tarfile.open(target, "w:gz") as new:
        for member in old:
            new.addfile(member, old.extractfile(member))
        packing.add(new, name, io.BytesIO(b"x"), 1)


def test_what_is_no_backup_or_a_damaged_one_leaves_nothing_behind(running: Deployment, tmp_path: Path) -> None:
    good = tmp_path / "good.tar.gz"
    back_up(running, good)
    bad = {
        name: tmp_path / f"{name}.tar.gz" for name in ("text", "torn", "flipped", "card", "outside", "elsewhere", "dot")
    }
    bad["text"].write_bytes(b"no archive at all")
    bad["torn"].write_bytes(good.read_bytes()[:-200])
    flipped = bytearray(good.read_bytes())
    flipped[-6] ^= 1
    bad["flipped"].write_bytes(flipped)
    with tarfile.open(bad["card"], "w:gz") as archive:
        packing.add(archive, "backup.json", io.BytesIO(text := json.dumps({"format": "other"}).encode()), len(text))
    altered(good, bad["outside"], "ledger/../../outside")
    altered(good, bad["elsewhere"], "elsewhere/x")
    altered(good, bad["dot"], ".")
    assert gzip.decompress(good.read_bytes())
    other = deployment_at(tmp_path / "other" / "ledger")
    for file in bad.values():
        with pytest.raises(Refused) as refused:
            restore(other, file)
        assert refused.value.problems[0].rule.id == "not-a-backup", file
        assert not other.folder.exists() and list(other.data.parent.iterdir()) == []
    assert not (tmp_path / "outside").exists()


def test_people_on_a_database_server_are_not_left_out_where_its_tool_is_missing(
    running: Deployment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = replace(running, database="postgres://shazhou:pw@db.example:5432/people")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Refused) as refused:
        back_up(served, tmp_path / "backup.tar.gz")
    assert refused.value.problems[0].rule.id == "database-tool" and "pg_dump" in str(refused.value)
    assert [each.name for each in tmp_path.iterdir()] == ["site"]
