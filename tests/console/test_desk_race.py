"""Reviewers, a town and a reporter at the same returns at once: no update is lost, no state is outside the Enum, and
the ledger holds just what was approved."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from shazhou.console.desk.states import BY_KEY, CLAIMED, State

SCRIPT = Path(__file__).with_name("desk_race.py")


def called(*arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, str(SCRIPT), *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def answer(process: subprocess.Popen[str]) -> Any:
    output, errors = process.communicate()
    assert process.returncode == 0, errors
    return json.loads(output) if output.strip() else None


def raced(folder: Path, seconds: float, processes: int) -> tuple[Counter[str], dict[str, Any]]:
    """What happened, and what was left behind."""
    answer(called("prepare", folder))
    happened: Counter[str] = Counter()
    for process in [called("run", folder, seconds, seed) for seed in range(processes)]:
        happened.update(answer(process))
    return happened, answer(called("outcome", folder))


def check(happened: Counter[str], left: dict[str, Any]) -> None:
    """Whether every change was one transition, and the ledger holds just what was approved and not withdrawn."""
    assert left["failures"] == []
    assert not any(name.endswith(" 500") for name in happened), happened
    claimed = {state.key for state in CLAIMED}
    for each in left["returns"]:
        assert each["state"] in BY_KEY and each["state"] not in claimed
        assert each["versions"] == list(range(1, each["version"] + 1)), "an update was lost"
        for before, act, after in zip(each["states"], each["acts"][1:], each["states"][1:], strict=False):
            assert after in {fact.follows for what, fact in State.of(before).acts.items() if what.value == act}
        approvals = each["acts"].count("finish") > 0
        assert (each["submission"] in left["ids"]) == approvals
    entities = {each["entity"] for each in left["returns"]}
    for entity in entities:
        approved = [each for each in left["returns"] if each["entity"] == entity and each["state"] == "approved"]
        expected = int(approved[-1]["output"]) if approved else None
        assert left["held"].get(entity) == expected


def test_buttons_pressed_at_once_are_pressed_one_after_the_other(tmp_path: Path) -> None:
    happened, left = answer(called("all", tmp_path, 1))
    check(Counter(happened), left)
    assert any(each["state"] == "approved" for each in left["returns"])


@pytest.mark.slow
def test_a_minute_of_buttons_pressed_at_random_loses_nothing(tmp_path: Path) -> None:
    happened, left = raced(tmp_path, 60, 2)
    check(happened, left)
    assert happened["quicker"] > 0 and happened["approve 302"] > 3 and happened["withdraw 302"] > 3
    assert sum(each["state"] == "approved" for each in left["returns"]) > 0
