"""What the API gives of the ledger's records: submissions, observations, entities, releases."""

from __future__ import annotations

from datetime import datetime

from ninja import Schema

from shazhou.console.api.schemas import Number, Stated


class SubmissionOut(Schema):
    """A link of the ledger's chain. What one may not see has null for its words and for the hash of its rows; its
    head is open to all, so that everybody can follow the chain."""

    sequence: int
    head: str
    previous: str
    recorded_at: datetime
    seen: bool
    content: str | None
    count: int | None
    id: str | None
    title: str | None
    deliverer: str | None
    door: str | None
    source: str | None
    document: str | None
    document_name: str | None


class SubmissionsOut(Schema):
    """Some submissions, newest first; hand ``next`` back as ``cursor``, null on the last page."""

    items: list[SubmissionOut]
    next: str | None


class ObservationOut(Stated):
    """A row of a submission. ``change``: what it changed of what the same source had stated of the same before."""

    position: int
    source: str
    source_date: str
    source_address: str
    change: str


class ObservationsOut(Schema):
    """Some rows, in the order of the document; hand ``next`` back as ``cursor``, null on the last page."""

    items: list[ObservationOut]
    next: str | None


class EntityOut(Schema):
    """An entity as a register has it."""

    id: str
    kind: str
    name: str
    name_en: str
    code: str
    place: str
    industry: str
    status: str
    more: dict[str, str]
    address: str


class EntitiesOut(Schema):
    """Some entities; hand ``next`` back as ``cursor``, null on the last page."""

    head: str
    items: list[EntityOut]
    next: str | None


class StatementOut(Schema):
    """A statement about an entity that counts; ``value`` in base units."""

    variable: str
    kind: str
    period: str
    value: Number | None
    text: str | None
    qualifier: str
    status: str
    origin: str
    source: str
    source_date: str
    source_address: str
    note: str
    sequence: int
    row: int
    disputed: bool
    open: bool


class EntityDetailOut(Schema):
    """An entity with everything that is seen of it; merged ids under ``aliases``."""

    head: str
    entity: EntityOut
    aliases: list[str]
    attributes: list[StatementOut]
    numbers: list[StatementOut]
    submissions: list[int]
    cut: bool


class ReleaseOut(Schema):
    """A released head."""

    head: str
    sequence: int
    at: datetime
    note: str
    cleared: int


class ReleasesOut(Schema):
    """Some releases, newest first; hand ``next`` back as ``cursor``, null on the last page."""

    items: list[ReleaseOut]
    next: str | None
