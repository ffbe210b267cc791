"""Sends a buffer's records by Sparkplug B, again and again, until the host has confirmed each.

A session is a connection to the broker with its own bdSeq. Nothing is sent until the host's STATE says that it is
online; then come the births, then records in their order, never more than a window of unconfirmed ones. From the
confirmed mark it begins anew after a rebirth, and when nothing was confirmed for a while. When the host goes offline
the session ends with a death, and the next one waits.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import random
import sqlite3
import ssl
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import aiomqtt

from shazhou.telemetry import names
from shazhou.telemetry.edge import births
from shazhou.telemetry.edge.births import Identity
from shazhou.telemetry.edge.buffer import Buffer, Described
from shazhou.telemetry.edge.command import Ask, Command, understood
from shazhou.telemetry.edge.record import by_name, message
from shazhou.telemetry.edge.source import Clock
from shazhou.telemetry.sparkplug import topic
from shazhou.telemetry.sparkplug.payload import Sample, add, payload
from shazhou.telemetry.sparkplug.topic import Topic

PATIENCE, MOST_PATIENCE = 10.0, 60.0
"""Seconds without a confirmation after which records are sent again; twice as long every time that did not help."""
SHORTEST_PAUSE, LONGEST_PAUSE = 0.5, 15.0
"""Seconds between two sessions, growing as long as none got as far as a birth."""
BIRTHS_APART = 1.0
"""Seconds between two births in one session at least, whatever the host asks."""

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Connection:
    """How the broker is reached. ``tls`` None is plain TCP."""

    host: str
    port: int
    username: str = ""
    password: str = field(default="", repr=False)
    tls: ssl.SSLContext | None = None
    keepalive: int = 15


class Publisher:
    """Publishes for one edge node.

    Args:
        group, node, host: Sparkplug group, edge node, and the host application that is waited for.
        aliases: every metric that is announced.
        devices: equipment that has births as long as it is configured; what else records are of is born for them alone.
        window: unconfirmed records under way.
        answer: reads a tag for the host, None where the privacy mode forbids it; gives the JSON of ANSWER.
    """

    def __init__(
        self,
        group: str,
        node: str,
        host: str,
        connection: Connection,
        buffer: Buffer,
        aliases: Mapping[Described, int],
        devices: tuple[str, ...],
        identity: Identity,
        window: int,
        answer: Callable[[Ask], Any] | None,
        clock: Clock,
    ) -> None:
        self._group, self._node, self._host = group, node, host
        self._connection, self._buffer, self._clock = connection, buffer, clock
        self._aliases, self._identity, self._devices = aliases, identity, devices
        self._by_name = by_name(aliases)
        self._names = {alias: each.name for each, alias in aliases.items()}
        self._window, self._answer = window, answer
        self._wake = asyncio.Event()
        self._reading: set[asyncio.Task[None]] = set()
        self._told = -1
        self.connected = self.host_online = self.born = False
        self.sessions = 0
        self._reset()

    def _reset(self) -> None:
        self.connected = self.host_online = self.born = False
        self._seq = 0
        self._alive: set[str] = set()
        self._under_way: deque[int] = deque()
        self._sent = self._buffer.confirmed
        self._patience = PATIENCE
        self._progress = 0.0
        self._rebirth: str | None = None
        self._answers: deque[str] = deque()
        self._waker: asyncio.TimerHandle | None = None

    def wake(self) -> None:
        """There is something new in the buffer."""
        self._wake.set()

    async def run(self) -> None:
        """One session after another, until cancelled."""
        pause = SHORTEST_PAUSE
        while True:
            got_far = False
            try:
                await self._session()
                got_far = True
            except (aiomqtt.MqttError, OSError, sqlite3.OperationalError) as error:
                got_far = self.born
                _LOG.info("%s: session ended: %s", self._node, error)
            finally:
                self._reset()
            pause = SHORTEST_PAUSE if got_far else min(pause * 2, LONGEST_PAUSE)
            await asyncio.sleep(pause * random.uniform(0.5, 1.5))

    async def _session(self) -> None:
        bdseq = self._buffer.next_birth()
        async with self._client(bdseq) as client:
            self.connected, self.sessions = True, self.sessions + 1
            mine = [Topic(self._group, "NCMD", self._node), f"{Topic(self._group, 'DCMD', self._node)}/+"]
            await client.subscribe([(str(each), 1) for each in (*mine, topic.state(self._host))])
            listening = asyncio.create_task(self._listen(client))
            listening.add_done_callback(lambda _: self._wake.set())
            try:
                await self._speak(client, bdseq, listening)
            finally:
                listening.cancel()
                with contextlib.suppress(asyncio.CancelledError, aiomqtt.MqttError):
                    await listening
                await self._leave(client, bdseq)

    @contextlib.asynccontextmanager
    async def _client(self, bdseq: int) -> AsyncIterator[aiomqtt.Client]:
        at = self._connection
        will = aiomqtt.Will(str(Topic(self._group, "NDEATH", self._node)), births.death(bdseq, self._clock()), qos=1)
        async with aiomqtt.Client(
            at.host,
            at.port,
            username=at.username or None,
            password=at.password or None,
            identifier=f"{self._group}.{self._node}",
            clean_session=True,
            will=will,
            keepalive=at.keepalive,
            tls_context=at.tls,
        ) as client:
            yield client

    async def _leave(self, client: aiomqtt.Client, bdseq: int) -> None:
        """A death in so many words, since a broker keeps the will of whoever says goodbye to itself."""
        if not self.born:
            return
        now = self._clock()
        with contextlib.suppress(aiomqtt.MqttError):
            await client.publish(str(Topic(self._group, "NDEATH", self._node)), births.death(bdseq, now), timeout=1)

    async def _listen(self, client: aiomqtt.Client) -> None:
        async for each in client.messages:
            content = each.payload if isinstance(each.payload, bytes) else b""
            if str(each.topic) == topic.state(self._host):
                self._hear_state(content)
            else:
                self._obey(understood(content, self._names))
            self._wake.set()

    def _hear_state(self, content: bytes) -> None:
        """Whether the host is online. A farewell that is older than what was heard last is left aside: it may be the
        will of a session that the host has replaced."""
        try:
            state = json.loads(content)
            at, online = int(state["timestamp"]), bool(state["online"])
        except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
            return
        if online or at >= self._told:
            self._told, self.host_online = at, online
            _LOG.info("%s: host %s is %s", self._node, self._host, "online" if online else "offline")

    def _obey(self, command: Command) -> None:
        # One for the name that this buffer had may come after it was renamed: its numbers were of other records.
        if command.confirmed is not None and command.agent == self._buffer.agent:
            self._confirmed(command.confirmed)
        if command.rebirth:
            self._rebirth = command.challenge
        if command.read is not None and self._answer is not None:
            task = asyncio.create_task(self._read(self._answer, command.read))
            self._reading.add(task)
            task.add_done_callback(self._reading.discard)

    def _confirmed(self, number: int) -> None:
        if not self._buffer.confirm(number):
            _LOG.warning("%s: the host has more than this buffer: it is an old copy and is renamed", self._node)
            self._buffer.renew()
            self._rebirth = ""
            return
        before = len(self._under_way)
        while self._under_way and self._under_way[0] <= number:
            self._under_way.popleft()
        if len(self._under_way) < before:
            self._progress, self._patience = asyncio.get_running_loop().time(), PATIENCE

    async def _read(self, answer: Callable[[Ask], Any], ask: Ask) -> None:
        self._answers.append(await answer(ask))
        self._wake.set()

    async def _speak(self, client: aiomqtt.Client, bdseq: int, listening: asyncio.Task[None]) -> None:
        """Births and records, as long as the host is online; returns when it went offline."""
        loop = asyncio.get_running_loop()
        last_birth = -BIRTHS_APART
        while True:
            await self._wake.wait()
            self._wake.clear()
            if listening.done():
                listening.result()
                return
            if not self.host_online:
                if self.born:
                    return
                continue
            if not self.born or self._rebirth is not None:
                await asyncio.sleep(max(0.0, last_birth + BIRTHS_APART - loop.time()))
                last_birth = loop.time()
                await self._bear(client, bdseq)
            while self._answers:
                await self._publish_answer(client, self._answers.popleft())
            if self._under_way and loop.time() >= self._progress + self._patience:
                _LOG.info("%s: nothing confirmed for %d s, sending again", self._node, self._patience)
                self._patience = min(self._patience * 2, MOST_PATIENCE)
                self._rewind()
            await self._send(client)

    async def _bear(self, client: aiomqtt.Client, bdseq: int) -> None:
        nonce, self._rebirth = self._rebirth or "", None
        buffer, now = self._buffer, self._clock()
        birth = births.node_birth(self._aliases, self._identity, buffer.agent, buffer.confirmed, bdseq, nonce, now)
        self._seq, self._alive, self.born = 0, set(), True
        await client.publish(str(Topic(self._group, "NBIRTH", self._node)), birth)
        for device in self._devices:
            await self._bear_device(client, device)
        self._rewind()

    async def _bear_device(self, client: aiomqtt.Client, device: str) -> None:
        self._alive.add(device)
        birth = births.device_birth(self._aliases, device, self._next_seq(), self._clock())
        await client.publish(str(Topic(self._group, "DBIRTH", self._node, device)), birth)

    def _rewind(self) -> None:
        self._under_way.clear()
        self._sent = self._buffer.confirmed
        self._progress = asyncio.get_running_loop().time()

    def _next_seq(self) -> int:
        self._seq = (self._seq + 1) % 256
        return self._seq

    async def _send(self, client: aiomqtt.Client) -> None:
        """Records that the window has room for; what is said meanwhile is heard before the next ones."""
        room = self._window - len(self._under_way)
        records = self._buffer.after(self._sent, room) if room > 0 else []
        for record in records:
            if not self.host_online or self._rebirth is not None:
                return
            if record.device and record.device not in self._alive:
                await self._bear_device(client, record.device)
            kind = "DDATA" if record.device else "NDATA"
            content = message(record, self._next_seq(), self._clock(), self._by_name)
            if not self._under_way:
                self._progress = asyncio.get_running_loop().time()
            self._under_way.append(record.number)
            self._sent = record.number
            await client.publish(str(Topic(self._group, kind, self._node, record.device)), content)
        if not records and room > 0:
            await self._bury(client)
        if self._under_way:
            self._wake_later(self._progress + self._patience)

    async def _bury(self, client: aiomqtt.Client) -> None:
        """Devices that were born for what was left of their records die when it has been sent."""
        for device in self._alive.difference(self._devices):
            self._alive.discard(device)
            made = payload(self._clock(), self._next_seq())
            await client.publish(str(Topic(self._group, "DDEATH", self._node, device)), made.SerializeToString())

    async def _publish_answer(self, client: aiomqtt.Client, text: str) -> None:
        now = self._clock()
        alias, datatype = self._by_name["", names.ANSWER]
        made = payload(now, self._next_seq())
        add(made, Sample(names.ANSWER, datatype, text, now, alias))
        await client.publish(str(Topic(self._group, "NDATA", self._node)), made.SerializeToString())

    def _wake_later(self, at: float) -> None:
        if self._waker is not None:
            self._waker.cancel()
        self._waker = asyncio.get_running_loop().call_at(at, self._wake.set)
