"""What a server allows in one call, and calls kept within it.

A server says its limits under ServerCapabilities (OPC 10000-5, 6.3.2); zero or a missing node is no limit. Many
controllers state none and refuse all the same, so a call that is refused as too large is made again in halves.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from asyncua.client.client import Client
from asyncua.ua import uaerrors
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.object_ids import ObjectIds

from shazhou.telemetry.edge.sources.opcua.nodes import standard_node

CHUNK = 1000
"""Operations in one call where the server states no limit."""

TOO_LARGE = (
    uaerrors.BadTooManyOperations,
    uaerrors.BadEncodingLimitsExceeded,
    uaerrors.BadRequestTooLarge,
    uaerrors.BadResponseTooLarge,
    uaerrors.BadTcpMessageTooLarge,
)

Operation = TypeVar("Operation")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Limits:
    """Operations per call (never zero), and what one subscription and one session may hold (zero: no limit)."""

    read: int = CHUNK
    browse: int = CHUNK
    monitor: int = CHUNK
    items_per_subscription: int = 0
    subscriptions: int = 0


STATED = {
    "read": ObjectIds.Server_ServerCapabilities_OperationLimits_MaxNodesPerRead,
    "browse": ObjectIds.Server_ServerCapabilities_OperationLimits_MaxNodesPerBrowse,
    "monitor": ObjectIds.Server_ServerCapabilities_OperationLimits_MaxMonitoredItemsPerCall,
    "items_per_subscription": ObjectIds.Server_ServerCapabilities_MaxMonitoredItemsPerSubscription,
    "subscriptions": ObjectIds.Server_ServerCapabilities_MaxSubscriptionsPerSession,
}


async def limits_of(client: Client, chunk: int = CHUNK) -> Limits:
    """What the server states, and no more than ``chunk`` operations per call in any case.

    Read one by one: a server may allow a single node per read.
    """
    stated: dict[str, float] = {}
    for name, node in STATED.items():
        answer = (await client.uaclient.session.read_attributes([standard_node(node)], AttributeIds.Value))[0]
        value = answer.Value.Value if answer.Value is not None else None
        stated[name] = float(value) if isinstance(value, int | float) else 0.0
    return Limits(
        read=_within(stated["read"], chunk),
        browse=_within(stated["browse"], chunk),
        monitor=_within(stated["monitor"], chunk),
        items_per_subscription=int(stated["items_per_subscription"]),
        subscriptions=int(stated["subscriptions"]),
    )


def _within(stated: float, chunk: int) -> int:
    return min(int(stated), chunk) if stated >= 1 else chunk


async def in_chunks(
    operations: Sequence[Operation],
    size: int,
    call: Callable[[Sequence[Operation]], Awaitable[Sequence[Result]]],
) -> list[Result]:
    """The results of all operations in their order, ``size`` at most in one call, fewer where that is refused."""
    results: list[Result] = []
    while len(results) < len(operations):
        chunk = operations[len(results) : len(results) + size]
        try:
            results.extend(await call(chunk))
        except TOO_LARGE:
            if len(chunk) == 1:
                raise
            size = len(chunk) // 2
    return results
