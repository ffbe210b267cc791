"""Moments as machines and files write them, as milliseconds since 1970 UTC."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

_DIGITS = re.compile(r"[.,](\d+)")


def of_number(value: float) -> int:
    """A count since 1970 UTC in seconds, milliseconds, microseconds or nanoseconds, told apart by size.

    In each of the four the years 1973 to 5138 have counts that no other has.
    """
    for unit in (1_000, 1, 1e-3, 1e-6):
        if abs(value) < 1e11 / unit * 1_000:
            return int(value * unit)
    raise ValueError(f"no moment: {value}")


def of_text(text: str, zone: ZoneInfo, formats: Sequence[str] = (), midnight_closes: bool = False) -> int:
    """A moment in one of the ``formats`` of `datetime.strptime`, tried in turn, or without any in ISO 8601 or a count.

    ``zone`` is the clock's where the text names none; a time that comes twice when clocks go back is the first of the
    two. With ``midnight_closes`` a row stamped 00:00 closes the day of its date, as many meters write it, not opens it.
    Raises ValueError.
    """
    at = _parsed(text.strip(), formats)
    if isinstance(at, int):
        return at
    # Year 1 stands for no date at all where it is written, and year 9999 for one that never comes.
    if not 1 < at.year < datetime.max.year:
        raise ValueError(f"no moment: {text}")
    if midnight_closes and (at.hour, at.minute, at.second, at.microsecond) == (0, 0, 0, 0):
        at += timedelta(days=1)
    try:
        return int((at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC).timestamp() * 1000)
    except OverflowError:
        raise ValueError(f"no moment: {text}") from None


def _parsed(text: str, formats: Sequence[str]) -> datetime | int:
    for form in formats:
        try:
            return datetime.strptime(text, form)
        except ValueError:
            continue
    if formats:
        raise ValueError(f"'{text}' has none of the formats")
    try:
        return of_number(float(text))
    except ValueError:
        return datetime.fromisoformat(_DIGITS.sub(lambda match: "." + match[1][:6].ljust(6, "0"), text))
