"""What the host confirms to an agent, and words to it that make no sense."""

from __future__ import annotations

from pathlib import Path

import pytest
from scripted_host import config, emit, host, played, running
from waiting import awaited

from shazhou.telemetry import names
from shazhou.telemetry.sparkplug import topic
from shazhou.telemetry.sparkplug.datatype import DataType

pytestmark = pytest.mark.usefixtures("impatient")


def test_an_old_copy_of_a_buffer_begins_under_a_new_name(port: int, node: str, tmp_path: Path) -> None:
    async def test() -> None:
        async with host(port, node) as city, running(config(port, node), tmp_path) as (agent, source):
            await city.online()
            emit(source, 1)
            await awaited(lambda: agent.buffer.confirmed == 1)
            before = agent.buffer.agent
            await city.confirm(1000)
            await awaited(lambda: len(city.of("NBIRTH")) == 2)
            assert city.of("NBIRTH")[1].metrics[names.AGENT].value == agent.buffer.agent != before

    played(test())


@pytest.mark.parametrize(("born", "number"), [(False, 2), (True, 2), (True, 1000)])
def test_a_confirmation_under_way_for_the_old_name_deletes_nothing_of_the_new_one(
    port: int, node: str, tmp_path: Path, born: bool, number: int
) -> None:
    """A copy numbers its records anew, and the host's word about the old numbers was taken for the new ones, before
    the new name was told and after; where it was higher than they were, the buffer was renamed once more."""

    async def test() -> None:
        async with host(port, node, confirming=False) as city, running(config(port, node), tmp_path) as (agent, source):
            await city.online()
            emit(source, 1, 2, 3)
            await awaited(lambda: city.mark == 3)
            old = agent.buffer.agent
            await city.confirm(1000)
            if born:
                await awaited(lambda: len(city.of("NBIRTH")) == 2)
            await city.confirm(number, old)
            await city.rebirth("heard")
            await awaited(lambda: city.of("NBIRTH")[-1].metrics[names.CHALLENGED].value == "heard")
            assert city.agent == agent.buffer.agent != old
            assert {each.metrics[names.AGENT].value for each in city.of("NBIRTH")} == {old, city.agent}
            assert (agent.buffer.confirmed, [each.number for each in agent.buffer.after(0, 9)]) == (0, [1, 2, 3])
            await city.confirm(3)
            await awaited(lambda: agent.buffer.confirmed == 3)

    played(test())


def test_a_confirmation_that_names_nobody_is_not_taken(port: int, node: str, tmp_path: Path) -> None:
    async def test() -> None:
        async with host(port, node, confirming=False) as city, running(config(port, node), tmp_path) as (agent, source):
            await city.online()
            emit(source, 1)
            await awaited(lambda: city.mark == 1)
            await city.confirm(1, agent="")
            await city.rebirth("heard")
            await awaited(lambda: city.of("NBIRTH")[-1].metrics[names.CHALLENGED].value == "heard")
            assert agent.buffer.confirmed == 0

    played(test())


def test_words_that_are_nested_without_end_ended_the_agent(port: int, node: str, tmp_path: Path) -> None:
    async def test() -> None:
        async with host(port, node) as city, running(config(port, node), tmp_path) as (_agent, source):
            await city.online()
            emit(source, 1)
            await awaited(lambda: city.mark == 1)
            for said in (b"[" * 15_000, b'{"timestamp": Infinity, "online": true}'):
                await city.client.publish(topic.state(node), said)
            await city.command((names.READ, DataType.STRING, "[" * 15_000))
            await city.rebirth("heard")
            await awaited(lambda: city.of("NBIRTH")[-1].metrics[names.CHALLENGED].value == "heard")
            emit(source, 2)
            await awaited(lambda: city.mark == 2)
            assert city.counts()[-1] == 2

    played(test())
