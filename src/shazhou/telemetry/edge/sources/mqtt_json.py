"""JSON messages on an MQTT broker of the factory.

    line: {kind: mqtt, host: 192.168.1.40, time: /ts}

A tag is a topic and a JSON pointer (RFC 6901) into its messages: ``line1/press#/values/temperature``; without a pointer
the whole message is the value, as from devices that send bare numbers. ``time`` points at the moment of measuring in
the same message, as a count since 1970 or in ISO 8601; without it the moment of arrival counts. Of a retained message
without moment nobody knows how old it is: it is STALE.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import ssl
from collections.abc import AsyncIterator, Callable, Collection
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

import aiomqtt
from pydantic import Field

from shazhou.telemetry.edge.source import Clock, Emit, NotReadable, Reading, Report, Source, Value
from shazhou.telemetry.edge.sources import moments
from shazhou.telemetry.edge.sources.connection import TurnedAway, keep_connected
from shazhou.telemetry.edge.sources.rules import (
    NO_SUCH_TAG,
    TURNED_AWAY,
    UNREACHABLE,
    WRONG_TAG,
    Reason,
    problem,
    said,
)
from shazhou.telemetry.edge.sources.secret import LoginOptions
from shazhou.telemetry.sparkplug.payload import BAD, GOOD, STALE

LONGEST = 262_144
"""Bytes of one message; longer ones are passed over."""
LISTENED = 3.0
"""Seconds that a check listens."""
_REFUSED = ("Not authorized", "Bad user name or password", "code:4", "code:5", "code:134", "code:135")
_LOG = logging.getLogger(__name__)


class MqttOptions(LoginOptions):
    """A broker with JSON messages. Times in seconds."""

    kind: Literal["mqtt"]
    host: str
    port: int = Field(1883, ge=1, le=65535)
    tls: bool = False
    ca: str = ""
    """Certificates (PEM) that sign the broker's; without it those that the system trusts."""
    client: str = ""
    """Client id; the broker gives one where it is empty."""
    qos: Literal[0, 1] = 0
    time: str = ""
    zone: str = "UTC"
    """Time zone of moments that name none."""
    timeout: float = Field(10.0, ge=1, le=120)

    def source(self, tags: Collection[str], folder: Path, clock: Clock) -> Source:
        return MqttSource(self, tags, folder, clock)


