"""The door for documents: from a document and a mapping to observations, checked as a whole before anything is kept.

Everything is done by columns; each distinct text is understood once. Either all problems come back, each with file, sheet,
row and column, or a delivery that can be appended.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from shazhou.city.model import City
from shazhou.city.problem import Problem, Refused, Rule
from shazhou.intake.document import Document, read_document
from shazhou.intake.entity import Names, new_entity
from shazhou.intake.field import Evaluator
from shazhou.intake.mapping import EntityOf, Mapping, Placed, mapping_of
from shazhou.intake.row import Rows
from shazhou.ledger.observation import SCHEMA
from shazhou.ledger.submission import Delivery

UNMAPPED_COLUMN = Rule(
    "column-not-mapped",
    "The mapping says nothing about the column {found}.",
    "映射没有说明列 {found}。",
    "Map it, or name it under ignored: with the reason, so that nothing is lost.",
    "请映射该列，或在 ignored 中注明忽略理由，以免遗漏。",
)
UNKNOWN_ENTITY = Rule(
    "entity-unknown",
    "No {kind} is known by the name {found}.",
    "没有名为 {found} 的{kind}。",
    "Correct the name, or load the document that names it first.",
    "请改正名称，或先载入登记该主体的文件。",
)
AMBIGUOUS_ENTITY = Rule(
    "entity-ambiguous",
    "{found} stands for several entities: {several}.",
    "{found} 对应多个主体：{several}。",
    "Use the full name, a code or the entity's id.",
    "请使用全称、代码或主体编号。",
)
NO_ENTITY = Rule(
    "entity-empty",
    "The row does not say whom it is about.",
    "该行没有说明主体。",
    "Fill the column, or remove the row.",
    "请填写该列，或删除该行。",
)
UNKNOWN_SOURCE = Rule(
    "unknown-source",
    "There is no source {found}.",
    "没有名为 {found} 的来源。",
    "Use an id of sources.yaml: --source ID.",
    "请使用 sources.yaml 中的编号：--source 编号。",
)

MOST_PROBLEMS = 1000
"""So many problems are listed; a document with more is wrong as a whole."""


@dataclass(frozen=True)
class Prepared:
    """A document that was understood: what to append, and its observations."""

    delivery: Delivery
    tables: tuple[pa.Table, ...]

    @property
    def count(self) -> int:
        """Number of observations."""
        return sum(table.num_rows for table in self.tables)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The observations in their order."""
        for table in self.tables:
            yield from table.to_batches(65_536)


def prepare(
    city: City, names: Names, file: Path, mapping: str, source: str = "", deliverer: str = "", origin: str = ""
) -> Prepared:
    """Reads, understands and checks a document.

    Args:
        city: definitions.
        names: what texts stand for; names that the document adds are added.
        file: the document.
        mapping: name of a mapping of the city folder.
        source: id of the source, for rows that cite none themselves.
        deliverer: who delivers it.
        origin: ``simulated`` or ``recorded`` where the evidence is; the mark stays on all that is made of it.

    Raises:
        Refused: with every problem found, up to `MOST_PROBLEMS`.
    """
    content = file.read_bytes()
    form = mapping_of(city, mapping)
    if source and source not in city.sources:
        raise Refused([Problem(UNKNOWN_SOURCE, Document(file.name, "", {}, []).where(), source)])  # type: ignore[arg-type]
    document = read_document(file.name, content, form.read.sheet, form.read.header)
    tables = _Door(city, names, document, form, source, origin).tables()
    identity = hashlib.sha256(b"\0".join((content, form.model_dump_json().encode(), source.encode(), origin.encode())))
    delivery = Delivery(
        id=f"file:{identity.hexdigest()[:32]}",
        deliverer=deliverer,
        door="simulation" if origin == "simulated" else "file",
        title=form.title.zh,
        document=content,
        document_name=file.name,
        mapping=mapping,
        source=source,
    )
    return Prepared(delivery, tables)


