"""Keeping a connection: again and again, with growing pauses, saying once that there is nothing while it is lost."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable, Collection

from shazhou.telemetry.edge.source import Clock, Emit, Reading
from shazhou.telemetry.edge.sources.rules import said
from shazhou.telemetry.sparkplug.payload import BAD

SHORTEST, LONGEST, TURNED_AWAY = 0.25, 1.0, 60.0
"""Seconds between tries: from the first on, at most, and after a refusal that trying again does not mend (a wrong
password tried every second locks an account)."""

LASTING = 10.0
"""Seconds after which a connection counts as one that worked, so that the next pause is short again."""

_LOG = logging.getLogger(__name__)


class TurnedAway(Exception):
    """The machine answers and refuses: user, password, certificate. Only people can mend it."""


def obey() -> None:
    """Raises CancelledError where the task was cancelled and a library forgot it, as wait_for may in Python 3.11."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


async def keep_connected(
    address: str,
    session: Callable[[Callable[[], None]], Awaitable[None]],
    emit: Emit,
    tags: Collection[str],
    clock: Clock,
) -> None:
    """Runs ``session`` for ever. It calls what it is given once it is connected, and ends or raises when that is over.

    While there is no connection every tag is emitted once without value and with quality BAD.
    """
    pause, silent = SHORTEST, False

    def connected() -> None:
        nonlocal silent
        silent = False

    while True:
        obey()
        begun, refused = time.monotonic(), False
        try:
            await session(connected)
            _LOG.warning("%s: connection ended", address)
        except TurnedAway as refusal:
            _LOG.error("%s: refused: %s", address, refusal)
            refused = True
        except Exception as error:  # whatever a machine sends, its source must not end
            _LOG.warning("%s: connection lost: %s", address, said(error))
        if not silent:
            at = clock()
            for tag in tags:
                emit(Reading(tag, None, at, BAD))
            silent = True
        if time.monotonic() - begun > LASTING:
            pause = SHORTEST
        await asyncio.sleep((TURNED_AWAY if refused else pause) * random.uniform(0.8, 1.2))
        pause = min(pause * 2, LONGEST)
