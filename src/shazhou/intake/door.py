"""The door for documents: from a document and a mapping to observations, checked as a whole before anything is kept.

Everything is done by columns; each distinct text is understood once. Either all problems come back, each with file,
sheet, row and column, or a delivery that can be appended.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from shazhou.city.model import City
from shazhou.city.problem import Problem, Refused, Rule, Where
from shazhou.intake import rules
from shazhou.intake.consistency import contradictions, lost_cells
from shazhou.intake.document import UNREADABLE, Document
from shazhou.intake.entity import Names
from shazhou.intake.entity_of import Whom, columns_about
from shazhou.intake.field import Evaluator, all_columns
from shazhou.intake.findings import Findings
from shazhou.intake.mapping import mapping_of
from shazhou.intake.reading import read_document
from shazhou.intake.row import Rows
from shazhou.intake.stated import Stated
from shazhou.intake.value import Understanding
from shazhou.ledger.submission import Delivery

UNMAPPED_COLUMN = Rule(
    "column-not-mapped",
    "The mapping says nothing about the column {found}.",
    "映射没有说明列 {found}。",
    "Map it, or name it under ignored: with the reason, so that nothing is lost.",
    "请映射该列，或在 ignored 中注明忽略理由，以免遗漏。",
)
UNKNOWN_SOURCE = Rule(
    "unknown-source",
    "There is no source {found}.",
    "没有名为 {found} 的来源。",
    "Use an id of sources.yaml: --source ID.",
    "请使用 sources.yaml 中的编号：--source 编号。",
)


@dataclass(frozen=True)
class Prepared:
    """A document that was understood: what to append, its observations, and what the deliverer should know of."""

    delivery: Delivery
    stated: tuple[Stated, ...]
    warnings: tuple[Problem, ...] = ()

    @property
    def count(self) -> int:
        """Number of observations."""
        return sum(map(len, self.stated))

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The observations in their order."""
        for part in self.stated:
            yield from part.batches()


def delivery_of(
    city: City, file: str, content: bytes, mapping: str, source: str = "", deliverer: str = "", origin: str = ""
) -> Delivery:
    """The delivery that a document makes: its id is derived from its content, the mapping, the source and the origin.

    Raises:
        Refused: there is no such mapping or source.
    """
    form = mapping_of(city, mapping)
    if source and source not in city.sources:
        raise Refused([Problem(UNKNOWN_SOURCE, Where(file), source)])
    identity = hashlib.sha256(b"\0".join((content, form.model_dump_json().encode(), source.encode(), origin.encode())))
    return Delivery(
        id=f"file:{identity.hexdigest()[:32]}",
        deliverer=deliverer,
        door="simulation" if origin == "simulated" else "file",
        title=form.title.zh,
        document=content,
        document_name=file,
        mapping=mapping,
        source=source,
    )


def understood(city: City, names: Names, delivery: Delivery, origin: str = "") -> Prepared:
    """Reads, understands and checks a delivery's document.

    Args:
        city: definitions.
        names: what texts stand for; `Names.learn` takes up those that the document adds.
        delivery: the document, its mapping and the source for rows that cite none themselves.
        origin: ``simulated`` or ``recorded`` where the evidence is; the mark stays on all that is made of it.

    Raises:
        Refused: with every problem found, up to `shazhou.intake.findings.MOST`.
    """
    form = mapping_of(city, delivery.mapping)
    read = form.read
    document = read_document(
        delivery.document_name, delivery.document, read.sheet, read.header, read.encoding, form.columns()
    ).without_titles(read.titles, read.titled)
    findings = Findings(document)
    for name in document.columns:
        if name not in form.columns():
            findings.add(UNMAPPED_COLUMN, document.where(None, name), name)
    whom = Whom(names, findings)
    evaluator = Evaluator(document, findings, whom.others)
    understanding = Understanding(city, findings, names.place_keys())
    entity, industry = whom.rows(form.entity, evaluator, len(document.rows))
    rows = Rows(city, document, evaluator, findings, understanding, delivery.source, origin)
    parts = [rows.state(each, entity, industry, columns_about(form.entity)) for each in form.observations]
    findings.raise_if_any()
    if not any(map(len, parts)):
        findings.add(rules.NOTHING_STATED, document.where())
    again = contradictions(document, parts, findings)
    findings.raise_if_any()
    stated = (*whom.aliases(parts), *parts)
    content = all_columns(field for each in form.observations for field in (each.value, each.text, each.note))
    lost = lost_cells(document, evaluator, sorted(content), rows.used)
    warnings = (*document.warnings, *again, *lost, *_unranked(city, document, parts))
    return Prepared(delivery, tuple(part for part in stated if len(part)), warnings)


def content_of(file: Path) -> bytes:
    """A file's bytes; Refused where it cannot be read."""
    try:
        return file.read_bytes()
    except OSError as error:
        raise Refused([Problem(UNREADABLE, Where(str(file)), error.strerror or str(error))]) from None


def _unranked(city: City, document: Document, parts: Sequence[Stated]) -> list[Problem]:
    ranked = {source.title for source in city.sources.values()}
    cited = dict.fromkeys(title for part in parts for title in part.texts["source"].values if title)
    return [Problem(rules.NOT_CITED, Where(document.file, document.sheet), t) for t in cited if t not in ranked]
