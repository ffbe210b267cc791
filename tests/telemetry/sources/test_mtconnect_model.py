"""Device models of three makers, and what their words say of the state."""

from __future__ import annotations

from pathlib import Path

import pytest

from shazhou.telemetry.edge.sources.mtconnect.model import DataItem, data_items, model_at
from shazhou.telemetry.edge.sources.mtconnect.state import EXECUTION, Machine
from shazhou.telemetry.names import OperationMode, State

RECORDED = Path(__file__).parents[3] / "examples" / "telemetry"


def test_models_of_every_version_are_read() -> None:
    """1.1 and 2.7, with and without prefixes: the namespace is not looked at."""
    assert len(model_at(RECORDED / "mtconnect_haas_device.xml")) == 14
    assert len(model_at(RECORDED / "mtconnect_demo_devices.xml")) == 216
    items = model_at(RECORDED / "mtconnect_demo_devices.xml", "OKUMA")
    assert items["Lpexecution"].words == ("Lpexecution", "pexecution")
    assert len(items) < 216 and "execution" not in items, "the other device's is left out"


def test_an_item_knows_its_component_and_whether_it_is_a_number() -> None:
    items = model_at(RECORDED / "mtconnect_haas_device.xml")
    speed = items["s1"]
    assert (speed.path, speed.units, speed.source) == (
        "Device/Axes[Axes]/Rotary[C]",
        "REVOLUTION/MINUTE",
        "spindle_speed",
    )
    assert speed.numeric and items["PartCount"].numeric
    assert not items["c2"].numeric, "a program may be called 1001"


@pytest.mark.parametrize("document", [b"", b"<html/>", b"<MTConnectStreams/>", b"\xff\xfe"])
def test_what_is_no_model_is_refused(document: bytes) -> None:
    with pytest.raises(ValueError):
        data_items(document)


def machine() -> Machine:
    kinds = {"a": "AVAILABILITY", "e1": "EXECUTION", "e2": "EXECUTION", "s": "EMERGENCY_STOP", "f": "FUNCTIONAL_MODE"}
    return Machine({item: DataItem(item, "EVENT", kind) for item, kind in kinds.items()})


def state_after(*said: tuple[str, str | None]) -> State:
    made = machine()
    for word, value in said:
        assert made.hear(word, value)
    return made.state


def test_a_device_that_said_nothing_is_not_available() -> None:
    assert machine().state is State.NOT_AVAILABLE
    assert not machine().hear("temperature", 5)


def test_each_word_of_execution_means_one_state() -> None:
    for word, state in EXECUTION.items():
        assert state_after(("e1", word)) is state
    assert state_after(("e1", "SOMETHING_NEW")) is State.NOT_EXECUTING


def test_one_path_at_work_is_a_machine_at_work() -> None:
    assert state_after(("e1", "READY"), ("e2", "ACTIVE")) is State.EXECUTING
    assert state_after(("e1", "UNAVAILABLE"), ("e2", "READY")) is State.NOT_EXECUTING


def test_an_unavailable_device_is_not_executing_whatever_it_said_last() -> None:
    assert state_after(("e1", "ACTIVE"), ("a", None)) is State.NOT_AVAILABLE
    assert state_after(("e1", "ACTIVE"), ("a", "UNAVAILABLE"), ("a", "AVAILABLE")) is State.EXECUTING


def test_an_emergency_stop_is_out_of_service() -> None:
    assert state_after(("e1", "ACTIVE"), ("s", "TRIGGERED")) is State.OUT_OF_SERVICE
    assert state_after(("e1", "ACTIVE"), ("s", "TRIGGERED"), ("s", "ARMED")) is State.EXECUTING


def test_functional_mode_is_the_operation_mode() -> None:
    made = machine()
    assert made.mode is None
    for word, mode in (("PRODUCTION", OperationMode.PROCESSING), ("MAINTENANCE", OperationMode.MAINTENANCE)):
        made.hear("f", word)
        assert made.mode is mode
