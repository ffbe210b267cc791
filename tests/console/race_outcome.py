"""The race at the desk from outside: its processes, and whether what they left is what was done."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from race_in_browsers import FAULT, race
from running_site import serving

from shazhou.console.desk.states import BY_KEY, CLAIMED, State

SCRIPT = Path(__file__).with_name("desk_race.py")

ENOUGH = {"quicker": 5, "approve done": 3, "withdraw done": 2}
"""How often at least what must have happened in a race, so that it shows something."""

ROUNDS = 6
"""How often two browsers race at most until enough has happened: their machine may be busy."""


def answer(*arguments: object, database: str = "") -> Any:
    """What a process of the race prints."""
    command = [sys.executable, str(SCRIPT), *map(str, arguments)]
    known = {**os.environ, "SHAZHOU_DATABASE": database}
    done = subprocess.run(command, env=known, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout) if done.stdout.strip() else None


def raced_in_browsers(folder: Path, seconds: float, database: str = "") -> tuple[Counter[str], dict[str, Any]]:
    """What happened in two browsers at a site with two workers, in rounds of so many seconds until it is enough, and
    what was left behind."""
    answer("prepare", folder, database=database)
    log = folder / "serve.log"
    known = {"SHAZHOU_DATA": str(folder / "ledger"), "SHAZHOU_DATABASE": database}
    with serving(log, workers=2, **known) as address:
        happened = Counter[str]()
        for seed in range(ROUNDS):
            happened += race(address, seconds, seed)
            if all(happened[what] >= count for what, count in ENOUGH.items()):
                break
    assert "ERROR" not in log.read_text() and "Traceback" not in log.read_text(), log.read_text()
    left = answer("outcome", folder, database=database)
    states = Counter(state for each in left["returns"] for state in each["states"])
    print(json.dumps({"happened": happened, "by hand": left["by_hand"], "states": states}, indent=1, sort_keys=True))
    return happened, left


def check(happened: Counter[str], left: dict[str, Any]) -> None:
    """Whether every change was one transition that somebody was told of, and the ledger holds just what was approved
    and not withdrawn."""
    assert left["failures"] == []
    assert not [name for name in happened if name.startswith(FAULT) or name.endswith(" 500")], happened
    for act in ("pass", "send back", "recall", "approve"):
        assert happened[f"{act} done"] == left["by_hand"].get(act, 0), f"{act}: an update was lost"
    claimed = {state.key for state in CLAIMED}
    for each in left["returns"]:
        assert each["state"] in BY_KEY and each["state"] not in claimed
        assert each["versions"] == list(range(1, each["version"] + 1)), "an update was lost"
        for before, act, after in zip(each["states"], each["acts"][1:], each["states"][1:], strict=False):
            assert after in {fact.follows for what, fact in State.of(before).acts.items() if what.value == act}
        approvals = each["acts"].count("finish") > 0
        assert (each["submission"] in left["ids"]) == approvals
    for entity in {each["entity"] for each in left["returns"]}:
        approved = [each for each in left["returns"] if each["entity"] == entity and each["state"] == "approved"]
        expected = int(approved[-1]["output"]) if approved else None
        assert left["held"].get(entity) == expected
