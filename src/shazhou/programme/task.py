"""Tasks: the returns that are open on a day, each with its reporter and its days."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from shazhou.city.collection import Collection
from shazhou.city.model import City
from shazhou.city.period import Period
from shazhou.measure.measure import Measure
from shazhou.programme.reporter import Reporter, reporters

State = Literal["open", "late", "locked"]


@dataclass(frozen=True)
class Round:
    """One period of a collection with everybody who has to report: its return opens on the first day after the
    period, ``due`` is the last day in time, and from the day ``locks`` on nothing can be changed."""

    collection: Collection
    period: Period
    reporters: tuple[Reporter, ...]

    @property
    def entities(self) -> tuple[str, ...]:
        """Of whom a return is due."""
        return tuple(each.entity for each in self.reporters)


@dataclass(frozen=True)
class Task:
    """One return that somebody owes."""

    collection: str
    reporter: Reporter
    period: str
    opens: date
    due: date
    locks: date

    @property
    def entity(self) -> str:
        """What the return is about."""
        return self.reporter.entity

    def state(self, day: date) -> State:
        """Whether the return is in time, late, or can no longer be handed in on a day."""
        if day >= self.locks:
            return "locked"
        return "late" if day > self.due else "open"


def today(city: City, now: datetime) -> date:
    """The day in the city's time zone."""
    return now.astimezone(ZoneInfo(city.zone)).date()


def rounds(measure: Measure, day: date) -> tuple[Round, ...]:
    """The periods of each collection that are open on a day, those due first first."""
    found = [
        Round(collection, period, reporters(measure, collection, collection.opens(period)))
        for collection in measure.city.collections.values()
        for period in collection.open_periods(day)
    ]
    return tuple(sorted(found, key=lambda each: (each.collection.due(each.period), each.collection.id)))


def tasks(measure: Measure, day: date) -> tuple[Task, ...]:
    """Every return that can be handed in on a day, those due first first."""
    return tuple(task for each in rounds(measure, day) for task in tasks_of(each))


def tasks_of(of: Round) -> Iterator[Task]:
    """The returns of one round."""
    collection, period = of.collection, of.period
    days = collection.opens(period), collection.due(period), collection.locks(period)
    for reporter in of.reporters:
        yield Task(collection.id, reporter, period.text, *days)
