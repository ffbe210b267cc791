"""Measuring: figures of a city at one head of its ledger.

    measure = Measure(ledger, as_of="2024-06-30")
    measure.figure("rd_share_of_gdp", "320582", "2017").value      # Decimal('2.8')

The definitions come from the ledger too, so a head fixes both the evidence and what was made of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import reduce
from operator import or_
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from shazhou.city.folder import parse_city, unpack
from shazhou.city.model import City, Indicator
from shazhou.city.problem import Problem, Refused, Rule, Where
from shazhou.city.unit import UNITS
from shazhou.ledger.engine import connect
from shazhou.ledger.ledger import AsOf, Ledger
from shazhou.measure import marks
from shazhou.measure.answer import Answers
from shazhou.measure.askable import refuse_unknown
from shazhou.measure.citation import Evidence, Inputs
from shazhou.measure.cited import Cited
from shazhou.measure.compile import Carried, Compiler
from shazhou.measure.dimension import check_unit
from shazhou.measure.evaluate import NO_REFS, Found, Quantity, evaluate, rounded
from shazhou.measure.expression import Aggregate, Expression, leaves, narrowed
from shazhou.measure.figure import Cell, Figure
from shazhou.measure.formula import parse, parse_condition
from shazhou.measure.marks import Marks
from shazhou.measure.members import Members
from shazhou.measure.profiling import profile
from shazhou.measure.request import Cells, requests
from shazhou.measure.spans import Span
from shazhou.measure.statements import Statements
from shazhou.measure.tabulation import Grid, tabulated

NO_DEFINITIONS = Rule(
    "ledger-without-definitions",
    "The ledger holds no definitions yet, so there is nothing to compute.",
    "账本中还没有城市定义，无法计算。",
    "Load the city folder first: shazhou load.",
    "请先载入城市文件夹：shazhou load。",
)
NOTHING_TO_NARROW = Rule(
    "condition-nothing-to-narrow",
    "{found} reads only what is stated of places; no attribute of enterprises or projects can narrow it.",
    "{found} 只读取对地方的表述，不能按企业或项目的属性筛选。",
    "Ask for it without --where, or for an indicator that sums or counts over entities.",
    "请去掉 --where，或查询对主体汇总、计数的指标。",
)
UNKNOWN_ATTRIBUTE = Rule(
    "unknown-attribute",
    "There is no attribute {found} whose texts figures could be split by.",
    "没有可用于拆分的文本属性 {found}。",
    "Use a variable of type text or code from variables.yaml.",
    "请使用 variables.yaml 中的文本或代码类指标项。",
)


@dataclass(frozen=True)
class Computed:
    """What one cell came to before it is dressed as a figure."""

    cell: Cell
    value: Decimal | None
    qualifier: str
    marks: int
    observations: int
    contributors: int
    refs: npt.NDArray[np.int64]


class Traced(NamedTuple):
    """A figure with references to the statements that it was made from, to those of them that were fetched, and to
    those of other sources beside these; all in the order of the ledger."""

    figure: Figure
    refs: npt.NDArray[np.int64]
    shown: tuple[int, ...]
    beside: tuple[int, ...]


class Measure:
    """Figures at one head.

    Args:
        ledger: where the evidence lies.
        as_of: a time or head; the newest head where None.
        threads: threads of the query engine; its own choice where None. The answers do not depend on it.
        keep: many questions will follow, so keep in the engine what several of them begin with.

    Raises:
        Refused: the ledger holds no definitions at that head.
    """

    def __init__(self, ledger: Ledger, as_of: AsOf = None, threads: int | None = None, keep: bool = False) -> None:
        self.head = ledger.head(as_of)
        archive = ledger.definitions(self.head)
        if archive is None:
            raise Refused([Problem(NO_DEFINITIONS, Where(str(ledger.folder)))])
        self.ledger = ledger
        self.city: City = parse_city(unpack(archive))
        self._connection = connect(threads)
        observations = ledger.observations(self._connection, self.head)
        known = profile(self._connection, observations, self.city, ledger.cache, self.head)
        self._statements = Statements(observations, self.city, known)
        self._inputs = Inputs(self._connection, self._statements)
        self._cited = Cited(self._connection, self._statements)
        self._compiler = Compiler(self._connection, self._statements, self.city, keep)
        self._expressions: dict[tuple[str, str], Expression] = {}

    def figure(
        self, indicator: str, place: str, period: str, industry: str = "", kind: str = "", where: str = ""
    ) -> Figure:
        """One figure with its sources."""
        return self.figures([Cell(indicator, place, period, industry, kind, where)])[0]

    def figures(self, cells: Iterable[Cell]) -> list[Figure]:
        """A figure for each cell, in their order; cells of one indicator are computed together."""
        asked = list(cells)
        self._check(asked)
        computed = {each.cell: each for each in self._compute(asked, "cited")}
        disputed = [each for each in computed.values() if each.marks & Marks.DISPUTED and len(each.refs) == 1]
        stated = {int(each.refs[0]) for each in disputed}
        evidence = self._inputs.evidence(stated)
        others = self._inputs.others(stated, evidence)
        return [self._figure(computed[cell], evidence, others) for cell in asked]

    def tabulate(
        self,
        indicators: Sequence[str],
        places: Sequence[str],
        periods: Sequence[str],
        industries: Sequence[str] = ("",),
        kind: str = "",
        where: Sequence[str] = ("",),
    ) -> pa.Table:
        """All combinations as a table, without their sources (ask for the figure of a cell to see these).

        Columns: indicator, place, industry, period, where, value, unit, status, qualifier, observations, contributors,
        disputed, simulated, recorded, head. A cell without evidence has a null value.
        """
        axes = (indicators, places, periods, industries)
        self._check(Cell(*each, kind, condition) for each in _covering(axes) for condition in where)
        grid = Grid(places, industries, periods, kind)
        defined = [(self.city.indicators[name], condition) for name in indicators for condition in where]
        wanted = [(indicator, condition, self.expression(indicator, condition)) for indicator, condition in defined]
        table = tabulated(self._connection, self._compiler, wanted, grid)
        return table.append_column("head", pa.repeat(pa.scalar(self.head), table.num_rows))

    def expression(self, indicator: Indicator, condition: str = "") -> Expression:
        """The indicator's formula, parsed, checked for its units, and narrowed by a condition.

        Raises:
            Refused: the formula or the condition is none, or there is nothing to narrow.
        """
        if (indicator.id, condition) not in self._expressions:
            where = Where("indicators.yaml", column=indicator.id, text=indicator.formula, offset=0)
            expression = parse(indicator.formula, self.city.variables, where)
            check_unit(indicator, expression, self.city.variables, where)
            if condition:
                narrower = narrowed(expression, parse_condition(condition, self.city.variables, Where(column="where")))
                if narrower == expression:
                    raise Refused([Problem(NOTHING_TO_NARROW, Where(column="where"), indicator.id)])
                expression = narrower
            self._expressions[indicator.id, condition] = expression
        return self._expressions[indicator.id, condition]

    def reads_many(self, indicator: str) -> bool:
        """Whether the figures of an indicator read so many statements about single entities that one costs as much as
        those of all places together."""
        defined = self.city.indicators[indicator]
        aggregates = (leaf.aggregate for leaf in leaves(self.expression(defined)))
        return any(
            self._compiler.is_many([each.variable], each.kind or defined.kind)
            for each in aggregates
            if each.function != "value"
        )

    def conditions(self, attribute: str) -> list[str]:
        """One condition for each text that an attribute has in the evidence, in order: to split figures by it.

        Raises:
            Refused: there is no such attribute of entities.
        """
        variable = self.city.variables.get(attribute)
        if variable is None or variable.type in ("number", "integer"):
            raise Refused([Problem(UNKNOWN_ATTRIBUTE, Where(column="attribute"), attribute)])
        texts = self._connection.to_pyarrow(self._statements.texts(attribute).value).unique().to_pylist()
        return [f"{attribute} == {text!r}" for text in sorted(texts)]

    def traced(self, cells: Sequence[Cell], rows: slice = slice(None)) -> tuple[list[Traced], Evidence]:
        """Figures with what was stated for them, for their trails. Of each figure only the statements in ``rows`` are
        fetched, in the order of the ledger; all are referred to."""
        self._check(cells)
        computed = {each.cell: each for each in self._compute(cells, "whole")}
        shown = {cell: each.refs[rows].tolist() for cell, each in computed.items()}
        refs = {ref for each in shown.values() for ref in each}
        evidence = self._inputs.evidence(refs)
        others = self._inputs.others(refs, evidence)
        found = []
        for cell in cells:
            beside = tuple(sorted({other for ref in shown[cell] for other in others[ref]}))
            figure = self._figure(computed[cell], evidence, others)
            found.append(Traced(figure, computed[cell].refs, tuple(shown[cell]), beside))
        return found, evidence

    def contributions(
        self, aggregate: Aggregate, kind: str, spans: Collection[Span], open_to: Collection[str]
    ) -> pa.Table:
        """What each enterprise or project puts into an aggregate; see `shazhou.measure.compile.Compiler.contributions`.
        Entities are those of `canonical`."""
        asked = self._compiler.contributions(aggregate, kind, sorted(spans), self.city.industries, open_to)
        return self._connection.to_pyarrow(asked)

    def canonical(self, entity: str) -> str:
        """The entity that a merged one is part of at this head, or itself."""
        return self._statements.canonical(entity)

    def stated_periods(self, open_to: Collection[str], hidden: Collection[str]) -> list[tuple[str, str, str, bool]]:
        """The distinct (variable, kind, period, whether of a place) of all statements but those of the sources
        ``open_to`` about variables that are not ``hidden``."""
        rows = self._statements.closed(open_to, hidden)
        distinct = rows.select("variable", "kind", "period", of_place=rows.entity.startswith("place:")).distinct()
        found = self._connection.to_pyarrow(distinct).to_pylist()
        return sorted((row["variable"], row["kind"], row["period"], row["of_place"]) for row in found)

    def texts(self, variable: str, entities: Iterable[str]) -> dict[str, str]:
        """What a text attribute says of each of these entities, the latest; nothing for those it does not speak of."""
        stated = self._statements.texts(variable)
        wanted = stated.filter(stated.entity.isin(sorted(set(entities))))
        newest = wanted.group_by("entity").agg(text=wanted.value.argmax(wanted.start))
        return {row["entity"]: row["text"] for row in self._connection.to_pyarrow(newest).to_pylist()}

    def members(
        self, day: date, kind: str, attributes: Sequence[str] = (), where: str = ""
    ) -> dict[str, dict[str, Any]]:
        """The entities of a kind for which a condition holds on a day, each with what attributes say of it (None where
        nothing is said), in order of their ids.

        Raises:
            Refused: the condition is none.
        """
        condition = parse_condition(where, self.city.variables, Where(column="where")) if where else None
        table = Members(self._statements, self.city).on(day, kind, attributes, condition)
        rows = self._connection.to_pyarrow(table.order_by("entity")).to_pylist()
        return {row["entity"]: {name: row[f"of_{name}"] for name in attributes} for row in rows}

    def _check(self, cells: Iterable[Cell]) -> None:
        asked = list(cells)
        refuse_unknown(asked, self.city)
        for indicator, where in dict.fromkeys((cell.indicator, cell.where) for cell in asked):
            self.expression(self.city.indicators[indicator], where)

    def _compute(self, cells: Sequence[Cell], evidence: Carried) -> Iterator[Computed]:
        groups: dict[tuple[str, str, str], list[Cell]] = defaultdict(list)
        for cell in dict.fromkeys(cells):
            groups[cell.indicator, cell.kind or self.city.indicators[cell.indicator].kind, cell.where].append(cell)
        numbered = requests(
            (leaves(self.expression(self.city.indicators[name], where)), kind, Cells.of(group))
            for (name, kind, where), group in groups.items()
        )
        answers = Answers(self._connection, self._compiler, numbered, evidence)
        for group, mine in zip(groups.values(), numbered, strict=True):
            columns = {request.leaf: answers.of(request).found() for request in mine}
            expression = self.expression(self.city.indicators[group[0].indicator], group[0].where)
            quantities = evaluate(expression, columns, len(group))
            for number, (cell, quantity) in enumerate(zip(group, quantities, strict=True)):
                yield self._computed(cell, quantity, [column[number] for column in columns.values()])

    def _computed(self, cell: Cell, quantity: Quantity | None, found: Sequence[Found]) -> Computed:
        indicator = self.city.indicators[cell.indicator]
        factor = UNITS[indicator.unit].factor
        return Computed(
            cell,
            None if quantity is None else rounded(quantity.value, factor, indicator.decimals),
            "" if quantity is None else quantity.qualifier,
            reduce(or_, (each.marks for each in found), 0),
            sum(each.statements for each in found),
            max((each.contributors for each in found), default=0),
            _rising(np.concatenate([NO_REFS, *(each.refs for each in found)])),
        )

    def _figure(self, computed: Computed, evidence: Evidence, others: dict[int, list[int]]) -> Figure:
        cell = computed.cell
        indicator = self.city.indicators[cell.indicator]
        missing = computed.value is None
        first = int(computed.refs[0]) if len(computed.refs) == 1 else None
        unit = UNITS[indicator.unit]
        return Figure(
            indicator=cell.indicator,
            place=cell.place,
            industry=cell.industry,
            period=cell.period,
            value=computed.value,
            unit=indicator.unit,
            decimals=indicator.decimals,
            kind=cell.kind or indicator.kind,
            status="" if missing else marks.status(computed.marks),
            qualifier=computed.qualifier,
            observations=computed.observations,
            contributors=computed.contributors,
            sources=self._cited.by(computed.refs),
            disputed=bool(computed.marks & Marks.DISPUTED),
            others=()
            if first is None
            else evidence.contradicting(first, others.get(first, ()), unit, indicator.decimals),
            simulated=bool(computed.marks & Marks.SIMULATED),
            recorded=bool(computed.marks & Marks.RECORDED),
            break_in_series=bool(computed.marks & Marks.BREAK),
            head=self.head,
            definitions=self.city.version,
            asked_kind=cell.kind,
            where=cell.where,
        )


def _rising(refs: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    # The hash table that NumPy's own unique builds is many times slower than sorting.
    refs.sort()
    rising: npt.NDArray[np.int64] = refs[np.diff(refs, prepend=-1) != 0]
    return rising


def _covering(axes: Sequence[Sequence[str]]) -> Iterator[tuple[str, str, str, str]]:
    """The fewest combinations in which every value of every axis occurs; none where an axis is empty."""
    if all(axes):
        for number in range(max(len(axis) for axis in axes)):
            one, two, three, four = (axis[min(number, len(axis) - 1)] for axis in axes)
            yield one, two, three, four
