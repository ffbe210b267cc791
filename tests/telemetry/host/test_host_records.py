"""Records of our own agent: each exactly once, confirmed only from disk; minutes, pulses."""

from __future__ import annotations

import base64
from dataclasses import asdict, replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st
from spoken import START, Listening, Node, Register, real

from shazhou.telemetry.host.records import EVERY, Marks, Verdict
from shazhou.telemetry.minute import FIELDS, Minute, sign
from shazhou.telemetry.sparkplug.datatype import DataType
from shazhou.telemetry.sparkplug.payload import Sample

BEGIN = START - START % 60_000
MINUTE = Minute(
    "n", "press", BEGIN, executing=42.5, not_executing=17.5, total=12, energy=1.25, samples=60, times=60, good=1.0,
    values=9, digest="00ff",
)  # fmt: skip


def ours(mode: str = "full", **options: Any) -> tuple[Listening, Node]:
    """A host and an agent of ours that was born, with a press."""
    listening = Listening(**options)
    node = Node(listening, agent="buffer", mode=mode)
    node.birth()
    minute = [Sample(f"Minute/{name}", kind, None, START, 30 + at) for at, (name, kind) in enumerate(FIELDS.items())]
    node.device("press", real(None), *minute)
    listening.commands()
    return listening, node


def told(minute: Minute) -> list[Sample]:
    fields = {name: value for name, value in asdict(minute).items() if name in FIELDS}
    return [
        Sample(f"Minute/{name}", FIELDS[name], value, minute.at, 30 + list(FIELDS).index(name))
        for name, value in fields.items()
    ]


def confirmed(listening: Listening) -> list[int]:
    return [said[910] for topic, said in listening.commands() if topic == "NCMD/n" and 910 in said]


def test_a_record_is_taken_once_and_its_number_is_kept() -> None:
    listening, node = ours()
    for _ in range(3):
        node.data(real(1.5), device="press", record=(1, 0))
    (row,) = listening.samples()
    assert (row["value"], row["sequence"]) == (1.5, 1)
    assert listening.host.data.repeated == 2


def test_a_record_that_leaves_one_out_is_not_taken_and_the_agent_starts_again() -> None:
    listening, node = ours()
    node.data(real(1.0), device="press", record=(1, 0))
    node.data(real(3.0), device="press", record=(3, 2))
    assert listening.values() == [1.0]
    assert listening.events("rebirth-asked")[0]["reason"] == "record-hole"
    node.data(real(2.0), device="press", record=(2, 1))
    node.data(real(3.0), device="press", record=(3, 2))
    assert listening.values() == [2.0, 3.0]


def test_what_an_agent_dropped_is_told_and_held_against_nobody() -> None:
    listening, node = ours()
    node.data(real(1.0), device="press", record=(1, 0))
    node.data(real(9.0), device="press", record=(9, 1))
    assert listening.values() == [1.0, 9.0]
    (lost,) = listening.events("records-lost")
    assert (lost["after"], lost["before"], lost["count"]) == (1, 9, 7)


def test_nothing_is_confirmed_that_is_not_on_disk() -> None:
    listening, node = ours()
    node.data(real(1.0), device="press", record=(1, 0))
    listening.later(EVERY)
    assert confirmed(listening) == []
    listening.written()
    listening.later(EVERY)
    assert confirmed(listening) == [1]


def test_an_agent_is_confirmed_at_most_once_a_second_and_the_newest() -> None:
    listening, node = ours()
    for number in range(1, 31):
        node.data(real(1.0), device="press", record=(number, number - 1))
        listening.written()
        listening.later(100)
    assert confirmed(listening) == [1, 11, 21]


def test_an_agent_that_is_born_or_repeats_itself_hears_its_mark() -> None:
    listening, node = ours(marks={("n", "buffer"): 7})
    listening.later(1)
    assert confirmed(listening) == [7]
    listening.later(EVERY)
    assert confirmed(listening) == []
    node.data(real(1.0), device="press", record=(7, 6))
    listening.later(EVERY)
    assert confirmed(listening) == [7] and not listening.samples()


