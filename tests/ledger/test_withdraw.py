"""Withdrawing: what a submission states no longer counts, unless its source has stated it anew since."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import ibis
import pytest
from ledger_rows import append, delivery, table

from shazhou.city.problem import Refused
from shazhou.ledger.ledger import Ledger
from shazhou.ledger.observation import SCHEMA
from shazhou.ledger.verification import verify
from shazhou.ledger.withdraw import withdraw, withdrawn


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger.create(tmp_path / "ledger")


def counting(ledger: Ledger) -> dict[tuple[str, str], Any]:
    """The newest value of every entity and source."""
    connection = ibis.duckdb.connect()
    rows = ledger.observations(connection).order_by("sequence", "position").select("entity", "source", "value")
    found = {(row["entity"], row["source"]): row["value"] for row in connection.to_pyarrow(rows).to_pylist()}
    connection.disconnect()
    return {key: value for key, value in found.items() if value is not None}


def state(ledger: Ledger, name: str, *rows: tuple[str, str, int]) -> None:
    ledger.append(
        delivery(name),
        table(
            {"entity": entity, "source": source, "value": Decimal(value), "row": n + 1}
            for n, (entity, source, value) in enumerate(rows)
        ),
    )


def test_a_withdrawn_submission_no_longer_counts_and_stays_readable(ledger: Ledger) -> None:
    state(ledger, "a", ("x", "office", 1), ("y", "office", 2))
    before = ledger.head()
    made = withdraw(ledger, "a", "wrong year", "tester")
    assert counting(ledger) == {}
    assert made.count == 2
    assert made.title == "Withdrawal of a: wrong year"
    connection = ibis.duckdb.connect()
    rows = connection.to_pyarrow(ledger.observations(connection).filter(ibis._.sequence == 2)).to_pylist()
    assert {(row["note"], row["status"], row["source"]) for row in rows} == {("wrong year", "M", "office")}
    assert connection.to_pyarrow(ledger.observations(connection, before)).num_rows == 2
    assert verify(ledger).ok


def test_rows_are_withdrawn_one_by_one(ledger: Ledger) -> None:
    state(ledger, "a", ("x", "office", 1), ("y", "office", 2), ("z", "office", 3))
    withdraw(ledger, "1", "typing error", "tester", rows=[2])
    assert counting(ledger) == {("x", "office"): 1, ("z", "office"): 3}


def test_what_was_withdrawn_can_be_stated_again(ledger: Ledger) -> None:
    state(ledger, "a", ("x", "office", 1))
    withdraw(ledger, "a", "wrong", "tester")
    state(ledger, "b", ("x", "office", 5))
    assert counting(ledger) == {("x", "office"): 5}
    withdraw(ledger, "a", "wrong", "tester")
    assert counting(ledger) == {("x", "office"): 5}


def test_a_newer_statement_of_the_source_outlives_the_withdrawal_of_the_older(ledger: Ledger) -> None:
    state(ledger, "a", ("x", "office", 1), ("y", "office", 2))
    state(ledger, "b", ("x", "office", 5))
    withdraw(ledger, "a", "replaced", "tester")
    assert counting(ledger) == {("x", "office"): 5}
    with pytest.raises(Refused) as refused:
        withdraw(ledger, "a", "replaced", "tester", rows=[1])
    assert [each.rule.id for each in refused.value.problems] == ["withdraw-row"]


def test_a_later_row_of_the_document_outlives_the_withdrawal_of_an_earlier(ledger: Ledger) -> None:
    state(ledger, "a", ("x", "office", 1), ("x", "office", 2))
    with pytest.raises(Refused):
        withdraw(ledger, "a", "typing error", "tester", rows=[1])
    assert counting(ledger) == {("x", "office"): 2}
    withdraw(ledger, "a", "all wrong", "tester")
    assert counting(ledger) == {}


def test_other_sources_are_not_touched(ledger: Ledger) -> None:
    state(ledger, "a", ("x", "office", 1), ("x", "press", 9))
    state(ledger, "b", ("x", "bureau", 3))
    withdraw(ledger, "a", "wrong", "tester", rows=[1])
    assert counting(ledger) == {("x", "press"): 9, ("x", "bureau"): 3}


def test_the_same_withdrawal_again_is_the_same_submission(ledger: Ledger) -> None:
    state(ledger, "a", ("x", "office", 1), ("y", "office", 2))
    first = withdraw(ledger, "a", "wrong", "tester", rows=[2, 1])
    assert withdraw(ledger, "1", "said otherwise", "somebody else", rows=[1, 2]) == first
    assert len(ledger.submissions()) == 2


def test_an_id_that_looks_like_a_number_is_an_id(ledger: Ledger) -> None:
    state(ledger, "first", ("x", "office", 1))
    state(ledger, "1", ("y", "office", 2))
    withdraw(ledger, "1", "wrong", "tester")
    assert counting(ledger) == {("x", "office"): 1}


def test_what_cannot_be_withdrawn_is_refused(ledger: Ledger) -> None:
    append(ledger, "a")
    ledger.append(delivery("empty"), SCHEMA.empty_table())
    made = withdraw(ledger, "a", "wrong", "tester")
    for name in ("unknown", "99", "empty", made.id):
        with pytest.raises(Refused) as refused:
            withdraw(ledger, name, "wrong", "tester")
        assert [each.rule.id for each in refused.value.problems] == ["nothing-to-withdraw"]
    with pytest.raises(Refused) as refused:
        withdraw(ledger, "a", "wrong", "tester", rows=[2, 77, 78])
    assert [each.found for each in refused.value.problems] == ["2", "77", "78"]
    assert len(ledger.submissions()) == 3


@pytest.mark.parametrize("reason", ["", "  ", "\u3000\n"])
def test_nothing_is_withdrawn_without_a_reason(ledger: Ledger, reason: str) -> None:
    state(ledger, "a", ("x", "office", 1))
    with pytest.raises(Refused) as refused:
        withdraw(ledger, "a", reason, "tester")
    assert [each.rule.id for each in refused.value.problems] == ["reason-blank"]
    assert len(ledger.submissions()) == 1


def test_a_withdrawal_is_found_for_its_submission_and_for_no_other(ledger: Ledger) -> None:
    state(ledger, "a", ("x", "office", 1), ("y", "office", 2))
    state(ledger, "a:2", ("z", "office", 1))
    made = withdraw(ledger, "a:2", "wrong", "tester")
    first, second, _ = ledger.submissions()
    assert withdrawn(first, ledger.submissions()) is None
    assert withdrawn(second, ledger.submissions()) == made
    partly = withdraw(ledger, "a", "wrong", "tester", rows=[1])
    assert withdrawn(first, ledger.submissions()) == partly
