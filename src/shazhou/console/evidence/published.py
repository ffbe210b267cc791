"""Figures as a visitor may see them: every page, export and call of the API that shows figures asks here.

Who may see aggregates gets every figure at any head. Others get the figures that rest on open evidence alone, at any
head; of all other figures only those that a release cleared, as they were at the newest release up to the moment asked
about. What is left is withheld (`Figure.withheld`). A figure of a single enterprise is seen by those who see what it
reports, whatever their role.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar

import pyarrow as pa

from shazhou.city.model import City
from shazhou.console.access.rules import Action, Grant, Role, Subject, Visitor, may
from shazhou.console.evidence import current, visible
from shazhou.console.evidence.releases import newest_head
from shazhou.console.evidence.seen import About, seen
from shazhou.ledger.ledger import AsOf
from shazhou.measure.citation import Evidence
from shazhou.measure.expression import leaves, variables
from shazhou.measure.figure import Cell, Figure
from shazhou.measure.measure import Measure, Traced

T = TypeVar("T")

SEES_ALL = Visitor(0, "", (Grant(Role.LEADERSHIP),))
"""Stands for everybody who may see aggregates, where what they see is kept."""


class Audience(NamedTuple):
    """Those who see the same figures of places and industries, for what is kept between requests: pass ``visitor`` on
    in place of the one who asked. ``release`` is the newest released head up to the moment."""

    visitor: Visitor
    release: str


def audience(visitor: Visitor, as_of: AsOf = None) -> Audience:
    """The audience that a visitor belongs to at a moment; figures of single enterprises are not the same for all of it.

    Raises:
        Refused: there is no such head.
    """
    if _sees_all(visitor):
        return Audience(SEES_ALL, "")
    return Audience(Visitor(), newest_head(as_of))


def figures_for(visitor: Visitor, as_of: AsOf, cells: Iterable[Cell]) -> dict[Cell, Figure]:
    """Figures by cell, as a visitor may see them at a moment.

    Raises:
        Refused: there is no such head, indicator, place, industry or period.
    """
    head = current.head(as_of)
    found = current.figures(head, cells)
    closed = [cell for cell in found if not _is_seen(visitor, head, found[cell])]
    shown = {cell: figure if _sees_all(visitor) else _as_open(head, figure) for cell, figure in found.items()}
    return shown | _released(head, closed)


def with_measure_for(visitor: Visitor, as_of: AsOf, question: Callable[[Measure], T]) -> T:
    """The answer to a question about the figures at a moment, as far as a visitor may see them.

    Raises:
        Refused: there is no such head, or the question is none.
    """
    return current.with_measure(as_of, lambda measure: question(_Discreet(visitor, measure)))


def tabulated_for(
    visitor: Visitor,
    as_of: AsOf,
    indicators: Sequence[str],
    places: Sequence[str],
    periods: Sequence[str],
    industries: Sequence[str] = ("",),
    kind: str = "",
    where: Sequence[str] = ("",),
) -> pa.Table:
    """`Measure.tabulate` as far as a visitor may see it, with a last column ``withheld``; what is withheld is null, and
    ``head`` is that of the release where a figure was released.

    Raises:
        Refused: something asked for does not exist.
    """
    head = current.head(as_of)
    plain, guarded = list[str](), list[str]()
    known = current.city(head).indicators
    for indicator in indicators:
        # What does not exist is refused by the measure.
        open_to_all = indicator not in known or may(visitor, Action.SEE_MICRODATA)
        open_to_all = open_to_all or (_sees_all(visitor) and not any(where))
        open_to_all = open_to_all or all(_is_open(head, indicator, condition) for condition in where)
        (plain if open_to_all and not any(map(_is_single, places)) else guarded).append(indicator)
    tables = []
    if plain or not indicators:
        table = current.with_measure(
            head, lambda measure: measure.tabulate(plain, places, periods, industries, kind, where)
        )
        tables.append(table.append_column("withheld", pa.repeat(pa.scalar(False), table.num_rows)))
    if guarded:
        asked = [
            Cell(indicator, place, period, industry, kind, condition)
            for indicator in guarded
            for condition in where
            for place in places
            for industry in industries
            for period in periods
        ]
        figures = figures_for(visitor, head, asked)
        tables.append(_table([figures[cell] for cell in asked]))
    order = {indicator: number for number, indicator in enumerate(indicators)}
    together = pa.concat_tables([each.cast(TABLE) for each in tables])
    rank = pa.array([order[each] for each in together.column("indicator").to_pylist()], pa.int64())
    return together.append_column("rank", rank).sort_by("rank").drop_columns("rank") if len(tables) > 1 else together


def sees_trail(visitor: Visitor, figure: Figure) -> bool:
    """Whether a visitor may follow the trail of a figure below the figure itself."""
    if _sees_all(visitor):
        return True
    # A figure that was released no longer names its closed sources.
    whole = current.figures(figure.head, [figure.cell])[figure.cell]
    return _rests_on_open(figure.head, whole)


TABLE = pa.schema(
    [
        *(pa.field(name, pa.string()) for name in ("indicator", "place", "industry", "period", "where")),
        pa.field("value", pa.decimal128(38, 9)),
        *(pa.field(name, pa.string()) for name in ("unit", "kind", "status", "qualifier")),
        *(pa.field(name, pa.int64()) for name in ("observations", "contributors")),
        *(pa.field(name, pa.bool_()) for name in ("disputed", "simulated", "recorded")),
        pa.field("head", pa.string()),
        pa.field("withheld", pa.bool_()),
    ]
)
"""Columns of `tabulated_for`."""


class _Discreet(Measure):
    """A measure that tells a visitor no more than they may see."""

    def __init__(self, visitor: Visitor, measure: Measure) -> None:
        vars(self).update(vars(measure))
        self._visitor = visitor

    def figures(self, cells: Iterable[Cell]) -> list[Figure]:
        asked = list(cells)
        found = figures_for(self._visitor, self.head, asked)
        return [found[cell] for cell in asked]

    def tabulate(
        self,
        indicators: Sequence[str],
        places: Sequence[str],
        periods: Sequence[str],
        industries: Sequence[str] = ("",),
        kind: str = "",
        where: Sequence[str] = ("",),
    ) -> pa.Table:
        return tabulated_for(self._visitor, self.head, indicators, places, periods, industries, kind, where)

    def traced(self, *asked: Any, **more: Any) -> tuple[list[Traced], Evidence]:
        if not _sees_all(self._visitor):
            raise PermissionError("what a visitor sees of a trail is decided row by row")
        return super().traced(*asked, **more)


def _sees_all(visitor: Visitor) -> bool:
    return may(visitor, Action.SEE_AGGREGATES)


def _is_single(place: str) -> bool:
    return ":" in place and not place.startswith("place:")


def _is_seen(visitor: Visitor, head: str, figure: Figure) -> bool:
    if _is_single(figure.place):
        return _rests_on_open(head, figure) or _sees_single(visitor, figure.place)
    if figure.where:
        place = figure.place.removeprefix("place:")
        return may(visitor, Action.SEE_MICRODATA, Subject(places=frozenset({place}))) or _rests_on_open(head, figure)
    return _sees_all(visitor) or _rests_on_open(head, figure)


def _sees_single(visitor: Visitor, entity: str) -> bool:
    return seen(visitor, [About(entity, variable="", source="")])[0]


@lru_cache(maxsize=20_000)
def _is_open(head: str, indicator: str, condition: str) -> bool:
    """Whether no figure of an indicator under a condition can rest on anything that is not open."""
    return visible.only_open_evidence(head, indicator) and _conditions(head, indicator, condition).isdisjoint(
        name for name, _of_place in visible.closed_evidence(head)
    )


def _rests_on_open(head: str, figure: Figure) -> bool:
    """Whether a figure rests on open evidence alone. Where nothing was found, what was looked for may still tell: which
    entities a closed attribute leaves out."""
    city = current.city(head)
    # Of a single entity also those functions read what it states that read only what is stated of a place otherwise.
    if not _is_single(figure.place) and _is_open(head, figure.indicator, figure.where):
        return True
    if not figure.observations:
        closed = {name for name, _of_place in visible.closed_evidence(head)}
        return _conditions(head, figure.indicator, figure.where).isdisjoint(closed)
    read = _variables(head, figure.indicator, figure.where)
    cited = {each.title for each in figure.sources}
    return read.isdisjoint(visible.hidden_variables(city)) and cited <= visible.open_sources(city)


@lru_cache(maxsize=20_000)
def _variables(head: str, indicator: str, condition: str) -> frozenset[str]:
    read = (leaf.aggregate.variable for leaf in leaves(current.expression(head, indicator, condition)))
    return frozenset(read) | _conditions(head, indicator, condition)


@lru_cache(maxsize=20_000)
def _conditions(head: str, indicator: str, condition: str) -> frozenset[str]:
    tested = (leaf.aggregate for leaf in leaves(current.expression(head, indicator, condition)))
    return frozenset(name for each in tested for asked in (each.test, each.where) for name in variables(asked))


def _as_open(head: str, figure: Figure) -> Figure:
    """A figure without what closed sources state otherwise."""
    opened = visible.open_sources(current.city(head))
    others = tuple(each for each in figure.others if each.citation.title in opened)
    disputed = bool(others) if figure.others else figure.disputed
    return replace(figure, others=others, disputed=disputed)


def _released(head: str, cells: Sequence[Cell]) -> dict[Cell, Figure]:
    """Closed figures as the newest release up to a head has them, or withheld."""
    at = _release_heads(head, cells)
    by_head: dict[str, list[Cell]] = defaultdict(list)
    for cell in cells:
        by_head[at.get(cell, "")].append(cell)
    found: dict[Cell, Figure] = {}
    for released, asked in by_head.items():
        figures = current.figures(released or head, asked)
        city = current.city(released or head)
        found |= {cell: _cleared(city, each) if released else _withheld(each) for cell, each in figures.items()}
    return found


def _release_heads(head: str, cells: Sequence[Cell]) -> dict[Cell, str]:
    from shazhou.console.release.models import Cleared

    wanted = {cell: _cleared_as(cell) for cell in cells if not cell.kind and not cell.where}
    if not wanted:
        return {}
    sequence = len(current.ledger().submissions(head))
    rows = Cleared.objects.filter(
        release__sequence__lte=sequence,
        indicator__in={cell.indicator for cell in wanted},
        period__in={cell.period for cell in wanted},
    ).order_by("release__sequence")
    names = ("indicator", "place", "industry", "period")
    found = {tuple(row[:4]): row[4] for row in rows.values_list(*names, "release__head")}
    return {cell: found[key] for cell, key in wanted.items() if key in found}


def _cleared_as(cell: Cell) -> tuple[str, ...]:
    return cell.indicator, cell.place.removeprefix("place:"), cell.industry, cell.period


def _cleared(city: City, figure: Figure) -> Figure:
    opened = visible.open_sources(city)
    sources = tuple(each for each in figure.sources if each.title in opened)
    return replace(figure, sources=sources, others=())


def _withheld(figure: Figure) -> Figure:
    nothing = replace(figure, value=None, withheld=True, status="", qualifier="", observations=0, contributors=0)
    return replace(
        nothing,
        sources=(),
        others=(),
        disputed=False,
        simulated=False,
        recorded=False,
        break_in_series=False,
    )


def _table(figures: Sequence[Figure]) -> pa.Table:
    rows = [{name: getattr(each, name) for name in TABLE.names} for each in figures]
    return pa.Table.from_pylist(rows, schema=TABLE)
