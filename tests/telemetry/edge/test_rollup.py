"""Measurements as minutes: what each field counts, and laws that hold for any measurements."""

from __future__ import annotations

from dataclasses import asdict, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shazhou.telemetry.edge.mapping import Measurement
from shazhou.telemetry.edge.rollup import Rollup
from shazhou.telemetry.minute import LENGTH, Digest, Minute
from shazhou.telemetry.names import OperationMode, State
from shazhou.telemetry.sparkplug.payload import BAD, GOOD

T = 1_800_000_000_000 - 1_800_000_000_000 % LENGTH
"""The beginning of a minute."""
METRICS = {"State": None, "Operation Mode": None, "Count/Total": None, "Energy/Active": 1000.0}


def rollup(metrics: dict[str, float | None] | None = None, silence: int = 120_000, now: int = T) -> Rollup:
    return Rollup("acme", "press", METRICS if metrics is None else metrics, silence, 5_000, now)


def told(metric: str, value: object, second: float, quality: int = GOOD) -> Measurement:
    return Measurement("press", metric, value, T + round(second * 1000), quality)  # type: ignore[arg-type]


def minutes_of(made: Rollup, measurements: list[Measurement], until: float) -> list[Minute]:
    """Every measurement arrives at its own time; the clock is looked at every second."""
    closed: list[Minute] = []
    waiting = list(measurements)
    for second in range(1, round(until) + 1):
        now = T + second * 1000
        while waiting and waiting[0].at <= now:
            made.take(waiting[0], waiting[0].at)
            waiting.pop(0)
        closed += made.close(now)
    return closed


def states(minute: Minute) -> tuple[float, float, float, float]:
    return minute.not_available, minute.out_of_service, minute.not_executing, minute.executing


def test_a_state_holds_until_another_is_told_across_minutes() -> None:
    first, second = minutes_of(
        rollup(), [told("State", State.EXECUTING, 12), told("State", State.NOT_EXECUTING, 72.5)], 126
    )
    assert states(first) == (12.0, 0.0, 0.0, 48.0)
    assert states(second) == (0.0, 0.0, 47.5, 12.5)
    assert (first.at, second.at) == (T, T + LENGTH)


def test_equipment_is_not_available_once_nothing_was_heard_for_the_stated_time() -> None:
    made = rollup(silence=30_000)
    first, second = minutes_of(made, [told("State", State.EXECUTING, 10), told("Count/Total", 5, 90)], 126)
    assert states(first) == (10.0 + 20.0, 0.0, 0.0, 30.0), "executing from 10 to 40, silent from 40 on"
    assert states(second) == (30.0, 0.0, 0.0, 30.0), "the state that it had told counts again when it is heard"
    assert first.failures == second.failures == 0, "silence is no failure of the machine"


def test_a_sign_of_life_keeps_a_state_without_being_evidence() -> None:
    made = rollup(silence=30_000)
    made.take(told("State", State.EXECUTING, 0), T)
    for second in range(1, 66):
        made.alive(T + second * 1000)
        closed = made.close(T + second * 1000)
    assert states(closed[0]) == (0.0, 0.0, 0.0, 60.0)
    assert (closed[0].samples, closed[0].times, closed[0].values) == (1, 1, 1)


def test_a_lost_connection_is_not_available_and_no_failure() -> None:
    (minute,) = minutes_of(
        rollup(),
        [told("State", State.EXECUTING, 0), told("State", None, 20, BAD), told("State", State.EXECUTING, 50)],
        66,
    )
    assert states(minute) == (30.0, 0.0, 0.0, 30.0)
    assert minute.failures == 0
    assert minute.good == pytest.approx(2 / 3)


def test_failures_are_told_ends_of_executing_also_across_minutes() -> None:
    changes = [(0, 3), (10, 1), (20, 3), (30, 2), (40, 1), (50, 3), (60, 0)]
    first, second = minutes_of(rollup(), [told("State", value, at) for at, value in changes], 126)
    assert first.failures == 1, "10 s; at 40 s it was not executing before"
    assert second.failures == 1, "at the very beginning of the second minute"


def test_operation_modes_have_their_seconds() -> None:
    told_modes = [told("Operation Mode", OperationMode.SETUP, 5), told("Operation Mode", OperationMode.MAINTENANCE, 30)]
    (minute,) = minutes_of(rollup(), [*told_modes, told("Operation Mode", OperationMode.PROCESSING, 40)], 66)
    assert (minute.setup, minute.maintenance) == (25.0, 10.0)


