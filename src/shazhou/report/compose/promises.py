"""Promises: the targets of a report, what was promised beside what came of it.

A work report is delivered in the first quarter after its year: it shows the targets that had been promised by then, and
judges them by the end of its year, whatever is known of later periods today. What was promised is itself a figure: the
value that some source states as a target, of the target's own indicator or of the one that `promises` in report.yaml
names.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from shazhou.city.model import City, Target
from shazhou.city.period import Period
from shazhou.measure.figure import Cell
from shazhou.measure.measure import Measure
from shazhou.programme.target import TargetStatus, statuses
from shazhou.report.compose.quotes import Quotes
from shazhou.report.compose.tables import NONE, cell, source_line, with_unit
from shazhou.report.document import Run, Table, Term, Words
from shazhou.report.template.markdown import Template
from shazhou.report.template.reference import Reference, shortest
from shazhou.report.words.naming import Names

_HEADER = {
    "zh": ("目标", "期限", "进展", "目标值", "实际值", "数据时期", "预计值"),
    "en": ("Target", "Due", "Status", "Promised", "So far", "Period", "Expected"),
}
_LABELS = 3


@dataclass(frozen=True)
class Promise:
    """A target with the cell that states what was promised."""

    status: TargetStatus
    promised: Cell

    @property
    def target(self) -> Target:
        """The target."""
        return self.status.target

    @property
    def missing(self) -> Cell | None:
        """What has no evidence although it is due, or None."""
        target = self.target
        if self.status.figure is not None or self.status.deadline >= self.status.today:
            return None
        return Cell(target.indicator, target.place, shortest(target.period), target.industry)

    def name(self, names: Names) -> str:
        """The target's name, with its industry where the name does not say it."""
        name = self.target.name.of(names.language)
        industry = names.industry(self.target.industry) if self.target.industry else ""
        if not industry or industry.casefold() in name.casefold():
            return name
        return f"{name}（{industry}）" if names.language == "zh" else f"{name} ({industry})"

    def cells(self) -> tuple[Cell, ...]:
        """The cells that a report of it may quote."""
        figures = (self.status.figure, self.status.expected)
        return (self.promised, *(figure.cell for figure in figures if figure))


class Promises:
    """The targets that the ``targets`` blocks of a template show."""

    def __init__(self, measure: Measure, template: Template, year: int, today: date) -> None:
        self._year = year
        wanted = any(reference.verb == "targets" for reference in template.references())
        day = min(today, date(year + 1, 1, 1))
        known = date(year + 1, 3, 31)
        found = statuses(measure, day) if wanted else ()
        found = tuple(each for each in found if each.promised_on is None or each.promised_on <= known)
        self._all = tuple(_distinct(_promise(each, template.settings.promises) for each in found))

    def of(self, reference: Reference) -> tuple[Promise, ...]:
        """The promises that a ``targets`` block shows, in the order in which they are due."""
        ids = reference.names("ids", self._year)
        first, last = reference.option("from", self._year), reference.option("to", self._year)
        chosen = [
            each
            for each in self._all
            if (not ids or each.target.id in ids)
            and (not first or each.status.deadline >= Period.parse(first).start)
            and (not last or each.status.deadline <= Period.parse(last).end)
        ]
        return tuple(sorted(chosen, key=lambda each: (not each.target.headline, each.status.deadline)))

    def cells(self, template: Template) -> Iterator[Cell]:
        """Every cell that the blocks may quote."""
        for reference in template.references():
            if reference.verb == "targets":
                for promise in self.of(reference):
                    yield from promise.cells()


def table_of_promises(
    promises: Iterable[Promise], title: tuple[Run, ...], city: City, quotes: Quotes, names: Names
) -> Table:
    """The promises as a table."""
    rows, figures = [], []
    for each in promises:
        status, indicator = each.status, city.indicators[each.target.indicator]
        promised, now, expected = (
            quotes.number([cell], tabular=True) if cell else None
            for cell in (each.promised, status.figure and status.figure.cell, status.expected and status.expected.cell)
        )
        figures += [number.quote.figure for number in (promised, now, expected) if number]
        period = (Term(names.period(now.quote.figure.period), "period"),) if now else NONE
        rows.append(
            (
                with_unit(each.name(names), indicator.unit, names),
                due(each, names),
                (Words(names.course(status.course)),),
                cell(promised),
                cell(now),
                period,
                cell(expected),
            )
        )
    header = tuple((Words(text),) for text in _HEADER[names.language])
    return Table(title, header, tuple(rows), labels=_LABELS, source=source_line(figures, names))


def due(promise: Promise, names: Names) -> tuple[Run, ...]:
    """When a promise is due; a dash where its source does not say."""
    return NONE if promise.target.undated else (Term(names.period(shortest(promise.target.period)), "period"),)


def _promise(status: TargetStatus, stated: dict[str, str]) -> Promise:
    target = status.target
    indicator = stated.get(target.id, target.indicator)
    return Promise(status, Cell(indicator, target.place, shortest(target.period), target.industry, "target"))


def _distinct(promises: Iterable[Promise]) -> Iterator[Promise]:
    """One promise of those that different sources state for the same thing: the ledger decides which value counts."""
    seen = set()
    for each in promises:
        if each.promised not in seen:
            seen.add(each.promised)
            yield each
