"""What an address asks of the wall: town, industry, level, month, and whether as a table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlencode

from shazhou.city.model import City
from shazhou.city.problem import Problem, Refused
from shazhou.telemetry.asked import NO_INDUSTRY, NO_TOWN, key_asked, level_asked, month_asked

T = TypeVar("T")


@dataclass(frozen=True)
class Asked:
    """What is asked for; empty narrows nothing. ``level`` None: any."""

    place: str
    industry: str
    level: int | None
    month: str
    as_table: bool
    still: bool
    this_month: str

    @property
    def narrows(self) -> bool:
        """Whether anything is left out."""
        return bool(self.place or self.industry) or self.level is not None

    def address(self, **other: str) -> str:
        """The query of an address that asks the same but for some of it."""
        given = {
            "place": self.place,
            "industry": self.industry,
            "level": "" if self.level is None else str(self.level),
            "month": self.month if self.month != self.this_month else "",
            "as": "table" if self.as_table else "",
            "still": "1" if self.still else "",
        }
        return "?" + urlencode({name: value for name, value in {**given, **other}.items() if value})

    @property
    def as_grid(self) -> str:
        """The address that shows the same as a grid."""
        return self.address(**{"as": ""})

    @property
    def as_rows(self) -> str:
        """The address that shows the same as a table."""
        return self.address(**{"as": "table"})

    @property
    def stopped(self) -> str:
        """The address that shows the same and is not refreshed."""
        return self.address(still="1")

    @property
    def refreshed(self) -> str:
        """The address that shows the same and is refreshed."""
        return self.address(still="")

    @property
    def now(self) -> str:
        """The address that the page itself asks again and again."""
        return self.address()


def asked(parameters: Mapping[str, str], city: City, this_month: str) -> Asked:
    """What an address asks for.

    Raises:
        Refused: with everything in it that makes no sense.
    """
    problems: list[Problem] = []

    def of(name: str, read: Callable[[str], T], otherwise: T) -> T:
        given = parameters.get(name, "")
        try:
            return read(given) if given else otherwise
        except Refused as refused:
            problems.extend(refused.problems)
            return otherwise

    wanted = Asked(
        of("place", lambda given: key_asked(given, city.places, NO_TOWN), ""),
        of("industry", lambda given: key_asked(given, city.industries, NO_INDUSTRY), ""),
        of("level", level_asked, None),
        of("month", month_asked, this_month),
        parameters.get("as") == "table",
        parameters.get("still") == "1",
        this_month,
    )
    if problems:
        raise Refused(problems)
    return wanted
