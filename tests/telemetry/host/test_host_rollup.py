"""Minutes that the host makes for nodes that have no agent of ours."""

from __future__ import annotations

import pytest
from spoken import START, Listening, Node, Register, speaking

from shazhou.telemetry.host import limits
from shazhou.telemetry.names import State
from shazhou.telemetry.sparkplug.datatype import DataType
from shazhou.telemetry.sparkplug.payload import Sample

BEGIN = START - START % 60_000 + 60_000


def lathe(at: int, state: int | None, total: int | None, historical: bool = False) -> list[Sample]:
    return [
        Sample("State", DataType.INT32, state, at, 1, historical=historical),
        Sample("Count/Total", DataType.INT64, total, at, 2, historical=historical),
    ]


def working(minutes: int, **options: object) -> tuple[Listening, Node]:
    """A lathe of others that runs, a piece every two seconds, from the first whole minute on."""
    listening = Listening(**options)  # type: ignore[arg-type]
    listening.now = BEGIN
    node = Node(listening)
    node.birth()
    node.device("lathe", *lathe(BEGIN, None, None))
    for second in range(60 * minutes):
        listening.later(1_000)
        node.data(*lathe(listening.now, State.EXECUTING, second // 2), device="lathe")
    return listening, node


def test_standard_metrics_of_a_node_of_others_become_minutes() -> None:
    listening, _ = working(3)
    listening.later(6_000)
    rows = listening.host.outbox.minutes
    assert [row["at"] for row in rows] == [BEGIN, BEGIN + 60_000, BEGIN + 120_000]
    second = rows[1]
    assert (second["executing"], second["total"], second["samples"], second["times"]) == (60.0, 30, 120, 60)
    assert (second["good"], second["values"], second["mode"], second["sequence"]) == (1.0, 31, "", 0)
    assert second["digest"] and not second["signature"]


def test_it_is_vouched_for_by_the_register_unless_a_key_would_have_to_sign() -> None:
    for register, signed in (
        ({}, False),
        ({"n": Register.Entry()}, True),
        ({"n": Register.Entry(key="A" * 43 + "=")}, False),
    ):
        listening, _ = working(1, register=register)
        listening.later(6_000)
        assert [row["signed"] for row in listening.host.outbox.minutes] == [signed]


def test_with_the_death_the_machine_is_not_available_and_its_minutes_end() -> None:
    listening, node = working(1)
    listening.later(30_000)
    node.death()
    for _ in range(300):
        listening.later(1_000)
    rows = listening.host.outbox.minutes
    assert [row["at"] for row in rows] == [BEGIN, BEGIN + 60_000]
    assert (rows[1]["executing"], rows[1]["not_available"]) == (30.0, 30.0)
    node.bdseq = 1
    node.birth()
    node.device("lathe", *lathe(listening.now, None, None))
    for _ in range(130):
        listening.later(1_000)
        node.data(*lathe(listening.now, State.NOT_EXECUTING, 50), device="lathe")
    assert listening.host.outbox.minutes[-1]["not_executing"] == 60.0


def test_with_a_birth_that_is_refused_the_machine_is_not_available_and_its_minutes_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    listening, node = working(1)
    listening.later(30_000)
    monkeypatch.setattr(limits, "METRICS", 1)
    node.device("lathe", *lathe(listening.now, None, None))
    for _ in range(300):
        listening.later(1_000)
    rows = listening.host.outbox.minutes
    assert [row["at"] for row in rows] == [BEGIN, BEGIN + 60_000]
    assert (rows[1]["executing"], rows[1]["not_available"]) == (30.0, 30.0)


def test_what_is_historical_or_has_no_standard_metric_makes_no_minute() -> None:
    listening, node = speaking()
    node.device("lathe", *lathe(START, None, None))
    node.data(*lathe(START - 90_000, State.EXECUTING, 1, historical=True), device="lathe")
    for _ in range(130):
        listening.later(1_000)
    assert {row["device"] for row in listening.host.outbox.minutes} == {"lathe"}
    assert sum(row["samples"] for row in listening.host.outbox.minutes) == 0


def test_a_meter_gone_wild_makes_no_minute() -> None:
    listening, node = working(1)
    node.data(*lathe(listening.now + 1, State.EXECUTING, 1 << 62), device="lathe")
    listening.later(70_000)
    assert [row["at"] for row in listening.host.outbox.minutes] == [BEGIN]
    (told,) = listening.events("quarantined")
    assert (told["device"], told["reason"]) == ("lathe", "minute-range")


@pytest.mark.parametrize(
    ("metric", "datatype", "value"),
    [
        ("State", DataType.INT32, 7),
        ("State", DataType.INT32, -1),
        ("State", DataType.INT32, -9),
        ("State", DataType.DOUBLE, 3.0),
        ("Operation Mode", DataType.INT32, 9),
        ("Count/Total", DataType.DOUBLE, float("inf")),
        ("Count/Total", DataType.DOUBLE, float("nan")),
        ("Count/Total", DataType.DOUBLE, -1.7e308),
    ],
)
def test_a_value_that_no_machine_can_have_stops_nothing(metric: str, datatype: DataType, value: float) -> None:
    listening = Listening()
    listening.now = BEGIN
    node = Node(listening)
    node.birth()
    node.device("lathe", Sample(metric, datatype, None, BEGIN, 1))
    for _ in range(130):
        listening.later(1_000)
        node.data(Sample(metric, datatype, value, listening.now, 1), device="lathe")
    first = listening.host.outbox.minutes[0]
    assert (first["executing"], first["out_of_service"], first["maintenance"]) == (0.0, 0.0, 0.0)
    assert first["total"] in (None, 0) and first["samples"] >= 59


def test_a_mistake_with_one_machine_stops_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    listening, _ = working(1)
    other = Node(listening, "other")
    other.birth()
    other.device("lathe", *lathe(listening.now, State.EXECUTING, 1))
    broken = listening.host.rollups._rollups["n", "lathe"]

    def fails(_: int) -> None:
        raise IndexError("a mistake")

    monkeypatch.setattr(broken, "close", fails)
    for _ in range(130):
        listening.later(1_000)
    assert {row["node"] for row in listening.host.outbox.minutes} == {"other"}
    assert [each["reason"] for each in listening.events("quarantined")] == ["internal"]


def test_once_a_key_is_enrolled_nobody_else_vouches_for_a_node() -> None:
    listening, _ = working(1, register={"n": Register.Entry()})
    listening.host.enrol({"n": Register.Entry(key="A" * 43 + "=")})
    listening.later(6_000)
    assert [row["signed"] for row in listening.host.outbox.minutes] == [False]


def test_a_machine_that_is_born_again_with_more_is_followed_in_all_of_it() -> None:
    listening = Listening()
    listening.now = BEGIN
    node = Node(listening)
    node.birth()
    node.device("lathe", Sample("Count/Total", DataType.INT64, 0, BEGIN, 2))
    node.birth()
    node.device("lathe", *lathe(BEGIN, State.EXECUTING, 0))
    listening.later(1_000)
    for _ in range(130):
        listening.later(1_000)
        node.data(*lathe(listening.now, State.EXECUTING, 5), device="lathe")
    assert listening.host.outbox.minutes[-1]["executing"] == 60.0


def test_a_machine_that_was_born_again_with_other_metrics_lost_a_minute() -> None:
    listening = Listening()
    listening.now = BEGIN
    node = Node(listening)
    node.birth()
    node.device("lathe", *lathe(BEGIN, State.EXECUTING, 0))
    for second in range(300):
        listening.later(1_000)
        if second == 122:
            node.birth()
            more = Sample("Count/Good", DataType.INT64, 0, listening.now, 7)
            node.device("lathe", *lathe(listening.now, State.EXECUTING, second), more)
        node.data(*lathe(listening.now, State.EXECUTING, second), device="lathe")
    minutes = listening.host.outbox.minutes
    assert [(row["at"] - BEGIN) // 60_000 for row in minutes] == [0, 1, 2, 3]
    assert [row["executing"] for row in minutes[1:]] == [60.0] * 3
