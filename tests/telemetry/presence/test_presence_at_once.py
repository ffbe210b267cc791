"""Presence judged by the host and by the command at once: one after the other, and nobody who reads waits."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from made_minutes import DAY, MIDNIGHT, SPAN, Row, birth, digest, events_of, machine, minutes_of
from register_city import zhangjiagang

from shazhou.city.problem import Refused
from shazhou.ledger.store import locked
from shazhou.telemetry.enrolment import Enrolled
from shazhou.telemetry.presence.compute import LOCK, compute
from shazhou.telemetry.presence.digests import Past
from shazhou.telemetry.store.backup import holding
from shazhou.telemetry.store.store import Store

NODES = {node: Enrolled(node, f"enterprise:{node}", {}, shifts=("mon-fri 08:00-17:00",)) for node in "ab"}
DAYS = (date(2026, 11, 26), date(2026, 11, 27))
BEFORE = datetime.fromtimestamp(MIDNIGHT / 1000 - 1, UTC)
NOW = datetime.fromtimestamp((SPAN[1] + DAY) / 1000, UTC)


def cloned(day: int) -> list[Row]:
    """Two machines of a day, the second with the first's values."""

    def copied(row: Row) -> Row:
        return {"digest": digest("a", "press", row["at"]), "received": row["received"] + 900}

    return machine("a", day=day) + machine("b", day=day, change=copied)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with Store.open(tmp_path / "t", write=True) as store:
        births = events_of(birth("a", MIDNIGHT - 9 * DAY), birth("b", MIDNIGHT - 9 * DAY))
        store.add(minutes=minutes_of(cloned(0), cloned(1)).to_batches()[0], events=births.to_batches()[0])
        store.commit()
    return tmp_path / "t"


def judge(folder: Path, day: date) -> None:
    """As the command does, which reads the rows and may not write any."""
    with Store.open(folder) as store:
        compute(store, zhangjiagang(), NODES, day, NOW)


def test_two_who_judged_days_of_one_month_at_once_lost_each_others_doubts(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    both, real = threading.Barrier(2), Store.doubts

    def doubts_read_by_both(store: Store, *given: Any) -> list[dict[str, Any]]:
        found = real(store, *given)
        with suppress(threading.BrokenBarrierError):
            time.sleep(both.wait(2) / 4)
        return found

    with monkeypatch.context() as patch, ThreadPoolExecutor(2) as pool:
        patch.setattr(Store, "doubts", doubts_read_by_both)
        list(pool.map(judge, [folder] * 2, DAYS))
    with Store.open(folder) as store:
        found = store.doubts("2026-11")
    assert [(each["node"], each["kind"]) for each in found] == [("b", "clone")] * 2
    assert found[0]["start"] < SPAN[1] <= found[1]["start"]


def test_two_who_judged_one_day_at_once_wrote_into_one_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    at_it, most, real = [0], [0], Past.keep

    def keep_slowly(past: Past, *given: Any) -> None:
        at_it[0] += 1
        most[0] = max(most[0], at_it[0])
        time.sleep(0.2)
        real(past, *given)
        at_it[0] -= 1

    with monkeypatch.context() as patch, ThreadPoolExecutor(2) as pool:
        patch.setattr(Past, "keep", keep_slowly)
        list(pool.map(judge, [folder] * 2, DAYS[:1] * 2))
    assert most == [1]


def test_who_reads_waits_for_nobody_who_judges(folder: Path) -> None:
    judge(folder, DAYS[0])
    with locked(folder / LOCK), Store.open(folder) as store:
        assert store.hours(*SPAN).num_rows and store.machine_hours(*SPAN).num_rows and store.doubts("2026-11")
        assert [each.node for each in compute(store, zhangjiagang(), NODES, DAYS[0], BEFORE)] == ["a", "b"]


def test_the_lock_of_those_who_judge_is_in_no_backup(folder: Path, tmp_path: Path) -> None:
    judge(folder, DAYS[0])
    (tmp_path / "spare").mkdir()
    with holding(folder, tmp_path / "spare") as held:
        held.freeze()
        assert (folder / LOCK).exists() and f"doubts/{DAYS[0]:%Y-%m}.json" in held.files and LOCK not in held.files


def test_one_who_hung_while_judging_held_up_all_others_for_good(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shazhou.telemetry.presence.compute.PATIENCE", 0.2)
    with locked(folder / LOCK), pytest.raises(Refused) as told:
        judge(folder, DAYS[0])
    assert [problem.rule.id for problem in told.value.problems] == ["judging-busy"]
    judge(folder, DAYS[0])
