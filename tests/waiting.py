"""Waiting for a condition instead of for time, and ports that nobody listens on."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable
from typing import Any


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        return int(tried.getsockname()[1])


def until(condition: Callable[[], Any], seconds: float = 20, every: float = 0.02) -> Any:
    """Waits for a condition and gives its value; fails the test when it never holds."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, f"waited {seconds} s in vain"
        time.sleep(every)
    return found


async def awaited(condition: Callable[[], object], seconds: float = 25, what: str = "") -> None:
    """Returns as soon as a condition holds; fails the test when it never does."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"waited {seconds} s in vain {what}"
        await asyncio.sleep(0.01)
