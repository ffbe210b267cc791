"""What the host does beside listening: when it is done, and that a key counts as soon as it is enrolled."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from register_city import new_key, register, zhangjiagang
from store_rows import DAY, START, samples
from waiting import until

from shazhou.telemetry.enrolment import Enrolled
from shazhou.telemetry.host.application import AFTER, HOUR, next_round
from shazhou.telemetry.host.chores import Chores
from shazhou.telemetry.host.connection import Address, Connection
from shazhou.telemetry.store.store import Store, folder_of


@given(st.integers(0, 1 << 42))
def test_an_hour_is_judged_soon_after_its_end(moment: int) -> None:
    found = next_round(moment)
    assert moment < found <= moment + HOUR and found % HOUR == AFTER


def test_a_key_counts_as_soon_as_it_is_enrolled(tmp_path: Path) -> None:
    first, second = (
        f"某厂{each},Works {each},锦丰镇,metallurgy,2026-09-01,2026-12,mon-fri 08:00-17:00,{new_key()},"
        for each in "AB"
    )
    ledger = register(tmp_path, first)
    seen: list[Mapping[str, Enrolled]] = []
    with Store.open(folder_of(ledger.folder), write=True) as store:
        chores = Chores(store, zhangjiagang(), ledger.folder, seen.append)
        chores.renew()
        chores.renew()
        assert [len(each) for each in seen] == [1]
        register(tmp_path, second)
        chores.renew()
        assert [len(each) for each in seen] == [1, 2]


def test_a_ledger_that_cannot_be_read_is_told_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with Store.open(folder_of(tmp_path), write=True) as store:
        chores = Chores(store, zhangjiagang(), tmp_path, lambda _: None)
        chores.renew()
        chores.renew()
    assert [each.message for each in caplog.records] == ["the register was not read again"]


def test_a_compaction_that_failed_stopped_retention_for_ever(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with Store.open(folder_of(tmp_path / "ledger"), write=True) as store:
        for at in (START, START + DAY):
            for moment in (at, at + 1):
                store.add(samples([{"series": store.series("e1", "press", "State", 3), "at": moment, "integer": 1}]))
                store.commit()
                store.compact(date(2024, 10, 4))
        lost = min((store.folder / "samples").iterdir())
        lost.unlink()
        Chores(store, zhangjiagang(), tmp_path / "ledger", lambda _: None)()
        assert [each.message for each in caplog.records] == ["an hourly duty was not done: compact"]
        assert lost.name in caplog.text
        assert [each.day for each in store.dropped()] == ["2024-10-04"] * 2 + ["2024-10-05"]
        assert not list((store.folder / "samples").iterdir())


def test_a_broker_that_is_not_there_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    connection = Connection(Address("127.0.0.1", 1), "host", "city", lambda *_: None, lambda: None)
    with caplog.at_level(logging.WARNING):
        connection.start()
        until(lambda: caplog.records)
        connection._client.reconnect_delay_set(1, 1)
        with pytest.raises(AssertionError):
            until(lambda: len(caplog.records) > 1, 3)
        connection.stop()
    assert "127.0.0.1:1" in caplog.records[0].message and "refused" in caplog.records[0].message
