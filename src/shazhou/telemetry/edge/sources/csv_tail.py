"""A text file that a machine's software goes on writing: its new rows as readings.

    furnace:
      kind: csv
      path: /data/furnace-*.csv
      rows: {time: Zeit, formats: ["%d.%m.%Y %H:%M:%S"], decimal: ",", delimiter: ";"}

Tags are names of columns. With ``*`` in its name the file whose name is last in order is followed; when another comes,
the one before is read to its end first. A file that became shorter, or was replaced under its name, is read from its
beginning. A last line without end is waited for. Where reading stopped is not kept: rows that are written while the
agent is off are read only with ``start: beginning``, which also reads again what was read before.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Collection
from itertools import accumulate, islice
from pathlib import Path
from typing import BinaryIO, Literal

from pydantic import Field

from shazhou.telemetry.edge.source import Clock, Emit, NotReadable, Reading, Report, Source, SourceOptions, fresh
from shazhou.telemetry.edge.sources.connection import keep_connected
from shazhou.telemetry.edge.sources.rows import LONGEST, RowFormat, Rows
from shazhou.telemetry.edge.sources.rules import NO_SUCH_TAG, UNREADABLE_FILE, problem, said

CHUNK = 1 << 18
"""Bytes read at once."""
Mark = tuple[int, int, int]
"""A file, whatever its name (device and inode), and a place in it or its size."""


class CsvOptions(SourceOptions):
    """A growing file of rows. Times in seconds."""

    kind: Literal["csv"]
    path: str
    rows: RowFormat = RowFormat()
    start: Literal["end", "beginning"] = "end"
    interval: float = Field(1.0, ge=0.01, le=3600)
    """How often the file is looked at."""

    def source(self, tags: Collection[str], folder: Path, clock: Clock) -> Source:
        return CsvSource(self, tags, folder, clock)


class CsvSource:
    """See above."""

    def __init__(self, options: CsvOptions, tags: Collection[str], folder: Path, clock: Clock) -> None:
        self._options, self._tags, self._clock = options, tuple(tags), clock
        self._pattern = folder / options.path

    async def run(self, emit: Emit) -> None:
        left: Mark | None = None
        first = True

        async def session(connected: Callable[[], None]) -> None:
            nonlocal left, first
            skip, first = first and self._options.start == "end", False
            follower = Follower(self._newest(), left, skip)
            rows = Rows(self._options.rows, self._tags)
            try:
                rows.readings(follower.head, self._clock())
                connected()
                while True:
                    await self._step(follower, rows, emit)
            finally:
                left = follower.close()

        await keep_connected(str(self._pattern), session, emit, self._tags, self._clock)

    async def check(self) -> Report:
        try:
            path = self._newest()
            rows, heard = await asyncio.to_thread(self._last_row, path)
        except OSError as error:
            return Report(problems=(problem(UNREADABLE_FILE, str(self._pattern), said(error)),))
        problems = [problem(NO_SUCH_TAG, str(path), tag) for tag in rows.missing()]
        if rows.malformed:
            problems.append(problem(UNREADABLE_FILE, str(path), f"{rows.malformed} rows"))
        listed = () if self._tags else rows.columns
        return Report((f"{path}: {len(rows.columns)} columns", *listed), tuple(heard), tuple(problems))

    async def read(self, tag: str) -> Reading:
        """From a row whose own time is not before that of the question."""
        if not self._options.rows.time:
            raise NotReadable("rows without times do not say when they were written")
        if tag in self._options.rows.totals:
            raise NotReadable("one row does not say the sum of all")
        return await fresh(lambda: self._last(tag), self._clock())

    async def _step(self, follower: Follower, rows: Rows, emit: Emit) -> None:
        """Hands on the lines that are there, then looks for another file, then waits."""
        lines = await asyncio.to_thread(follower.lines)
        for line, end in lines:
            # Before it is handed on: a line that breaks the session must not break each one after it.
            follower.taken = end
            for reading in rows.readings(line, self._clock()):
                emit(reading)
        if lines:
            return
        newest = self._newest()
        if follower.over(newest):
            follower.follow(newest)
            rows.begin()
            return
        await asyncio.sleep(self._options.interval)

    async def _last(self, tag: str) -> Reading:
        try:
            _, heard = await asyncio.to_thread(self._last_row, self._newest())
        except OSError as error:
            raise NotReadable(said(error)) from error
        for reading in heard:
            if reading.tag == tag:
                return reading
        raise NotReadable(f"no column {tag}, or no row")

    def _newest(self) -> Path:
        found = sorted(self._pattern.parent.glob(self._pattern.name))
        if not found:
            raise FileNotFoundError(f"no file {self._pattern}")
        return found[-1]

    def _last_row(self, path: Path) -> tuple[Rows, list[Reading]]:
        """The file's last whole row and what was read on the way to it: the names, and at most its last part."""
        rows = Rows(self._options.rows, self._tags)
        with path.open("rb") as file:
            rows.readings(file.readline(LONGEST), self._clock())
            first = file.tell()
            file.seek(max(first, path.stat().st_size - 65_536))
            lines = file.read().split(b"\n")[:-1]
        for line in reversed(lines):
            if heard := rows.readings(line, self._clock()):
                return rows, heard
        return rows, []


class Follower:
    """A file that is followed: its whole lines from where one begins to its end, and on as it grows.

    One begins where one ``left`` the same file, else at its beginning, or with ``skip`` at its end. ``head`` is its
    first line where one does not begin with it, since it may hold the columns' names. ``taken`` is the place up to
    which lines were handed on: whoever closes earlier leaves the rest of them to the next.
    """

    def __init__(self, path: Path, left: Mark | None, skip: bool) -> None:
        self._rest, self.head = b"", b""
        self._file: BinaryIO = path.open("rb")
        device, inode, size = self._state()
        start = size if skip else 0
        if left is not None and left[:2] == (device, inode) and left[2] <= size:
            start = left[2]
        self.taken = start
        if start:
            self.head = self._file.readline(LONGEST)
            self._file.seek(start)

    def lines(self) -> list[tuple[bytes, int]]:
        """The next lines that are whole, each with the place where it ends; none at the end."""
        data = self._rest + self._file.read(CHUNK)
        *lines, self._rest = data.split(b"\n")
        ends = accumulate((len(line) + 1 for line in lines), initial=self._file.tell() - len(data))
        if len(self._rest) > LONGEST:
            self._rest = b""
        return list(zip(lines, islice(ends, 1, None), strict=True))

    def over(self, newest: Path) -> bool:
        """Whether this file is not the one to follow any more: another has come, under its name too, or it was cut."""
        device, inode, size = self._state()
        other = newest.stat()
        return (device, inode) != (other.st_dev, other.st_ino) or size < self._file.tell()

    def follow(self, path: Path) -> None:
        """Goes on with this file, from its beginning."""
        self._file.close()
        self._rest, self._file, self.taken = b"", path.open("rb"), 0

    def close(self) -> Mark:
        """Ends; where it was left."""
        device, inode, _ = self._state()
        mark = device, inode, self.taken
        self._file.close()
        return mark

    def _state(self) -> Mark:
        state = os.fstat(self._file.fileno())
        return state.st_dev, state.st_ino, state.st_size
