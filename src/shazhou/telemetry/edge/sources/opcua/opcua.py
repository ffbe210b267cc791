"""A source of readings from an OPC UA server: subscribed to, and read on demand with maxAge 0."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from asyncua import ua
from asyncua.client.client import Client
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.object_ids import ObjectIds
from asyncua.ua.uaerrors import UaError

from shazhou.city.problem import Problem
from shazhou.telemetry.edge.source import ALIVE, Clock, Emit, NotReadable, Reading, Report
from shazhou.telemetry.edge.sources.connection import TurnedAway, keep_connected
from shazhou.telemetry.edge.sources.opcua.browse import Found, variables
from shazhou.telemetry.edge.sources.opcua.limits import Limits, in_chunks, limits_of
from shazhou.telemetry.edge.sources.opcua.machinery import is_machinery, machines, standard
from shazhou.telemetry.edge.sources.opcua.monitor import REFUSALS, Monitor
from shazhou.telemetry.edge.sources.opcua.nodes import WRITTEN, node_id, standard_node
from shazhou.telemetry.edge.sources.opcua.options import OpcUaOptions
from shazhou.telemetry.edge.sources.opcua.security import secure
from shazhou.telemetry.edge.sources.opcua.value import reading
from shazhou.telemetry.edge.sources.rules import (
    BAD_VALUE,
    NO_SUCH_TAG,
    TURNED_AWAY,
    UNREACHABLE,
    WRONG_TAG,
    problem,
    said,
)
from shazhou.telemetry.sparkplug.payload import GOOD

POLLED = 5.0
"""Seconds between readings of nodes that the server would not monitor, at least."""
SHOWN = 20
"""Tags that a check lists where the agent's file asks for none."""

# The library writes a trace for every lost connection; the agent says it in one line.
logging.getLogger("asyncua").setLevel(logging.CRITICAL)
_LOG = logging.getLogger(__name__)


