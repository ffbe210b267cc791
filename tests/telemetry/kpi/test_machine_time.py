"""Time elements from minutes and working hours: by hand, and what must hold for any minutes."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from store_rows import minutes

from shazhou.city.calendar import Calendar
from shazhou.telemetry.kpi.elements import machine_time
from shazhou.telemetry.kpi.machines import kpis_of, machine_kpis
from shazhou.telemetry.presence.believed import doubts_within
from shazhou.telemetry.presence.doubt import Doubt
from shazhou.telemetry.store.store import Store

MINUTE = 60_000
MONDAY = 1_790_553_600_000
"""2026-09-28 00:00 UTC, a Monday."""
ALWAYS = Calendar.parse(["daily 00:00-24:00"], "UTC")
SHIFT = Calendar.parse(["mon-fri 08:00-16:00"], "UTC")
EIGHT = MONDAY + 8 * 60 * MINUTE


def row(minute: int, executing: float = 60.0, **columns: Any) -> dict[str, Any]:
    """A minute of the machine, counted from eight o'clock; what is not executing is not executing."""
    rest = 60.0 - executing - columns.get("out_of_service", 0.0) - columns.get("not_available", 0.0)
    at = EIGHT + minute * MINUTE
    return {"node": "e1", "at": at, "executing": executing, "not_executing": rest, **columns}


def table(*rows: dict[str, Any]) -> pa.Table:
    return pa.Table.from_batches([minutes(rows)])


def test_an_hour_by_hand() -> None:
    """40 min of production, 10 of set-up, 6 of breakdown with one failure, 4 idle; 38 of 40 pieces good."""
    hour = table(
        *(row(each, total=1, good_count=int(each > 1), cycle=54.0, energy=0.5) for each in range(40)),
        *(row(each, 0.0, setup=60.0, total=0, good_count=0, energy=0.1) for each in range(40, 50)),
        row(50, 0.0, out_of_service=60.0, failures=1, total=0, good_count=0, energy=0.0),
        *(row(each, 0.0, out_of_service=60.0, total=0, good_count=0, energy=0.0) for each in range(51, 55)),
        row(55, 0.0, not_available=60.0, total=0, good_count=0, energy=0.0),
        *(row(each, 0.0, total=0, good_count=0, energy=0.0) for each in range(56, 60)),
    )
    found = machine_time(hour, ALWAYS, EIGHT, EIGHT + 60 * MINUTE)
    assert found.elements == {
        "APT": 2400.0,
        "AUST": 600.0,
        "ADET": 360.0,
        "ADOT": 240.0,
        "PDOT": 0.0,
        "POT": 3600.0,
        "PBT": 3600.0,
        "TBF": 3600.0,
        "TTR": 360.0,
        "FE": 1.0,
        "PQ": 40.0,
        "GQ": 38.0,
        "E": pytest.approx(21.0),
        "PRI": 54.0,
    }
    assert (found.unknown, found.outside, found.incomplete, found.origins) == (0.0, 0.0, (), ("",))
    kpis = kpis_of(found)
    assert kpis["availability"].value == pytest.approx(2 / 3)
    assert kpis["effectiveness"].value == pytest.approx(0.9)
    assert kpis["quality_ratio"].value == pytest.approx(0.95)
    assert kpis["oee"].value == pytest.approx(0.57)
    assert kpis["utilisation_efficiency"].value == pytest.approx(2400 / 3360)
    assert kpis["mtbf"].value == 1800.0
    assert kpis["mttr"].value == 180.0
    assert kpis["energy_per_unit"].value == pytest.approx(0.525)
    assert kpis["allocation_ratio"].missing == ("AOET",)
    assert kpis["scrap_ratio"].missing == ("SQ",)


def test_maintenance_is_no_planned_busy_time() -> None:
    served = table(row(0), row(1, 0.0, out_of_service=60.0, maintenance=45.0), row(2, 20.0, maintenance=60.0))
    found = machine_time(served, ALWAYS, EIGHT, EIGHT + 3 * MINUTE).elements
    assert {name: found[name] for name in ("APT", "ADET", "ADOT", "PDOT", "POT", "PBT")} == {
        "APT": 60.0,
        "ADET": 15.0,
        "ADOT": 0.0,
        "PDOT": 105.0,
        "POT": 180.0,
        "PBT": 75.0,
    }


def test_only_working_hours_count_but_energy_is_used_at_any_hour() -> None:
    night = table(*(row(each, total=2, energy=1.0) for each in (-2, -1, 0, 1)))
    found = machine_time(night, SHIFT, EIGHT - 10 * MINUTE, EIGHT + 10 * MINUTE)
    assert (found.elements["APT"], found.elements["PQ"], found.elements["E"]) == (120.0, 4.0, 2.0)
    assert found.energy == {"E": 4.0, "PQ": 8.0}
    assert found.outside == 120.0
    assert found.unknown == 8 * 60.0


