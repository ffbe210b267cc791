"""Where the evidence of a promise is looked for: its own period, then the past, newest first.

A promise about 2025 that is judged in July 2024 is seen from 2024, January to June 2024, January to May 2024 …, then
2023, January to November 2023 …, and so on for ten years: of flows and rates a part of a year is better than an older
year, and either is better than to say that nothing is known. What lasts, such as the stage of a project, is looked at
as of the day itself: in July 2024 the period is 1 January to that day.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from shazhou.city.period import Period

YEARS_BACK = 10
"""How many years are looked at before the day of the judgement and before the day of the promise."""


def span(period: Period, start: str) -> Period:
    """The period of a promise that accumulates from the first day of ``start`` to the end of ``period``."""
    if not start or Period.parse(start).start == period.start:
        return period
    first = Period.parse(start).start
    return Period.parse(f"{first}/P{_months(first, period.end)}M")


def periods(own: Period, starts: date, today: date, parts: bool, lasting: bool) -> list[str]:
    """SDMX periods to look at, best first; each of them began before ``today``.

    Args:
        own: the promise's own period.
        starts: the day from which the promise runs: what was known then is looked for too.
        today: the day of the judgement.
        parts: look at parts of years, which flows and rates have.
        lasting: end what is not over by then on the day of the judgement, as attributes allow.
    """
    newest = min(own.end.year, today.year)
    oldest = min(newest, starts.year) - YEARS_BACK
    found = [own.text, *(_parts(own, today) if parts else ())]
    for year in range(newest, oldest - 1, -1):
        found.append(f"{year:04d}")
        if parts and year >= newest - YEARS_BACK:
            found += _parts(Period.parse(f"{year:04d}"), today)
    begun = (text for text in dict.fromkeys(found) if Period.parse(text).start < today)
    return list(dict.fromkeys(_until(text, today) if lasting else text for text in begun))


def _until(text: str, today: date) -> str:
    period = Period.parse(text)
    return text if period.end <= today else f"{period.start}/P{(today - period.start).days + 1}D"


def _parts(period: Period, today: date) -> Iterator[str]:
    """The whole months from a period's start that end within it and had ended by ``today``, longest first."""
    if period.start.day != 1 or (period.end + timedelta(days=1)).day != 1:
        return
    for count in range(_months(period.start, period.end) - 1, 0, -1):
        part = Period.parse(f"{period.start}/P{count}M")
        if part.end <= today:
            yield part.text


def _months(first: date, last: date) -> int:
    return (last.year - first.year) * 12 + last.month - first.month + 1
