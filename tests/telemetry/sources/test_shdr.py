"""SHDR, from single lines to a real lathe's log."""

from __future__ import annotations

import gzip
from pathlib import Path

from shazhou.telemetry.edge.source import Reading
from shazhou.telemetry.edge.sources.mtconnect.device import Device
from shazhou.telemetry.edge.sources.mtconnect.model import DataItem, model_at
from shazhou.telemetry.edge.sources.mtconnect.shdr import Parser, moment
from shazhou.telemetry.names import OperationMode, State
from shazhou.telemetry.sparkplug.payload import BAD

RECORDED = Path(__file__).parents[3] / "examples" / "telemetry"
AT = "2022-08-08T13:51:36.771Z"
MS = 1_659_966_696_771


def heard(*lines: str, items: dict[str, DataItem] | None = None) -> list[tuple[str, object]]:
    parser = Parser(items or {})
    return [(reading.tag, reading.value) for line in lines for reading in parser.readings(line, 7)]


def test_a_line_has_several_observations() -> None:
    assert heard(f"{AT}|execution|ACTIVE|Sspeed|1200.5|Xload|") == [
        ("execution", "ACTIVE"),
        ("Sspeed", 1200.5),
        ("Xload", ""),
    ]


def test_seven_digits_after_the_point_are_a_moment() -> None:
    """.NET adapters write ticks, which datetime refuses."""
    assert moment("2022-08-08T13:51:36.7711738Z", 0) == MS
    assert moment("2022-08-08T13:51:36.77117", 0) == MS, "no zone is UTC"
    assert moment("2022-08-08T21:51:36.771+08:00", 0) == MS
    assert moment(f"{AT}@12.5", 0) == MS, "a duration is no part of it"
    assert moment("", 7) == 7


def test_unavailable_has_no_value() -> None:
    assert Parser({}).readings(f"{AT}|x|UNAVAILABLE", 7) == [Reading("x", None, MS, BAD)]


def test_a_condition_is_not_taken_for_three_observations() -> None:
    assert heard(f"{AT}|system|FAULT|401|1|HIGH|servo not ready") == [("system", "FAULT")]
    assert heard(f"{AT}|system|NORMAL||||") == [("system", "NORMAL")]
    assert heard(f"{AT}|a|UNAVAILABLE|b|1|c|2") == [("a", None), ("b", 1.0), ("c", 2.0)]


def test_one_fault_mended_of_two_is_still_a_fault() -> None:
    lines = [f"{AT}|system|{rest}" for rest in ("FAULT|1||HIGH|a", "WARNING|2||LOW|b", "NORMAL|1|||", "NORMAL||||")]
    assert [value for _, value in heard(*lines)] == ["FAULT", "FAULT", "WARNING", "NORMAL"]


def test_an_asset_over_several_lines_is_no_observation() -> None:
    lines = [f"{AT}|@ASSET@|7.1|CuttingTool|--multiline--AB", "<CuttingTool>|x|1", "--multiline--AB", f"{AT}|x|1"]
    assert heard(*lines) == [("x", 1.0)]
    assert heard(f"{AT}|@REMOVE_ALL_ASSETS@|CuttingTool", f"{AT}|x|2") == [("x", 2.0)]


def test_a_program_called_1001_stays_a_text_where_the_model_knows_it() -> None:
    items = {"p": DataItem("p", "EVENT", "PROGRAM", "program"), "s": DataItem("s", "SAMPLE", "LOAD", "load")}
    assert heard(f"{AT}|program|1001|load|55", items=items) == [("program", "1001"), ("load", 55.0)]


def test_a_message_and_a_time_series_are_one_observation_each() -> None:
    items = {
        "m": DataItem("m", "EVENT", "MESSAGE", "msg"),
        "t": DataItem("t", "SAMPLE", "LOAD", "wave", representation="TIME_SERIES"),
    }
    assert heard(f"{AT}|msg|7|door open", f"{AT}|wave|3|100|1 2 3", items=items) == [
        ("msg", "7 door open"),
        ("wave", "1 2 3"),
    ]


def test_devices_of_one_adapter_and_bars_in_texts() -> None:
    assert heard(f"{AT}|lathe:x|1") == [("x", 1.0)]
    assert heard(f'{AT}|text|"a\\|b"|x|1') == [("text", "a|b"), ("x", 1.0)]


def test_broken_lines_are_counted_and_passed_over() -> None:
    parser = Parser({})
    for line in ("yesterday|x|1", "\x00\xff", f"{AT}|x|1|stray"):
        parser.readings(line, 7)
    assert parser.malformed == 2 and parser.readings(f"{AT}|x|1", 7)
    assert parser.readings("* PONG 10000", 7) == [] and parser.readings("", 7) == []


def test_the_lathes_log_has_nothing_that_is_not_understood() -> None:
    items = model_at(RECORDED / "mtconnect_demo_devices.xml", "OKUMA")
    parser, device = Parser(items), Device(items, ["State", "Operation Mode", "ppartcount", "Lpexecution"], 0)
    heard: dict[str, list[Reading]] = {}
    with gzip.open(RECORDED / "okuma_lathe_shdr.txt.gz", "rt", encoding="utf-8") as log:
        for line in log:
            for reading in device.tagged(parser.readings(line, 7)):
                heard.setdefault(reading.tag, []).append(reading)
    assert parser.malformed == 0
    states = [reading.value for reading in heard["State"]]
    assert [states[at] for at in range(len(states)) if at == 0 or states[at] != states[at - 1]] == [
        State.NOT_EXECUTING,
        State.EXECUTING,
    ] * 4 + [State.NOT_EXECUTING]
    assert {reading.value for reading in heard["Operation Mode"]} == {OperationMode.SETUP, OperationMode.PROCESSING}
    assert [reading.value for reading in heard["ppartcount"]] == [0, 1, 0, 1, 0, 1, 2, 3]
    assert heard["Lpexecution"][1].value == "ACTIVE", "a tag may be the id where the adapter sends the name"
