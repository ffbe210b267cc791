"""OPC UA against the server that comes with asyncua, in this process."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from asyncua import Server, ua
from asyncua.common.utils import Buffer
from asyncua.ua import uaerrors
from asyncua.ua.ua_binary import struct_to_binary
from listening import forwarding, now, running
from waiting import awaited, free_port

from shazhou.telemetry.edge.source import ALIVE, NotReadable, Reading
from shazhou.telemetry.edge.sources.opcua.limits import Limits, in_chunks, limits_of
from shazhou.telemetry.edge.sources.opcua.monitor import Monitor
from shazhou.telemetry.edge.sources.opcua.opcua import OpcUaSource
from shazhou.telemetry.edge.sources.opcua.options import OpcUaOptions
from shazhou.telemetry.edge.sources.opcua.publishing import Published
from shazhou.telemetry.edge.sources.opcua.security import own_certificate
from shazhou.telemetry.edge.sources.opcua.value import plain, reading
from shazhou.telemetry.sparkplug.payload import BAD, GOOD, STALE

NAMESPACE = "urn:test:factory"


class Factory:
    """A server with a machine that has 25 variables: ``ns=2;s=v0`` …, values 0.0 …"""

    def __init__(self) -> None:
        self._runner = asyncio.Runner()
        self.port = free_port()
        self.nodes: list[Any] = self._runner.run(self._start())

    async def _start(self) -> list[Any]:
        server = self.server = Server()
        await server.init()
        server.set_endpoint(f"opc.tcp://127.0.0.1:{self.port}")
        server.set_security_policy([ua.SecurityPolicyType.NoSecurity])
        index = await server.register_namespace(NAMESPACE)
        press = await server.nodes.objects.add_object(ua.NodeId("press", index), ua.QualifiedName("Press", index))
        await server.start()
        return [
            await press.add_variable(
                ua.NodeId(f"v{number}", index), ua.QualifiedName(f"V{number}", index), float(number)
            )
            for number in range(25)
        ]

    def run(self, scenario: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self._runner.run(scenario())

    def source(self, tags: Sequence[str], port: int = 0, **options: Any) -> OpcUaSource:
        endpoint = f"opc.tcp://127.0.0.1:{port or self.port}"
        return OpcUaSource(OpcUaOptions(kind="opcua", endpoint=endpoint, interval=0.05, **options), tags, Path(), now)

    def close(self) -> None:
        self._runner.run(self.server.stop())
        self._runner.close()


@pytest.fixture(scope="module")
def factory() -> Iterator[Factory]:
    made = Factory()
    yield made
    made.close()


def test_values_come_with_the_time_of_the_source_and_read_asks_the_server(factory: Factory) -> None:
    async def scenario() -> None:
        tags = {"ns=2;s=v0", "nsu=urn:test:factory;s=v1", "Press/V2"}
        source = factory.source(sorted(tags))
        with pytest.raises(NotReadable):
            await source.read("ns=2;s=v0")
        async with running(source) as heard:
            await awaited(lambda: {one.tag for one in heard} >= tags)
            at = datetime(2024, 5, 6, 7, 8, 9, 123000, tzinfo=UTC)
            await factory.nodes[0].write_value(ua.DataValue(ua.Variant(42.5), SourceTimestamp=at))
            expected = Reading("ns=2;s=v0", 42.5, int(at.timestamp() * 1000), GOOD)
            await awaited(lambda: expected in heard)
            assert (await source.read("Press/V2")).value == 2.0
            with pytest.raises(NotReadable):
                await source.read("ns=2;s=none")

    factory.run(scenario)


def test_bad_status_has_no_value_and_uncertain_is_stale() -> None:
    value = ua.Variant(7.0)
    uncertain = reading("t", ua.DataValue(value, ua.StatusCode(ua.StatusCodes.UncertainLastUsableValue)))
    bad = reading("t", ua.DataValue(value, ua.StatusCode(ua.StatusCodes.BadSensorFailure)))
    assert (uncertain.value, uncertain.quality) == (7.0, STALE)
    assert (bad.value, bad.quality) == (None, BAD)
    assert reading("t", None).quality == BAD


def test_values_of_odd_types_become_plain() -> None:
    assert plain(ua.LocalizedText("Läuft", "de")) == "Läuft"
    assert plain(datetime(2024, 1, 2, tzinfo=UTC)) == "2024-01-02T00:00:00+00:00"
    assert plain(b"\x01\x02") == "AQI="
    assert plain([1, 2.5, None]) == "[1, 2.5, null]"
    assert plain(ua.NodeId("x", 2)) == "ns=2;s=x"


def test_a_node_that_is_not_there_is_bad_and_does_not_stop_the_others(factory: Factory) -> None:
    async def scenario() -> None:
        tags = ["ns=2;s=gone", "ns=2;s=v1", "ns=x", "Press/Nowhere"]
        async with running(factory.source(tags)) as heard:
            await awaited(lambda: heard.of("ns=2;s=v1"))
            assert [heard.quality(tag) for tag in ("Press/Nowhere", "ns=x")] == [BAD, BAD]
        report = await factory.source(tags).check()
        assert [(problem.rule.id, problem.found) for problem in report.problems] == [
            ("tag-not-found", "Press/Nowhere"),
            ("tag-malformed", "ns=x"),
            ("tag-without-value", "ns=2;s=gone"),
        ]
        assert [(one.tag, one.value) for one in report.samples] == [("ns=2;s=gone", None), ("ns=2;s=v1", 1.0)]

    factory.run(scenario)


def test_a_node_that_the_server_will_not_monitor_is_read_instead(
    factory: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Controllers run out of monitored items long before they run out of variables."""
    monkeypatch.setattr("shazhou.telemetry.edge.sources.opcua.opcua.POLLED", 0.05)

    async def none(_self: Monitor, nodes: Sequence[tuple[str, ua.NodeId]]) -> list[Any]:
        refused = ua.StatusCode(ua.StatusCodes.BadTooManyMonitoredItems)
        return [(tag, node, refused) for tag, node in nodes]

    monkeypatch.setattr(Monitor, "add", none)

    async def scenario() -> None:
        async with running(factory.source(["ns=2;s=v3"])) as heard:
            await awaited(lambda: len(heard.of("ns=2;s=v3")) > 1)
            await factory.nodes[3].write_value(33.0)
            await awaited(lambda: 33.0 in heard.of("ns=2;s=v3"))
        assert set(heard.of("ns=2;s=v3")) == {3.0, 33.0}

    factory.run(scenario)