def test_meters_move_from_one_value_to_the_next() -> None:
    counts = [told("Count/Total", 100, 1), told("Count/Total", 103, 30), told("Count/Total", 110, 62)]
    first, second = minutes_of(rollup(), counts, 126)
    assert (first.total, second.total) == (3, 7)
    assert first.energy is None and first.good_count is None, "there is a meter that told nothing, and one there is not"


def test_a_meter_that_rolls_over_goes_on_and_one_that_is_reset_begins_anew() -> None:
    energy = [told("Energy/Active", 998.0, 1), told("Energy/Active", 3.0, 2), told("Energy/Active", 4.0, 3)]
    counts = [told("Count/Total", 500, 4), told("Count/Total", 2, 5), told("Count/Total", 4, 6)]
    (minute,) = minutes_of(rollup(), energy + counts, 66)
    assert minute.energy == 6.0, "5 over the end at 1000, then 1"
    assert minute.total == 2, "nothing is counted for the fall from 500 to 2"


def test_energy_is_free_of_the_noise_of_large_readings() -> None:
    readings = [told("Energy/Active", 4_309_740.917613, 1), told("Energy/Active", 4_309_741.029489, 2)]
    (minute,) = minutes_of(rollup(), readings, 66)
    assert minute.energy == 0.111876


def test_a_fall_too_far_from_the_rollover_is_a_reset() -> None:
    (minute,) = minutes_of(rollup(), [told("Energy/Active", 500.0, 1), told("Energy/Active", 100.0, 2)], 66)
    assert minute.energy == 0.0


def test_what_meters_moved_across_a_silence_is_not_counted() -> None:
    made = rollup(silence=10_000)
    counts = [told("Count/Total", 100, 1), told("Count/Total", 900, 40), told("Count/Total", 901, 41)]
    (minute,) = minutes_of(made, counts, 66)
    assert minute.total == 1


def test_a_silent_minute_says_nothing_of_meters() -> None:
    made = rollup(silence=10_000)
    first, second = minutes_of(made, [told("Count/Total", 100, 1), told("Count/Total", 102, 2)], 126)
    assert (first.total, second.total) == (2, None)
    assert second.samples == 0 and second.digest == "" and second.good == 0.0
    assert states(second) == (60.0, 0.0, 0.0, 0.0)


def test_equipment_without_a_state_has_no_seconds_in_any() -> None:
    (minute,) = minutes_of(rollup({"Count/Total": None}), [told("Count/Total", 1, 1)], 66)
    assert states(minute) == (0.0, 0.0, 0.0, 0.0) and minute.samples == 1


def test_evidence_counts_samples_source_times_quality_and_values() -> None:
    measured = [
        told("Power/Active", 1.0, 1),
        told("Power/Active", 2.0, 2),
        told("Power/Active", 2.0, 3),
        told("State", State.EXECUTING, 3),
        told("Power/Active", None, 4, BAD),
    ]
    (minute,) = minutes_of(rollup(), measured, 66)
    assert (minute.samples, minute.times, minute.good, minute.values) == (5, 3, 0.8, 2)
    digest = Digest()
    for each in measured:
        if each.value is not None:
            digest.add(each.metric, each.value)
    assert minute.digest == str(digest)


def test_a_reading_that_comes_late_counts_at_its_time_until_the_minute_is_folded() -> None:
    made = rollup()
    made.take(told("State", State.NOT_EXECUTING, 0), T)
    assert made.close(T + 62_000) == []
    made.take(told("State", State.EXECUTING, 58), T + 62_000)
    (minute,) = made.close(T + 65_000)
    assert states(minute) == (0.0, 0.0, 58.0, 2.0)


def test_what_comes_in_the_wrong_order_counts_in_the_order_of_its_times() -> None:
    made = rollup()
    made.take(told("State", State.NOT_EXECUTING, 0), T)
    made.take(told("State", State.EXECUTING, 30), T + 30_000)
    made.take(told("State", State.OUT_OF_SERVICE, 28), T + 31_000)
    (minute,) = made.close(T + 65_000)
    assert states(minute) == (0.0, 2.0, 28.0, 30.0)


def test_a_clock_that_is_ahead_or_far_behind_is_not_believed() -> None:
    made = rollup()
    made.take(told("State", State.NOT_EXECUTING, 3_600), T + 10_000)
    made.take(told("State", State.EXECUTING, -3_600), T + 40_000)
    (minute,) = made.close(T + 65_000)
    assert states(minute) == (10.0, 0.0, 30.0, 20.0)
    assert minute.times == 2, "the source's times are counted as they are"


