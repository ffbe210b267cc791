"""Documents: kept as delivered, once; erased by order, for good, with hash and reason staying."""

from __future__ import annotations

from pathlib import Path

import pytest
from ledger_rows import append, delivery, seen

from shazhou.city.problem import Refused
from shazhou.ledger import recovery
from shazhou.ledger.ledger import Ledger
from shazhou.ledger.observation import SCHEMA
from shazhou.ledger.submission import Delivery
from shazhou.ledger.verification import verify


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger.create(tmp_path / "ledger")


def rule(refused: pytest.ExceptionInfo[Refused]) -> str:
    (problem,) = refused.value.problems
    return problem.rule.id


def test_a_document_of_two_submissions_is_kept_once(ledger: Ledger) -> None:
    first, second = append(ledger, "a", document=b"same"), append(ledger, "b", document=b"same")
    assert first.document == second.document
    assert len(ledger.documents.files()) == 1
    assert verify(ledger).documents == 2


def test_an_erased_document_is_gone_and_its_hash_and_reason_stay(ledger: Ledger) -> None:
    submission = append(ledger, "a", document=b"personal data")
    order = ledger.erase(submission.document, "court order 7", "registrar")
    assert ledger.documents.files() == []
    with pytest.raises(Refused) as refused:
        ledger.document(submission.document)
    (problem,) = refused.value.problems
    assert problem.rule.id == "document-erased"
    assert "court order 7" in problem.says("en")
    assert "registrar" in problem.says("zh")
    assert ledger.submissions() == (submission, order)
    assert len(seen(ledger)) == 3
    assert verify(ledger).ok
    assert not any(b"personal data" in path.read_bytes() for path in ledger.folder.rglob("*") if path.is_file())


def test_an_erased_document_does_not_come_back_with_another_delivery(ledger: Ledger) -> None:
    submission = append(ledger, "a", document=b"personal data")
    ledger.erase(submission.document, "court order", "registrar")
    again = append(ledger, "b", document=b"personal data")
    assert again.document == submission.document
    assert append(ledger, "a", document=b"personal data") == submission
    assert ledger.documents.files() == []
    assert not list(ledger.documents.folder.glob(".*"))
    assert verify(ledger).ok


def test_what_cannot_be_erased_is_refused(ledger: Ledger) -> None:
    kept = append(ledger, "a", document=b"kept").document
    gone = append(ledger, "b", document=b"gone").document
    ledger.erase(gone, "order", "registrar")
    definitions = Delivery("d", "tester", "definitions", "definitions", b"archive")
    stays = ledger.append(definitions, SCHEMA.empty_table()).document
    expected = {gone: "document-erased", "0" * 64: "document-missing", "../../lock": "document-missing"}
    for sha256, why in {**expected, stays: "definitions-stay"}.items():
        with pytest.raises(Refused) as refused:
            ledger.erase(sha256, "order", "registrar")
        assert rule(refused) == why
    assert ledger.document(kept) == b"kept"
    assert ledger.definitions() == b"archive"


def test_nobody_erases_by_delivering_under_the_id_of_an_erasure(ledger: Ledger) -> None:
    kept = append(ledger, "a", document=b"kept").document
    with pytest.raises(Refused) as refused:
        ledger.append(delivery(f"erase:{kept}"), SCHEMA.empty_table())
    assert rule(refused) == "submission-id-reserved"
    assert ledger.document(kept) == b"kept"


@pytest.mark.parametrize("next_step", ["append", "compact", "erase again"])
def test_an_erasure_whose_process_died_is_carried_out_by_the_next(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, next_step: str
) -> None:
    submission = append(ledger, "a", document=b"personal data")
    with monkeypatch.context() as patch:
        patch.setattr(recovery, "erase_as_ordered", die_after_the_order(ledger))
        with pytest.raises(KeyboardInterrupt):
            ledger.erase(submission.document, "order", "registrar")
    with pytest.raises(Refused):
        ledger.document(submission.document)
    if next_step == "append":
        append(ledger, "b")
    elif next_step == "compact":
        ledger.compact()
    else:
        with pytest.raises(Refused) as refused:
            ledger.erase(submission.document, "order", "registrar")
        assert rule(refused) == "document-erased"
        append(ledger, "c")
    assert ledger.documents.files() == []
    assert verify(ledger).ok


def die_after_the_order(ledger: Ledger) -> object:
    def step(of: Ledger, chain: object) -> None:
        if len(ledger.submissions()) == 2:
            raise KeyboardInterrupt

    return step


def test_an_original_that_changed_or_went_is_found(ledger: Ledger) -> None:
    submission = append(ledger, "a", document=b"original")
    path = ledger.documents.path(submission.document)
    path.write_bytes(b"Original")
    assert [each.rule.id for each in verify(ledger).failures] == ["file-changed", "document-changed"]
    path.unlink()
    assert [each.rule.id for each in verify(ledger).failures] == ["file-lost", "document-changed"]


def test_nothing_is_erased_without_a_reason(ledger: Ledger) -> None:
    kept = append(ledger, "a", document=b"kept").document
    with pytest.raises(Refused) as refused:
        ledger.erase(kept, " \t", "registrar")
    assert rule(refused) == "reason-blank"
    assert ledger.document(kept) == b"kept"
