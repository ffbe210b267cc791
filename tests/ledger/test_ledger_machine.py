"""A ledger beside a plain list: whatever is done in whatever order, both say the same of every moment."""

from __future__ import annotations

import tempfile
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from ledger_rows import delivery, seen, table

from shazhou.city.problem import Refused
from shazhou.ledger import compaction
from shazhou.ledger.ledger import Ledger
from shazhou.ledger.submission import GENESIS, Submission
from shazhou.ledger.verification import verify
from shazhou.ledger.withdraw import withdraw

Row = tuple[str, int | None]
ids = st.sampled_from([f"s{number}" for number in range(12)])
stated = st.lists(st.tuples(st.sampled_from("abcd"), st.integers(-3, 3)), max_size=5)
documents = st.sampled_from([b"", b"one", b"two", b"three"])


class LedgerMachine(RuleBasedStateMachine):
    """The list holds (submission, rows as (entity, value), document as delivered)."""

    @initialize()
    def make(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.ledger = Ledger.create(Path(self.folder.name) / "ledger")
        self.said: list[tuple[Submission, list[Row], bytes]] = []
        self.erased: set[bytes] = set()

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            assert verify(self.ledger).ok
            self.every_moment_reads_as_it_was()
            self.folder.cleanup()

    @rule(name=ids, rows=stated, document=documents)
    def append(self, name: str, rows: list[Row], document: bytes) -> None:
        known = next(((s, r, d) for s, r, d in self.said if s.id == name), None)
        observations = table({"entity": e, "value": Decimal(v or 0), "row": n} for n, (e, v) in enumerate(rows))
        if known is not None and known[1:] != (rows, document):
            with pytest.raises(Refused):
                self.ledger.append(delivery(name, document), observations)
            return
        made = self.ledger.append(delivery(name, document), observations)
        if known is None:
            self.said.append((made, rows, document))
        else:
            assert made == known[0]

    @rule(name=ids, chosen=st.none() | st.integers(0, 5))
    def withdraw(self, name: str, chosen: int | None) -> None:
        place = next((n for n, (s, _, _) in enumerate(self.said) if s.id == name), None)
        rows = [] if chosen is None else [chosen]
        standing = [] if place is None else self._standing(place, rows)
        count = len(self.said)
        try:
            made = withdraw(self.ledger, name, "wrong", "tester", rows)
        except Refused:
            assert not standing
            return
        if made not in [s for s, _, _ in self.said]:
            assert standing
            self.said.append((made, [(entity, None) for entity in standing], b""))
        assert len(self.said) - count == len(self.ledger.submissions()) - count

    def _standing(self, place: int, chosen: list[int]) -> list[str]:
        """Entities of rows to withdraw that nothing states later, in the order of the rows."""
        rows = self.said[place][1]
        mine = [n for n in range(len(rows)) if not chosen or n in chosen]
        later = {entity for _, others, _ in self.said[place + 1 :] for entity, _ in others}
        found = []
        for n in mine:
            after = {rows[m][0] for m in range(n + 1, len(rows)) if m not in mine}
            if rows[n][0] not in later | after and rows[n][1] is not None:
                found.append(rows[n][0])
        return found

    @rule(document=documents)
    def erase(self, document: bytes) -> None:
        name = sha256(document).hexdigest()
        if document in self.erased or not any(d == document for _, _, d in self.said if d):
            with pytest.raises(Refused):
                self.ledger.erase(name, "order", "registrar")
            return
        self.said.append((self.ledger.erase(name, "order", "registrar"), [], b""))
        self.erased.add(document)

    @rule()
    def compact(self) -> None:
        self.ledger.compact()

    @rule()
    def open_again(self) -> None:
        self.ledger = Ledger.open(self.ledger.folder)

    @precondition(lambda self: self.said)
    @rule(data=st.data())
    def every_document_is_as_delivered(self, data: st.DataObject) -> None:
        submission, _, document = data.draw(st.sampled_from(self.said))
        if document and document not in self.erased:
            assert self.ledger.document(submission.document) == document
        elif document:
            with pytest.raises(Refused):
                self.ledger.document(submission.document)

    @invariant()
    def the_chain_is_what_was_said(self) -> None:
        if hasattr(self, "said"):
            assert self.ledger.submissions() == tuple(s for s, _, _ in self.said)

    def every_moment_reads_as_it_was(self) -> None:
        rows: list[tuple[int, int, Any]] = []
        assert seen(self.ledger, GENESIS) == rows
        for submission, stated_rows, _ in self.said:
            values = [None if value is None else Decimal(value) for _, value in stated_rows]
            rows += [(submission.sequence, n, value) for n, value in enumerate(values)]
            assert seen(self.ledger, submission.head) == rows
            assert seen(self.ledger, submission.recorded_at) == rows


@pytest.fixture(autouse=True)
def small_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compaction, "SMALL_FILES", 4)


class TestLedgerMachine(LedgerMachine.TestCase):  # type: ignore[misc, name-defined]
    settings = settings(max_examples=6, stateful_step_count=14, deadline=None)


@pytest.mark.slow
class TestLedgerMachineAtLength(LedgerMachine.TestCase):  # type: ignore[misc, name-defined]
    settings = settings(max_examples=16, stateful_step_count=25, deadline=None)