class OpcUaSource:
    """See `shazhou.telemetry.edge.sources.opcua.options`."""

    def __init__(self, options: OpcUaOptions, tags: Collection[str], folder: Path, clock: Clock) -> None:
        self._options, self._tags, self._folder, self._clock = options, tuple(tags), folder, clock
        self._client: Client | None = None
        self._nodes: dict[str, ua.NodeId] = {}

    async def run(self, emit: Emit) -> None:
        def mapped(heard: Reading) -> None:
            emit(standard(heard))

        states = {tag for tag in self._tags if is_machinery(tag)}

        def emitted(heard: Reading) -> None:
            (mapped if heard.tag in states else emit)(heard)

        async def session(connected: Callable[[], None]) -> None:
            await self._session(connected, emitted if states else emit)

        await keep_connected(self._options.endpoint, session, emit, self._tags, self._clock)

    async def check(self) -> Report:
        address = self._options.endpoint
        try:
            async with self._connected() as client:
                limits = await limits_of(client, self._options.chunk)
                self._nodes, missing, malformed = await self._resolved(client, limits)
                reached = [f"{address}: {await _server(client)}", _allowed(limits)]
                samples = await self._read(client, limits, self._nodes)
                if not self._tags:
                    reached += _listed(await self._browsed(client, limits))
        except TurnedAway as refusal:
            return Report(problems=(problem(TURNED_AWAY, address, str(refusal)),))
        except Exception as error:  # whatever a server answers is a problem to show, not to stop at
            return Report(problems=(problem(UNREACHABLE, address, said(error)),))
        finally:
            self._nodes = {}
        problems = [problem(NO_SUCH_TAG, address, tag) for tag in missing]
        problems += [problem(WRONG_TAG, address, tag, ("不是节点 ID", "no node id")) for tag in malformed]
        problems += [_without_value(address, sample) for sample in samples if sample.quality != GOOD]
        return Report(tuple(reached), tuple(samples), tuple(problems))

    async def read(self, tag: str) -> Reading:
        client, node = self._client, self._nodes.get(tag)
        if client is None:
            raise NotReadable("not connected")
        if node is None:
            raise NotReadable(f"no node for {tag}")
        try:
            return (await self._read(client, Limits(), {tag: node}))[0]
        except (OSError, TimeoutError, UaError) as error:
            raise NotReadable(said(error)) from error

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[Client]:
        client = Client(self._options.endpoint, timeout=self._options.timeout, watchdog_intervall=self._options.timeout)
        try:
            await secure(client, self._options, self._folder)
            await client.connect()
        except REFUSALS as refusal:
            raise TurnedAway(said(refusal)) from refusal
        try:
            yield client
        finally:
            with contextlib.suppress(OSError, TimeoutError, UaError):
                async with asyncio.timeout(2.0):
                    await client.disconnect()

    async def _session(self, connected: Callable[[], None], emit: Emit) -> None:
        lost = asyncio.Event()

        async def on_lost(_error: Exception) -> None:
            lost.set()

        async with self._connected() as client:
            client.connection_lost_callback = on_lost
            limits = await limits_of(client, self._options.chunk)
            self._nodes, missing, malformed = await self._resolved(client, limits)
            for tag in (*missing, *malformed):
                _LOG.warning("%s: no node for tag %s", self._options.endpoint, tag)
                emit(reading(tag, None))
            monitor = Monitor(client, limits, self._options, emit, self._clock)
            connected()
            try:
                refused = await monitor.add(list(self._nodes.items()))
                for tag, _node, status in refused:
                    _LOG.warning("%s: %s not monitored, read instead: %s", self._options.endpoint, tag, status.name)
                if monitor.sampling > 1500 * self._options.interval:
                    _LOG.warning("%s: sampled every %g ms only", self._options.endpoint, monitor.sampling)
                self._client = client
                await self._watch(client, monitor, limits, {tag: node for tag, node, _ in refused}, emit, lost)
            finally:
                self._client = None
                monitor.close()

    async def _watch(
        self,
        client: Client,
        monitor: Monitor,
        limits: Limits,
        polled: Mapping[str, ua.NodeId],
        emit: Emit,
        lost: asyncio.Event,
    ) -> None:
        """Until the connection is lost; reads meanwhile what the server would not monitor."""
        pause = max(POLLED, self._options.interval) if polled else 1.0
        monitored = len(polled) < len(self._nodes)
        while not lost.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await lost.wait()
            if monitored and monitor.stale:
                raise ConnectionError("the server publishes no more")
            if polled and not lost.is_set():
                for heard in await self._read(client, limits, polled):
                    emit(heard)
                emit(Reading(ALIVE, None, self._clock()))

    async def _read(self, client: Client, limits: Limits, nodes: Mapping[str, ua.NodeId]) -> list[Reading]:
        """Each node's value from the machine (maxAge 0)."""

        async def read(chunk: Sequence[ua.NodeId]) -> Sequence[ua.DataValue]:
            asked = ua.ReadParameters(MaxAge=0, TimestampsToReturn=ua.TimestampsToReturn.Both)
            asked.NodesToRead = [ua.ReadValueId(NodeId=node, AttributeId=AttributeIds.Value) for node in chunk]
            return await client.uaclient.session.read(asked)

        values = await in_chunks(list(nodes.values()), limits.read, read)
        heard = [reading(tag, value) for tag, value in zip(nodes, values, strict=True)]
        return [standard(one) if is_machinery(one.tag) else one for one in heard]

    async def _resolved(self, client: Client, limits: Limits) -> tuple[dict[str, ua.NodeId], list[str], list[str]]:
        """The node of each tag, tags that the server does not have, and tags that are malformed."""
        namespaces = await client.get_namespace_array()
        nodes: dict[str, ua.NodeId] = {}
        paths: list[str] = []
        malformed: list[str] = []
        for tag in self._tags:
            address = self._options.nodes.get(tag, tag)
            if not address.startswith(WRITTEN):
                paths.append(tag)
            elif (node := node_id(address, namespaces)) is not None:
                nodes[tag] = node
            else:
                malformed.append(tag)
        if any(is_machinery(tag) for tag in paths):
            known = await machines(client, limits)
            nodes |= {tag: known[tag] for tag in paths if tag in known}
        if any(tag not in nodes for tag in paths):
            by_path = {variable.path: variable.node for variable in (await self._browsed(client, limits)).variables}
            for tag in paths:
                path = self._options.nodes.get(tag, tag)
                if tag not in nodes and path in by_path:
                    nodes[tag] = by_path[path]
        ordered = {tag: nodes[tag] for tag in self._tags if tag in nodes}
        return ordered, [tag for tag in paths if tag not in nodes], malformed

    async def _browsed(self, client: Client, limits: Limits) -> Found:
        start = node_id(self._options.root, await client.get_namespace_array())
        if start is None:
            raise ValueError(f"root is no node id: {self._options.root}")
        return await variables(client, start, limits, self._options.depth, self._options.most)


async def _server(client: Client) -> str:
    named = ObjectIds.Server_ServerStatus_BuildInfo_ProductName
    answer = (await client.uaclient.session.read_attributes([standard_node(named)], AttributeIds.Value))[0]
    return str(answer.Value.Value) if answer.Value is not None and answer.Value.Value else "OPC UA"


def _allowed(limits: Limits) -> str:
    return f"per call: {limits.monitor} monitored, {limits.read} read, {limits.browse} browsed"


def _listed(found: Found) -> list[str]:
    more = "" if found.complete else "+"
    paths = [f"{variable.path} ({variable.node.to_string()})" for variable in found.variables[:SHOWN]]
    return [f"{len(found.variables)}{more} variables", *paths]


def _without_value(address: str, sample: Reading) -> Problem:
    return problem(BAD_VALUE, address, sample.tag, (f"质量码 {sample.quality}", f"quality {sample.quality}"))
