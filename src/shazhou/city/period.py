"""Periods as SDMX writes them: ``2021``, ``2021-Q1``, ``2021-03``, ``2021-03-05`` or a range ``2021-01-01/P6M``.

A period is a span of whole days. Its frequency is its SDMX code: A (year), Q (quarter), M (month), D (day), or R for
a range (a cumulative value, "January to June").
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from shazhou.city.problem import Rule

Frequency = Literal["A", "Q", "M", "D", "R"]

BAD_PERIOD = Rule(
    "period-form",
    "{found} is no period.",
    "{found} 不是有效的时期。",
    "Write 2021, 2021-Q1, 2021-03, 2021-03-05 or a range such as 2021-01-01/P6M.",
    "请写作 2021、2021-Q1、2021-03、2021-03-05 或区间 2021-01-01/P6M。",
)

_PATTERN = re.compile(
    r"(?P<year>\d{4})(?:-(?:Q(?P<quarter>[1-4])|(?P<month>0[1-9]|1[0-2])(?:-(?P<day>\d{2}))?))?"
    r"(?:/P(?P<count>[1-9]\d{0,3})(?P<unit>[YMD]))?",
    re.ASCII,
)


@dataclass(frozen=True, order=True)
class Period:
    """A span of days with its SDMX text. ``end`` is the last day, inclusive."""

    start: date
    end: date
    text: str
    frequency: Frequency

    @classmethod
    def parse(cls, text: str) -> Period:
        """The period that an SDMX time period names.

        Raises:
            ValueError: the text is no SDMX time period of a supported form.
        """
        match = _PATTERN.fullmatch(text)
        if match is None:
            raise ValueError(text)
        year, quarter, month, day, count, unit = match.group("year", "quarter", "month", "day", "count", "unit")
        if int(year) < 1:
            raise ValueError(text)
        if count:
            if not day:
                raise ValueError(text)
            start = date(int(year), int(month), int(day))
            try:
                end = _shifted(start, int(count), unit) - timedelta(days=1)
            except (ValueError, OverflowError) as error:
                raise ValueError(text) from error
            return cls(start, end, text, "R")
        if day:
            start = date(int(year), int(month), int(day))
            return cls(start, start, text, "D")
        if month:
            return cls(date(int(year), int(month), 1), _month_end(int(year), int(month)), text, "M")
        if quarter:
            last = int(quarter) * 3
            return cls(date(int(year), last - 2, 1), _month_end(int(year), last), text, "Q")
        return cls(date(int(year), 1, 1), date(int(year), 12, 31), text, "A")

    def year_earlier(self) -> Period:
        """The same period one year before (29 February becomes 28 February)."""
        return self.shifted_years(-1)

    def shifted_years(self, years: int) -> Period:
        """The same period ``years`` later (negative: earlier)."""
        year = self.start.year + years
        text = self.text
        if self.frequency in ("D", "R") and text[5:10] == "02-29" and monthrange(year, 2)[1] == 28:
            text = text[:8] + "28" + text[10:]
        return Period.parse(f"{year:04d}{text[4:]}")

    def __str__(self) -> str:
        return self.text


def _month_end(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])


def _shifted(start: date, count: int, unit: str) -> date:
    if unit == "D":
        return start + timedelta(days=count)
    months = start.month - 1 + count * (12 if unit == "Y" else 1)
    year, month = start.year + months // 12, months % 12 + 1
    return date(year, month, min(start.day, monthrange(year, month)[1]))
