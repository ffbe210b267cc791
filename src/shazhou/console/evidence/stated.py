"""What was stated, at a head: the observations themselves and the statements that count, for whoever asks about single
entities.

A connection to the query engine serves one question at a time, so each head has one `Stated` behind a lock. A question
may be asked from within one of `current.with_measure`; it must itself ask nothing of that.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from functools import lru_cache
from threading import RLock
from typing import TypeVar

from shazhou.city.model import City
from shazhou.console.evidence import current
from shazhou.ledger.engine import connect
from shazhou.ledger.ledger import AsOf
from shazhou.measure.profiling import profile
from shazhou.measure.statements import Statements

T = TypeVar("T")

HEADS_OPEN = 3
"""Heads that stay open; the one used longest ago is closed for a fourth."""

_lock = RLock()
_open: OrderedDict[str, Stated] = OrderedDict()


class Stated:
    """The observations at a head, the statements that count, and the entities that turned out to be one."""

    def __init__(self, head: str, city: City) -> None:
        ledger = current.ledger()
        self.head = head
        self.city = city
        self.connection = connect()
        self.observations = ledger.observations(self.connection, head)
        self.profile = profile(self.connection, self.observations, self.city, ledger.cache, head)
        self.statements = Statements(self.observations, self.city, self.profile)


def with_stated(as_of: AsOf, question: Callable[[Stated], T]) -> T:
    """The answer to a question about what was stated up to a moment.

    Raises:
        Refused: there is no such head, or it holds no definitions.
    """
    head = current.head(as_of)
    city = current.city(head)
    with _lock:
        if head not in _open:
            _open[head] = Stated(head, city)
            while len(_open) > HEADS_OPEN:
                _open.popitem(last=False)[1].connection.disconnect()
        _open.move_to_end(head)
        return question(_open[head])


@lru_cache(maxsize=8)
def merged(head: str) -> dict[str, str]:
    """Entities that turned out to be part of another, and that one."""
    return with_stated(head, lambda stated: dict(stated.profile.merged))


def canonical(head: str, entity: str) -> str:
    """The entity that a merged one is now part of, or itself."""
    return merged(head).get(entity, entity)


def aliases(head: str, entity: str) -> list[str]:
    """The entities that turned out to be this one."""
    return sorted(alias for alias, whole in merged(head).items() if whole == entity)
