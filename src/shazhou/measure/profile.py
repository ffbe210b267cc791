"""The profile of the evidence at one head: for each variable and kind how its statements are spread, and which
entities turned out to be one.

It lets a query do only the work that the evidence needs: no contest between sources where there is one source, no
rolling up of days where there are only months, no marks where all is plain.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Spread:
    """How the statements about one variable of one kind are spread.

    ``sources``: how many cited sources. ``grains``: those of their periods (D, M, Q, A, R). ``cells``: some are about
    a cell of place by industry. ``plain``: none carries a status, qualifier or origin that marks a figure.
    ``count``: how many. ``numbers``, ``texts``: all have a value, a text; where one has not, it may be a withdrawal.
    """

    count: int = 0
    sources: int = 0
    grains: str = ""
    cells: bool = False
    plain: bool = True
    numbers: bool = True
    texts: bool = True


NOTHING_STATED = Spread()


class Profile:
    """Spreads by variable and kind, merged entities with the one they are merged into, and the sequence numbers of the
    submissions that do not cite one source throughout."""

    def __init__(
        self, spreads: Mapping[tuple[str, str], Spread], merged: Mapping[str, str], mixed: Collection[int] = ()
    ) -> None:
        self._spreads = spreads
        self.merged = merged
        self.mixed = mixed

    def spread(self, variable: str, kind: str) -> Spread:
        """The spread of a variable's statements of one kind."""
        return self._spreads.get((variable, kind), NOTHING_STATED)
