"""The grid of a return: one row for each variable, with what is typed, what is known, and what is wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from shazhou.city.model import Variable
from shazhou.city.problem import Problem
from shazhou.city.unit import UNITS, Unit
from shazhou.console.desk import filled
from shazhou.console.desk.asked import Asked
from shazhou.console.desk.models import Return
from shazhou.console.desk.outlier import Standing, standing
from shazhou.console.evidence import current, reporting
from shazhou.intake.held import Held, Prefilled, year_before
from shazhou.intake.return_check import Checked, Value, check_return
from shazhou.intake.returned import Cell
from shazhou.programme.return_rule import Hit, hits

NUMERIC = ("number", "integer")


class Judged(NamedTuple):
    """What a reviewer sees beside a value: its change in per cent, and how it stands among its own and its peers."""

    change: Decimal | None
    history: Standing | None
    peers: Standing | None


@dataclass(frozen=True)
class Row:
    """One variable of a return. ``units`` are those that a value may be typed in, where there are several."""

    variable: Variable
    required: bool
    cell: Cell
    known: Prefilled | None
    problems: tuple[Problem, ...]
    reason: str
    value: Value | None
    units: tuple[Unit, ...]
    judged: Judged | None = None

    @property
    def numeric(self) -> bool:
        """Whether it is a number."""
        return self.variable.type in NUMERIC

    @property
    def odd_unit(self) -> bool:
        """Whether the unit typed is none of those offered."""
        return bool(self.cell.unit) and self.cell.unit not in {unit.id for unit in self.units}

    @property
    def corrects(self) -> bool:
        """Whether the ledger holds something else for the period."""
        return self.now is not None and not self.cell.prefilled and self.cell.given != self.now.shown

    @property
    def differs(self) -> bool:
        """Whether it says something else than the period before."""
        return self.before is not None and self.cell.given != self.before.shown

    @property
    def stands_out(self) -> bool:
        """Whether it is an outlier among its own values or its peers."""
        return self.judged is not None and any(
            each is not None and each.stands_out for each in (self.judged.history, self.judged.peers)
        )

    @property
    def now(self) -> Held | None:
        """What the ledger holds for the period."""
        return self.known.now if self.known is not None else None

    @property
    def before(self) -> Held | None:
        """What the ledger holds for the period before."""
        return self.known.before if self.known is not None else None


@dataclass(frozen=True)
class Grid:
    """The rows of a return, what is wrong with it as a whole, and the rules that it hits."""

    rows: tuple[Row, ...]
    whole: tuple[Problem, ...]
    hits: tuple[Hit, ...]

    @property
    def errors(self) -> int:
        """How many things keep it from being submitted."""
        broken = sum(hit.rule.severity == "error" for hit in self.hits)
        return len(self.whole) + broken + sum(len(row.problems) for row in self.rows)


def grid(asked: Asked, cells: filled.Cells, found: Return | None, reviewing: bool = False) -> Grid:
    """The grid of a return.

    Args:
        asked: what is asked for.
        cells: what is typed.
        found: the return where there is one.
        reviewing: whether each value is judged against its history and its peers.
    """
    city, known = current.city(), filled.known_of(asked)
    held = reporting.held(asked.collection, asked.entity)
    checked = check_return(city, filled.returned(asked, cells, found), held)
    reasons = {} if found is None else {cell.variable: cell.reason for cell in found.cells.all()}
    judged = _judged(asked, checked, held) if reviewing else {}
    rows = tuple(
        Row(
            city.variables[name],
            name in asked.collection.required,
            cells.get(name, Cell()),
            known.get(name),
            _told(found, cells.get(name, Cell()), checked.problems.get(name, ())),
            reasons.get(name, ""),
            checked.values.get(name),
            _units(city.variables[name]),
            judged.get(name),
        )
        for name in asked.collection.variables
    )
    earlier = year_before(city, asked.collection, asked.period.text, held)
    return Grid(rows, tuple(checked.whole), hits(city, asked.collection, checked.quantities, earlier))


def _told(found: Return | None, cell: Cell, problems: Sequence[Problem]) -> tuple[Problem, ...]:
    """What is wrong with a cell; that it is empty only once something was saved."""
    return () if found is None and not cell.given else tuple(problems)


def _judged(asked: Asked, checked: Checked, held: tuple[Held, ...]) -> Mapping[str, Judged]:
    city = current.city()
    peers = reporting.peers(asked.collection, asked.entity, asked.period)
    found = {}
    for name, (base, _qualifier) in checked.quantities.items():
        variable = city.variables[name]
        value, level = base / UNITS[variable.unit].factor, variable.measure in ("flow", "stock")
        own = {each.period: each.value for each in held if each.variable == name and each.value is not None}
        own.pop(asked.period.text, None)
        last = own.get(asked.collection.before(asked.period).text)
        change = (value - last) / abs(last) * 100 if last else None
        history = standing(value, list(own.values()), level)
        found[name] = Judged(change, history, standing(value, peers.get(name, []), level))
    return found


def _units(variable: Variable) -> tuple[Unit, ...]:
    if variable.type not in NUMERIC:
        return ()
    own = UNITS[variable.unit]
    return (own, *(unit for unit in UNITS.values() if unit.base == own.base and unit is not own))