def test_a_confirmation_tells_whose_records_are_meant() -> None:
    """Without that, an agent that had taken a new name meanwhile deleted what nobody had."""
    listening, node = ours(marks={("n", "buffer"): 7, ("n", "second"): 3})
    listening.later(1)
    node.agent = "second"
    node.birth()
    listening.later(EVERY)
    told = [(said[910], said[900]) for topic, said in listening.commands() if topic == "NCMD/n" and 910 in said]
    assert told == [(7, "buffer"), (3, "second")]


def test_another_buffer_counts_anew() -> None:
    listening, node = ours(marks={("n", "buffer"): 7})
    node.agent = "second"
    node.birth()
    node.device("press", real(None))
    node.data(real(1.0), device="press", record=(1, 0))
    assert listening.values() == [1.0]


def test_the_mark_is_the_same_at_every_broker() -> None:
    listening, node = ours()
    node.data(real(1.0), device="press", record=(1, 0))
    other = Node(listening, agent="buffer", broker=1)
    other.birth()
    other.device("press", real(None))
    other.data(real(1.0), device="press", record=(1, 0))
    other.data(real(2.0), device="press", record=(2, 1))
    assert listening.values() == [1.0, 2.0]


def test_a_stored_record_is_historical_by_its_samples() -> None:
    listening, node = ours()
    node.data(real(1.0, historical=True), device="press", record=(1, 0))
    assert [(row["historical"], row["sequence"]) for row in listening.samples()] == [(True, 1)]
    assert not listening.holds("press", "heat")


def test_a_record_with_a_metric_that_is_not_born_waits_for_the_birth() -> None:
    listening, node = ours()
    node.data(real(1.0), real(2.0, alias=77), device="press", record=(1, 0))
    assert not listening.samples() and listening.asked()
    node.device("press", real(None), Sample("cold", DataType.DOUBLE, None, START, 77))
    node.data(real(1.0), real(2.0, alias=77), device="press", record=(1, 0))
    assert listening.values() == [1.0, 2.0]


@pytest.mark.parametrize("known", [{}, {("n", "buffer"): 40}])
def test_where_the_store_was_lost_an_agent_goes_on_from_what_was_confirmed(known: dict[Any, int]) -> None:
    listening = Listening(marks=known)
    node = Node(listening, agent="buffer", confirmed=100)
    node.birth()
    node.device("press", real(None))
    node.data(real(1.5), device="press", record=(101, 100))
    assert listening.values() == [1.5] and not listening.asked()
    (lost,) = listening.events("records-lost")
    mark = known.get(("n", "buffer"), 0)
    assert (lost["after"], lost["before"], lost["count"], lost["why"]) == (mark, 101, 100 - mark, "store")
    listening.written()
    listening.later(EVERY)
    assert confirmed(listening) == [101]
    node.birth()
    assert len(listening.events("records-lost")) == 1, "it is told once"


@pytest.mark.parametrize("said", [0, 7, (1 << 63), (1 << 64) - 1])
def test_a_birth_that_says_no_more_than_is_known_or_nonsense_moves_no_mark(said: int) -> None:
    listening = Listening(marks={("n", "buffer"): 7})
    Node(listening, agent="buffer", confirmed=said).birth()
    assert not listening.host.marks.moved() and not listening.events("records-lost")


def test_marks_that_could_not_be_written_are_written_and_confirmed_later() -> None:
    listening, node = ours()
    node.data(real(1.0), device="press", record=(1, 0))
    failed = listening.host.marks.moved()
    assert failed == listening.host.marks.moved() == {("n", "buffer"): 1}
    node.data(real(1.0), device="press", record=(2, 1))
    listening.host.marks.written(failed)
    assert listening.host.marks.moved() == {("n", "buffer"): 2}
    listening.written()
    assert not listening.host.marks.moved()
    listening.later(EVERY)
    assert confirmed(listening) == [2]


def test_a_slip_in_the_list_of_keys_holds_up_nobody_else() -> None:
    private = Ed25519PrivateKey.generate()
    register = Register(a=Register.Entry("no key"), b=Register.Entry("AAAA"), n=Register.Entry(key_of(private)))
    listening, node = ours(register=register)
    listening.host.enrol(register)
    node.data(*told(sign(MINUTE, private)), device="press", record=(1, 0))
    assert [row["signed"] for row in listening.host.outbox.minutes] == [True]


