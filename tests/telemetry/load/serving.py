"""The broker and the host as processes of their own, as they are run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from iotcore.broker import Broker
from machine import free_port


@contextmanager
def broker() -> Iterator[int]:
    """The embedded broker on a free port."""
    with Broker(port=free_port(), listen="127.0.0.1", max_payload_size=1 << 20) as running:
        yield running.port
