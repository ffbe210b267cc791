"""Simulated machines: lives that hang together, and troubles that show what they are labelled as."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from shazhou.city.calendar import Calendar
from shazhou.city.problem import Refused
from shazhou.telemetry.fleet import fault
from shazhou.telemetry.fleet.factory import SHIFTS, Factory, made
from shazhou.telemetry.fleet.life import Life
from shazhou.telemetry.names import EQUIPMENT, TAG, State
from shazhou.telemetry.sparkplug.payload import BAD

ZONE = "Asia/Shanghai"
MONDAY = int(datetime(2026, 3, 2, tzinfo=UTC).timestamp() * 1000) - 8 * 3_600_000
MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR


def factory(number: int = 1) -> Factory:
    return made(number, 7, ("town1", "town2"), ("metallurgy", "textiles"))


def life(shifts: tuple[str, ...] = ("mon-fri 08:00-17:30",), number: int = 1, **changed: object) -> Life:
    machine = replace(factory(number).machines[0], **changed)  # type: ignore[arg-type]
    return Life(machine, Calendar.parse(shifts, ZONE), date(2026, 3, 2))


def test_a_factory_is_the_same_whenever_it_is_made() -> None:
    assert factory() == factory()
    assert factory(1) != factory(2)


def test_a_factory_says_that_it_is_simulated() -> None:
    assert factory(12).name == {"zh": "模拟工厂012", "en": "Simulated factory 012"}


def test_all_shifts_towns_and_industries_occur() -> None:
    many = [factory(number) for number in range(1, 200)]
    assert {each.shifts for each in many} == set(SHIFTS)
    assert {each.town for each in many} == {"town1", "town2"}
    assert {each.industry for each in many} == {"metallurgy", "textiles"}


def test_meters_never_go_back_and_good_items_are_never_more_than_all() -> None:
    lived = life(("daily 00:00-24:00",))
    before = lived.at(MONDAY)
    for moment in range(MONDAY, MONDAY + 3 * DAY, 7 * MINUTE):
        now = lived.at(moment)
        for meter in ("Count/Total", "Count/Good", "Energy/Active"):
            assert now[meter] >= before[meter]
        assert now["Count/Good"] <= now["Count/Total"]
        before = now
    assert before["Count/Total"] > 1000


def test_a_machine_rests_outside_working_hours_and_mostly_runs_within() -> None:
    lived = life(resting=State.NOT_AVAILABLE, maintained=5)
    states = [lived.at(MONDAY + minute * MINUTE)["State"] for minute in range(24 * 60)]
    working = states[8 * 60 : 17 * 60 + 30]
    assert set(states[: 8 * 60]) | set(states[17 * 60 + 30 :]) == {State.NOT_AVAILABLE}
    assert State.NOT_AVAILABLE not in working
    assert working.count(State.EXECUTING) > 0.6 * len(working)


def test_maintenance_comes_once_a_week() -> None:
    lived = life(maintained=1)
    modes = {day: lived.at(MONDAY + day * DAY + 9 * HOUR)["Operation Mode"] for day in range(5)}
    assert [day for day, mode in modes.items() if mode == 1] == [1]


def test_a_life_looked_at_again_was_the_same() -> None:
    moments = range(MONDAY, MONDAY + 2 * DAY, 11 * MINUTE)
    lived = life()
    first = [lived.at(moment) for moment in moments]
    assert [life().at(moment) for moment in moments] == first
    assert [lived.at(moment) for moment in reversed(moments)] == first[::-1]


def test_there_is_nothing_before_the_first_day() -> None:
    with pytest.raises(ValueError, match="did not exist"):
        life().at(MONDAY - 1)


def test_what_is_said_bears_standard_names() -> None:
    assert all(name in EQUIPMENT or name.startswith(TAG) for name in life().at(MONDAY))


BEGAN = MONDAY + DAY + 10 * HOUR


@pytest.mark.parametrize("kind", [*fault.FAULTS, "cached", "replay", "regular"])
def test_before_a_trouble_begins_all_is_honest(kind: str) -> None:
    tell = {**fault.FAULTS, **fault.FRAUDS}[kind]
    assert tell is not None
    lived = life()
    for moment in range(BEGAN - 10 * MINUTE, BEGAN, 13_000):
        assert tell(lived, BEGAN)(moment) == fault.honest(lived)(moment)


def values(kind: str, *moments: int) -> list[fault.Said]:
    tell = {**fault.FAULTS, **fault.FRAUDS}[kind]
    assert tell is not None
    telling = tell(life(), BEGAN)
    return [telling(moment) for moment in moments]


def test_frozen_values_come_with_new_times() -> None:
    one, other = values("frozen", BEGAN + HOUR, BEGAN + 2 * HOUR)
    assert one.values == other.values and one.at < other.at


def test_bad_values_say_so() -> None:
    assert values("bad", BEGAN)[0].quality == BAD


def test_a_slow_clock_gives_old_times() -> None:
    assert values("clock", BEGAN + 5)[0].at == BEGAN + 5 - 3 * HOUR


def test_a_silent_machine_says_nothing() -> None:
    assert values("silent", BEGAN)[0].values is None


def test_a_cache_changes_times_alone_until_the_next_hour() -> None:
    one, other, fresh = values("cached", BEGAN + MINUTE, BEGAN + 2 * MINUTE, BEGAN + HOUR + 1)
    assert one.values == other.values != fresh.values
    assert one.at < other.at < fresh.at


def test_a_replay_repeats_readings_while_its_meters_go_on() -> None:
    one, other = values("replay", BEGAN + 5 * MINUTE, BEGAN + 5 * MINUTE + HOUR)
    assert one.values is not None and other.values is not None
    assert one.values["Power/Active"] == other.values["Power/Active"]
    assert one.values["Energy/Active"] < other.values["Energy/Active"]


def test_a_program_never_stops_and_never_trembles() -> None:
    said = values("regular", *range(BEGAN, BEGAN + 12 * HOUR, HOUR))
    assert {each.values["State"] for each in said if each.values} == {State.EXECUTING}
    assert len({each.values["Power/Active"] for each in said if each.values}) == 1


def test_troubles_are_dealt_as_asked_and_nobody_has_two() -> None:
    wanted = fault.parse("frozen=2, clock=1", [*fault.FAULTS])
    dealt = fault.dealt(wanted, ["a", "b", "c", "d"], 7)
    assert sorted(dealt.values()) == ["clock", "frozen", "frozen"]
    assert fault.dealt(wanted, ["a", "b", "c", "d"], 7) == dealt
    assert len(fault.dealt({"frozen": 9}, ["a", "b"], 7)) == 2


def test_an_unknown_trouble_is_refused_with_what_there_is() -> None:
    with pytest.raises(Refused) as refused:
        fault.parse("frozen=1,gremlins=2,clock=x", [*fault.FAULTS])
    assert [each.found for each in refused.value.problems] == ["gremlins=2", "clock=x"]
    assert "frozen" in refused.value.problems[0].mend("en")
