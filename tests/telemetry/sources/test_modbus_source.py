"""Modbus TCP against pymodbus's server."""

from __future__ import annotations

import asyncio
import contextlib
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from listening import now, running
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice
from waiting import awaited, free_port

from shazhou.telemetry.edge.source import NotReadable, Reading
from shazhou.telemetry.edge.sources.modbus.address import Address, address, value
from shazhou.telemetry.edge.sources.modbus.modbus import ModbusSource
from shazhou.telemetry.edge.sources.modbus.options import ModbusOptions
from shazhou.telemetry.edge.sources.modbus.plan import requests
from shazhou.telemetry.sparkplug.payload import BAD


def registers(form: str, number: float) -> list[int]:
    content = struct.pack(f">{form}", number)
    return list(struct.unpack(f">{len(content) // 2}H", content))


HOLDING = [
    *registers("f", 21.5),
    *registers("i", -70000),
    *registers("Q", 2**63),
    0b1000_0000_0000_0010,
    0x4142,
    0x4300,
]
"""From register 100 on: float32 at 100, int32 at 102, uint64 at 104, bits at 108, text at 109."""


@asynccontextmanager
async def serving(port: int, asked: list[Any] | None = None) -> AsyncIterator[None]:
    """A device with registers 100 to 110 and 120 and nothing between, and inputs of its other three kinds."""

    def seen(sending: bool, pdu: Any) -> Any:
        if asked is not None and not sending:
            asked.append((pdu.function_code, pdu.address, pdu.count))
        return pdu

    device = SimDevice(
        1,
        (
            [SimData(0, values=[True, False, True], datatype=DataType.BITS)],
            [SimData(0, values=[False, True], datatype=DataType.BITS)],
            [
                SimData(100, values=HOLDING, datatype=DataType.REGISTERS),
                SimData(120, values=[7], datatype=DataType.REGISTERS),
            ],
            [SimData(0, values=[65535, 2], datatype=DataType.REGISTERS)],
        ),
    )
    server = ModbusTcpServer(device, address=("127.0.0.1", port), trace_pdu=seen)
    await server.serve_forever(background=True)
    try:
        yield
    finally:
        await server.shutdown()


def source(port: int, *tags: str, **options: Any) -> ModbusSource:
    made = ModbusOptions(kind="modbus", host="127.0.0.1", port=port, interval=0.05, timeout=0.5, **options)
    return ModbusSource(made, tags, now)


VALUES = {
    "holding:100:float32": 21.5,
    "holding:102:int32": -70000,
    "holding:104:uint64": 2**63,
    "holding:108:bit1": True,
    "holding:108:bit0": False,
    "holding:108:bit15": True,
    "holding:109:text2": "ABC",
    "holding:120": 7,
    "input:0:int16": -1,
    "1/input:1": 2,
    "discrete:1": True,
}


def test_every_kind_of_value_in_few_requests() -> None:
    async def scenario() -> None:
        port, asked = free_port(), []
        async with serving(port, asked):
            report = await source(port, *VALUES).check()
        assert {sample.tag: sample.value for sample in report.samples} == VALUES
        assert asked == [(2, 1, 1), (3, 100, 11), (3, 120, 1), (4, 0, 2)]
        assert not report.problems

    asyncio.run(scenario())


def test_a_hole_in_the_registers_is_not_the_end_of_its_neighbours() -> None:
    """Many devices refuse a whole range when one register in it does not exist."""

    async def scenario() -> None:
        port = free_port()
        tags = ["holding:109:text2", "holding:115", "holding:120"]
        async with serving(port), running(source(port, *tags)) as heard:
            await awaited(lambda: len(heard.of("holding:120")) > 2)
            assert heard.of("holding:109:text2")[-1] == "ABC"
            assert heard.of("holding:115") == [] and heard.quality("holding:115") == BAD

    asyncio.run(scenario())


def test_a_device_that_comes_back_is_read_again() -> None:
    async def scenario() -> None:
        port = free_port()
        made = source(port, "holding:120", "coil:2")
        with pytest.raises(NotReadable):
            await made.read("coil:2")
        async with running(made) as heard:
            async with serving(port):
                await awaited(lambda: heard.of("coil:2"))
                assert (await made.read("holding:120")).value == 7
            await awaited(lambda: heard.quality("coil:2") == BAD)
            silent = [reading for reading in heard if reading.quality == BAD and reading.tag == "coil:2"]
            heard.clear()
            async with serving(port):
                await awaited(lambda: heard.of("coil:2") and heard.of("holding:120"))
            assert len(silent) <= 2, "said once for each time that it was lost"

    asyncio.run(scenario())


def test_a_source_ends_when_told_to_even_where_the_library_forgot_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer at the moment of the end made the library forget the end (wait_for in Python 3.11)."""

    async def forgetful(_self: ModbusSource, _client: Any, emit: Any) -> None:
        emit(Reading("coil:1", True, 7))
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(0.01)

    monkeypatch.setattr(ModbusSource, "_all", forgetful)

    async def scenario() -> None:
        port = free_port()
        async with serving(port):
            heard: list[Reading] = []
            task = asyncio.create_task(source(port, "coil:1").run(heard.append))
            await awaited(lambda: heard)
            task.cancel()
            done, _ = await asyncio.wait({task}, timeout=1)
            assert done

    asyncio.run(scenario())


def test_word_and_byte_orders_of_the_trade() -> None:
    """The four layouts that makers' manuals call ABCD, CDAB, BADC and DCBA."""
    place = Address(1, "holding", 0, "float32", 2, "")
    a, b = registers("f", 21.5)
    swapped = [int.from_bytes(word.to_bytes(2, "big"), "little") for word in (a, b)]
    assert value([a, b], place, "big", "big") == 21.5
    assert value([b, a], place, "little", "big") == 21.5
    assert value(swapped, place, "big", "little") == 21.5
    assert value(swapped[::-1], place, "little", "little") == 21.5
    assert value([b, a], Address(1, "holding", 0, "float32", 2, "little"), "big", "big") == 21.5


def test_requests_stay_within_what_the_standard_allows() -> None:
    places = [(f"holding:{start}", address(f"holding:{start}", 1)) for start in range(0, 400, 2)]
    made = requests(places, gap=8, registers=120)
    assert all(request.count <= 120 for request in made) and len(made) == 4
    assert sorted(tag for request in made for tag, _ in request.tags) == sorted(tag for tag, _ in places)
    assert len(requests(places, gap=0, registers=120)) == 200
    bits = [(f"coil:{start}", address(f"coil:{start}", 1)) for start in range(0, 4000)]
    assert [request.count for request in requests(bits, 8, 120)] == [2000, 2000]
    units = [("1/holding:0", address("1/holding:0", 1)), ("2/holding:1", address("2/holding:1", 1))]
    assert len(requests(units, 8, 120)) == 2


@pytest.mark.parametrize(
    "tag",
    ["holding", "holding:x", "holding:1:int15", "coil:1:int16", "holding:65535:int32", "999/coil:1", "holding:1:bit16"],
)
def test_malformed_addresses_are_said(tag: str) -> None:
    report = asyncio.run(source(free_port(), tag).check())
    assert [problem.rule.id for problem in report.problems] == ["tag-malformed", "source-unreachable"]
    assert report.problems[0].found == tag


def test_options_name_their_folder_and_clock() -> None:
    options = ModbusOptions(kind="modbus", host="127.0.0.1")
    assert isinstance(options.source(["coil:1"], Path(), now), ModbusSource)
