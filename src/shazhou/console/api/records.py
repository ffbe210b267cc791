"""Operations about the ledger's records: submissions, entities, releases."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Path, Router
from pydantic import Field

from shazhou.console.access.audit import log
from shazhou.console.access.rules import Action
from shazhou.console.access.visitor import visitor_of
from shazhou.console.api import cursor as cursors
from shazhou.console.api.guard import operation
from shazhou.console.api.problems import Failure
from shazhou.console.api.record_schemas import (
    EntitiesOut,
    EntityDetailOut,
    EntityOut,
    ObservationOut,
    ObservationsOut,
    ReleaseOut,
    ReleasesOut,
    StatementOut,
    SubmissionOut,
    SubmissionsOut,
)
from shazhou.console.api.schemas import Name
from shazhou.console.evidence import current, seen
from shazhou.console.evidence import submissions as kept
from shazhou.console.evidence.entities import Told, dossier
from shazhou.console.evidence.register import Mark, Question, Row, register
from shazhou.console.evidence.stated import canonical
from shazhou.console.evidence.visible import sight
from shazhou.console.release.models import Release
from shazhou.ledger.submission import Submission

router = Router(tags=["records"])

Size = Annotated[int, Field(ge=1, le=200)]
Cursor = Annotated[str, Field(max_length=500)]
Sequence = Annotated[int, Path(ge=1, le=2**31 - 1)]
Kind = Literal["place", "industry", "enterprise", "project", "platform", "equipment"]

LINKS = ("sequence", "head", "previous", "recorded_at")
"""What everybody is told of a submission, to follow the chain. The hash of its rows is not: whoever knows all but one
number of them could find the number by trying."""

WORDS = ("content", "count", "id", "title", "deliverer", "door", "source", "document", "document_name")
"""What is not told of a submission that one may not see."""


@operation(router, "GET", "/submissions", SubmissionsOut, Action.SEE_PUBLISHED)
def submissions(request: HttpRequest, cursor: Cursor = "", size: Size = 50, as_of: Name = "") -> SubmissionsOut:
    """The ledger's submissions, newest first."""
    chain = current.ledger().submissions(as_of or None)
    before = cursors.number(cursor)
    last = len(chain) if before is None else min(before - 1, len(chain))
    listed = chain[max(0, last - size) : max(0, last)][::-1]
    open_to = seen.sees(visitor_of(request), listed)
    items = [_submission(each, is_seen) for each, is_seen in zip(listed, open_to, strict=True)]
    more = bool(listed) and listed[-1].sequence > 1
    return SubmissionsOut(items=items, next=cursors.written(listed[-1].sequence) if more else None)


@operation(router, "GET", "/submissions/{sequence}", SubmissionOut, Action.SEE_PUBLISHED)
def submission(request: HttpRequest, sequence: Sequence) -> SubmissionOut:
    """One submission."""
    found = kept.submission(sequence)
    if found is None:
        raise Failure(404)
    return _submission(found, seen.sees(visitor_of(request), [found])[0])


@operation(router, "GET", "/submissions/{sequence}/observations", ObservationsOut, Action.SEE_PUBLISHED)
def observations(request: HttpRequest, sequence: Sequence, cursor: Cursor = "", size: Size = 100) -> ObservationsOut:
    """The rows of a submission that one may see, in the order of its document."""
    found = kept.submission(sequence)
    if found is None:
        raise Failure(404)
    visitor = visitor_of(request)
    if not seen.sees(visitor, [found])[0]:
        raise Failure(403 if visitor.signed_in else 401)
    if not seen.is_public(found):
        log(request, "microdata seen", f"submission {sequence}")
    first = cursors.number(cursor) or 0
    changes = kept.changes(found, first, size)
    last = first + len(changes)
    items = [_observation(each.row, each.what) for each in changes]
    return ObservationsOut(items=items, next=cursors.written(last) if changes and last < found.count else None)


