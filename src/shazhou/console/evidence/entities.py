"""One entity: what was stated of it, as far as somebody sees it, with the place in the ledger that said so.

Of what is not open to all, nothing is read unless the sight reaches the entity; so what remains is answered as if the
rest had never been delivered.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any, TypeVar

import ibis
import pyarrow as pa
from ibis import _

from shazhou.city.model import Variable
from shazhou.console.evidence import current
from shazhou.console.evidence.stated import Stated, aliases, with_stated
from shazhou.console.evidence.visible import is_open, open_rows
from shazhou.ledger.observation import KINDS
from shazhou.ledger.submission import Submission
from shazhou.measure.marks import Marks
from shazhou.measure.statements import Reference, Statements

K = TypeVar("K")

ROWS_READ = 20_000
"""Observations about one entity that are read at most, the newest."""

NUMERIC = ("number", "integer")


@dataclass(frozen=True)
class Told:
    """A statement that counts, and where it stands. ``value`` in base units; ``opened``: it is open to all."""

    variable: str
    kind: str
    period: str
    start: date
    end: date
    value: Decimal | None
    text: str | None
    qualifier: str
    status: str
    origin: str
    source: str
    source_date: str
    source_address: str
    note: str
    sequence: int
    sheet: str
    row: int
    document: str
    stated_entity: str
    disputed: bool
    opened: bool


_SAME = [each.name for each in fields(Told) if each.name not in ("document", "stated_entity", "disputed", "opened")]


@dataclass(frozen=True)
class Dossier:
    """What is seen of an entity. ``attributes``: by variable, what was said, oldest first; ``numbers``: by variable and
    kind, oldest first; ``submissions``: those with something about it, newest first, each with how many observations;
    ``cut``: there is more than `ROWS_READ`."""

    entity: str
    aliases: tuple[str, ...]
    attributes: dict[str, tuple[Told, ...]]
    numbers: dict[tuple[str, str], tuple[Told, ...]]
    submissions: tuple[tuple[Submission, int], ...]
    cut: bool

    @property
    def closed(self) -> bool:
        """Whether something in it is not open to all."""
        parts = (*self.attributes.values(), *self.numbers.values())
        return any(not told.opened for part in parts for told in part)

    def holding(self, on: date) -> dict[str, Told]:
        """What the attributes say on a day."""
        held = {name: [told for told in history if told.start <= on] for name, history in self.attributes.items()}
        return {name: history[-1] for name, history in held.items() if history}


@lru_cache(maxsize=512)
def dossier(head: str, entity: str, whole: bool) -> Dossier:
    """What was stated of an entity up to a head: all of it, or only what is open to all."""
    ids = (entity, *aliases(head, entity))
    return with_stated(head, lambda stated: _dossier(stated, ids, whole))


def some_enterprise() -> str:
    """The id of an enterprise, always the same one at a head; empty where there is none."""

    def question(stated: Stated) -> str:
        enterprises = stated.statements.entities().filter(_.entity.startswith("enterprise:"))
        return str(stated.connection.to_pyarrow(enterprises.entity.min()).as_py() or "")

    return with_stated(None, question)


def _dossier(stated: Stated, ids: Sequence[str], whole: bool) -> Dossier:
    rows = stated.observations.filter(_concerns(stated.observations, ids))
    rows = rows if whole else rows.filter(open_rows(rows, stated.city))
    about = rows.filter(rows.entity.isin(list(ids)))
    only_texts = ids[0].partition(":")[0] in ("place", "industry")
    if only_texts:
        about = about.filter(about.variable.isin(_attributes(stated, texts=True) or [""]))
    newest = about.order_by(_.sequence.desc(), _.position.desc()).limit(ROWS_READ)
    found = stated.connection.to_pyarrow(newest)
    told = _counting(stated, found)
    cut = len(found) == ROWS_READ
    counts = _counts(stated, rows) if only_texts or cut else Counter(found.column("sequence").to_pylist())
    chain = {each.sequence: each for each in current.ledger().submissions(stated.head)}
    submissions = sorted(
        ((chain[sequence], count) for sequence, count in counts.items()), key=lambda each: -each[0].sequence
    )
    return Dossier(ids[0], tuple(ids[1:]), *told, tuple(submissions), cut)


def _counts(stated: Stated, rows: ibis.Table) -> dict[int, int]:
    """How many rows each submission has."""
    counted = stated.connection.to_pyarrow(rows.group_by("sequence").agg(count=_.count()))
    return dict(zip(*(counted.column(name).to_pylist() for name in ("sequence", "count")), strict=True))


def _concerns(rows: ibis.Table, ids: Sequence[str]) -> Any:
    about = rows.entity.isin(list(ids))
    kind, _colon, key = ids[0].partition(":")
    return about | (rows.industry == key) if kind == "industry" else about


def _attributes(stated: Stated, texts: bool) -> list[str]:
    return [
        each.id
        for each in stated.city.variables.values()
        if each.measure == "attribute" and (each.type not in NUMERIC) == texts
    ]


def _counting(
    stated: Stated, found: pa.Table
) -> tuple[dict[str, tuple[Told, ...]], dict[tuple[str, str], tuple[Told, ...]]]:
    """The statements that count among some rows: of attributes by variable, of numbers by variable and kind."""
    statements = Statements(ibis.memtable(found), stated.city, stated.profile)
    known = set(found.column("variable").to_pylist()) & stated.city.variables.keys()
    variables = [stated.city.variables[name] for name in sorted(known)]
    chain = {each.sequence: each for each in current.ledger().submissions(stated.head)}
    rows = {(row["sequence"], row["position"]): row for row in found.to_pylist()}
    attributes: dict[str, list[Told]] = defaultdict(list)
    numbers: dict[tuple[str, str], list[Told]] = defaultdict(list)
    for variable, kind, ref, marks in _counted(stated, statements, variables):
        row = rows[Reference.of(ref)]
        told = _told(stated, row, chain[row["sequence"]], bool(marks & Marks.DISPUTED))
        if variable.measure == "attribute" and kind == "actual":
            attributes[variable.id].append(told)
        else:
            numbers[variable.id, kind].append(told)
    return _ordered(attributes), _ordered(numbers)


def _counted(
    stated: Stated, statements: Statements, variables: Sequence[Variable]
) -> Iterator[tuple[Variable, str, int, int]]:
    """Variable, kind, reference and marks of every statement that counts."""
    texts = [each.id for each in variables if each.type not in NUMERIC]
    asked = [("actual", texts[0], statements.attributes(texts))] if texts else []
    for kind in KINDS:
        numeric = [each.id for each in variables if each.type in NUMERIC and stated.profile.spread(each.id, kind).count]
        asked += [(kind, numeric[0], statements.numbers(numeric, kind))] if numeric else []
    for kind, only, table in asked:
        for row in stated.connection.to_pyarrow(table).to_pylist():
            yield stated.city.variables[row.get("variable", only)], kind, row["ref"], row.get("marks") or 0


def _told(stated: Stated, row: dict[str, Any], submission: Submission, disputed: bool) -> Told:
    same = {name: row[name] for name in _SAME}
    return Told(
        **same,
        document=submission.document,
        stated_entity=row["entity"],
        disputed=disputed,
        opened=is_open(stated.city, row["source"], row["variable"]),
    )


def _ordered(told: Mapping[K, Sequence[Told]]) -> dict[K, tuple[Told, ...]]:
    """Oldest first; of those that begin on one day the shortest last, since it is the one that holds."""
    return {key: tuple(sorted(each, key=lambda one: (one.start, -one.end.toordinal()))) for key, each in told.items()}