def test_a_machine_that_nobody_heard_of_has_no_time() -> None:
    found = machine_time(table(), SHIFT, EIGHT, EIGHT + 60 * MINUTE)
    assert (found.elements["POT"], found.unknown) == (0.0, 3600.0)
    assert kpis_of(found)["availability"].undefined == ("PBT",)
    assert kpis_of(found)["oee"].missing == ("PRI", "PQ", "GQ")


def test_a_minute_sent_twice_counts_once_as_it_was_signed_first() -> None:
    twice = table(
        row(0, 10.0, received=EIGHT + 5, signed=False),
        row(0, 50.0, received=EIGHT + 9),
        row(0, 20.0, received=EIGHT + 7),
    )
    found = machine_time(twice, ALWAYS, EIGHT, EIGHT + MINUTE)
    assert (found.elements["APT"], found.left_out) == (20.0, 0)


def test_minutes_that_are_unsigned_or_in_doubt_are_in_no_indicator(tmp_path: Path) -> None:
    """They are unknown time, told beside the indicators, and keep their mark."""
    rows = [row(each, total=1, energy=1.0, received=EIGHT + each * MINUTE) for each in range(10)]
    for each in (1, 2, 3):
        rows[each] |= {"signed": False, "origin": "simulated"}
    with Store.open(tmp_path, write=True) as store:
        store.add(minutes=minutes([*rows, *({**each, "device": "lathe"} for each in rows)]))
        store.commit()
        of_press = Doubt("e1", "press", "cached", EIGHT + 3 * MINUTE, EIGHT + 5 * MINUTE, 2)
        of_another = Doubt("e2", "", "shared-gateway", EIGHT, EIGHT + 10 * MINUTE, 2)
        store.keep_doubts("2026-09", [of_press.as_dict(), of_another.as_dict()])
        lathe, press = machine_kpis(store, lambda _node: ALWAYS, EIGHT, EIGHT + 10 * MINUTE)
    assert (press.time.elements["APT"], press.time.elements["PQ"], press.time.energy["E"]) == (360.0, 6.0, 6.0)
    assert (press.time.left_out, press.time.unknown, press.time.origins) == (4, 240.0, ("", "simulated"))
    assert (lathe.time.elements["APT"], lathe.time.left_out) == (420.0, 3)


@pytest.mark.parametrize("rows", [1, 12, 500_000])
def test_machines_are_the_same_however_many_are_read_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    monkeypatch.setattr("shazhou.telemetry.kpi.machines.ROWS", rows)
    asked = [(node, device) for node in ("e3", "e1", "e2") for device in ("saw", "press")]
    told = [
        {**row(each, total=number), "node": node, "device": device}
        for number, (node, device) in enumerate(asked)
        for each in range(3)
    ]
    with Store.open(tmp_path, write=True) as store:
        store.add(minutes=minutes(told))
        store.commit()
        found = list(machine_kpis(store, lambda _node: ALWAYS, EIGHT, EIGHT + 3 * MINUTE))
    assert [(each.node, each.device) for each in found] == sorted(asked)
    assert [each.time.elements["PQ"] for each in found] == [9.0, 6.0, 15.0, 12.0, 3.0, 0.0]


def test_a_doubt_that_begins_within_a_minute_takes_it_back() -> None:
    doubt = Doubt("e1", "", "shared-gateway", EIGHT + 30_000, EIGHT + MINUTE + 1, 2)
    found = machine_time(
        table(*(row(each) for each in range(-1, 4))), ALWAYS, EIGHT - MINUTE, EIGHT + 4 * MINUTE, [doubt]
    )
    assert (found.elements["APT"], found.left_out) == (180.0, 2)


@pytest.mark.parametrize(("month", "start"), [("2026-12", "2026-11-30T16:00"), ("2026-11", "2026-12-01T02:00")])
def test_a_doubt_at_the_edge_of_the_citys_month_is_found(tmp_path: Path, month: str, start: str) -> None:
    """Where it is the first of the month in Shanghai, or the last in Bogota, it is another month in UTC."""
    at = round(datetime.fromisoformat(f"{start}+00:00").timestamp() * 1000)
    with Store.open(tmp_path, write=True) as store:
        doubt = Doubt("e1", "press", "cached", at, at + 60 * MINUTE, 2)
        store.keep_doubts(month, [doubt.as_dict()])
        assert doubts_within(store, at, at + MINUTE, "e1") == [doubt]
        assert doubts_within(store, at - MINUTE, at) == doubts_within(store, at + 60 * MINUTE, at + 61 * MINUTE) == []


def test_a_forgery_of_one_machine_takes_back_the_gateways_others() -> None:
    forged = Doubt("e1", "saw", "clone", EIGHT, EIGHT + MINUTE, 2)
    found = machine_time(table(row(0), row(1)), ALWAYS, EIGHT, EIGHT + 2 * MINUTE, [forged])
    assert (found.elements["APT"], found.left_out) == (60.0, 1)


