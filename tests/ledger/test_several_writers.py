"""Several processes at once, living and killed: the chain is one line, and nothing acknowledged is lost."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from decimal import Decimal
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

import pytest
from ledger_rows import seen
from writers import Writers

from shazhou.ledger.chain import first_break
from shazhou.ledger.ledger import Ledger
from shazhou.ledger.submission import Submission
from shazhou.ledger.verification import verify

ROWS = 5


@pytest.fixture
def writers() -> Iterator[Writers]:
    writers = Writers()
    yield writers
    writers.close()


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger.create(tmp_path / "ledger")


def check_whole(ledger: Ledger) -> tuple[Submission, ...]:
    """Every submission is there with all its rows, and the chain is one line."""
    head = ledger.head()
    chain = ledger.submissions(head)
    assert first_break(chain) is None
    assert len({each.id for each in chain}) == len(chain)
    assert all(one.recorded_at < two.recorded_at for one, two in pairwise(chain))
    rows = {sequence: list(group) for sequence, group in groupby(seen(ledger, head), key=lambda row: row[0])}
    for each in chain:
        assert [position for _, position, _ in rows[each.sequence]] == list(range(each.count))
        if each.door == "file":
            writer, number = each.id.removeprefix("w").split("-")
            first = int(writer) * 10_000 + int(number) * 10
            assert [value for *_, value in rows[each.sequence]] == [Decimal(first + n) for n in range(ROWS)]
            assert ledger.document(each.document) == each.id.encode()
        else:
            assert {value for *_, value in rows[each.sequence]} == {None}
    return chain


def check_kept(chain: tuple[Submission, ...], acknowledged: dict[str, Any]) -> None:
    """Everything that was acknowledged stands in the chain as it was acknowledged."""
    by_id = {each.id: each for each in chain}
    for name, result in acknowledged.items():
        each = by_id[name]
        assert (each.head, each.sequence, each.recorded_at.isoformat()) == tuple(
            result[key] for key in ("head", "sequence", "recorded_at")
        )


def acknowledged_appends(writers: Writers) -> dict[str, Any]:
    """What appends and withdrawals were told, by the id of their submission."""
    return {name: result for name, result in writers.acknowledged().items() if "-" in name or ":" in name}


def job(ledger: Ledger, number: int, times: int, **more: Any) -> dict[str, Any]:
    base = {"folder": str(ledger.folder), "count": ROWS, "first": number * 10_000, "times": times}
    return {"job": "append many", **base, **more}


@pytest.mark.slow
def test_the_chain_never_forks(ledger: Ledger, writers: Writers) -> None:
    pids = [writers.start(f"w{number}", **job(ledger, number, 8, small_files=10)) for number in range(4)]
    while any(writers.alive(pid) for pid in pids):
        writers.hear(0.05)
        check_whole(ledger)
    for pid in pids:
        writers.finish(pid)
    chain = check_whole(ledger)
    acknowledged = acknowledged_appends(writers)
    assert len(chain) == len(acknowledged) == 32
    check_kept(chain, acknowledged)
    assert verify(ledger).ok


def test_one_id_from_several_processes_is_one_submission(ledger: Ledger, writers: Writers) -> None:
    work = {"job": "append", "folder": str(ledger.folder), "count": 3, "first": 0, "document": "same"}
    pids = [writers.start("same", **work) for _ in range(4)]
    for pid in pids:
        writers.finish(pid)
    heads = [told["result"]["head"] for told in writers.told if told["event"] == "acknowledged"]
    assert heads == [ledger.head()] * 4
    assert len(ledger.submissions()) == 1
    assert verify(ledger).ok


def test_a_ledger_is_made_by_one_of_several_processes(tmp_path: Path, writers: Writers) -> None:
    folder = tmp_path / "new"
    pids = [writers.start(f"maker{number}", job="create", folder=str(folder)) for number in range(4)]
    for pid in pids:
        writers.finish(pid)
    told = [(each["event"], each["result"]) for each in writers.told if each["event"] != "started"]
    assert sorted(event for event, _ in told) == ["acknowledged", "refused", "refused", "refused"]
    assert all(result == ["already-a-ledger"] for event, result in told if event == "refused")
    assert verify(Ledger.open(folder)).ok


@pytest.mark.slow
def test_two_hundred_kills_cost_nothing_that_was_acknowledged(ledger: Ledger, writers: Writers) -> None:
    """Four processes append, compact and withdraw; one of them is killed at a random moment, 200 times and more until
    as many appends have been acknowledged."""
    chance = random.Random(20261124)
    kills, started = 0, 0
    running: list[int] = []
    while kills < 200 or (len(acknowledged_appends(writers)) < 200 and kills < 1_000):
        while len(running) < 4:
            work = job(ledger, started, 1_000, small_files=24)
            if started % 8 == 5:
                work["job"] = "compact"
            elif started % 8 == 7:
                work["job"] = "withdraw many"
            running.append(writers.start(f"w{started}", **work))
            started += 1
        # On a busy machine writers are slow; most kills wait for a word, so that there is something to lose.
        if chance.random() < 0.7:
            writers.hear_of("appended", 5)
        until = time.monotonic() + chance.uniform(0, 0.2)
        while time.monotonic() < until:
            writers.hear(max(0, until - time.monotonic()))
        running = [pid for pid in running if writers.alive(pid)]
        if running:
            victim = running.pop(chance.randrange(len(running)))
            writers.kill(victim)
            writers.finish(victim)
            kills += 1
        if kills % 40 == 0:
            check_whole(Ledger.open(ledger.folder))
    for pid in running:
        writers.kill(pid)
        writers.finish(pid)
    assert [told for told in writers.told if told["event"] in ("failed", "refused")] == []
    acknowledged = acknowledged_appends(writers)
    assert len(acknowledged) >= 200
    assert any(name.startswith("withdraw:") for name in acknowledged)
    survivor = Ledger.open(ledger.folder)
    chain = check_whole(survivor)
    check_kept(chain, acknowledged)
    result = verify(survivor)
    assert result.ok, result.failures
    survivor.compact()
    assert check_whole(survivor) == chain
    assert verify(survivor, chain[-1].head).ok
    print(f"{kills} kills, {len(acknowledged)} acknowledged, {len(chain)} in the chain")