def test_check_without_tags_lists_what_browsing_finds_within_its_bound(factory: Factory) -> None:
    async def scenario() -> None:
        report = await factory.source([]).check()
        assert "25 variables" in report.reached and "Press/V4 (ns=2;s=v4)" in report.reached
        assert "3+ variables" in (await factory.source([], most=3).check()).reached
        assert "0+ variables" in (await factory.source([], depth=1).check()).reached
        report = await factory.source([], port=free_port()).check()
        assert [problem.rule.id for problem in report.problems] == ["source-unreachable"]

    factory.run(scenario)


def test_subscribed_again_within_five_seconds_after_the_line_was_cut(factory: Factory) -> None:
    async def scenario() -> None:
        port = free_port()
        async with running(factory.source(["ns=2;s=v5", "ns=2;s=v6"], port)) as heard:
            async with forwarding(port, factory.port):
                await awaited(lambda: heard.of("ns=2;s=v5") and heard.of("ns=2;s=v6"))
                heard.clear()
            await awaited(lambda: len(heard) >= 2)
            lost = [(one.tag, one.value, one.quality) for one in heard if one.tag != ALIVE]
            assert lost == [("ns=2;s=v5", None, BAD), ("ns=2;s=v6", None, BAD)], "each tag once, without value"
            begun = time.monotonic()
            async with forwarding(port, factory.port):
                await awaited(lambda: heard.of("ns=2;s=v6"))
                assert time.monotonic() - begun < 5
                await factory.nodes[6].write_value(99.0)
                await awaited(lambda: 99.0 in heard.of("ns=2;s=v6"))

    factory.run(scenario)