def test_planned_run_time_is_weighted_by_pieces_and_missing_where_a_piece_has_none() -> None:
    mixed = [row(0, total=3, cycle=10.0), row(1, total=1, cycle=30.0), row(2, total=0, cycle=None)]
    assert machine_time(table(*mixed), ALWAYS, EIGHT, EIGHT + 3 * MINUTE).elements["PRI"] == 15.0
    unknown = [*mixed, row(3, total=1, cycle=None)]
    assert machine_time(table(*unknown), ALWAYS, EIGHT, EIGHT + 4 * MINUTE).elements["PRI"] is None


def test_a_meter_that_was_silent_while_the_machine_ran_is_told() -> None:
    told = table(row(0, total=3, energy=1.0), row(1, total=None, energy=1.0), row(2, 0.0, energy=None, total=0))
    found = machine_time(told, ALWAYS, EIGHT, EIGHT + 3 * MINUTE)
    assert (found.elements["PQ"], found.elements["GQ"], found.incomplete) == (3.0, None, ("PQ",))


def test_a_window_is_whole_minutes() -> None:
    with pytest.raises(ValueError, match="no whole minutes"):
        machine_time(table(), ALWAYS, EIGHT, EIGHT + 1)


@st.composite
def any_minutes(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Minutes around the beginning of a shift, some missing, whose states fill at most a minute."""
    found = []
    for minute in sorted(draw(st.sets(st.integers(-30, 30), max_size=40))):
        cuts = sorted(draw(st.tuples(*[st.integers(0, 60)] * 4)))
        states = [cuts[0], cuts[1] - cuts[0], cuts[2] - cuts[1], cuts[3] - cuts[2]]
        names = ("executing", "not_executing", "out_of_service", "not_available")
        modes = {"maintenance": float(draw(st.integers(0, 60))), "setup": float(draw(st.integers(0, 60)))}
        pieces = draw(st.none() | st.integers(0, 50))
        times = {name: float(seconds) for name, seconds in zip(names, states, strict=True)}
        about = {"node": "e1", "at": EIGHT + minute * MINUTE, "total": pieces, "energy": draw(st.none() | st.just(0.5))}
        found.append({**about, **times, **modes, "failures": draw(st.integers(0, 3))})
    return found


@settings(max_examples=30, deadline=None)
@given(any_minutes(), st.integers(-30, 31), st.sampled_from([ALWAYS, SHIFT]))
def test_windows_that_follow_one_another_add_up(rows: list[dict[str, Any]], cut: int, calendar: Calendar) -> None:
    first, middle, last = (EIGHT + minute * MINUTE for minute in (-30, cut, 31))
    given_rows = table(*rows)
    whole = machine_time(given_rows, calendar, first, last)
    parts = [machine_time(given_rows, calendar, *window) for window in ((first, middle), (middle, last))]
    for name, total in whole.elements.items():
        values = [each for part in parts if (each := part.elements[name]) is not None]
        if name != "PRI":
            assert total == (pytest.approx(sum(values)) if values else None)
    for read in ("unknown", "outside"):
        assert getattr(whole, read) == pytest.approx(sum(getattr(part, read) for part in parts))


@settings(max_examples=30, deadline=None)
@given(any_minutes())
def test_every_second_of_working_time_is_one_element_or_unknown(rows: list[dict[str, Any]]) -> None:
    found = machine_time(table(*rows), SHIFT, EIGHT - 30 * MINUTE, EIGHT + 31 * MINUTE)
    seconds = [found.elements[name] or 0.0 for name in ("APT", "AUST", "ADET", "ADOT", "PDOT")]
    assert min(seconds) >= 0
    assert sum(seconds) == found.elements["POT"]
    assert found.elements["PBT"] == pytest.approx(sum(seconds[:4]))
    assert sum(seconds) + found.unknown == pytest.approx(31 * 60)
    kpis = kpis_of(found)
    for name in ("availability", "utilisation_efficiency", "allocation_efficiency", "technical_efficiency"):
        share = kpis[name].value
        assert share is None or share <= 1 + 1e-9, "times of one window never contradict each other"


def test_machines_are_read_from_the_store_one_enterprise_after_another(tmp_path: Path) -> None:
    machines = [("e1", "lathe"), ("e1", "press"), ("e2", "press")]
    with Store.open(tmp_path / "city.telemetry", write=True) as store:
        store.add(
            minutes=minutes(
                {**row(each), "node": node, "device": device} for node, device in machines for each in range(5)
            )
        )
        store.commit()
        window = (EIGHT + MINUTE, EIGHT + 3 * MINUTE)
        found = list(machine_kpis(store, lambda node: SHIFT if node == "e1" else ALWAYS, *window))
        assert [(each.node, each.device) for each in found] == machines
        assert [each.time.elements["APT"] for each in found] == [120.0] * 3
        assert found[0].kpis["availability"].value == 1.0
        assert [each.device for each in machine_kpis(store, lambda node: SHIFT, *window, "e1", "press")] == ["press"]
        assert list(machine_kpis(store, lambda node: SHIFT, *window, "e9")) == []
