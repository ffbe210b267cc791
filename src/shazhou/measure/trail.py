"""Trails: how a figure came about, from the formula down to the row of the document that somebody delivered."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal

import numpy as np
import numpy.typing as npt

from shazhou.city.model import Indicator
from shazhou.ledger.documents import erased, reason_of
from shazhou.ledger.ledger import Ledger
from shazhou.ledger.submission import Submission
from shazhou.measure.citation import Evidence, Row
from shazhou.measure.expression import Expression, leaves, variables
from shazhou.measure.figure import Cell, Citation, Figure
from shazhou.measure.measure import Measure
from shazhou.measure.quoted import Quotation, Quoted
from shazhou.measure.statements import POSITIONS, Reference

NAMES = ("name", "name_en")
"""The attributes that name an entity, the first that is stated."""


@dataclass(frozen=True)
class Observed:
    """An observation that went into a figure, as it stands in the ledger; ``value`` in the variable's base unit."""

    entity: str
    industry: str
    variable: str
    kind: str
    period: str
    value: Decimal | None
    text: str | None
    unit: str
    given: str
    qualifier: str
    status: str
    origin: str
    citation: Citation
    note: str
    label: str
    sheet: str
    row: int


@dataclass(frozen=True)
class Delivered:
    """A submission with the observations of it that went in, in the order of its document; ``count`` is how many went
    in, whether they are all shown or not.

    ``erased``: when, by whom and why its document has been erased; empty where it has not.
    """

    sequence: int
    id: str
    title: str
    deliverer: str
    door: str
    recorded_at: datetime
    document: str
    document_name: str
    erased: str
    head: str
    observations: tuple[Observed, ...]
    count: int


@dataclass(frozen=True)
class Trail:
    """The tree below a figure.

    ``submissions`` hold what the figure was made from, ``beside`` what other sources state about the same keys, whether
    they agree or not. ``names``: what the entities in it are called, as far as the evidence names them.
    """

    figure: Figure
    indicator: Indicator
    variables: tuple[str, ...]
    submissions: tuple[Delivered, ...]
    beside: tuple[Delivered, ...]
    names: Mapping[str, str]


@dataclass(frozen=True)
class Recomputed:
    """A quoted figure and what computing it again gives."""

    quotation: Quotation
    figure: Figure

    @property
    def same(self) -> bool:
        """Whether it is the same value."""
        return self.quotation.value == self.figure.value


def trail(measure: Measure, cell: Cell, rows: slice = slice(None)) -> Trail:
    """The trail of the figure of a cell, with those observations that are in ``rows``."""
    return trails(measure, [cell], rows)[0]


def trails(measure: Measure, cells: Sequence[Cell], rows: slice = slice(None)) -> list[Trail]:
    """The trails of the figures of several cells, in their order, each with those observations that are in ``rows``."""
    traced, evidence = measure.traced(cells, rows)
    chain = measure.ledger.submissions()
    submissions, orders = {each.sequence: each for each in chain}, erased(chain)
    names = _entity_names(measure, evidence.rows.values())
    found = []
    for figure, refs, shown, beside in traced:
        indicator = measure.city.indicators[figure.indicator]
        found_rows = [evidence.rows[ref] for ref in (*shown, *beside)]
        entities = {str(row[of]) for row in found_rows for of in ("entity", "stated_entity")}
        found.append(
            Trail(
                figure,
                indicator,
                _variables(measure.expression(indicator)),
                _delivered(submissions, orders, evidence, refs, shown),
                _delivered(submissions, orders, evidence, np.asarray(beside, np.int64), beside),
                {entity: names[entity] for entity in sorted(entities & names.keys())},
            )
        )
    return found


def recompute(ledger: Ledger, name: str, threads: int | None = None) -> Recomputed:
    """Computes a quoted figure again, at its own head, from the ledger alone."""
    quotation = Quoted(ledger.folder).find(name)
    measure = Measure(ledger, quotation.head, threads)
    return Recomputed(quotation, measure.figures([quotation.cell])[0])


def _entity_names(measure: Measure, rows: Iterable[Row]) -> dict[str, str]:
    entities = {str(row["stated_entity"]) for row in rows} | {str(row["entity"]) for row in rows}
    found: dict[str, str] = {}
    for variable in NAMES:
        if variable in measure.city.variables and entities - found.keys():
            found |= measure.texts(variable, entities - found.keys())
    return found


def _variables(expression: Expression) -> tuple[str, ...]:
    """The variables that a formula reads, with those of its conditions."""
    found: list[str] = []
    for aggregate in (leaf.aggregate for leaf in leaves(expression)):
        found += [aggregate.variable, *variables(aggregate.test), *variables(aggregate.where)]
    return tuple(dict.fromkeys(found))


def _delivered(
    submissions: Mapping[int, Submission],
    orders: Mapping[str, Submission],
    evidence: Evidence,
    refs: npt.NDArray[np.int64],
    shown: Iterable[int],
) -> tuple[Delivered, ...]:
    rows: dict[int, list[Observed]] = defaultdict(list)
    for ref in shown:
        rows[Reference.of(ref).sequence].append(_observed(evidence.rows[ref]))
    sequences, counts = np.unique(refs // POSITIONS, return_counts=True)
    return tuple(
        _delivery(submissions[each], orders, tuple(rows[each]), count)
        for each, count in zip(sequences.tolist(), counts.tolist(), strict=True)
    )


def _delivery(
    submission: Submission, orders: Mapping[str, Submission], observations: tuple[Observed, ...], count: int
) -> Delivered:
    order = orders.get(submission.document)
    return Delivered(
        submission.sequence,
        submission.id,
        submission.title,
        submission.deliverer,
        submission.door,
        submission.recorded_at,
        submission.document,
        submission.document_name,
        "" if order is None else f"{order.recorded_at:%Y-%m-%d}, {order.deliverer}: {reason_of(order)}",
        submission.head,
        observations,
        count,
    )


def _observed(row: Row) -> Observed:
    citation = Citation(row["source"], row["source_date"], row["source_address"])
    names = [field.name for field in fields(Observed) if field.name not in ("citation", "entity")]
    return Observed(entity=row["stated_entity"], citation=citation, **{name: row[name] for name in names})
