"""The chain: a head is a hash over everything, so that no field can change unnoticed."""

from __future__ import annotations

from dataclasses import asdict, fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shazhou.ledger.chain import as_table, chained, first_break, from_table, head_of
from shazhou.ledger.submission import GENESIS, Submission

START = datetime(2024, 1, 1, tzinfo=UTC)


def chain_of(length: int) -> tuple[Submission, ...]:
    found: list[Submission] = []
    for number in range(length):
        found.append(
            chained(
                sequence=number + 1,
                id=f"id{number}",
                deliverer="bureau",
                door="file",
                title="标题",
                document="d" * 64,
                document_name="a.xlsx",
                document_size=10 + number,
                mapping="m",
                source="s",
                content="c" * 64,
                count=number,
                attempt=number + 100,
                recorded_at=START + timedelta(seconds=number),
                previous=found[-1].head if found else GENESIS,
            )
        )
    return tuple(found)


def other(value: Any) -> Any:
    if isinstance(value, str):
        return value + "x"
    return value + (timedelta(microseconds=1) if isinstance(value, datetime) else 1)


def test_an_unbroken_chain_has_no_break() -> None:
    assert first_break(chain_of(5)) is None
    assert first_break(()) is None


@pytest.mark.parametrize("name", [field.name for field in fields(Submission)])
@pytest.mark.parametrize("place", [0, 2, 4])
def test_any_changed_field_breaks_the_chain_where_it_is(name: str, place: int) -> None:
    chain = list(chain_of(5))
    chain[place] = replace(chain[place], **{name: other(getattr(chain[place], name))})
    assert first_break(tuple(chain)) == chain[place]


@pytest.mark.parametrize("name", [field.name for field in fields(Submission) if field.name != "head"])
def test_a_field_changed_with_its_head_breaks_the_next_link(name: str) -> None:
    chain = list(chain_of(5))
    forged = replace(chain[2], **{name: other(getattr(chain[2], name))})
    chain[2] = replace(forged, head=head_of(asdict(forged)))
    assert first_break(tuple(chain)) in (chain[2], chain[3])


@given(st.permutations(range(5)))
def test_no_other_order_continues_the_chain(order: list[int]) -> None:
    chain = chain_of(5)
    assert (first_break(tuple(chain[number] for number in order)) is None) == (order == sorted(order))


@given(st.integers(0, 4))
def test_a_submission_left_out_breaks_the_chain(gone: int) -> None:
    chain = chain_of(5)
    left = chain[:gone] + chain[gone + 1 :]
    assert first_break(left) == (left[gone] if gone < 4 else None)


def test_a_chain_goes_through_its_table_unchanged() -> None:
    chain = chain_of(3)
    assert tuple(row for each in chain for row in from_table(as_table(each))) == chain
