"""The agent against a real broker and a host that confirms, loses, asks and goes away."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import iotcore
import pytest
from scripted_host import config, emit, host, now, played, running
from waiting import awaited, free_port

from shazhou.telemetry import names
from shazhou.telemetry.edge import buffer, publisher
from shazhou.telemetry.edge.source import Reading
from shazhou.telemetry.minute import LENGTH

pytestmark = pytest.mark.usefixtures("impatient")


def test_births_come_first_and_say_who_speaks(port: int, node: str, tmp_path: Path) -> None:
    async def test() -> None:
        async with host(port, node) as city, running(config(port, node), tmp_path, hardware="box") as (agent, _):
            await city.online()
            await awaited(lambda: city.of("DBIRTH"))
            birth, device = city.heard[:2]
            assert (birth.type, birth.seq, device.type, device.device, device.seq) == (
                "NBIRTH",
                0,
                "DBIRTH",
                "press",
                1,
            )
            said = {name: metric.value for name, metric in birth.metrics.items()}
            assert said[names.REBIRTH] is False
            assert (said[names.MODE], said[names.ORIGIN], said[names.GATEWAY]) == ("full", "simulated", "box")
            assert said[names.AGENT] == agent.buffer.agent and said[names.CONFIRMED] == 0
            assert said[names.SHIFTS] == "mon-fri 08:00-17:30"
            assert {"State", "Count/Total", "Minute/signature", names.SEQUENCE} <= device.metrics.keys()
            assert {metric.value for metric in device.metrics.values()} == {None}, "values travel in records alone"

    played(test())


def test_nothing_is_sent_until_the_host_is_online_and_then_in_order(
    port: int, node: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(buffer, "LAZY", 0)

    async def test() -> None:
        async with host(port, node) as city:
            await city.offline()
            async with running(config(port, node), tmp_path) as (agent, source):
                await awaited(lambda: agent.publisher.connected)
                emit(source, *range(20))
                await awaited(lambda: agent.buffer.last == 20)
                assert city.heard == []
                await city.online()
                await awaited(lambda: agent.buffer.confirmed == 20)
                assert city.counts() == list(range(20))
                data = city.of("DDATA")
                assert [each.seq for each in data] == list(range(2, 22))
                assert [(each.previous, each.number) for each in data] == [(n, n + 1) for n in range(20)]
                await awaited(lambda: agent.buffer.depth().records == 0)

    played(test())


def test_seq_goes_round_after_255(port: int, node: str, tmp_path: Path) -> None:
    async def test() -> None:
        async with host(port, node) as city, running(config(port, node), tmp_path) as (agent, source):
            await city.online()
            await awaited(lambda: city.of("DBIRTH"))
            emit(source, *range(300))
            await awaited(lambda: agent.buffer.confirmed == 300)
            assert [each.seq for each in city.heard] == [place % 256 for place in range(302)]

    played(test())


def test_no_more_than_a_window_is_under_way(port: int, node: str, tmp_path: Path) -> None:
    async def test() -> None:
        async with (
            host(port, node, confirming=False) as city,
            running(config(port, node, window=10), tmp_path) as (agent, source),
        ):
            await city.online()
            emit(source, *range(25))
            await awaited(lambda: city.mark == 10)
            await asyncio.sleep(0.1)
            assert city.mark == 10
            await city.confirm(4)
            await awaited(lambda: city.mark == 14)
            city.confirming = True
            await city.confirm(14)
            await awaited(lambda: agent.buffer.confirmed == 25)
            assert city.counts() == list(range(25))

    played(test())


def test_a_challenge_is_answered_by_a_fresh_birth_and_records_come_again(port: int, node: str, tmp_path: Path) -> None:
    async def test() -> None:
        async with (
            host(port, node, confirming=False) as city,
            running(config(port, node), tmp_path) as (_, source),
        ):
            await city.online()
            emit(source, 1, 2, 3)
            await awaited(lambda: city.mark == 3)
            await city.rebirth("nonce-1")
            await awaited(lambda: len(city.of("DDATA")) >= 6)
            first, second = city.of("NBIRTH")
            assert (first.metrics[names.CHALLENGED].value, second.metrics[names.CHALLENGED].value) == ("", "nonce-1")
            assert second.metrics[names.BDSEQ].value == first.metrics[names.BDSEQ].value
            assert second.at > first.at
            assert [each.seq for each in city.heard[-5:]] == [0, 1, 2, 3, 4]
            assert city.counts() == [1, 2, 3], "taken once"
            await city.rebirth()
            await awaited(lambda: len(city.of("NBIRTH")) == 3)
            assert city.of("NBIRTH")[2].metrics[names.CHALLENGED].value == ""

    played(test())


def test_what_was_lost_on_the_way_is_sent_again(
    port: int, node: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publisher, "PATIENCE", 0.2)

    async def test() -> None:
        async with host(port, node) as city, running(config(port, node), tmp_path) as (agent, source):
            await city.online()
            await awaited(lambda: city.of("DBIRTH"))
            city.deaf = True
            emit(source, 1, 2, 3)
            await awaited(lambda: agent.buffer.last == 3)
            await asyncio.sleep(0.1)
            city.deaf = False
            emit(source, 4)
            await awaited(lambda: agent.buffer.confirmed == 4)
            assert city.counts() == [1, 2, 3, 4]

    played(test())


def test_when_the_host_goes_the_session_ends_and_the_next_goes_on(port: int, node: str, tmp_path: Path) -> None:
    async def test() -> None:
        async with host(port, node) as city, running(config(port, node), tmp_path) as (agent, source):
            await city.online()
            emit(source, 1, 2)
            await awaited(lambda: agent.buffer.confirmed == 2)
            await city.offline(at=now() - 60_000)
            await asyncio.sleep(0.1)
            assert city.of("NDEATH") == [], "an old farewell is left aside"
            await city.offline()
            await awaited(lambda: city.of("NDEATH"))
            emit(source, 3, 4)
            await awaited(lambda: agent.publisher.sessions == 2 and agent.publisher.connected)
            assert len(city.taken) == 2
            await city.online()
            await awaited(lambda: agent.buffer.confirmed == 4)
            born = [each.metrics[names.BDSEQ].value for each in city.of("NBIRTH")]
            died = [each.metrics[names.BDSEQ].value for each in city.of("NDEATH")]
            assert born == [0, 1] and died[0] == 0 and set(died) == {0}
            assert city.of("NBIRTH")[1].metrics[names.CONFIRMED].value == 2
            assert city.counts() == [1, 2, 3, 4]

    played(test())


def test_records_that_are_sent_late_are_historical_with_their_own_times(port: int, node: str, tmp_path: Path) -> None:
    moment = now() - now() % LENGTH

    async def test() -> None:
        late = 0
        clock = lambda: moment + late  # noqa: E731
        async with host(port, node) as city, running(config(port, node), tmp_path, clock=clock) as (agent, source):
            await city.offline()
            source.emit(Reading("parts", 1, moment - 7))
            await awaited(lambda: agent.buffer.last == 1)
            late = 10_001
            source.emit(Reading("parts", 2, clock()))
            await awaited(lambda: agent.buffer.last == 2)
            await city.online()
            await awaited(lambda: agent.buffer.confirmed == 2)
            old, new = (each.metrics["Count/Total"] for each in city.taken)
            assert (old.value, old.historical, old.at) == (1, True, moment - 7)
            assert (new.value, new.historical, new.at) == (2, False, moment + 10_001)

    played(test())


def test_a_tag_is_read_anew_for_the_host(port: int, node: str, tmp_path: Path) -> None:
    async def test() -> None:
        async with host(port, node) as city, running(config(port, node), tmp_path) as (_, source):
            await city.online()
            await awaited(lambda: city.of("DBIRTH"))
            source.answers["parts"] = 41
            await city.read("press", "Count/Total", "n1")
            await city.read("press", "State", "n2")
            await city.read("lathe", "State", "n3")
            await awaited(lambda: len(city.of("NDATA")) == 3)
            answers = [json.loads(each.metrics[names.ANSWER].value) for each in city.of("NDATA")]
            assert {each["nonce"]: each["value"] for each in answers} == {"n1": 41, "n2": None, "n3": None}
            assert names.SEQUENCE not in city.of("NDATA")[0].metrics, "an answer is no record"

    played(test())


def test_other_modes_do_not_answer_what_a_tag_says(port: int, node: str, tmp_path: Path) -> None:
    async def test() -> None:
        async with host(port, node) as city, running(config(port, node, "rollup"), tmp_path) as (_, source):
            await city.online()
            await awaited(lambda: city.of("DBIRTH"))
            source.answers["parts"] = 41
            await city.read("press", "Count/Total", "n1")
            await city.rebirth("after")
            await awaited(lambda: len(city.of("NBIRTH")) == 2)
            assert city.of("NDATA") == []

    played(test())


def test_many_and_long_values_are_spread_over_messages_that_a_broker_takes(
    port: int, node: str, tmp_path: Path
) -> None:
    tags = {f"Tag/{place}": {"source": "plc", "tag": str(place), "type": "string"} for place in range(300)}

    async def test() -> None:
        async with (
            host(port, node) as city,
            running(config(port, node, equipment={"press": tags}), tmp_path) as (agent, source),
        ):
            for place in range(300):
                source.emit(Reading(str(place), "文" * (1000 if place < 30 else 1), now()))
            await awaited(lambda: agent.buffer.last)
            assert max(len(each.body) for each in agent.buffer.after(0, 99)) < 20_000
            await city.online()
            await awaited(lambda: agent.buffer.confirmed == agent.buffer.last)
            values = [name for each in city.taken for name in each.metrics if name.startswith("Tag/")]
            assert values == list(tags)

    played(test())


def test_a_dropped_record_is_told_by_the_next_one(port: int, node: str, tmp_path: Path) -> None:
    async def test() -> None:
        bounds = {"megabytes": 0.00045}
        async with (
            host(port, node) as city,
            running(config(port, node, buffer=bounds), tmp_path) as (agent, source),
        ):
            await city.offline()
            emit(source, *range(10))
            await awaited(lambda: agent.buffer.last == 10)
            kept = [each.number for each in agent.buffer.after(0, 99)]
            assert kept[0] > 1 and kept[-1] == 10
            await city.online()
            await awaited(lambda: agent.buffer.confirmed == 10)
            assert [each.number for each in city.taken] == kept
            assert city.taken[0].previous == 0

    played(test())


def test_equipment_no_longer_configured_lives_until_its_records_are_sent(port: int, node: str, tmp_path: Path) -> None:
    async def test() -> None:
        async with host(port, node) as city:
            await city.offline()
            async with running(config(port, node), tmp_path) as (agent, source):
                emit(source, 1, 2)
                await awaited(lambda: agent.buffer.last == 2)
            lathe = {"lathe": {"State": {"source": "plc", "tag": "state"}}}
            async with running(config(port, node, equipment=lathe), tmp_path) as (agent, _):
                await city.online()
                await awaited(lambda: city.of("DDEATH"))
                kinds = [(each.type, each.device) for each in city.heard if each.type not in ("NBIRTH", "NDEATH")]
                press = "press"
                data = ("DDATA", press)
                assert kinds == [("DBIRTH", "lathe"), ("DBIRTH", press), data, data, ("DDEATH", press)]
                assert city.counts() == [1, 2]

    played(test())


def test_a_broker_that_dies_costs_nothing(node: str, tmp_path: Path) -> None:
    async def test() -> None:
        port = free_port()
        async with running(config(port, node), tmp_path) as (agent, source):
            emit(source, 1)
            for turn in range(2):
                with iotcore.Broker(port=port, listen="127.0.0.1"):
                    async with host(port, node) as city:
                        city.mark = agent.buffer.confirmed
                        await city.online()
                        emit(source, turn * 2 + 2)
                        await awaited(lambda last=turn * 2 + 2: agent.buffer.confirmed == last)
                        assert city.counts() == ([1, 2] if turn == 0 else [3, 4])
                        assert city.of("NBIRTH")[0].metrics[names.CONFIRMED].value == turn * 2
                emit(source, turn * 2 + 3)

    played(test())
