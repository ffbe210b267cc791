"""A recorded file played again: rows of CSV or a log of SHDR, plain or gzip.

    plant: {kind: replay, path: steel_plant.csv.gz, speed: 60, rows: {time: date}}

``speed`` is how much faster than it was recorded; with ``max`` as fast as it can be read. With ``times: now`` what was
recorded gets new times, beginning at the present moment and as far apart as it is played; with ``times: recorded`` it
keeps its own. What is played is marked as recorded by the agent's file (``origin: recorded``), which must say so.

Lines are played in the file's order. A pause that is longer than ``pause`` seconds is shortened to it; a step backwards
takes no time.
"""

from __future__ import annotations

import asyncio
import gzip
import time
from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, Literal, Self, cast

from pydantic import Field, model_validator

from shazhou.telemetry.edge.source import Clock, Emit, NotReadable, Reading, Report, Source, SourceOptions
from shazhou.telemetry.edge.sources.mtconnect.device import Device
from shazhou.telemetry.edge.sources.mtconnect.model import DataItem, model_at
from shazhou.telemetry.edge.sources.mtconnect.shdr import Parser
from shazhou.telemetry.edge.sources.rows import LONGEST, RowFormat, Rows
from shazhou.telemetry.edge.sources.rules import NO_SUCH_TAG, UNREADABLE_FILE, problem, said

AT_ONCE = 200
"""Lines that are played before others may do something."""
EARLY = 0.02
"""Seconds by which a line may be played early, so that not every line is waited for."""


class ReplayOptions(SourceOptions):
    """A recorded file. Times in seconds."""

    kind: Literal["replay"]
    path: str
    format: Literal["csv", "shdr"] = "csv"
    rows: RowFormat = RowFormat()
    model: str = ""
    """The device model of an SHDR log."""
    device: str = ""
    speed: float | Literal["max"] = 1.0
    times: Literal["now", "recorded"] = "now"
    pause: float = Field(86_400.0, gt=0)
    repeat: bool = False
    """Begins again at the end."""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.speed == "max" and self.times == "now":
            raise ValueError("as fast as it can be read, a record keeps its own times (times: recorded)")
        if self.speed == "max" and self.repeat:
            raise ValueError("as fast as it can be read, a record is played once")
        if self.speed != "max" and self.speed <= 0:
            raise ValueError("speed is above 0")
        return self

    def source(self, tags: Collection[str], folder: Path, clock: Clock) -> Source:
        return ReplaySource(self, tags, folder, clock)


class ReplaySource:
    """See above. ``done`` is set when the record was played to its end."""

    def __init__(self, options: ReplayOptions, tags: Collection[str], folder: Path, clock: Clock) -> None:
        self._options, self._tags, self._clock = options, tuple(tags), clock
        self._path = folder / options.path
        self._model = folder / options.model if options.model else None
        self.done = asyncio.Event()

    async def run(self, emit: Emit) -> None:
        while True:
            await self._play(emit)
            if not self._options.repeat:
                break
        self.done.set()
        await asyncio.Event().wait()

    async def check(self) -> Report:
        samples: dict[str, Reading] = {}
        try:
            items = self._items()
            for lines, readings in enumerate(self._readings(items)):
                samples.update({reading.tag: reading for reading in readings if reading.tag not in samples})
                if lines > 1000 or (self._tags and len(samples) == len(self._tags)):
                    break
        except (OSError, ValueError, EOFError) as error:
            return Report(problems=(problem(UNREADABLE_FILE, str(self._path), said(error)),))
        silent = tuple(problem(NO_SUCH_TAG, str(self._path), tag) for tag in self._tags if tag not in samples)
        return Report((f"{self._path}: recorded", *self._columns(items)), tuple(samples.values()), silent)

    async def read(self, tag: str) -> Reading:
        raise NotReadable("a record is no machine: it cannot be read on demand")

    async def _play(self, emit: Emit) -> None:
        speed = self._options.speed
        began, start = time.monotonic(), self._clock()
        position, newest = 0, 0
        for played, readings in enumerate(self._readings(self._items())):
            if played % AT_ONCE == 0:
                await asyncio.sleep(0)
            if not readings:
                continue
            at = max(reading.at for reading in readings)
            position += min(max(at - (newest or at), 0), int(self._options.pause * 1000))
            newest = max(newest, at)
            if speed != "max":
                ahead = position / speed / 1000 - (time.monotonic() - began)
                if ahead > EARLY:
                    await asyncio.sleep(ahead)
            for reading in readings:
                if self._options.times == "now" and speed != "max":
                    reading = replace(reading, at=start + int(position / speed))
                emit(reading)

    def _readings(self, items: dict[str, DataItem]) -> Iterator[list[Reading]]:
        """The readings of each line."""
        arrival = self._clock()
        with self._opened() as file:
            if self._options.format == "csv":
                rows = Rows(self._options.rows, self._tags)
                while line := file.readline(LONGEST):
                    yield rows.readings(line, arrival)
            else:
                parser, device = Parser(items), Device(items, self._tags, 0)
                while line := file.readline(LONGEST):
                    yield list(device.tagged(parser.readings(line.decode("utf-8", "replace"), arrival)))

    def _columns(self, items: dict[str, DataItem]) -> tuple[str, ...]:
        """What the record offers, where nothing was asked for."""
        if self._tags:
            return ()
        if self._options.format == "shdr":
            return tuple(f"{item.name or item.id} ({item.type})" for item in items.values())
        rows = Rows(self._options.rows, ())
        with self._opened() as file:
            rows.readings(file.readline(LONGEST), 0)
        return rows.columns

    def _items(self) -> dict[str, DataItem]:
        return model_at(self._model, self._options.device) if self._model else {}

    def _opened(self) -> BinaryIO:
        return cast(BinaryIO, gzip.open(self._path)) if self._path.suffix == ".gz" else self._path.open("rb")