def test_time_in_which_the_agent_slept_is_in_no_minute() -> None:
    made = rollup()
    made.take(told("State", State.EXECUTING, 0), T)
    made.close(T + 30_000)
    (partial,) = made.close(T + 8 * 3_600_000)
    assert states(partial) == (0.0, 0.0, 0.0, 30.0)
    (next_one,) = made.close(T + 8 * 3_600_000 + 65_000)
    assert next_one.at == T + 8 * 3_600_000
    assert states(next_one) == (60.0, 0.0, 0.0, 0.0), "after that nothing is known until it is told"


def test_a_clock_that_is_set_back_gives_no_minute_twice() -> None:
    made = rollup()
    ats = [minute.at for now in (65, 125, 30, 66, 126, 185, 245) for minute in made.close(T + now * 1000)]
    assert ats == [T, T + LENGTH, T + 2 * LENGTH, T + 3 * LENGTH]


values = {
    "State": st.sampled_from([0, 1, 2, 3]),
    "Operation Mode": st.sampled_from([0, 1, 2, 3]),
    "Count/Total": st.integers(0, 1000),
    "Energy/Active": st.integers(0, 999).map(float),
}


@st.composite
def measurement(draw: st.DrawFn) -> tuple[int, Measurement]:
    """Arrival (milliseconds after T) and a measurement, whose source's clock may be anything."""
    arrival = draw(st.integers(0, 179_000))
    metric = draw(st.sampled_from(sorted(values)))
    value = draw(st.none() | values[metric])
    at = T + arrival + draw(st.sampled_from([0, 0, -1_000, -4_999, -100_000, 50_000]))
    quality = BAD if value is None else draw(st.sampled_from([GOOD, GOOD, BAD]))
    return arrival, Measurement("press", metric, value, at, quality)  # type: ignore[arg-type]


streams = st.lists(measurement(), max_size=40).map(lambda found: sorted(found, key=lambda each: each[0]))


def run(stream: list[tuple[int, Measurement]], looks: list[int], silence: int = 20_000) -> list[Minute]:
    """Minutes of a stream when the clock is looked at these moments as well as at every arrival's minute."""
    made, closed = rollup(silence=silence), []
    events = sorted([*((at, 1, each) for at, each in stream), *((at, 0, None) for at in looks)], key=lambda e: e[:2])
    for at, _, each in events:
        if each is None:
            closed += made.close(T + at)
        else:
            made.take(each, T + at)
    return closed + made.close(T + 185_000)


EVERY_MINUTE = list(range(5_000, 186_000, 30_000))


@given(streams)
def test_the_seconds_of_a_minute_add_up_to_its_length(stream: list[tuple[int, Measurement]]) -> None:
    closed = run(stream, EVERY_MINUTE)
    assert [minute.at for minute in closed] == [T, T + LENGTH, T + 2 * LENGTH]
    for minute in closed:
        assert sum(states(minute)) == pytest.approx(60)
        assert 0 <= minute.maintenance + minute.setup <= 60.000001
        assert min(states(minute)) >= 0


@given(streams, st.lists(st.integers(0, 185_000), max_size=30))
def test_it_does_not_matter_when_the_clock_is_looked_at(
    stream: list[tuple[int, Measurement]], looks: list[int]
) -> None:
    assert run(stream, EVERY_MINUTE + looks) == run(stream, EVERY_MINUTE)


@given(streams, st.integers(-(10**12), 10**12).filter(lambda shift: not -300_000 <= shift < 0))
def test_the_digest_does_not_depend_on_times(stream: list[tuple[int, Measurement]], shift: int) -> None:
    """The same values by a source whose clock is elsewhere, beyond what may be late: other times, the same digest."""
    moved = [(at, replace(each, at=each.at + shift)) for at, each in stream if each.at == T + at]
    kept = [(at, each) for at, each in stream if each.at == T + at]
    assert [minute.digest for minute in run(moved, EVERY_MINUTE)] == [
        minute.digest for minute in run(kept, EVERY_MINUTE)
    ]


@given(streams)
def test_samples_are_counted_once_each(stream: list[tuple[int, Measurement]]) -> None:
    assert sum(minute.samples for minute in run(stream, EVERY_MINUTE)) == len(stream)


@given(st.lists(st.integers(0, 500), min_size=2, max_size=30))
def test_a_counter_that_only_rises_loses_and_gains_nothing(steps: list[int]) -> None:
    counts, stream = 0, []
    for place, step in enumerate(steps):
        counts += step
        stream.append((place * 5_000, told("Count/Total", counts, place * 5)))
    moved = sum(minute.total or 0 for minute in run(stream, EVERY_MINUTE))
    assert moved == sum(steps[1:])


def test_a_minute_is_plain_data() -> None:
    (minute,) = minutes_of(rollup(), [told("State", State.EXECUTING, 0)], 66)
    assert all(type(value) in (str, int, float, type(None)) for value in asdict(minute).values())
