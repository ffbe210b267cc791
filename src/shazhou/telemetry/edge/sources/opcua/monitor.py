"""Subscribing to many nodes within what the server allows, and handing on what it publishes.

The high-level subscription of the library starts a task for each value; at thousands of values a second that is most
of the work. So its session is used directly: one call of `Monitor.published` hands on a whole publishing.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence

from asyncua import ua
from asyncua.client.client import Client
from asyncua.ua import uaerrors
from asyncua.ua.attribute_ids import AttributeIds

from shazhou.telemetry.edge.source import ALIVE, Clock, Emit, Reading
from shazhou.telemetry.edge.sources.opcua.limits import Limits, in_chunks
from shazhou.telemetry.edge.sources.opcua.options import OpcUaOptions
from shazhou.telemetry.edge.sources.opcua.value import reading

KEEP_ALIVE = 2.5
"""Seconds after which a server with nothing to say says so."""
LIFETIME = 60.0
"""Seconds after which a server forgets a subscription that nobody asks for."""
PUBLISHED = 2000
"""Values in one publishing at most, so that the agent does other things in between."""
PER_SUBSCRIPTION = 10_000
"""Nodes in one subscription at most, where the server states nothing."""


class Monitor:
    """The subscriptions of one session. ``heard`` is when the server last published, by `time.monotonic`."""

    def __init__(self, client: Client, limits: Limits, options: OpcUaOptions, emit: Emit, clock: Clock) -> None:
        self._session = client.uaclient.session
        self._limits, self._options, self._emit, self._clock = limits, options, emit, clock
        self._tags: list[str] = []
        self._room = 0
        self._subscription = 0
        self.heard = time.monotonic()
        self.patience = 2 * KEEP_ALIVE + 2.0
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

    def published(self, result: ua.PublishResult) -> None:
        """Hands on what the server published; a publishing without values says that it is alive."""
        self.heard = time.monotonic()
        parts = result.NotificationMessage.NotificationData
        if not parts:
            self._emit(Reading(ALIVE, None, self._clock()))
            return
        tags, emit = self._tags, self._emit
        for part in parts:
            if isinstance(part, ua.DataChangeNotification):
                for item in part.MonitoredItems:
                    emit(reading(tags[item.ClientHandle], item.Value))
            elif isinstance(part, ua.StatusChangeNotification):
                self.ended = True

    @property
    def stale(self) -> bool:
        """Whether the server ended a subscription or has published nothing for longer than it may."""
        return self.ended or time.monotonic() - self.heard > self.patience

    async def _subscribe(self) -> None:
        wanted = ua.CreateSubscriptionParameters()
        interval = self._options.interval
        wanted.RequestedPublishingInterval = interval * 1000
        wanted.RequestedMaxKeepAliveCount = max(1, round(KEEP_ALIVE / interval))
        wanted.RequestedLifetimeCount = max(3 * wanted.RequestedMaxKeepAliveCount, math.ceil(LIFETIME / interval))
        wanted.MaxNotificationsPerPublish = PUBLISHED
        wanted.PublishingEnabled = True
        granted = await self._session.create_subscription(wanted, self.published)
        self._subscription = granted.SubscriptionId
        quiet = granted.RevisedPublishingInterval * granted.RevisedMaxKeepAliveCount / 1000
        self.patience = max(self.patience, 2 * quiet + 2.0)
        self._room = self._limits.items_per_subscription or PER_SUBSCRIPTION
        self.heard = time.monotonic()

    def _item(self, tag: str, node: ua.NodeId) -> ua.MonitoredItemCreateRequest:
        interval = self._options.interval
        sampling = interval if self._options.sampling is None else self._options.sampling
        asked = ua.MonitoredItemCreateRequest()
        asked.ItemToMonitor.NodeId = node
        asked.ItemToMonitor.AttributeId = AttributeIds.Value
        asked.MonitoringMode = ua.MonitoringMode.Reporting
        asked.RequestedParameters.ClientHandle = len(self._tags)
        asked.RequestedParameters.SamplingInterval = max(sampling * 1000, self._limits.sampling)
        asked.RequestedParameters.QueueSize = self._options.queue or _queue(interval, sampling)
        asked.RequestedParameters.DiscardOldest = True
        self._tags.append(tag)
        return asked

    async def _create(self, items: Sequence[ua.MonitoredItemCreateRequest]) -> Sequence[ua.MonitoredItemCreateResult]:
        asked = ua.CreateMonitoredItemsParameters()
        asked.SubscriptionId = self._subscription
        asked.TimestampsToReturn = ua.TimestampsToReturn.Both
        asked.ItemsToCreate = list(items)
        return await self._session.create_monitored_items(asked)


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
