"""A ledger that somebody may read and not write to: it is verified without a trace, and takes nothing in."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from ledger_rows import append, complete, seen

from shazhou.city.problem import Refused
from shazhou.ledger.ledger import Ledger
from shazhou.ledger.quotations import Quotations
from shazhou.ledger.verification import verify

KEPT = {"f000000000001": {"indicator": "gdp", "value": "1"}}


@pytest.fixture
def ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ledger:
    """Filled, and then closed for writing to this process."""
    made = complete(tmp_path / "ledger")
    Quotations(made.folder).keep(KEPT)
    allowed = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK and allowed(path, mode))
    return Ledger.open(made.folder)


def everything(folder: Path) -> dict[str, tuple[int, bytes]]:
    return {
        str(path): (path.stat().st_mtime_ns, path.read_bytes() if path.is_file() else b"") for path in folder.rglob("*")
    }


def test_it_is_verified_and_nothing_is_written(ledger: Ledger) -> None:
    before = everything(ledger.folder)
    result = verify(ledger)
    assert (result.ok, result.head, result.observations) == (True, ledger.head(), len(seen(ledger)))
    assert everything(ledger.folder) == before


def test_damage_is_found_just_the_same(ledger: Ledger) -> None:
    file = ledger.observation_files.files()[0]
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    assert "file-changed" in {each.rule.id for each in verify(ledger).failures}
    ledger.lock.unlink()
    assert "file-lost" in {each.rule.id for each in verify(ledger).failures}
    assert not ledger.lock.exists()


def test_what_a_dead_writer_left_is_no_damage(ledger: Ledger) -> None:
    newest = max(ledger.submission_files.log.glob("*.json"))
    (newest.parent / "_last_checkpoint#1").write_bytes(b"x")
    assert verify(ledger).ok
    (newest.parent / "notes.txt").write_bytes(b"x")
    assert [(each.rule.id, each.found) for each in verify(ledger).failures] == [("file-unlisted", "notes.txt")]


@pytest.mark.parametrize(
    "step",
    [
        lambda ledger: append(ledger, "new", document=b"document"),
        lambda ledger: ledger.compact(),
        lambda ledger: ledger.erase(ledger.submissions()[0].document, "order", "registrar"),
        lambda ledger: Quotations(ledger.folder).keep({"f000000000002": {"indicator": "gdp", "value": "1"}}),
    ],
)
def test_it_takes_nothing_in_and_says_why(ledger: Ledger, step: Callable[[Ledger], object]) -> None:
    before = everything(ledger.folder)
    with pytest.raises(Refused) as refused:
        step(ledger)
    assert [each.rule.id for each in refused.value.problems] == ["ledger-read-only"]
    assert everything(ledger.folder) == before


def test_what_was_quoted_before_needs_no_writing(ledger: Ledger) -> None:
    before = everything(ledger.folder)
    Quotations(ledger.folder).keep(KEPT)
    assert everything(ledger.folder) == before