@given(st.sets(st.integers(1, 40), min_size=1), st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None)
def test_whatever_is_repeated_lost_or_dropped_each_record_is_taken_once_and_in_order(kept: set[int], draw: Any) -> None:
    """An agent with a window sends, loses and starts again; the host takes what it has in its buffer, in order."""
    numbers = sorted(kept)
    previous = dict(zip(numbers, [0, *numbers], strict=False))
    marks, taken, mark = Marks({}), [], 0
    while left := [number for number in numbers if number > mark]:
        for number in left[:8]:
            if draw.random() < 0.5 and marks.judge(("n", "a"), number, previous[number]) is Verdict.TAKEN:
                taken.append(number)
        mark = max([mark, *marks.moved().values()])
    assert taken == numbers


def key_of(private: Ed25519PrivateKey) -> str:
    return base64.b64encode(private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()


def test_a_minute_is_a_row_and_signed_by_the_enrolled_key_alone() -> None:
    enrolled, other = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    listening, node = ours("rollup", register=Register(n=Register.Entry(key_of(enrolled), "recorded")))
    signed = sign(MINUTE, enrolled)
    for number, minute in enumerate(
        (signed, sign(MINUTE, other), MINUTE, replace(signed, executing=43.0), replace(signed, digest="11"))
    ):
        node.data(*told(minute), device="press", record=(number + 1, number))
    rows = listening.host.outbox.minutes
    assert [row["signed"] for row in rows] == [True, False, False, False, False]
    expected = {**asdict(signed), "received": START, "signed": True, "historical": False, "sequence": 1}
    assert rows[0] == {**expected, "origin": "recorded", "mode": "rollup"}
    assert not listening.samples(), "a minute is no sample"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"at": BEGIN + 1}, "minute-time"),
        ({"executing": 62.0}, "minute-range"),
        ({"executing": 40.0, "not_executing": 40.0}, "minute-range"),
        ({"executing": float("nan")}, "minute-range"),
        ({"setup": -1.0}, "minute-range"),
        ({"good": 1.5}, "minute-range"),
        ({"good": float("nan")}, "minute-range"),
        ({"total": 1 << 62}, "minute-range"),
        ({"good_count": -1}, "minute-range"),
        ({"energy": 1e300}, "minute-range"),
        ({"energy": float("inf")}, "minute-range"),
        ({"cycle": float("nan")}, "minute-range"),
        ({"failures": (1 << 31) - 1}, "minute-range"),
        ({"samples": -5}, "minute-range"),
        ({"samples": None}, "minute-field-missing"),
    ],
)
def test_a_minute_that_cannot_be_is_rejected(change: dict[str, Any], reason: str) -> None:
    listening, node = ours()
    node.data(*told(replace(MINUTE, **change)), device="press", record=(1, 0))
    assert not listening.host.outbox.minutes
    assert listening.host.outbox.counts == {reason: 1}
    node.data(*told(MINUTE), device="press", record=(2, 1))
    assert len(listening.host.outbox.minutes) == 1, "one bad record does not stop those that follow"


def test_a_pulse_is_an_event() -> None:
    listening = Listening()
    node = Node(listening, agent="buffer", mode="pulse")
    times, good = (
        Sample("Pulse/Times", DataType.INT32, 59, BEGIN, 5),
        Sample("Pulse/Good", DataType.DOUBLE, 0.5, BEGIN, 6),
    )
    node.birth(times, good)
    node.data(times, good, record=(1, 0))
    (pulse,) = listening.events("pulse")
    assert (pulse["minute"], pulse["times"], pulse["good"]) == (BEGIN, 59, 0.5)


def test_a_clock_that_is_set_back_keeps_no_agent_waiting() -> None:
    listening, node = ours()
    node.data(real(1.0), device="press", record=(1, 0))
    listening.written()
    listening.later(EVERY)
    assert confirmed(listening) == [1]
    listening.now -= 3_600_000
    node.data(real(2.0), device="press", record=(2, 1))
    listening.written()
    listening.later(EVERY)
    assert confirmed(listening) == [2]
