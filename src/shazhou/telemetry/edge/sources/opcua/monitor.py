"""Subscribing to many nodes within what the server allows, and handing on what it publishes.

Several requests to publish are under way at any time: a server with more to say than fits into one answer then goes on
at once, and does not wait for its next interval with its queues running over.
"""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import Sequence

from asyncua import ua
from asyncua.client.client import Client
from asyncua.ua import uaerrors
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.ua_binary import struct_from_binary

from shazhou.telemetry.edge.source import ALIVE, Clock, Emit, Reading
from shazhou.telemetry.edge.sources.opcua.limits import Limits, in_chunks
from shazhou.telemetry.edge.sources.opcua.options import OpcUaOptions
from shazhou.telemetry.edge.sources.opcua.publishing import Published
from shazhou.telemetry.edge.sources.rules import said

_LOG = logging.getLogger(__name__)

KEEP_ALIVE = 2.5
"""Seconds after which a server with nothing to say says so."""
LIFETIME = 60.0
"""Seconds after which a server forgets a subscription that nobody asks for."""
UNDER_WAY = 5
"""Requests to publish that wait at the server; it may allow fewer."""
PUBLISHED = 2000
"""Values in one publishing at most, so that the agent does other things in between."""
PER_SUBSCRIPTION = 10_000
"""Nodes in one subscription at most, where the server states nothing."""


