"""Keeping a connection: pauses, silence said once, refusals that are not tried again and again."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

import pytest
from listening import now

from shazhou.telemetry.edge.source import Reading
from shazhou.telemetry.edge.sources import connection
from shazhou.telemetry.edge.sources.connection import TurnedAway, keep_connected
from shazhou.telemetry.sparkplug.payload import BAD


class Enough(BaseException):
    """Ends a test's endless loop."""


def paused(monkeypatch: pytest.MonkeyPatch, session: Callable[[Callable[[], None]], Any], times: int) -> Any:
    """The pauses between so many tries, and what was emitted."""
    pauses: list[float] = []
    heard: list[Reading] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == times:
            raise Enough

    monkeypatch.setattr(connection.random, "uniform", lambda *_: 1.0)
    monkeypatch.setattr(connection.asyncio, "sleep", sleep)
    with pytest.raises(Enough):
        asyncio.run(keep_connected("machine", session, heard.append, ("a", "b"), now))
    return pauses, heard


def test_a_machine_that_is_off_is_tried_with_growing_pauses_and_said_to_be_silent_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def session(_connected: Callable[[], None]) -> None:
        raise ConnectionRefusedError("off")

    pauses, heard = paused(monkeypatch, session, 5)
    assert pauses == [0.25, 0.5, 1.0, 1.0, 1.0]
    assert [(reading.tag, reading.value, reading.quality) for reading in heard] == [("a", None, BAD), ("b", None, BAD)]


def test_each_loss_of_a_connection_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    async def session(connected: Callable[[], None]) -> None:
        connected()

    _, heard = paused(monkeypatch, session, 3)
    assert len(heard) == 6


def test_a_wrong_password_is_not_tried_until_the_account_is_locked(monkeypatch: pytest.MonkeyPatch) -> None:
    async def session(_connected: Callable[[], None]) -> None:
        raise TurnedAway("wrong password")

    pauses, _ = paused(monkeypatch, session, 3)
    assert pauses == [60.0, 60.0, 60.0]


def test_whatever_a_machine_sends_its_source_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    async def session(_connected: Callable[[], None]) -> None:
        raise ZeroDivisionError

    pauses, _ = paused(monkeypatch, session, 2)
    assert len(pauses) == 2


def test_it_ends_when_told_to_even_where_a_library_forgot_it() -> None:
    async def session(connected: Callable[[], None]) -> None:
        connected()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(60)

    async def scenario() -> None:
        task = asyncio.create_task(keep_connected("machine", session, lambda _: None, (), now))
        await asyncio.sleep(0)
        task.cancel()
        done, _ = await asyncio.wait({task}, timeout=2)
        assert done and task.cancelled()

    asyncio.run(scenario())
