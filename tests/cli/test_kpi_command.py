"""shazhou kpi: a table of machines, one machine in full, JSON; what is missing is told."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from shell import shazhou
from store_rows import minutes

from shazhou.telemetry.store.store import Store, folder_of

EIGHT = int(datetime(2026, 11, 2, 8, tzinfo=ZoneInfo("Asia/Shanghai")).timestamp() * 1000)
"""A Monday; the city's usual hours are 08:00 to 17:30."""
HOUR = ("--from", "2026-11-02T08:00", "--to", "2026-11-02T09:00")


@pytest.fixture
def data(empty: Path) -> Path:
    """Two machines for 54 of 60 minutes: one with counts, one without; the first ran for 45 of them."""
    with Store.open(folder_of(empty), write=True) as store:
        for device, counts in (("lathe", {}), ("press", {"total": 4, "good_count": 3, "cycle": 12.0, "energy": 0.2})):
            store.add(
                minutes=minutes(
                    {
                        **{"node": "e1", "device": device, "at": EIGHT + minute * 60_000, "origin": "simulated"},
                        **({"executing": 60.0, **counts} if minute < 45 else {"executing": 0.0, "not_executing": 60.0}),
                    }
                    for minute in range(54)
                )
            )
        store.commit()
    return empty


def test_a_table_of_all_machines(data: Path) -> None:
    done = shazhou("kpi", *HOUR, "--lang", "en", data=data)
    head, lathe, press = done.out.splitlines()
    assert "OEE" in head
    assert " ".join(press.split()) == "e1 press 83.3% 80.0% 75.0% 50.0% 100.0% 83.3% 0.9 0.0 0.050 0.10 simulated"
    assert " ".join(lathe.split()) == (
        "e1 lathe 83.3% — — — 100.0% 83.3% 0.9 0.0 — 0.10 missing PRI, PQ, GQ, E simulated"
    )


def test_one_machine_in_full(data: Path) -> None:
    done = shazhou("kpi", "e1", "press", *HOUR, "--lang", "zh", data=data)
    assert "设备综合效率" in done.out
    assert "50.0%" in done.out
    assert "缺 AOET" in done.out
    assert "APT 2,700" in done.out
    assert "模拟" in done.out
    assert "工作时间内未知 0.10 h" in done.out


def test_the_same_as_json(data: Path) -> None:
    found = shazhou("kpi", "e1", "press", *HOUR, "--json", data=data).json
    [machine] = found["machines"]
    assert found["from"] == "2026-11-02T08:00:00+08:00"
    assert machine["kpis"]["oee"] == {"value": pytest.approx(0.5), "missing": [], "undefined": [], "over_one": False}
    assert machine["elements"]["ADOT"] == 540.0
    assert machine["unknown"] == 360.0


def test_a_share_over_one_is_marked(data: Path) -> None:
    with Store.open(folder_of(data), write=True) as store:
        fast = {"node": "e2", "at": EIGHT, "total": 10, "good_count": 10, "cycle": 9.0}
        store.add(minutes=minutes([fast]))
        store.commit()
    done = shazhou("kpi", "e2", *HOUR, "--lang", "en", data=data)
    assert "150.0%!" in done.out
    assert "contradict" in done.out


def test_windows_that_are_none_are_refused(data: Path) -> None:
    assert "no day or time" in shazhou("kpi", "--from", "2026-13", data=data).err
    assert "before it begins" in shazhou("kpi", "--from", "2026-11-02", "--to", "2026-11-01", data=data).err


def test_without_minutes_or_a_store_that_is_said(data: Path, tmp_path: Path) -> None:
    assert "no minutes" in shazhou("kpi", "--from", "2026-11-03", "--to", "2026-11-04", data=data).out
    other = tmp_path / "other"
    shazhou("init", data=other)
    done = shazhou("kpi", data=other)
    assert done.status == 1
    assert "no telemetry" in done.err


def test_a_node_that_nobody_knows_is_refused(data: Path) -> None:
    done = shazhou("kpi", "nobody", *HOUR, "--json", data=data)
    assert done.status == 1
    assert [each["rule"] for each in done.json["problems"]] == ["no-such-node"]


@pytest.mark.parametrize("wrong", ["0001-01-01", "1999-12-31", "9999-12-31"])
def test_a_window_beyond_all_records_is_refused(data: Path, wrong: str) -> None:
    for edge in ("--from", "--to"):
        done = shazhou("kpi", edge, wrong, data=data)
        assert done.status == 1 and "not-a-moment" in done.err


def test_a_window_ends_now_at_the_latest(data: Path) -> None:
    found = shazhou("kpi", "--from", "2026-11-02", "--to", "2999-01-01", "--json", data=data).json
    assert datetime.fromisoformat(found["to"]) <= datetime.now(ZoneInfo("Asia/Shanghai"))
