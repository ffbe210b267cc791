"""The last visit of a browser, kept in a cookie of its own: which head it saw then, and which it sees now.

A visit lasts as long as no more than `PAUSE` passes between two looks; what was new at its beginning stays new until
its end. Nobody is recognised by the cookie: it holds two heads and a time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

COOKIE = "seen"
KEPT = timedelta(days=365)
PAUSE = timedelta(minutes=30)
_HEAD = 64


@dataclass(frozen=True)
class Visit:
    """``before`` is the head seen at the end of the last visit, empty for the first one; ``last`` the newest head seen,
    ``at`` when."""

    before: str
    last: str
    at: datetime

    def __str__(self) -> str:
        return f"{self.before or '-'}.{self.last}.{int(self.at.timestamp())}"


def visit(cookie: str, head: str, now: datetime) -> Visit:
    """The visit that a look at ``head`` belongs to, from the cookie of the look before; who brings none, or what is
    none, was never here."""
    known = _parsed(cookie, now)
    if known is None:
        return Visit("", head, now)
    before = known.before if now - known.at <= PAUSE else known.last
    return Visit(before, head, now)


def _parsed(cookie: str, now: datetime) -> Visit | None:
    before, _, rest = cookie.partition(".")
    last, _, at = rest.partition(".")
    if not (_is_head(last) and (before == "-" or _is_head(before)) and at.isascii() and at.isdigit() and len(at) < 12):
        return None
    return Visit(before.strip("-"), last, datetime.fromtimestamp(int(at), now.tzinfo))


def _is_head(text: str) -> bool:
    return len(text) == _HEAD and all(letter in "0123456789abcdef" for letter in text)
