"""Approving and withdrawing: claim, write the ledger, finish.

The decision is committed first (states *approving*, *withdrawing*), then the ledger is written, then the return is
finished. Whatever dies in between leaves a claim, and `complete` brings it to its end: both writings of the ledger are
idempotent, and one that the ledger refuses for good gives the claim back with the reason. One claim at a time is
completed, under a lock that falls with its process.
"""

from __future__ import annotations

import logging

from django.conf import settings

from shazhou.city.problem import Problem, Refused, Where
from shazhou.console.access.audit import log
from shazhou.console.access.models import Person
from shazhou.console.desk.filled import returned_of
from shazhou.console.desk.models import Return, Step
from shazhou.console.desk.states import CLAIMED, Act, State
from shazhou.console.desk.transition import move
from shazhou.console.evidence import reporting
from shazhou.intake.return_check import NO_COLLECTION

_LOG = logging.getLogger(__name__)


def approve(found: Return, person: Person, reason: str = "") -> Return:
    """Approves a return and adds it to the ledger; gives it as it is then (*checked* again where the ledger refused).

    Raises:
        Impossible, Overtaken: as `move`; nothing was done.
        OSError: the ledger could not be written; the decision stands and is completed later.
    """
    return complete(move(found, Act.APPROVE, person, reason))


def withdraw(found: Return, person: Person, reason: str) -> Return:
    """Withdraws an approved return, and with it what the ledger holds of it.

    Raises:
        Impossible, ReasonMissing, Overtaken: as `move`; nothing was done.
        OSError: the ledger could not be written; the decision stands and is completed later.
    """
    return complete(move(found, Act.WITHDRAW, person, reason))


def complete(claimed: Return) -> Return:
    """Brings a claim to its end; a return that is no claim (any more) is given back as it is."""
    with settings.DEPLOYMENT.turn("approving"):
        now = Return.objects.get(id=claimed.pk)
        if now.at not in CLAIMED:
            return now
        step = now.steps.select_related("person").exclude(person=None).last()
        try:
            submission = _into_ledger(now, step) if now.at is State.APPROVING else _out_of_ledger(now, step)
        except Refused as refused:
            return move(now, Act.RELEASE, None, "\n".join(map(str, refused.problems)))
        if now.at is State.WITHDRAWING and step is not None:
            _withdraw_earlier(now, step)
        return move(now, Act.FINISH, None, submission=submission)


def complete_all() -> list[Return]:
    """Completes every claim that a crash left, as far as the ledger can be written to; gives those that it brought to
    their end."""
    found = []
    for claimed in Return.objects.filter(state__in=[state.key for state in CLAIMED]).order_by("id"):
        try:
            done = complete(claimed)
        except OSError as error:
            _LOG.warning("%s %s %s: %s", claimed.collection, claimed.entity, claimed.period, error)
            continue
        if done.version != claimed.version:
            log(None, "reviewed", done.entity, collection=done.collection, period=done.period, state=done.state)
            found.append(done)
    return found


def _into_ledger(found: Return, step: Step | None) -> str:
    returned = returned_of(found)
    if reporting.submission(returned.id) is None:
        collection = reporting.collections().get(found.collection)
        if collection is None:
            raise Refused([Problem(NO_COLLECTION, Where(), found.collection)])
        held = reporting.held(collection, found.entity)
        reporting.submit(returned, held, _name(step))
    return returned.id


def _out_of_ledger(found: Return, step: Step | None) -> str:
    if found.submission:
        reporting.withdraw(found.submission, "" if step is None else step.reason, _name(step))
    return found.submission


def _withdraw_earlier(found: Return, step: Step) -> None:
    """The ledger withdraws a return in all its revisions."""
    same = Return.objects.filter(collection=found.collection, entity=found.entity, period=found.period)
    for each in same.filter(revision__lt=found.revision, state=State.APPROVED.key):
        move(move(each, Act.WITHDRAW, step.person, step.reason), Act.FINISH, None)


def _name(step: Step | None) -> str:
    return "" if step is None or step.person is None else step.person.get_full_name() or step.person.username
