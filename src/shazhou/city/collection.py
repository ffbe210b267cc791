"""A collection: what a bureau asks of whom, how often and until when ("monthly report of key projects").

A collection is data of the city folder (`collections.yaml`). Each reporter owes one return for each period; the return
opens on the day after the period, is due ``deadline`` days after the period's end and locked ``lock`` days after that.
All days are days of the city's time zone.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from shazhou.city.definition import Definition, Id, Text
from shazhou.city.period import Period

Step = Literal["town", "bureau"]
"""Who reviews a return before it enters the ledger."""

MONTHS = {"M": 1, "Q": 3, "A": 12}
"""Months of a period, by the frequency of a collection."""


class Reporters(Definition):
    """Of whom a return is asked: the entities listed, and those in ``place`` for which ``where`` holds when the return
    opens. Without either, every entity of the kind in ``place``."""

    entities: tuple[str, ...] = ()
    where: str = ""
    """A condition on attributes, as after ``where=`` in a formula; empty: any."""
    place: str = ""
    """Key of the place in which they lie; empty: the city."""

    @property
    def by_condition(self) -> bool:
        """Whether entities that are not listed are asked too."""
        return bool(self.where or self.place) or not self.entities


class ReturnRule(Definition):
    """What the values of one return must satisfy, with why it matters and what to do where they do not.

    ``error`` keeps a return from being submitted; ``warning`` is shown to everybody who looks at it.
    """

    id: Id
    check: str = Field(min_length=1)
    """Two formulas over the return's variables with a comparison between them: ``value(rd) <= value(output)``."""
    severity: Literal["error", "warning"]
    why: Text
    advice: Text


class Accounts(Definition):
    """The variables in which the desk keeps account of a collection: 1 or 0 for each reporter and period."""

    due: Id
    received: Id
    in_time: Id
    source: str
    """Id of the source that keeps these accounts: the desk's own register, not the reporters."""

    @property
    def variables(self) -> tuple[str, str, str]:
        """The three variables."""
        return self.due, self.received, self.in_time


class Collection(Definition):
    """What is asked of whom, how often, until when, and who reviews it."""

    id: Id
    name: Text
    of: Literal["enterprise", "project", "platform"]
    """Kind of the entities reported on."""
    reporters: Reporters = Reporters()
    filled_by: str = ""
    """For projects and platforms: the attribute that names the enterprise which fills in the return; empty: the town
    does."""
    variables: tuple[Id, ...] = Field(min_length=1)
    required: tuple[Id, ...] = ()
    """Variables without which a return cannot be submitted."""
    frequency: Literal["M", "Q", "A"]
    deadline: int = Field(ge=1, le=366)
    lock: int = Field(ge=0, le=366)
    first: str
    """The first period for which returns are due."""
    steps: tuple[Step, ...] = Field(min_length=1)
    source: str
    """Id of the source that the values cite: those who report."""
    accounts: Accounts | None = None
    """Without them its completeness and timeliness are not known."""
    minutes: Annotated[Decimal, Field(gt=0, le=600)] = Decimal(5)
    """Time that one cell takes a reporter, an estimate."""
    rules: tuple[ReturnRule, ...] = ()
    note: str = ""

    @field_validator("first")
    @classmethod
    def _of_its_frequency(cls, first: str, info: ValidationInfo) -> str:
        try:
            fits = Period.parse(first).frequency == info.data.get("frequency")
        except ValueError:
            fits = False
        if not fits:
            raise PydanticCustomError("first_period", "{first}", {"first": first})
        return first

    def opens(self, period: Period) -> date:
        """The first day on which the return of a period can be handed in: the day after the period."""
        return period.end + timedelta(days=1)

    def due(self, period: Period) -> date:
        """The last day on which the return of a period is in time."""
        return period.end + timedelta(days=self.deadline)

    def locks(self, period: Period) -> date:
        """The day from which nothing of a period can be changed."""
        return self.due(period) + timedelta(days=self.lock + 1)

    def open_periods(self, day: date) -> tuple[Period, ...]:
        """The periods whose return is open on a day, earliest first."""
        found, period = [], self.before(self._holding(day))
        first = Period.parse(self.first)
        while period.start >= first.start and day < self.locks(period):
            found.append(period)
            period = self.before(period)
        return tuple(reversed(found))

    def before(self, period: Period) -> Period:
        """The period before one of this collection."""
        return self._holding(period.start - timedelta(days=1))

    def _holding(self, day: date) -> Period:
        match self.frequency:
            case "A":
                return Period.parse(f"{day.year:04d}")
            case "Q":
                return Period.parse(f"{day.year:04d}-Q{(day.month + 2) // 3}")
            case _:
                return Period.parse(f"{day.year:04d}-{day.month:02d}")

    @property
    def cells_a_year(self) -> int:
        """Cells that one reporter is asked for in a year, of one entity."""
        return len(self.variables) * 12 // MONTHS[self.frequency]

    @property
    def minutes_a_year(self) -> Decimal:
        """Estimated minutes that these cells take."""
        return self.cells_a_year * self.minutes
