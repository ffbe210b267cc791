"""The broker that comes along: rumqttd in a process of its own, for this machine alone unless told otherwise."""

from __future__ import annotations

import socket

from iotcore import Broker

PAYLOAD = 1 << 20
"""Bytes of the largest payload; rumqttd's default of 20,480 would cut the connection of a node with a long birth."""

INFLIGHT = 1_000
"""Messages that may be under way to one client."""


def embedded(port: int = 1883, listen: str = "127.0.0.1") -> Broker:
    """The broker, not yet started; port 0 chooses a free one."""
    chosen = port or _free(listen)
    return Broker(port=chosen, listen=listen, max_payload_size=PAYLOAD, max_inflight_count=INFLIGHT)


def _free(listen: str) -> int:
    with socket.socket() as tried:
        tried.bind((listen, 0))
        return int(tried.getsockname()[1])