def test_a_server_that_refuses_many_at_once_is_asked_for_fewer() -> None:
    calls: list[int] = []

    async def call(chunk: Sequence[int]) -> Sequence[int]:
        calls.append(len(chunk))
        if len(chunk) > 10:
            raise uaerrors.BadTooManyOperations()
        return [number * 2 for number in chunk]

    results = asyncio.run(in_chunks(list(range(50)), 40, call))
    assert results == [number * 2 for number in range(50)]
    assert calls == [40, 20, 10, 10, 10, 10, 10]


def test_no_call_has_more_operations_than_the_server_states(factory: Factory) -> None:
    """Controllers that state a limit refuse the whole call, or hang up, when it is passed."""
    stated = {
        ua.ObjectIds.Server_ServerCapabilities_OperationLimits_MaxMonitoredItemsPerCall: 4,
        ua.ObjectIds.Server_ServerCapabilities_OperationLimits_MaxNodesPerRead: 3,
    }

    async def state(limits: dict[int, int]) -> None:
        for node, limit in limits.items():
            await factory.server.get_node(ua.NodeId(node)).write_value(ua.Variant(limit, ua.VariantType.UInt32))

    async def scenario() -> None:
        sizes: list[int] = []
        source = factory.source([])
        await state(stated)
        async with source._connected() as client:
            limits = await limits_of(client)
            await state(dict.fromkeys(stated, 0))
            assert (limits.monitor, limits.read) == (4, 3)
            session = client.uaclient.session
            create = session.create_monitored_items

            async def counted(params: Any) -> Any:
                sizes.append(len(params.ItemsToCreate))
                return await create(params)

            session.create_monitored_items = counted
            heard: list[Reading] = []
            monitor = Monitor(client, limits, source._options, heard.append, now)
            assert await monitor.add([(f"v{number}", ua.NodeId(f"v{number}", 2)) for number in range(25)]) == []
            await awaited(lambda: len({one.tag for one in heard} - {ALIVE}) == 25)
        assert sizes == [4, 4, 4, 4, 4, 4, 1]

    factory.run(scenario)


def test_more_nodes_than_one_subscription_holds_get_several(factory: Factory) -> None:
    async def scenario() -> None:
        source = factory.source([])
        async with source._connected() as client:
            heard: list[Reading] = []
            monitor = Monitor(client, Limits(items_per_subscription=3), source._options, heard.append, now)
            await monitor.add([(f"v{number}", ua.NodeId(f"v{number}", 2)) for number in range(7)])
            assert monitor.subscriptions == 3
            await awaited(lambda: len({one.tag for one in heard} - {ALIVE}) == 7)

    factory.run(scenario)


