"""A source of readings: one connection to machines, of whatever kind.

A source reads what its tags say and hands on each reading with the time that the machine, not the gateway, gave it
where there is one. It knows nothing of equipment or standard names: that is the mapping's part. It looks after its
own connection and never ends by itself.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from shazhou.city.definition import Definition
from shazhou.city.problem import Problem
from shazhou.telemetry.sparkplug.payload import GOOD

Value = bool | int | float | str | None
Clock = Callable[[], int]
"""Gives the present moment in milliseconds since 1970 UTC."""

AGAIN = 0.5
"""Seconds between two looks for what a machine says next, while somebody waits for it."""

ALIVE = ""
"""Tag of a reading that says only that the connection works, from sources that tell a value only when it changes: the
equipment behind it is not taken for silent. It is no evidence of values."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A value of a tag. ``at`` is the source's time in milliseconds since 1970 UTC, ``quality`` as in
    `shazhou.telemetry.sparkplug.payload`; no ``value`` where there is none, as when the connection is lost."""

    tag: str
    value: Value
    at: int
    quality: int = GOOD


Emit = Callable[[Reading], None]


class NotReadable(Exception):
    """The tag cannot be read at this moment, or not by this kind of source on demand; its text says why in short."""


@dataclass(frozen=True)
class Report:
    """What a source reaches: in words what answered, a sample of each tag, and what is wrong."""

    reached: tuple[str, ...] = ()
    samples: tuple[Reading, ...] = ()
    problems: tuple[Problem, ...] = ()


class Source(Protocol):
    """A connection to machines. It is made without connecting."""

    async def run(self, emit: Emit) -> None:
        """Reads until cancelled. A lost connection is made again by the source itself, with growing pauses; as long as
        it is lost, every tag is emitted once with no value and quality BAD."""

    async def check(self) -> Report:
        """Connects once, reads each tag once and disconnects; wrong settings and dead ends are problems, no errors."""

    async def read(self, tag: str) -> Reading:
        """The tag's value now, from the machine and from no cache (maxAge 0). Where only a cache can be asked, it waits
        for what the machine says next (`fresh`); the caller bounds the time.

        Raises:
            NotReadable: it cannot be had.
        """


async def fresh(last: Callable[[], Awaitable[Reading]], asked: int) -> Reading:
    """What a machine said since a moment, of a source that keeps what it said last: told again it would prove nothing.
    Asks every `AGAIN` seconds, for as long as the caller lets it. What it had when it was asked is no answer even if
    its time is later: the machine's clock, or the zone in which it is read, may be ahead."""
    since = max(asked, (await last()).at + 1)
    while (found := await last()).at < since:
        await asyncio.sleep(AGAIN)
    return found


class SourceOptions(Definition, ABC):
    """Base of what the agent's file says of a source; each kind adds its fields and ``kind: Literal[...]``."""

    @abstractmethod
    def source(self, tags: Collection[str], folder: Path, clock: Clock) -> Source:
        """The source for these tags. File names are relative to ``folder``, that of the agent's file. Libraries are
        imported here, so that an agent loads what it uses."""
