"""Writers that die at each step: what was not acknowledged is there whole or not at all, and the next one goes on.

A child of `nursery` kills itself before its n-th call of fsync, mkdir, rename, replace or unlink, for every n until it
lives; so every step between two such calls is the last of some writer.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ledger_rows import append, complete, seen
from writers import Writers

from shazhou.ledger.ledger import Ledger
from shazhou.ledger.verification import verify


@pytest.fixture(scope="module")
def writers() -> Iterator[Writers]:
    writers = Writers()
    yield writers
    writers.close()


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    return complete(tmp_path_factory.mktemp("dying") / "ledger")


def deaths(writers: Writers, whole: Path, folder: Path, stride: int = 1, **job: Any) -> Iterator[tuple[Ledger, bool]]:
    """The ledger after a writer died at each (or each n-th) step, and at last after one that lived (True)."""
    for step in range(0, 200, stride):
        shutil.copytree(whole, folder)
        name = job.get("id") or f"{folder.name}-{job['job']}"
        writers.told.clear()
        writers.finish(writers.start(name, folder=str(folder), dies_at=step, **job))
        lived = name in writers.acknowledged()
        yield Ledger.open(folder), lived
        shutil.rmtree(folder)
        if lived:
            assert step > 3
            return
    raise AssertionError("the writer never lives")


@pytest.mark.parametrize("stride", [7, pytest.param(1, marks=pytest.mark.slow)])
def test_an_append_is_there_whole_or_not_at_all(writers: Writers, whole: Ledger, tmp_path: Path, stride: int) -> None:
    before, rows = whole.submissions(), seen(whole)
    outcomes = set()
    job = {"job": "append", "id": "new", "count": 3, "first": 700, "document": "its document"}
    for ledger, lived in deaths(writers, whole.folder, tmp_path / "copy", stride, **job):
        chain = ledger.submissions()
        there = len(chain) - len(before)
        assert chain[: len(before)] == before
        assert there in ((1,) if lived else (0, 1))
        assert [value for _, _, value in seen(ledger)[len(rows) :]] == [700, 701, 702][: 3 * there]
        assert verify(ledger).ok
        made = append(ledger, "new", 3, 700, document=b"its document")
        assert made.sequence == len(before) + 1
        assert ledger.document(made.document) == b"its document"
        append(ledger, "next")
        ledger.compact()
        assert len(seen(ledger)) == len(rows) + 6
        assert verify(ledger).ok
        outcomes.add((there, lived))
    assert outcomes >= {(0, False), (1, True)}
    assert stride > 1 or (1, False) in outcomes


def test_a_file_on_the_manifest_is_never_written_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A writer that died may have listed a file for a place in the chain that the next one takes."""
    ledger = Ledger.create(tmp_path / "ledger")

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(ledger.submission_files, "commit", die)
        with pytest.raises(KeyboardInterrupt):
            append(ledger, "dies")
    listed = {name: (ledger.folder / name).read_bytes() for name in ledger.manifest.entries()}
    append(ledger, "lives")
    assert {name: (ledger.folder / name).read_bytes() for name in listed} == listed
    assert [each.id for each in ledger.submissions()] == ["lives"]
    assert verify(ledger).ok


def test_half_a_log_entry_after_a_power_cut_keeps_nobody_from_reading(tmp_path: Path) -> None:
    ledger = complete(tmp_path / "ledger")
    rows = seen(ledger)
    for table in (ledger.observation_files, ledger.submission_files):
        newest = max(path.name for path in table.log.glob("*.json"))
        half = (table.log / newest).read_bytes()[:100]
        (table.log / f"{int(newest[:20]) + 1:020d}.json").write_bytes(half)
        (table.log / f"{int(newest[:20]) + 1:020d}.checkpoint.parquet").write_bytes(b"PAR1")
    (ledger.folder / "manifest.jsonl").open("ab").write(b'{"file":"submissions/s-0000')
    opened = Ledger.open(ledger.folder)
    assert seen(opened) == rows
    assert len(list((ledger.folder / "aside").iterdir())) == 2
    append(opened, "next")
    assert verify(opened).ok


@pytest.mark.slow
@pytest.mark.parametrize(("job", "stride"), [("compact", 2), ("append", 3)])
def test_a_compaction_that_died_costs_nothing(
    writers: Writers, whole: Ledger, tmp_path: Path, job: str, stride: int
) -> None:
    before, rows = whole.submissions(), seen(whole)
    # A negative time of grace has everything deleted at once that may ever be deleted.
    work = {"job": job, "id": "new", "count": 1, "first": 0, "small_files": 2, "grace": -3600}
    for ledger, _lived in deaths(writers, whole.folder, tmp_path / "copy", stride, **work):
        assert ledger.submissions()[: len(before)] == before
        assert [row for row in seen(ledger) if row[0] <= len(before)] == rows
        assert verify(ledger).ok
        append(ledger, "next")
        ledger.compact()
        assert ledger.submissions()[: len(before)] == before
        assert [row for row in seen(ledger) if row[0] <= len(before)] == rows
        assert verify(ledger).ok


@pytest.mark.slow
def test_a_withdrawal_is_there_whole_or_not_at_all(writers: Writers, whole: Ledger, tmp_path: Path) -> None:
    rows = seen(whole)
    for ledger, lived in deaths(writers, whole.folder, tmp_path / "copy", job="withdraw", submission="one"):
        assert len(seen(ledger)) in ((len(rows) + 40,) if lived else (len(rows), len(rows) + 40))
        assert verify(ledger).ok


@pytest.mark.slow
def test_an_erasure_is_ordered_or_not_and_an_ordered_one_is_carried_out(
    writers: Writers, whole: Ledger, tmp_path: Path
) -> None:
    sha256 = whole.submissions()[0].document
    for ledger, lived in deaths(writers, whole.folder, tmp_path / "copy", job="erase", document=sha256):
        ordered = ledger.submissions()[-1].id == f"erase:{sha256}"
        assert ordered or not lived
        assert verify(ledger).ok
        append(ledger, "next")
        assert ledger.documents.path(sha256).exists() != ordered
        assert verify(ledger).ok


@pytest.mark.slow
def test_a_ledger_is_made_or_can_be_made_anew(writers: Writers, tmp_path: Path) -> None:
    for step in range(100):
        folder = tmp_path / f"ledger{step}"
        writers.finish(writers.start(folder.name, job="create", folder=str(folder), dies_at=step))
        if folder.name in writers.acknowledged():
            assert step > 5
            break
        if not (folder / "format").exists():
            Ledger.create(folder)
        append(Ledger.open(folder), "first")
        assert verify(Ledger.open(folder)).ok
    else:
        raise AssertionError("the ledger is never made")