def test_a_quiet_server_is_known_to_be_alive(factory: Factory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shazhou.telemetry.edge.sources.opcua.monitor.KEEP_ALIVE", 0.1)

    async def scenario() -> None:
        async with running(factory.source(["ns=2;s=v7"])) as heard:
            await awaited(lambda: any(one.tag == ALIVE for one in heard))
        assert heard.of("ns=2;s=v7") == [7.0]

    factory.run(scenario)


def test_state_and_mode_of_a_server_with_opc_ua_for_machinery(factory: Factory) -> None:
    """The state is told by name; by the standard's names it becomes the standard's number."""

    async def scenario() -> None:
        server = factory.server
        index = await server.register_namespace("http://opcfoundation.org/UA/Machinery/")
        lathe = await server.nodes.objects.add_object(index, "Lathe")
        blocks = await lathe.add_object(index, "MachineryBuildingBlocks")
        current = []
        for name, value in (("MachineryItemState", "NotExecuting"), ("MachineryOperationMode", "Setup")):
            machine = await blocks.add_object(index, name)
            text = ua.Variant(ua.LocalizedText(value), ua.VariantType.LocalizedText)
            current.append(await machine.add_variable(ua.NodeId(name, index), f"{index}:CurrentState", text))
        async with running(factory.source(["State", "Operation Mode"])) as heard:
            await awaited(lambda: heard.of("State") == [2] and heard.of("Operation Mode") == [2])
            await current[0].write_value(ua.LocalizedText("Executing"))
            await awaited(lambda: heard.of("State") == [2, 3])
            await current[0].write_value(ua.LocalizedText("Kaputt"))
            await awaited(lambda: heard[-1].tag == "State" and heard[-1].value is None)
        assert (heard.of("State"), heard.of("Operation Mode")) == ([2, 3], [2])

    factory.run(scenario)


def test_the_agents_key_is_made_once_and_is_its_owners_alone(tmp_path: Path) -> None:
    certificate, key = own_certificate(tmp_path / "certificates")
    made = certificate.read_bytes(), key.read_bytes()
    assert own_certificate(tmp_path / "certificates") == (certificate, key)
    assert (certificate.read_bytes(), key.read_bytes()) == made
    assert key.stat().st_mode & 0o077 == 0


def test_a_publishing_is_read_as_the_library_reads_it() -> None:
    """Every kind of value, status and time, encoded by the library; decoded here and by the library's own objects."""
    at = datetime(2024, 5, 6, 7, 8, 9, 123000, tzinfo=UTC)
    values = [
        ua.DataValue(ua.Variant(value, kind), ua.StatusCode(status), SourceTimestamp=source, ServerTimestamp=server)
        for value, kind in (
            (True, ua.VariantType.Boolean),
            (-5, ua.VariantType.SByte),
            (200, ua.VariantType.Byte),
            (-30_000, ua.VariantType.Int16),
            (60_000, ua.VariantType.UInt16),
            (-(2**31), ua.VariantType.Int32),
            (2**32 - 1, ua.VariantType.UInt32),
            (-(2**63), ua.VariantType.Int64),
            (2**64 - 1, ua.VariantType.UInt64),
            (1.5, ua.VariantType.Float),
            (2.25, ua.VariantType.Double),
            ("läuft 运行", ua.VariantType.String),
            (ua.LocalizedText("läuft"), ua.VariantType.LocalizedText),
            ([1.0, 2.0], ua.VariantType.Double),
            (at, ua.VariantType.DateTime),
        )
        for status in (0, ua.StatusCodes.UncertainLastUsableValue, ua.StatusCodes.BadSensorFailure)
        for source, server in ((at, at), (None, at), (at, None))
    ]
    response = ua.PublishResponse()
    response.Parameters.SubscriptionId, response.Parameters.AvailableSequenceNumbers = 7, [1, 2]
    items = [ua.MonitoredItemNotification(handle, value) for handle, value in enumerate(values)]
    message = ua.NotificationMessage(9, NotificationData=[ua.DataChangeNotification(items)])
    response.Parameters.NotificationMessage = message
    published = Published(Buffer(struct_to_binary(response)))
    tags = [f"t{number}" for number in range(len(values))]
    assert (published.subscription, published.number, published.ended) == (7, 9, False)
    assert list(published.readings(tags)) == [reading(tag, value) for tag, value in zip(tags, values, strict=True)]


def test_a_broken_publishing_is_said_to_be_broken() -> None:
    response = ua.PublishResponse()
    items = [ua.MonitoredItemNotification(0, ua.DataValue(ua.Variant(1.5)))]
    response.Parameters.NotificationMessage = ua.NotificationMessage(
        1, NotificationData=[ua.DataChangeNotification(items)]
    )
    published = Published(Buffer(struct_to_binary(response)))
    with pytest.raises(ValueError, match="broken"):
        list(published.readings([]))
    response.Parameters.NotificationMessage.NotificationData = [ua.StatusChangeNotification()]
    ended = Published(Buffer(struct_to_binary(response)))
    assert ended.ended and list(ended.readings([])) == []
