"""What the host says of the present: every node with its devices, as the wall of all enterprises shows them."""

from __future__ import annotations

from typing import Any

from shazhou.telemetry.host.current import Current
from shazhou.telemetry.host.host import Host
from shazhou.telemetry.host.node import Device, Node

RECENT = 120_000
"""Milliseconds for which what a device said last speaks for it."""


def state(host: Host, brokers: dict[str, bool], now: int) -> dict[str, Any]:
    """The state to write; ``brokers`` says by address which are connected. Of a node that speaks at several brokers the
    session whose last message was sent last counts."""
    nodes: dict[str, dict[str, Any]] = {}
    for node in sorted(host.nodes.values(), key=lambda node: (node.online, node.order.last)):
        nodes[node.name] = _node(node, host.current, now)
    known = {"host": host.settings.host, "brokers": brokers, "quarantined": dict(host.outbox.counts)}
    clocks = {name: each.least for name, each in host.sessions.lateness.items()}
    return {"at": now, **known, "clocks": clocks, "nodes": nodes}


def _node(node: Node, current: Current, now: int) -> dict[str, Any]:
    parts = [node.own, *node.devices.values()]
    # A session is 1 until its birth is valid; here it always is, or there would be no node.
    level = 3 if node.online and any(_speaks(part, current, now) for part in parts) else 2
    return {
        "online": node.online,
        "born": node.born,
        "last": node.order.last,
        "mode": node.mode,
        "origin": node.origin,
        "level": level,
        "agent": node.agent,
        "devices": {
            device.name: {"online": device.online, "state": _state(device, current), "last": device.last}
            for device in node.devices.values()
        },
    }


def _speaks(part: Device, current: Current, now: int) -> bool:
    """Whether good values came just now whose own times are of just now."""
    if not part.online or now - part.last > RECENT:
        return False
    return part.good or any(current.holds(each) and now - current.at[each] < RECENT for each in part.birth.series())


def _state(device: Device, current: Current) -> int | None:
    metric = device.birth.metrics.get("State")
    if metric is None or metric.series < 0:
        return device.state
    known = current.holds(metric.series) and 0 <= current.number[metric.series] <= 3
    return int(current.number[metric.series]) if known else None
