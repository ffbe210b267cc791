"""The burden of reporting: how many cells and minutes a year the collections take of each reporter."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from shazhou.measure.measure import Measure
from shazhou.programme.reporter import Reporter, reporters


@dataclass(frozen=True)
class Burden:
    """What is asked of one reporter in a year: of an enterprise also for the projects it fills in for. ``collections``
    holds cells a year by collection, ``minutes`` is the estimate that the collections make."""

    entity: str
    name: str
    name_en: str
    collections: Mapping[str, int]
    minutes: Decimal

    @property
    def cells(self) -> int:
        """Cells a year."""
        return sum(self.collections.values())


def burdens(measure: Measure, day: date) -> tuple[Burden, ...]:
    """The burden of everybody who has to report by what attributes say on a day, the heaviest first.

    An entity for which no enterprise fills in stands for itself: its town does the work.
    """
    cells: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    minutes: dict[str, Decimal] = defaultdict(Decimal)
    known: dict[str, Reporter] = {}
    for collection in measure.city.collections.values():
        for reporter in reporters(measure, collection, day):
            who = reporter.enterprise or reporter.entity
            cells[who][collection.id] += collection.cells_a_year
            minutes[who] += collection.minutes_a_year
            known[reporter.entity] = reporter
    called = measure.texts("name", set(cells) - known.keys()) if set(cells) - known.keys() else {}
    found = [
        Burden(
            entity=who,
            name=known[who].name if who in known else called.get(who, who),
            name_en=known[who].name_en if who in known else "",
            collections=dict(cells[who]),
            minutes=minutes[who],
        )
        for who in cells
    ]
    return tuple(sorted(found, key=lambda each: (-each.minutes, each.entity)))
