"""Moments of a ledger: a time, or a head."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time

from shazhou.city.problem import Problem, Refused, Rule, Where
from shazhou.ledger.submission import GENESIS, Submission

AsOf = datetime | str | None
"""None: now. A time (UTC where it names no zone; a bare date means its end), or at least 8 hex digits of a head."""

SHORTEST_HEAD = 8
"""Digits of a head that name it."""

UNKNOWN_MOMENT = Rule(
    "unknown-moment",
    "{found} is neither a time nor a head of this ledger.",
    "{found} 既不是时间，也不是本账本的账头。",
    "Write 2024-06-30, 2024-06-30T12:00, or at least 8 digits of a head that shazhou submissions lists.",
    "请写作 2024-06-30、2024-06-30T12:00，或 shazhou submissions 列出的账头的至少 8 位。",
)
AMBIGUOUS_HEAD = Rule(
    "ambiguous-head",
    "Several heads begin with {found}.",
    "有多个账头以 {found} 开头。",
    "Give more digits.",
    "请给出更多位数。",
)


def last_included(chain: Sequence[Submission], as_of: AsOf) -> int:
    """How many submissions of the chain had been made at a moment.

    Raises:
        Refused: the text names no moment of this ledger.
    """
    if as_of is None:
        return len(chain)
    if isinstance(as_of, str):
        moment = _time(as_of)
        if moment is None:
            return at_head(chain, as_of)
    else:
        moment = as_of
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return sum(each.recorded_at <= moment for each in chain)


def _time(text: str) -> datetime | None:
    try:
        if len(text) == 10 and "-" in text:
            return datetime.combine(date.fromisoformat(text), time.max, UTC)
        return datetime.fromisoformat(text) if "-" in text else None
    except ValueError:
        return None


def at_head(chain: Sequence[Submission], prefix: str) -> int:
    """How many submissions of the chain there were at a head, given by at least its first `SHORTEST_HEAD` digits.

    Raises:
        Refused: no head begins so, or several do.
    """
    heads = [GENESIS, *(each.head for each in chain)]
    found = [number for number, head in enumerate(heads) if head.startswith(prefix.lower())]
    if len(prefix) < SHORTEST_HEAD or not found:
        raise Refused([Problem(UNKNOWN_MOMENT, Where(), prefix)])
    if len(found) > 1:
        raise Refused([Problem(AMBIGUOUS_HEAD, Where(), prefix)])
    return found[0]
