"""What leaves the factory in each privacy mode, as it is heard at the broker; and what the check says beforehand."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Iterator
from pathlib import Path

import iotcore
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from scripted_host import Host, Message, config, host, now, running
from waiting import awaited, free_port

from shazhou.telemetry import names
from shazhou.telemetry.edge.check import check
from shazhou.telemetry.edge.source import Reading
from shazhou.telemetry.minute import FIELDS, LENGTH, PREFIX, Minute, is_signed

RECORD = {names.SEQUENCE, names.PREVIOUS}


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with iotcore.Broker(port=free_port(), listen="127.0.0.1") as broker:
        yield broker.port


def heard(port: int, node: str, mode: str, folder: Path) -> Host:
    """Everything of an agent that ran over the end of a minute."""
    begun = now() - now() % LENGTH

    async def test() -> Host:
        clock = begun + 1_000
        made = config(port, node, mode)
        async with (
            asyncio.timeout(50),
            host(port, node) as city,
            running(made, folder, clock=lambda: clock) as (agent, source),
        ):
            await city.online()
            for count in range(10):
                source.emit(Reading("parts", count, clock))
                source.emit(Reading("state", 3, clock))
                clock += 1_000
            clock = begun + LENGTH + 6_000
            await awaited(lambda: agent.buffer.last and agent.buffer.confirmed == agent.buffer.last)
        city.heard = [each for each in city.heard if each.type != "NDEATH"]
        return city

    return asyncio.run(test())


def minute_of(message: Message, node: str) -> Minute:
    fields = {name: message.metrics[PREFIX + name].value for name in FIELDS}
    return Minute(node, message.device, message.metrics["Minute/executing"].at, **fields)


def assert_signed(city: Host, message: Message) -> None:
    key = city.of("NBIRTH")[0].metrics[names.KEY].value
    minute = minute_of(message, city.node)
    assert is_signed(minute, Ed25519PublicKey.from_public_bytes(base64.b64decode(key)))
    assert (minute.executing, minute.not_available, minute.total, minute.values) == (59.0, 0.0, 9, 10)
    assert minute.at % LENGTH == 0


def test_rollup_sends_signed_minutes_and_no_value_of_a_tag(port: int, tmp_path: Path) -> None:
    city = heard(port, "mode-rollup", "rollup", tmp_path)
    assert {each.type for each in city.heard} == {"NBIRTH", "DBIRTH", "DDATA"}
    (data,) = city.taken
    minutes = {PREFIX + field for field in FIELDS}
    assert data.metrics.keys() == minutes | RECORD
    assert city.of("DBIRTH")[0].metrics.keys() == minutes | RECORD
    assert_signed(city, data)


def test_full_sends_values_and_the_same_signed_minutes(port: int, tmp_path: Path) -> None:
    city = heard(port, "mode-full", "full", tmp_path)
    *raw, minute = city.taken
    assert {name for each in raw for name in each.metrics} == {"Count/Total", "State"} | RECORD
    assert city.counts() == list(range(10))
    assert_signed(city, minute)


def test_pulse_says_nothing_of_equipment(port: int, tmp_path: Path) -> None:
    city = heard(port, "mode-pulse", "pulse", tmp_path)
    assert {(each.type, each.device) for each in city.heard} == {("NBIRTH", ""), ("NDATA", "")}
    (data,) = city.taken
    assert data.metrics.keys() == {"Pulse/Times", "Pulse/Good"} | RECORD
    assert (data.metrics["Pulse/Times"].value, data.metrics["Pulse/Good"].value) == (10, 1.0)
    assert not any(name.startswith((PREFIX, "Count", "State")) for name in city.of("NBIRTH")[0].metrics)


def test_a_change_to_a_stricter_mode_also_holds_for_what_was_stored(port: int, tmp_path: Path) -> None:
    async def test() -> None:
        node = "mode-changed"
        async with asyncio.timeout(50), host(port, node) as city:
            async with running(config(port, node, "full"), tmp_path) as (agent, source):
                source.emit(Reading("parts", 1, now()))
                await awaited(lambda: agent.buffer.last == 1)
            async with running(config(port, node, "rollup"), tmp_path) as (agent, _):
                await city.online()
                await awaited(lambda: city.of("DBIRTH"))
                await asyncio.sleep(0.2)
                assert city.of("DDATA") == [] and agent.buffer.depth().records == 0
                assert "Count/Total" not in city.of("DBIRTH")[0].metrics

    asyncio.run(test())


@pytest.mark.parametrize("mode", names.MODES)
def test_the_check_lists_exactly_what_the_births_announce(port: int, tmp_path: Path, mode: str) -> None:
    async def test() -> None:
        node = f"checked-{mode}"
        async with asyncio.timeout(50), host(port, node) as city, running(config(port, node, mode), tmp_path):
            checked = await check(config(port, node, mode), tmp_path, now)
            await city.online()
            await awaited(lambda: len(city.heard) == (1 if mode == "pulse" else 2))
            announced = {(each.device, name) for each in city.heard for name in each.metrics}
            assert {(each.device, each.name) for each in checked.sent} == announced
            assert checked.highest == names.HIGHEST[mode]

    asyncio.run(test())


def test_the_check_tells_of_tags_without_value_and_of_a_broker_that_is_not_there(tmp_path: Path) -> None:
    press = {"State": {"source": "plc", "tag": "state"}, "Tag/None": {"source": "plc", "tag": "nothing"}}
    checked = asyncio.run(check(config(free_port(), "acme", equipment={"press": press}), tmp_path, now))
    assert [each.rule.id for each in checked.problems] == ["edge-broker-unreachable", "edge-tag-unreadable"]
    (reached,) = checked.sources
    assert {value.metric for value in reached.values if value.value is not None} == {"State"}