@operation(router, "GET", "/entities", EntitiesOut, Action.SEE_PUBLISHED)
def entities(
    request: HttpRequest,
    kind: Kind,
    search: Annotated[str, Field(max_length=100)] = "",
    place: Name = "",
    industry: Name = "",
    status: Name = "",
    cursor: Cursor = "",
    size: Size = 50,
    as_of: Name = "",
) -> EntitiesOut:
    """The entities of a kind, by name, as a register lists them; a place or industry holds those below it."""
    head = current.head(as_of or None)
    city = current.city(head)
    if (place and place not in city.places) or (industry and industry not in city.industries):
        return EntitiesOut(head=head, items=[], next=None)
    question = Question(
        kind,
        search.replace("\0", ""),
        city.descendants(place) if place else frozenset(),
        city.parts(industry) if industry else frozenset(),
        status.replace("\0", ""),
    )
    begins = cursors.text_and_number(cursor)
    after = None if begins is None else Mark(*begins)
    page = register(head).page(question, sight(visitor_of(request), head), after, size)
    following = page.following
    if any(row.whole for row in page.rows):
        log(request, "microdata seen", f"{kind}: {search}"[:300], count=sum(row.whole for row in page.rows))
    items = [_entity(row) for row in page.rows]
    return EntitiesOut(
        head=head, items=items, next=cursors.written(following.text, following.number) if following else None
    )


@operation(router, "GET", "/entities/{entity}", EntityDetailOut, Action.SEE_PUBLISHED)
def entity(request: HttpRequest, entity: str, as_of: Name = "") -> EntityDetailOut:
    """One entity with what is stated of it, as far as one may see it; a merged id leads to the one it is part of."""
    head = current.head(as_of or None)
    how_far = sight(visitor_of(request), head)
    whole, known = canonical(head, entity), register(head)
    row = known.entities([whole], how_far).get(whole)
    if row is None:
        raise Failure(404)
    told = dossier(head, whole, how_far.reaches(whole, known.lies(whole) or ""))
    if row.whole or told.closed:
        log(request, "microdata seen", whole)
    return EntityDetailOut(
        head=head,
        entity=_entity(row),
        aliases=list(told.aliases),
        attributes=[_statement(each) for history in told.attributes.values() for each in history],
        numbers=[_statement(each) for history in told.numbers.values() for each in history],
        submissions=[each.sequence for each, _count in told.submissions],
        cut=told.cut,
    )


@operation(router, "GET", "/releases", ReleasesOut, Action.SEE_PUBLISHED)
def releases(request: HttpRequest, cursor: Cursor = "", size: Size = 50) -> ReleasesOut:
    """The heads that were released, newest first."""
    before = cursors.number(cursor)
    found = Release.objects.all() if before is None else Release.objects.filter(sequence__lt=before)
    listed = list(found[: size + 1])
    items = [
        ReleaseOut(
            head=each.head,
            sequence=each.sequence,
            at=each.at,
            note=each.note,
            cleared=int(each.counts.get("published", 0)),
        )
        for each in listed[:size]
    ]
    return ReleasesOut(items=items, next=cursors.written(items[-1].sequence) if len(listed) > size else None)


def _submission(of: Submission, is_seen: bool) -> SubmissionOut:
    words: dict[str, Any] = {name: getattr(of, name) if is_seen else None for name in WORDS}
    links: dict[str, Any] = {name: getattr(of, name) for name in LINKS}
    return SubmissionOut(seen=is_seen, **links, **words)


def _observation(row: Any, change: str) -> ObservationOut:
    same = [name for name in ObservationOut.model_fields if name not in ("value", "change")]
    return ObservationOut(value=_number(row["value"]), change=change, **{name: row[name] for name in same})


def _entity(row: Row) -> EntityOut:
    same = [name for name in EntityOut.model_fields if name not in ("id", "address", "more")]
    return EntityOut(
        id=row.entity,
        address=f"/api/v1/entities/{row.entity}",
        more=dict(row.more),
        **{name: getattr(row, name) for name in same},
    )


def _statement(told: Told) -> StatementOut:
    same = [name for name in StatementOut.model_fields if name not in ("value", "open")]
    return StatementOut(value=_number(told.value), open=told.opened, **{name: getattr(told, name) for name in same})


def _number(value: Any) -> str | None:
    return None if value is None else f"{value.normalize():f}"
