"""The connection to one broker: STATE as Sparkplug asks, subscriptions, TLS, and connecting anew for ever."""

from __future__ import annotations

import json
import logging
import socket
import ssl
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from shazhou.city.problem import Problem, Refused, Rule, Where
from shazhou.telemetry.sparkplug.payload import state
from shazhou.telemetry.sparkplug.topic import NAMESPACE
from shazhou.telemetry.sparkplug.topic import state as state_topic

NOT_A_BROKER = Rule(
    "not-a-broker",
    "{found} is no address of a broker.",
    "{found} 不是 MQTT 服务器地址。",
    "Write mqtt://host:1883, or mqtts://user@host:8883 with the password in SHAZHOU_BROKER_PASSWORD.",
    "请写成 mqtt://主机:1883，或 mqtts://用户@主机:8883，密码放在环境变量 SHAZHOU_BROKER_PASSWORD 中。",
)

ANOTHER = (
    "disconnected again right after connecting: does another host with the id {host} run? Give each its own --id. "
    "连接后随即再次断开：是否另有主机使用同一标识 {host}？请用 --id 区分。"
)

_BUFFER = 4_000_000
"""Bytes that the system holds for us while we write to disk."""
_KEEPALIVE = 30
SHORT = 5.0
"""Seconds: whoever is disconnected sooner, `OFTEN` times in a row, is likely thrown out by another of the same name."""
OFTEN = 3
_log = logging.getLogger("shazhou.host")


@dataclass(frozen=True)
class Address:
    """Where a broker is and who we are there. ``ca`` is a file with the authority that signed its certificate; empty
    for those that the system trusts."""

    host: str
    port: int
    tls: bool = False
    username: str = ""
    password: str = field(default="", repr=False)
    ca: str = ""

    @classmethod
    def parse(cls, text: str, password: str = "", ca: str = "") -> Address:
        """The address in ``mqtt://host:port`` or ``mqtts://user@host:port``; a password in it counts before the other.

        Raises:
            Refused: it is none.
        """
        parts = urlsplit(text if "://" in text else f"mqtt://{text}")
        try:
            port = parts.port
        except ValueError:
            port = -1
        if parts.scheme not in ("mqtt", "mqtts") or not parts.hostname or port == -1:
            raise Refused([Problem(NOT_A_BROKER, Where(), text)])
        tls = parts.scheme == "mqtts"
        given = unquote(parts.password or "") or password
        return cls(parts.hostname, port or (8883 if tls else 1883), tls, unquote(parts.username or ""), given, ca)

    def __str__(self) -> str:
        return f"{'mqtts' if self.tls else 'mqtt'}://{self.host}:{self.port}"


Received = Callable[[str, bytes], None]


class Connection:
    """A connection that is kept up in a thread of its own from `start` to `stop`, and again from the next `start` on.

    Each time that it connects, the will says that this host is offline; then it subscribes, and the first message that
    it publishes says that it is online, with the will's time.
    """

    def __init__(self, address: Address, host: str, group: str, received: Received, lost: Callable[[], None]) -> None:
        self.address, self.connected = address, False
        self._host, self._group, self._received, self._lost = host, group, received, lost
        self._topic, self._at = state_topic(host), 0
        self._failure, self._began, self._short = "", 0.0, 0
        self._client = client = mqtt.Client(
            CallbackAPIVersion.VERSION2, client_id=f"shazhou-host-{host}", clean_session=True
        )
        client.reconnect_delay_set(1, 30)
        if address.username:
            client.username_pw_set(address.username, address.password)
        if address.tls:
            client.tls_set_context(ssl.create_default_context(cafile=address.ca or None))
        client.on_pre_connect = self._before
        client.on_socket_open = self._opened
        client.on_connect = self._on_connect
        client.on_connect_fail = self._on_connect_fail
        client.on_disconnect = self._on_disconnect
        client.on_message = self._on_message
        client.message_callback_add(self._topic, self._on_state)

    def start(self) -> None:
        """Begins to connect; returns at once, also where the broker is not there yet."""
        self._client.connect_async(self.address.host, self.address.port, _KEEPALIVE)
        self._client.loop_start()

    def stop(self) -> None:
        """Says that the host is offline, and disconnects."""
        if self.connected:
            # From here on the word that we are offline is our own, and true.
            self.connected = False
            told = self._client.publish(self._topic, state(False, _now()), qos=1, retain=True)
            # What does not get through any more is told by the will.
            with suppress(RuntimeError, ValueError):
                told.wait_for_publish(2)
        self._client.disconnect()
        self._client.loop_stop()

    def send(self, topic: str, payload: bytes) -> None:
        """Sends a command; without a connection it is lost, as every message of QoS 0 may be."""
        if self.connected:
            self._client.publish(topic, payload, qos=0, retain=False)

    def _before(self, client: mqtt.Client, _: Any) -> None:
        self._at = _now()
        client.will_set(self._topic, state(False, self._at), qos=1, retain=True)

    def _opened(self, _client: mqtt.Client, _: Any, opened: Any) -> None:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)

    def _on_connect(self, client: mqtt.Client, _: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if reason.is_failure:
            _log.warning("%s: %s", self.address, reason)
            return
        self._failure, self._began = "", time.monotonic()
        # One filter for all: rumqttd keeps the order of messages within a filter only, and a device's birth that comes
        # before its node's counts for nothing.
        client.subscribe([(self._topic, 1), (f"{NAMESPACE}/{self._group}/#", 0)])
        self.connected = True
        self._tell()
        _log.info("%s: connected", self.address)

    def _on_connect_fail(self, _client: mqtt.Client, _: Any) -> None:
        """Tells once why the broker is not reached, and again where the reason is another; paho calls this while it
        handles the error, and tries again."""
        failure = str(sys.exc_info()[1] or "unknown")
        if failure != self._failure:
            self._failure = failure
            _log.warning("%s: not reached, trying on 无法连接，将继续重试: %s", self.address, failure)

    def _on_disconnect(self, _client: mqtt.Client, _: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if self.connected:
            self.connected = False
            _log.warning("%s: disconnected: %s", self.address, reason)
            self._short = self._short + 1 if time.monotonic() - self._began < SHORT else 0
            if self._short >= OFTEN:
                _log.warning("%s: %s", self.address, ANOTHER.format(host=self._host))
            self._lost()

    def _on_message(self, _client: mqtt.Client, _: Any, message: mqtt.MQTTMessage) -> None:
        try:
            topic = message.topic
        except UnicodeDecodeError:
            topic = repr(message._topic)
        self._received(topic, bytes(message.payload))

    def _on_state(self, _client: mqtt.Client, _: Any, message: mqtt.MQTTMessage) -> None:
        """Whoever says that we are offline, as the will of an earlier connection does, is wrong."""
        try:
            said = json.loads(message.payload)
            offline = said["online"] is False
        except (ValueError, KeyError, TypeError, RecursionError):
            self._received(message.topic, bytes(message.payload))
            return
        if offline and self.connected:
            self._tell()

    def _tell(self) -> None:
        self._client.publish(self._topic, state(True, self._at), qos=1, retain=True)


def _now() -> int:
    return time.time_ns() // 1_000_000
