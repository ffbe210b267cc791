"""Working hours: when an enterprise means to work, as lines that people write.

A line is days and a span: ``mon-fri 08:00-17:30``, ``mon,wed,sat 20:00-04:00`` (ends the next day), ``daily
00:00-24:00``. A line ``closed 2026-10-01`` or ``closed 2026-10-01/2026-10-07`` takes whole days out, and the shifts
that would begin on them. Times are local to the city's zone; overlapping spans count once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from shazhou.city.problem import Problem, Refused, Rule, Where

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

NOT_A_SHIFT = Rule(
    "working-hours",
    "{found} is no line of working hours.",
    "{found} 不是有效的工作时间。",
    "Write mon-fri 08:00-17:30, daily 00:00-24:00, or closed 2026-10-01/2026-10-07.",
    "请写成 mon-fri 08:00-17:30、daily 00:00-24:00 或 closed 2026-10-01/2026-10-07。",
)

_SHIFT = re.compile(r"(?P<days>[a-z,-]+) (?P<from>\d\d:\d\d)-(?P<to>\d\d:\d\d)")
_CLOSED = re.compile(r"closed (?P<first>\d{4}-\d\d-\d\d)(?:/(?P<last>\d{4}-\d\d-\d\d))?")


def lines_of(text: str) -> tuple[str, ...]:
    """The lines of working hours that stand in one text, parted by semicolons."""
    return tuple(filter(None, (line.strip() for line in text.split(";"))))


@dataclass(frozen=True)
class Shift:
    """A span of minutes of the day on some weekdays (0 is Monday); ``stop`` over 1,440 reaches into the next day."""

    days: frozenset[int]
    start: int
    stop: int


@dataclass(frozen=True)
class Calendar:
    """Working hours in a zone; `closed` are first and last days without work."""

    zone: ZoneInfo
    shifts: tuple[Shift, ...]
    closed: tuple[tuple[date, date], ...] = ()

    @classmethod
    def parse(cls, lines: Iterable[str], zone: str, where: Where | None = None) -> Calendar:
        """The calendar that lines describe; empty lines say nothing.

        Raises:
            Refused: with every line that is none.
        """
        shifts, closed, problems = [], [], []
        for line in filter(None, (" ".join(each.split()).lower() for each in lines)):
            try:
                if match := _CLOSED.fullmatch(line):
                    closed.append(_days_off(match))
                else:
                    shifts.append(_shift(line))
            except ValueError:
                problems.append(Problem(NOT_A_SHIFT, where or Where(), line))
        if problems:
            raise Refused(problems)
        return cls(ZoneInfo(zone), tuple(shifts), tuple(closed))

    def spans(self, start: datetime, stop: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Working time between two moments, as spans in UTC in order, none touching another."""
        merged: list[tuple[datetime, datetime]] = []
        day = start.astimezone(self.zone).date() - timedelta(days=1)
        found: list[tuple[datetime, datetime]] = []
        while day <= stop.astimezone(self.zone).date():
            found += self._spans_of(day)
            day += timedelta(days=1)
        for begin, end in sorted(found):
            begin, end = max(begin, start), min(end, stop)
            if begin >= end:
                continue
            if merged and begin <= merged[-1][1]:
                merged[-1] = merged[-1][0], max(merged[-1][1], end)
            else:
                merged.append((begin, end))
        return iter(merged)

    def seconds(self, start: datetime, stop: datetime) -> float:
        """Working time between two moments in seconds."""
        return sum((end - begin).total_seconds() for begin, end in self.spans(start, stop))

    def _spans_of(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        """The spans that begin on a day, without what of them falls on days that are closed."""
        for shift in self.shifts:
            if day.weekday() not in shift.days or self._is_closed(day):
                continue
            for first, (begin, end) in enumerate(((shift.start, min(shift.stop, 1440)), (0, shift.stop - 1440))):
                that = day + timedelta(days=first)
                if begin < end and not self._is_closed(that):
                    yield self._moment(that, begin), self._moment(that, end)

    def _is_closed(self, day: date) -> bool:
        return any(first <= day <= last for first, last in self.closed)

    def _moment(self, day: date, minute: int) -> datetime:
        local = datetime(day.year, day.month, day.day, tzinfo=self.zone) + timedelta(minutes=minute)
        return local.astimezone(UTC)


def _days_off(match: re.Match[str]) -> tuple[date, date]:
    first = date.fromisoformat(match["first"])
    last = date.fromisoformat(match["last"] or match["first"])
    if last < first:
        raise ValueError(match[0])
    return first, last


def _shift(line: str) -> Shift:
    match = _SHIFT.fullmatch(line)
    if match is None:
        raise ValueError(line)
    start, stop = _minute(match["from"]), _minute(match["to"])
    if stop <= start:
        stop += 1440
    return Shift(frozenset(_weekdays(match["days"])), start, stop)


def _weekdays(text: str) -> Iterator[int]:
    if text == "daily":
        yield from range(7)
        return
    for part in text.split(","):
        first, _, last = part.partition("-")
        begin, end = DAYS.index(first), DAYS.index(last or first)
        yield from ((begin + step) % 7 for step in range((end - begin) % 7 + 1))


def _minute(text: str) -> int:
    hours, minutes = map(int, text.split(":"))
    if minutes > 59 or hours * 60 + minutes > 1440:
        raise ValueError(text)
    return hours * 60 + minutes
