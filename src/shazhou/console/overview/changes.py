"""What has changed since a head: new submissions, and promises that stand elsewhere now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from shazhou.city.model import Target
from shazhou.city.problem import Refused
from shazhou.console.access.rules import Visitor
from shazhou.console.evidence import current
from shazhou.console.evidence.published import Audience, audience
from shazhou.console.evidence.seen import sees
from shazhou.console.overview.promises import promises
from shazhou.ledger.submission import GENESIS, Submission
from shazhou.measure.figure import Figure
from shazhou.programme.target import TargetStatus

SHOWN = 6
"""Submissions that are listed; the ledger has all."""


@dataclass(frozen=True)
class Moved:
    """A promise that stands elsewhere than before: its figure before and now, None where there was or is none."""

    target: Target
    before: Figure | None
    now: Figure | None


@dataclass(frozen=True)
class Changes:
    """``newest`` are the newest submissions after ``since`` (of all, where it is empty), each with whether the visitor
    sees it; ``count`` how many there are; ``since`` is empty for somebody who was never here."""

    since: str
    newest: tuple[tuple[Submission, bool], ...]
    count: int
    moved: tuple[Moved, ...]


def changes(since: str, head: str, visitor: Visitor, today: date) -> Changes:
    """What has been added to the ledger between two heads; a head that is none of this ledger's is nobody's visit."""
    chain = current.ledger().submissions(head)
    heads = [GENESIS, *(each.head for each in chain)]
    if since not in heads:
        return Changes("", _shown(chain, visitor), len(chain), ())
    new = chain[heads.index(since) :]
    moved = _moved(since, head, visitor, today) if new else ()
    return Changes(since, _shown(new, visitor), len(new), moved)


def _shown(chain: tuple[Submission, ...], visitor: Visitor) -> tuple[tuple[Submission, bool], ...]:
    newest = chain[-SHOWN:][::-1]
    return tuple(zip(newest, sees(visitor, newest), strict=True))


def _moved(since: str, head: str, visitor: Visitor, today: date) -> tuple[Moved, ...]:
    before = {status.target.id: status for status in _then(since, audience(visitor, since), today)}
    return tuple(
        Moved(status.target, was.figure if was else None, status.figure)
        for status in promises(head, audience(visitor, head), today)
        if _stand(was := before.get(status.target.id)) != _stand(status)
    )


def _then(since: str, who: Audience, today: date) -> tuple[TargetStatus, ...]:
    """The promises at an earlier head; none where there were no definitions yet."""
    try:
        return promises(since, who, today)
    except Refused:
        return ()


def _stand(status: TargetStatus | None) -> tuple[object, ...]:
    figure = status.figure if status else None
    return (figure.value, figure.qualifier, figure.period) if figure else ()
