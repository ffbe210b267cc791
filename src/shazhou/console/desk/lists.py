"""What waits for whom: tasks by deadline, returns to be reviewed, and what has been handed in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from shazhou.city.period import Period
from shazhou.console.access.rules import Action, Subject, Visitor, may
from shazhou.console.desk.asked import former_reporters, subject_of
from shazhou.console.desk.models import Return
from shazhou.console.desk.states import CLAIMED, State
from shazhou.console.evidence import reporting
from shazhou.console.look.frame import language
from shazhou.programme.reporter import Reporter
from shazhou.programme.task import Task

OPEN = (State.DRAFT, State.RETURNED)
"""Whoever reports has to do something."""

LATEST = 50
"""Returns handed in that are listed."""


@dataclass(frozen=True)
class Due:
    """A task with the return that there is of it, if any."""

    task: Task
    found: Return | None

    @property
    def name(self) -> str:
        """What it is about, in the language of the request."""
        return self.task.reporter.called(language())

    @property
    def done(self) -> bool:
        """Whether it has been handed in; what was withdrawn since is due again."""
        return self.found is not None and self.found.at not in (*OPEN, State.WITHDRAWN)


@dataclass(frozen=True)
class Waiting:
    """A return that waits for a reviewer, with the name of what it is about and its deadline."""

    found: Return
    name: str
    due: date | None


def tasks_of(visitor: Visitor, day: date) -> list[Due]:
    """The tasks that a visitor sees: a reporter those of their enterprises, a town those of its places, the bureau all.
    Soonest first."""
    open_now = reporting.tasks(day)
    seen = [each for each in (*_locked(open_now), *open_now) if _sees(visitor, subject_of(each.reporter))]
    returns = Return.objects.filter(period__in={each.period for each in seen})
    # A draft that was given up leaves what was before.
    known = _newest(returns.exclude(state=State.WITHDRAWN.key, submission=""))
    return [Due(each, known.get((each.collection, each.entity, each.period))) for each in seen]


def queue_of(visitor: Visitor) -> list[Waiting]:
    """The returns that wait for a visitor's review, or for the ledger; longest waiting first."""
    asked = {State.SUBMITTED: Action.REVIEW_TOWN, State.CHECKED: Action.REVIEW_BUREAU}
    asked |= dict.fromkeys(CLAIMED, Action.REVIEW_BUREAU)
    rights = {state.key: right for state, right in asked.items()}
    waiting = list(Return.objects.filter(state__in=rights).order_by("submitted_at", "id"))
    reporters = reporters_of(waiting)
    mine = [each for each in waiting if may(visitor, rights[each.state], subject_of(reporters[each.pk]))]
    return [_waiting(each, reporters[each.pk]) for each in mine]


def handed_in(visitor: Visitor) -> list[Waiting]:
    """The returns handed in last that a visitor sees."""
    found: list[Waiting] = []
    returns = Return.objects.exclude(state__in=[state.key for state in OPEN])
    for start in range(0, 20 * LATEST, LATEST):
        some = list(returns[start : start + LATEST])
        reporters = reporters_of(some)
        mine = [each for each in some if _sees(visitor, subject_of(reporters[each.pk]))]
        found += [_waiting(each, reporters[each.pk]) for each in mine]
        if len(found) >= LATEST or len(some) < LATEST:
            break
    return found[:LATEST]


def reporters_of(returns: Sequence[Return]) -> Mapping[int, Reporter]:
    """The reporter of each return, by the return's id."""
    collections = reporting.collections()
    found, former = {}, []
    for each in returns:
        known = collections.get(each.collection)
        asked = reporting.reporters(known.id, known.opens(Period.parse(each.period))) if known is not None else {}
        if each.entity in asked:
            found[each.pk] = asked[each.entity]
        else:
            former.append(each)
    others = former_reporters(each.entity for each in former)
    return found | {each.pk: others[each.entity] for each in former}


def _locked(open_now: Iterable[Task]) -> list[Task]:
    """The tasks of returns that were begun or sent back, but not handed in before their lock date."""
    listed = {(each.collection, each.entity, each.period) for each in open_now}
    begun = list(Return.objects.filter(state__in=[state.key for state in OPEN]).order_by("period", "id"))
    left = [each for each in begun if (each.collection, each.entity, each.period) not in listed]
    reporters, collections, found = reporters_of(left), reporting.collections(), []
    for each in left:
        known, period = collections.get(each.collection), Period.parse(each.period)
        if known is not None:
            days = known.opens(period), known.due(period), known.locks(period)
            found.append(Task(known.id, reporters[each.pk], each.period, *days))
    return found


def _sees(visitor: Visitor, subject: Subject) -> bool:
    return may(visitor, Action.SEE_MICRODATA, subject)


def _newest(returns: Iterable[Return]) -> Mapping[tuple[str, str, str], Return]:
    ordered = sorted(returns, key=lambda each: each.revision)
    return {(each.collection, each.entity, each.period): each for each in ordered}


def _waiting(found: Return, reporter: Reporter) -> Waiting:
    collection = reporting.collections().get(found.collection)
    due = collection.due(Period.parse(found.period)) if collection is not None else None
    return Waiting(found, reporter.called(language()), due)
