"""What a city asks of an enterprise before it calls it online."""

from __future__ import annotations

from typing import Protocol


class Rule(Protocol):
    """Online in a month: `level` for `share` of the enterprise's working time, on `days` working days, with
    `challenges` passed. The city's presence rule has these fields."""

    @property
    def level(self) -> int: ...

    @property
    def share(self) -> float: ...

    @property
    def days(self) -> int: ...

    @property
    def challenges(self) -> int: ...
