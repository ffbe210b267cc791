"""Reviewers, a town and a reporter at the same returns at once: no update is lost, no state is outside the Enum, and
the ledger holds just what was approved."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from race_outcome import ENOUGH, answer, check, raced_in_browsers


@pytest.mark.slow
def test_buttons_pressed_at_once_are_pressed_one_after_the_other(tmp_path: Path) -> None:
    counted, left = answer("all", tmp_path, 1)
    happened = Counter(counted)
    check(happened, left)
    assert happened["quicker"] > 0
    assert any(each["state"] == "approved" for each in left["returns"])


@pytest.mark.slow
def test_a_minute_of_buttons_pressed_at_random_in_two_browsers_loses_nothing(tmp_path: Path) -> None:
    happened, left = raced_in_browsers(tmp_path, 60)
    check(happened, left)
    withdrawn = [state for each in left["returns"] for state in each["states"] if state == "withdrawing"]
    assert len(withdrawn) >= ENOUGH["withdraw done"]
    assert {what: count for what, count in ENOUGH.items() if happened[what] < count} == {}