class MqttSource:
    """See above. Nothing can be read on demand: whoever publishes decides when."""

    def __init__(self, options: MqttOptions, tags: Collection[str], folder: Path, clock: Clock) -> None:
        self._options, self._tags, self._folder, self._clock = options, tuple(tags), folder, clock
        self._address = f"{options.host}:{options.port}"
        self._zone = ZoneInfo(options.zone)
        self._wrong = {tag: reason for tag in self._tags if (reason := _wrong(tag))}
        self._wanted: dict[str, list[tuple[str, str]]] = {}
        for tag in (tag for tag in self._tags if tag not in self._wrong):
            topic, _, pointer = tag.partition("#")
            self._wanted.setdefault(topic, []).append((tag, pointer))
        self.malformed = 0

    async def run(self, emit: Emit) -> None:
        async def session(connected: Callable[[], None]) -> None:
            async with self._connected() as client:
                for topic in self._wanted:
                    await client.subscribe(topic, qos=self._options.qos)
                connected()
                for tag in self._wrong:
                    emit(Reading(tag, None, self._clock(), BAD))
                async for message in client.messages:
                    for reading in self._readings(message):
                        emit(reading)

        await keep_connected(self._address, session, emit, self._tags, self._clock)

    async def check(self) -> Report:
        problems = [problem(WRONG_TAG, self._address, tag, reason) for tag, reason in self._wrong.items()]
        samples: dict[str, Reading] = {}
        topics: set[str] = set()

        async def listen(client: aiomqtt.Client) -> None:
            async for message in client.messages:
                topics.add(str(message.topic))
                samples.update({reading.tag: reading for reading in self._readings(message)})
                if self._tags and len(samples) == len(self._tags):
                    return

        try:
            async with self._connected() as client:
                for topic in self._wanted if self._tags else ("#",):
                    await client.subscribe(topic)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(LISTENED):
                        await listen(client)
        except TurnedAway as refusal:
            return Report(problems=(*problems, problem(TURNED_AWAY, self._address, str(refusal))))
        except (OSError, aiomqtt.MqttError) as error:
            return Report(problems=(*problems, problem(UNREACHABLE, self._address, said(error))))
        silent = [tag for tag in self._tags if tag not in samples and tag not in self._wrong]
        problems += [problem(NO_SUCH_TAG, self._address, tag) for tag in silent]
        listed = () if self._tags else tuple(sorted(topics))
        return Report((f"{self._address}: {len(topics)} topics", *listed), tuple(samples.values()), tuple(problems))

    async def read(self, tag: str) -> Reading:
        raise NotReadable("MQTT has no reading on demand")

    @contextlib.asynccontextmanager
    async def _connected(self) -> AsyncIterator[aiomqtt.Client]:
        options = self._options
        context = ssl.create_default_context(cafile=str(self._folder / options.ca) if options.ca else None)
        client = aiomqtt.Client(
            options.host,
            options.port,
            username=options.username or None,
            password=options.password(self._folder) or None,
            identifier=options.client or None,
            tls_context=context if options.tls else None,
            timeout=options.timeout,
            keepalive=15,
        )
        try:
            await client.__aenter__()
        except aiomqtt.MqttError as error:
            if any(word in str(error) for word in _REFUSED):
                raise TurnedAway(said(error)) from error
            raise
        try:
            yield client
        finally:
            with contextlib.suppress(aiomqtt.MqttError):
                await client.__aexit__(None, None, None)

    def _readings(self, message: aiomqtt.Message) -> list[Reading]:
        """A message's values under the tags that ask for its topic."""
        wanted = self._wanted.get(str(message.topic), ())
        try:
            content = message.payload if isinstance(message.payload, bytes) else str(message.payload).encode()
            if len(content) > LONGEST:
                raise ValueError(f"message of {len(content)} bytes")
            document = json.loads(content)
            at = self._moment(document)
        except (ValueError, RecursionError) as error:
            self.malformed += 1
            _LOG.warning("%s: message on %s passed over: %s", self._address, message.topic, said(error))
            return []
        quality = STALE if at is None and message.retain else GOOD
        arrival = self._clock()
        readings = []
        for tag, pointer in wanted:
            found = plain(at_pointer(document, pointer))
            readings.append(Reading(tag, found, at or arrival, BAD if found is None else quality))
        return readings

    def _moment(self, document: object) -> int | None:
        """The message's moment; None where it is not said. Raises ValueError for one that cannot be read."""
        if not self._options.time:
            return None
        said_at = at_pointer(document, self._options.time)
        if isinstance(said_at, int | float) and not isinstance(said_at, bool):
            return moments.of_number(said_at)
        return None if said_at is None else moments.of_text(str(said_at), self._zone)


def at_pointer(document: object, pointer: str) -> object:
    """What a JSON pointer leads to; None where it leads nowhere."""
    found = document
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        if isinstance(found, dict):
            found = found.get(key)
        elif isinstance(found, list) and key.isdecimal() and int(key) < len(found):
            found = found[int(key)]
        else:
            return None
    return found


def plain(found: object) -> Value:
    """A JSON value as a metric's: objects and lists as text."""
    if found is None or isinstance(found, bool | int | float | str):
        return found
    return json.dumps(found, ensure_ascii=False)


def _wrong(tag: str) -> Reason | None:
    topic, _, pointer = tag.partition("#")
    if not topic or "+" in topic:
        return "标签只能是一个主题，不能含通配符", "a tag has one topic, without wildcards"
    if pointer and not pointer.startswith("/"):
        return "JSON 指针应以 / 开头", "a JSON pointer begins with /"
    return None
