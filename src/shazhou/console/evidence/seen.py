"""Which statements, and which submissions and documents, a visitor sees."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from shazhou.console.access.rules import Action, Visitor
from shazhou.console.evidence import current
from shazhou.console.evidence.visible import Sight, is_open, sight
from shazhou.ledger.documents import ERASURE
from shazhou.ledger.engine import connect
from shazhou.ledger.ledger import named_rows
from shazhou.ledger.submission import Submission

PLACE = "place"
"""The attribute that says in which place an entity lies."""


KNOWN = 20_000
"""Submissions of which is kept what they are about."""

_known: OrderedDict[Submission, frozenset[tuple[str, str]]] = OrderedDict()


class About(NamedTuple):
    """What decides who sees a statement."""

    entity: str
    variable: str
    source: str


def seen(visitor: Visitor, statements: Sequence[About], action: Action = Action.SEE_MICRODATA) -> list[bool]:
    """For each statement whether a visitor sees it (or may do something else with it)."""
    return _seen(sight(visitor, None, action), statements)


def _seen(how_far: Sight, statements: Sequence[About]) -> list[bool]:
    if how_far.everywhere:
        return [True] * len(statements)
    city = current.city()
    closed = {each for each in statements if not is_open(city, each.source, each.variable)}
    if not how_far.only_open:
        where = places_of(each.entity for each in closed)
        closed = {each for each in closed if not how_far.reaches(each.entity, where.get(each.entity, ""))}
    return [each not in closed for each in statements]


def sees(visitor: Visitor, submissions: Sequence[Submission], action: Action = Action.SEE_MICRODATA) -> list[bool]:
    """For each submission whether a visitor sees it whole, with its document. Orders to erase a document are seen by
    those who saw the document."""
    how_far = sight(visitor, None, action)
    if how_far.everywhere:
        return [True] * len(submissions)
    _read_kinds(submissions)
    return [_sees(how_far, each) for each in submissions]


def is_public(submission: Submission) -> bool:
    """Whether everybody sees a submission whole."""
    return _sees(Sight(), submission)


def carrying(document: str) -> list[Submission]:
    """The submissions that brought a document, oldest first."""
    return [each for each in current.ledger().submissions() if each.document == document]


def _sees(how_far: Sight, submission: Submission) -> bool:
    if submission.id.startswith(ERASURE):
        brought = carrying(submission.id.removeprefix(ERASURE))
        return any(_sees(how_far, each) for each in brought)
    about = _kinds(submission)
    city = current.city()
    closed = [(variable, source) for variable, source in about if not is_open(city, source, variable)]
    if not closed or how_far.only_open:
        return not closed
    return all(_seen(how_far, _statements(submission)))


def _kinds(submission: Submission) -> frozenset[tuple[str, str]]:
    """The pairs of variable and source of which a submission states something."""
    return _read_kinds((submission,))[submission]


def _read_kinds(submissions: Sequence[Submission]) -> dict[Submission, frozenset[tuple[str, str]]]:
    """The same of several submissions, those not known yet in one go."""
    known = {each: _known[each] for each in submissions if each in _known}
    unknown = [each for each in submissions if each not in known]
    if unknown:
        found: dict[int, set[tuple[str, str]]] = {each.sequence: set() for each in unknown}
        for row in _distinct(unknown, ("sequence", "variable", "source")):
            found[row["sequence"]].add((row["variable"], row["source"]))
        known |= {each: frozenset(found[each.sequence]) for each in unknown}
        while len(_known) > KNOWN:
            _known.popitem(last=False)
        _known.update(known)
    return known


@lru_cache(maxsize=64)
def _statements(submission: Submission) -> tuple[About, ...]:
    return tuple(About(**each) for each in _distinct([submission], About._fields))


def _distinct(submissions: Sequence[Submission], names: Sequence[str]) -> list[dict[str, Any]]:
    connection = connect()
    try:
        rows = named_rows(connection, current.ledger().observation_files.files(), tuple(submissions))
        found: list[dict[str, Any]] = connection.to_pyarrow(rows.select(*names).distinct()).to_pylist()
        return found
    finally:
        connection.disconnect()


def places_of(entities: Iterable[str]) -> dict[str, str]:
    """The places (keys) in which entities lie now; a place lies in itself."""
    wanted = sorted(set(entities))
    others = [each for each in wanted if not each.startswith("place:")]
    own = {each: each.removeprefix("place:") for each in wanted if each.startswith("place:")}
    if not others or PLACE not in current.city().variables:
        return own
    texts = current.with_measure(None, lambda measure: measure.texts(PLACE, others))
    return own | {entity: place.removeprefix("place:") for entity, place in texts.items()}
