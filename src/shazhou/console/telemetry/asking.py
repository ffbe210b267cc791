"""What an address asks of the wall: town, industry, level, month, and whether as a table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from shazhou.city.model import City
from shazhou.telemetry.presence.level import LEVELS
from shazhou.telemetry.wall.month import MONTH


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
    """What an address asks for; what makes no sense is left out."""
    place, industry = parameters.get("place", ""), parameters.get("industry", "")
    level = parameters.get("level", "")
    return Asked(
        place if place in city.places else "",
        industry if industry in city.industries else "",
        int(level) if level in {str(each) for each in range(len(LEVELS))} else None,
        month(parameters.get("month", ""), this_month),
        parameters.get("as") == "table",
        parameters.get("still") == "1",
        this_month,
    )


def month(given: str, otherwise: str) -> str:
    """A month as asked for, or another where it is none."""
    return given if MONTH.fullmatch(given) else otherwise
