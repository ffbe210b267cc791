"""JSON over MQTT through the broker that comes along, published by paho."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
import pytest
from iotcore import Broker
from listening import now, running
from waiting import awaited, free_port

from shazhou.telemetry.edge.source import NotReadable
from shazhou.telemetry.edge.sources.mqtt_json import MqttOptions, MqttSource, at_pointer
from shazhou.telemetry.sparkplug.payload import BAD, GOOD, STALE

NOON = 1_704_196_800_000


class Line:
    """A broker and somebody who publishes on it."""

    def __init__(self) -> None:
        self.port = free_port()
        self.broker = Broker(port=self.port, listen="127.0.0.1").start()
        self.publisher = paho.Client(paho.CallbackAPIVersion.VERSION2)
        self.publisher.connect("127.0.0.1", self.port)
        self.publisher.loop_start()

    def say(self, topic: str, message: Any, retain: bool = False) -> None:
        content = message if isinstance(message, bytes) else json.dumps(message).encode()
        self.publisher.publish(topic, content, qos=1, retain=retain).wait_for_publish(5)

    def source(self, *tags: str, **options: Any) -> MqttSource:
        made = MqttOptions(kind="mqtt", host="127.0.0.1", port=self.port, **options)
        return MqttSource(made, tags, Path(), now)


@pytest.fixture(scope="module")
def line() -> Iterator[Line]:
    made = Line()
    yield made
    made.publisher.loop_stop()
    made.publisher.disconnect()
    made.broker.stop()


async def saying(line: Line, heard: Any, topic: str, message: Any, tag: str) -> None:
    """Publishes until the source has subscribed and hears it."""
    for _ in range(100):
        line.say(topic, message)
        await asyncio.sleep(0.02)
        if any(reading.tag == tag and reading.quality != BAD for reading in heard):
            return
    raise AssertionError(f"nothing heard on {topic}")


def test_values_and_moments_by_pointer(line: Line) -> None:
    async def scenario() -> None:
        tags = ("a/press#/values/0/t", "a/press#/on", "a/press#/none", "a/bare")
        async with running(line.source(*tags, time="/ts")) as heard:
            message = {"ts": "2024-01-02T12:00:00Z", "values": [{"t": 21.5}], "on": True}
            await saying(line, heard, "a/press", message, "a/press#/on")
            at = {reading.tag: (reading.value, reading.at, reading.quality) for reading in heard}
            assert at["a/press#/values/0/t"] == (21.5, NOON, GOOD)
            assert at["a/press#/on"] == (True, NOON, GOOD)
            assert at["a/press#/none"] == (None, NOON, BAD)
            line.say("a/bare", b"42")
            await awaited(lambda: heard.of("a/bare") == [42])

    asyncio.run(scenario())


def test_an_old_message_that_the_broker_kept_is_not_taken_for_fresh(line: Line) -> None:
    """A retained value of a machine that was switched off months ago looked alive at each start."""
    line.say("b/off", {"v": 1}, retain=True)
    line.say("b/dated", {"v": 2, "ts": NOON}, retain=True)

    async def scenario() -> None:
        async with running(line.source("b/off#/v", "b/dated#/v", time="/ts")) as heard:
            await awaited(lambda: heard.of("b/off#/v") and heard.of("b/dated#/v"))
            assert heard.quality("b/off#/v") == STALE and heard.quality("b/dated#/v") == GOOD
            line.say("b/off", {"v": 3})
            await awaited(lambda: heard.of("b/off#/v") == [1, 3])
            assert heard.quality("b/off#/v") == GOOD

    asyncio.run(scenario())


def test_a_message_that_is_no_json_does_not_stop_the_next(line: Line) -> None:
    async def scenario() -> None:
        made = line.source("c/x#/v", time="/ts")
        async with running(made) as heard:
            await saying(line, heard, "c/x", {"v": 1}, "c/x#/v")
            for broken in (b"{", b"\xff", b"", b"[" * 5000, json.dumps({"v": 1, "ts": "never"}).encode()):
                line.say("c/x", broken)
            line.say("c/x", {"v": 7})
            await awaited(lambda: heard.of("c/x#/v")[-1] == 7)
            assert made.malformed == 5

    asyncio.run(scenario())


def test_a_message_of_a_moment_that_overflows_is_counted_and_ends_no_session(line: Line) -> None:
    texts = ["0001-01-01T00:00:00", "9999-12-31T23:59:59+14:00", "1e300", "9" * 400]
    broken = [json.dumps({"v": 2, "ts": text}).encode() for text in texts]
    broken += [b'{"v": 2, "ts": %s}' % number for number in (b"1e300", b"-1e999", b"NaN", b"9" * 400)]

    async def scenario() -> None:
        made = line.source("f/x#/v", time="/ts", zone="Asia/Shanghai")
        async with running(made) as heard:
            await saying(line, heard, "f/x", {"v": 1}, "f/x#/v")
            for message in broken:
                line.say("f/x", message)
            line.say("f/x", {"v": 7})
            await awaited(lambda: heard.of("f/x#/v")[-1] == 7)
            assert made.malformed == len(broken) and 2 not in heard.of("f/x#/v")
            assert BAD not in [reading.quality for reading in heard], "the connection was never lost"

    asyncio.run(scenario())


def test_a_broker_that_comes_back_is_subscribed_to_again() -> None:
    async def scenario() -> None:
        port = free_port()
        made = MqttSource(MqttOptions(kind="mqtt", host="127.0.0.1", port=port), ("d#/v",), Path(), now)
        async with running(made) as heard:
            await awaited(lambda: heard.quality("d#/v") == BAD)
            with Broker(port=port, listen="127.0.0.1"):
                publisher = paho.Client(paho.CallbackAPIVersion.VERSION2)
                publisher.connect("127.0.0.1", port)
                publisher.loop_start()
                publisher.publish("d", b'{"v": 5}', qos=1, retain=True).wait_for_publish(5)
                await awaited(lambda: heard.of("d#/v"))
                publisher.loop_stop()
            await awaited(lambda: heard.quality("d#/v") == BAD)
        assert heard.of("d#/v") == [5]

    asyncio.run(scenario())


def test_check_says_what_comes_and_what_does_not(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shazhou.telemetry.edge.sources.mqtt_json.LISTENED", 0.3)
    line.say("e/x", {"v": 1}, retain=True)

    async def scenario() -> None:
        report = await line.source("e/x#/v", "e/silent#/v", "e/+#/v", "e/x#v").check()
        assert [(problem.rule.id, problem.found) for problem in report.problems] == [
            ("tag-malformed", "e/+#/v"),
            ("tag-malformed", "e/x#v"),
            ("tag-not-found", "e/silent#/v"),
        ]
        assert [(sample.tag, sample.value) for sample in report.samples] == [("e/x#/v", 1)]
        assert "e/x" in (await line.source().check()).reached
        with pytest.raises(NotReadable):
            await line.source("e/x#/v").read("e/x#/v")
        nobody = MqttSource(MqttOptions(kind="mqtt", host="127.0.0.1", port=free_port()), ("a",), Path(), now)
        assert [problem.rule.id for problem in (await nobody.check()).problems] == ["source-unreachable"]
        no_password = line.source("a", username="u", password_file="none")
        assert [problem.rule.id for problem in (await no_password.check()).problems] == ["source-turned-away"]

    asyncio.run(scenario())


def test_pointers_follow_rfc_6901() -> None:
    document = {"a/b": 1, "m~n": 2, "": 3, "list": ["x", {"y": None}]}
    assert [at_pointer(document, pointer) for pointer in ("/a~1b", "/m~0n", "/", "/list/0", "/list/1/y")] == [
        1,
        2,
        3,
        "x",
        None,
    ]
    assert at_pointer(document, "") == document
    assert [at_pointer(document, pointer) for pointer in ("/list/9", "/list/-", "/none/x")] == [None] * 3