class Monitor:
    """The subscriptions of one session. ``heard`` is when the server last published, by `time.monotonic`."""

    def __init__(self, client: Client, limits: Limits, options: OpcUaOptions, emit: Emit, clock: Clock) -> None:
        protocol = client.uaclient.protocol
        if protocol is None:
            raise ConnectionError("not connected")
        self._session, self._protocol = client.uaclient.session, protocol
        self._limits, self._options, self._emit, self._clock = limits, options, emit, clock
        self._tags: list[str] = []
        self._room = 0
        self._subscription = self.subscriptions = 0
        self._publishing: list[asyncio.Task[None]] = []
        self._acknowledged: list[ua.SubscriptionAcknowledgement] = []
        self.heard = time.monotonic()
        self.patience = _patience(KEEP_ALIVE)
        self.ended = False
        self.sampling = 0.0
        """The slowest sampling that the server granted, in milliseconds."""

    async def add(self, nodes: Sequence[tuple[str, ua.NodeId]]) -> list[tuple[str, ua.NodeId, ua.StatusCode]]:
        """Monitors the nodes under these tags; what the server refused, with its reasons."""
        refused: list[tuple[str, ua.NodeId, ua.StatusCode]] = []
        rest = list(nodes)
        while rest:
            if self._room == 0:
                await self._subscribe()
            some, rest = rest[: self._room], rest[self._room :]
            results = await in_chunks([self._item(tag, node) for tag, node in some], self._limits.monitor, self._create)
            self._room -= len(some)
            for (tag, node), result in zip(some, results, strict=True):
                if result.StatusCode.is_good():
                    self.sampling = max(self.sampling, result.RevisedSamplingInterval)
                else:
                    refused.append((tag, node, result.StatusCode))
        return refused

    def close(self) -> None:
        """Asks for nothing more."""
        for task in self._publishing:
            task.cancel()

    @property
    def stale(self) -> bool:
        """Whether the server ended a subscription or has said nothing for longer than it may."""
        silent = time.monotonic() - self.heard > self.patience
        return self.ended or silent or all(task.done() for task in self._publishing)

    async def _subscribe(self) -> None:
        wanted = ua.CreateSubscriptionParameters()
        interval = self._options.interval
        wanted.RequestedPublishingInterval = interval * 1000
        wanted.RequestedMaxKeepAliveCount = max(1, round(KEEP_ALIVE / interval))
        wanted.RequestedLifetimeCount = max(3 * wanted.RequestedMaxKeepAliveCount, math.ceil(LIFETIME / interval))
        wanted.MaxNotificationsPerPublish = PUBLISHED
        wanted.PublishingEnabled = True
        answer = await self._protocol.send_request(ua.CreateSubscriptionRequest(Parameters=wanted))
        granted = struct_from_binary(ua.CreateSubscriptionResponse, answer).Parameters
        self._subscription = granted.SubscriptionId
        self.subscriptions += 1
        quiet = granted.RevisedPublishingInterval * granted.RevisedMaxKeepAliveCount / 1000
        self.patience = max(self.patience, _patience(quiet))
        self._room = self._limits.items_per_subscription or PER_SUBSCRIPTION
        self.heard = time.monotonic()
        if not self._publishing:
            self._publishing = [asyncio.create_task(self._publish()) for _ in range(UNDER_WAY)]

    async def _publish(self) -> None:
        """Asks for one publishing after another until the server or the connection refuses."""
        while True:
            acknowledged, self._acknowledged = self._acknowledged, []
            asked = ua.PublishRequest(Parameters=ua.PublishParameters(SubscriptionAcknowledgements=acknowledged))
            try:
                published = Published(await self._protocol.send_request(asked, timeout=0))
                self._hand_on(published)
            except uaerrors.BadTimeout:
                continue
            except (OSError, TimeoutError, uaerrors.UaError, ValueError) as error:
                _LOG.info("no more publishing: %s", said(error))
                return

    def _hand_on(self, published: Published) -> None:
        """Hands on what the server published; a publishing without values says that it is alive."""
        self.heard = time.monotonic()
        if not published.says_something:
            self._emit(Reading(ALIVE, None, self._clock()))
            return
        number = ua.SubscriptionAcknowledgement(published.subscription, published.number)
        self._acknowledged.append(number)
        self.ended = self.ended or published.ended
        for heard in published.readings(self._tags):
            self._emit(heard)

    def _item(self, tag: str, node: ua.NodeId) -> ua.MonitoredItemCreateRequest:
        interval = self._options.interval
        sampling = interval if self._options.sampling is None else self._options.sampling
        asked = ua.MonitoredItemCreateRequest()
        asked.ItemToMonitor.NodeId = node
        asked.ItemToMonitor.AttributeId = AttributeIds.Value
        asked.MonitoringMode = ua.MonitoringMode.Reporting
        asked.RequestedParameters.ClientHandle = len(self._tags)
        asked.RequestedParameters.SamplingInterval = sampling * 1000
        asked.RequestedParameters.QueueSize = self._options.queue or _queue(interval, sampling)
        asked.RequestedParameters.DiscardOldest = True
        self._tags.append(tag)
        return asked

    async def _create(self, items: Sequence[ua.MonitoredItemCreateRequest]) -> Sequence[ua.MonitoredItemCreateResult]:
        asked = ua.CreateMonitoredItemsParameters()
        asked.SubscriptionId = self._subscription
        asked.TimestampsToReturn = ua.TimestampsToReturn.Both
        asked.ItemsToCreate = list(items)
        created = await self._session.create_monitored_items(asked)
        self.heard = time.monotonic()
        return created


def _patience(quiet: float) -> float:
    """Seconds of silence after which a server is lost that has to speak after ``quiet``; a busy one may be late."""
    return 3 * quiet + 5.0


def _queue(interval: float, sampling: float) -> int:
    """Values that come within one publishing, and one more since both clocks run by themselves."""
    return 10 if sampling == 0 else min(math.ceil(interval / sampling) + 1, 1000)


REFUSALS = (
    uaerrors.BadUserAccessDenied,
    uaerrors.BadIdentityTokenInvalid,
    uaerrors.BadIdentityTokenRejected,
    uaerrors.BadSecurityChecksFailed,
    uaerrors.BadSecurityPolicyRejected,
    uaerrors.BadSecurityModeRejected,
    uaerrors.BadCertificateInvalid,
    uaerrors.BadCertificateUntrusted,
    uaerrors.BadCertificateTimeInvalid,
    uaerrors.BadCertificateUriInvalid,
    uaerrors.BadCertificateUseNotAllowed,
)
"""What only people can mend."""
