"""The broker that comes along: rumqttd in a process of its own, for this machine alone unless told otherwise."""

from __future__ import annotations

import socket

from iotcore import Broker

from shazhou.city.problem import Problem, Refused, Rule, Where

CANNOT_LISTEN = Rule(
    "broker-cannot-listen",
    "The MQTT server cannot listen on {found}: {reason}.",
    "MQTT 服务器无法监听 {found}：{reason}。",
    "Another one may be running there: stop it, or choose another --port.",
    "该端口可能已被占用：请停止占用者，或用 --port 另选端口。",
)

PAYLOAD = 1 << 20
"""Bytes of the largest payload; rumqttd's default of 20,480 would cut the connection of a node with a long birth."""

INFLIGHT = 1_000
"""Messages that may be under way to one client."""


def embedded(port: int = 1883, listen: str = "127.0.0.1") -> Broker:
    """The broker, not yet started; port 0 chooses a free one."""
    chosen = port or _free(listen)
    return Broker(port=chosen, listen=listen, max_payload_size=PAYLOAD, max_inflight_count=INFLIGHT)


def started(port: int = 1883, listen: str = "127.0.0.1") -> Broker:
    """The broker, once it listens.

    Raises:
        Refused: it cannot.
    """
    broker = embedded(port, listen)
    try:
        return broker.start()
    except OSError as error:
        reason = {"reason": error.strerror or str(error).rpartition(": ")[2]}
        raise Refused([Problem(CANNOT_LISTEN, Where(), f"{listen}:{port}", reason)]) from None


def _free(listen: str) -> int:
    with socket.socket() as tried:
        tried.bind((listen, 0))
        return int(tried.getsockname()[1])
