"""Moments: times with and without zone, whole days, heads and their prefixes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from shazhou.city.problem import Refused
from shazhou.ledger.asof import AsOf, last_included
from shazhou.ledger.submission import GENESIS, Submission

TIMES = [
    datetime(2024, 6, 29, 23, 59, 59, 999_999, tzinfo=UTC),
    datetime(2024, 6, 30, 12, tzinfo=UTC),
    datetime(2024, 7, 1, tzinfo=UTC),
]
HEADS = ["abcdef0123456789" + "0" * 48, "abcdef0123456789" + "1" * 48, "1234567800000000" + "2" * 48]
CHAIN = [
    Submission(n + 1, f"s{n}", "", "file", "", "", "", 0, "", "", "", 0, n, time, "", head)
    for n, (time, head) in enumerate(zip(TIMES, HEADS, strict=True))
]


@pytest.mark.parametrize(
    ("moment", "count"),
    [
        (None, 3),
        ("2024-06-28", 0),
        ("2024-06-29", 1),
        ("2024-06-30", 2),
        ("2024-07-01", 3),
        ("2024-06-30T11:59:59", 1),
        ("2024-06-30T12:00", 2),
        ("2024-06-30T12:00Z", 2),
        ("2024-06-30T20:00:00+08:00", 2),
        ("2024-06-30T19:59:59.999999+08:00", 1),
        ("2024-06-30 12:00", 2),
        (datetime(2024, 6, 30, 12), 2),
        (datetime(2024, 6, 30, 20, tzinfo=timezone(timedelta(hours=8))), 2),
        (HEADS[0], 1),
        (HEADS[1], 2),
        (HEADS[1][:17], 2),
        ("12345678", 3),
        (HEADS[2].upper(), 3),
        (GENESIS, 0),
        ("00000000", 0),
    ],
)
def test_what_had_been_submitted_at_a_moment(moment: AsOf, count: int) -> None:
    assert last_included(CHAIN, moment) == count


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2024-13-01", "2024-06-31", "1234567", "ffffffff", "2024-06-30T25:00"]
)
def test_what_names_no_moment_is_refused(text: str) -> None:
    with pytest.raises(Refused) as refused:
        last_included(CHAIN, text)
    assert [each.rule.id for each in refused.value.problems] == ["unknown-moment"]


def test_a_prefix_of_two_heads_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        last_included(CHAIN, "abcdef01")
    assert [each.rule.id for each in refused.value.problems] == ["ambiguous-head"]