class _Door:
    def __init__(
        self, city: City, names: Names, document: Document, mapping: Mapping, source: str, origin: str
    ) -> None:
        self._city = city
        self._names = names
        self._document = document
        self._mapping = mapping
        self._source = source
        self._origin = origin
        self._problems: list[Problem] = []
        self._evaluator = Evaluator(document, self._others)
        self._created: dict[str, str] = {}

    def tables(self) -> tuple[pa.Table, ...]:
        unmapped = [name for name in self._document.columns if name not in self._mapping.columns()]
        self._problems += [Problem(UNMAPPED_COLUMN, self._document.where(None, name), name) for name in unmapped]
        entity, industry = self._entities()
        rows = Rows(self._city, self._document, self._evaluator, self._source, self._origin)
        tables = [rows.table(observed, entity, industry) for observed in self._mapping.observations]
        problems = [*self._problems, *self._evaluator.problems, *rows.problems]
        if not problems:
            problems = rows.contradictions(tables)
        if problems:
            problems.sort(key=lambda problem: (problem.where.row or 0))
            raise Refused(problems[:MOST_PROBLEMS])
        if self._created and not any(observed.variable == "name" for observed in self._mapping.observations):
            tables.insert(0, self._aliases(tables))
        return tuple(table for table in tables if table.num_rows)

    def _entities(self) -> tuple[pa.Array, pa.Array]:
        rule = self._mapping.entity
        count = len(self._document.rows)
        looked_up = self._evaluator.text(rule.values_of) if rule.values_of else pa.repeat(pa.scalar(""), count)
        keys = self._evaluator.evaluate(rule.key) if rule.key is not None else pa.repeat(pa.scalar(""), count)
        joined = pc.dictionary_encode(pc.binary_join_element_wise(looked_up, keys, "\x1f"))
        entities, industries = [], []
        for number, text in enumerate(joined.dictionary.to_pylist()):
            value, _, key = text.partition("\x1f")
            found = rule.values.get(value)
            if isinstance(found, Placed):
                entities.append(found.entity)
                industries.append(found.industry)
                continue
            industries.append("")
            row = pc.index(joined.indices, number).as_py()
            entities.append(found or self._entity(rule.kind, key or ("" if rule.key else value), row, rule.create))
        return pa.array(entities, pa.string()).take(joined.indices), pa.array(industries, pa.string()).take(joined.indices)

    def _entity(self, kind: str, text: str, row: int, create: bool) -> str:
        found = self._names.entities(kind, text) if text else []
        if len(found) == 1:
            return found[0]
        where = self._document.where(row, ", ".join(sorted(self._key_columns())))
        if not text:
            self._problems.append(Problem(NO_ENTITY, where))
        elif found:
            self._problems.append(Problem(AMBIGUOUS_ENTITY, where, text, {"several": ", ".join(found)}))
        elif create:
            entity = new_entity(kind, text)
            self._names.add(kind, text, entity)
            self._created[entity] = text
            return entity
        else:
            self._problems.append(Problem(UNKNOWN_ENTITY, where, text, {"kind": kind}))
        return ""

    def _key_columns(self) -> set[str]:
        rule = self._mapping.entity
        found = {rule.values_of} if rule.values_of else set()
        if rule.key is not None and not isinstance(rule.key, str):
            parts = rule.key if isinstance(rule.key, tuple) else (rule.key,)
            found |= {name for part in parts if not isinstance(part, str) for name in part.names}
        return found

    def _others(self, entity: EntityOf, keys: pa.Array) -> pa.Array:
        encoded = pc.dictionary_encode(keys)
        ids = [
            self._entity(entity.kind, text, pc.index(encoded.indices, number).as_py(), create=False) if text else ""
            for number, text in enumerate(encoded.dictionary.to_pylist())
        ]
        return pa.array(ids, pa.string()).take(encoded.indices)

    def _aliases(self, tables: list[pa.Table]) -> pa.Table:
        rows = pa.concat_tables(tables)
        found = []
        for entity, text in self._created.items():
            first = pc.index(rows.column("entity"), entity).as_py()
            if first >= 0:
                row = rows.slice(first, 1).to_pylist()[0]
                changed = {"variable": "alias", "industry": "", "kind": "actual", "value": None, "text": text}
                plain = {"unit": "text", "qualifier": "=", "status": "A", "given": text, "label": "", "note": ""}
                found.append({**row, **changed, **plain})
        return pa.Table.from_pylist(found, schema=SCHEMA)
