"""What a return is about: a collection, an entity, a period; and who may do what with it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.http import Http404, HttpRequest

from shazhou.city.collection import Collection
from shazhou.city.period import Period
from shazhou.city.problem import Refused
from shazhou.console.access.rules import Action, Subject, Visitor, may
from shazhou.console.desk.models import Return
from shazhou.console.desk.states import Act, State
from shazhou.console.evidence import current, reporting
from shazhou.console.look.frame import language
from shazhou.programme.reporter import Reporter

_OF_REPORTERS = (Action.FILL, Action.REVIEW_TOWN)


@dataclass(frozen=True)
class Asked:
    """A return that is asked for, or was: of whom, for when, and the days that count."""

    collection: Collection
    reporter: Reporter
    period: Period
    day: date

    @property
    def entity(self) -> str:
        """What it is about."""
        return self.reporter.entity

    @property
    def name(self) -> str:
        """What that is called, in the language of the request."""
        return self.reporter.called(language())

    @property
    def subject(self) -> Subject:
        """What access to it is about."""
        return subject_of(self.reporter)

    @property
    def placed(self) -> bool:
        """Whether it is known in which part of the city it lies."""
        return self.reporter.place not in ("", current.city().root)

    @property
    def opens(self) -> date:
        """The first day on which it can be handed in."""
        return self.collection.opens(self.period)

    @property
    def due(self) -> date:
        """The last day on which it is in time."""
        return self.collection.due(self.period)

    @property
    def locks(self) -> date:
        """The day from which it is locked."""
        return self.collection.locks(self.period)

    @property
    def locked(self) -> bool:
        """Whether only the bureau may change anything, with a reason."""
        return self.day >= self.locks

    @property
    def late(self) -> bool:
        """Whether the deadline is over."""
        return self.day > self.due

    @property
    def open(self) -> bool:
        """Whether the period is over, so that there is something to report."""
        first = Period.parse(self.collection.first)
        return self.period.start >= first.start and self.day >= self.opens

    @property
    def town_reviews(self) -> bool:
        """Whether a town reviews it: the collection asks for it, and it is known where it lies."""
        return "town" in self.collection.steps and self.placed

    @property
    def submitting(self) -> Act:
        """What handing it in is called in the states."""
        return Act.SUBMIT if self.town_reviews else Act.SUBMIT_TO_BUREAU

    def allows(self, visitor: Visitor, state: State, act: Act) -> bool:
        """Whether a visitor may do something with it in a state."""
        fact = state.acts.get(act)
        if fact is None or fact.right is None:
            return False
        if act in (Act.SUBMIT, Act.SUBMIT_TO_BUREAU) and act is not self.submitting:
            return False
        return may(visitor, self.right(fact.right), self.subject)

    def right(self, right: Action) -> Action:
        """The right that something needs today: the bureau's after the lock date, and where neither an enterprise nor
        a town is known that could fill in."""
        alone = not self.reporter.enterprise and not self.placed
        return Action.REVIEW_BUREAU if right in _OF_REPORTERS and (self.locked or alone) else right


def asked_for(collection: str, entity: str, period: str) -> Asked:
    """What is asked for under these names.

    Raises:
        Http404: there is no such collection, no such period of it, or it does not ask this entity.
    """
    known = reporting.collections().get(collection)
    span = _period(known, period)
    if known is None or span is None:
        raise Http404
    asked = span.start >= Period.parse(known.first).start
    reporter = reporting.reporters(collection, known.opens(span)).get(entity) if asked else None
    if reporter is None:
        if not Return.objects.filter(collection=collection, entity=entity, period=period).exists():
            raise Http404
        reporter = former_reporters([entity])[entity]
    return Asked(known, reporter, span, reporting.today())


def subject_of(reporter: Reporter) -> Subject:
    """A reporter as the subject of access: the enterprise that fills in, and where it lies."""
    places = frozenset({reporter.place}) if reporter.place else frozenset()
    return Subject(reporter.enterprise or reporter.entity, places)


def former_reporters(entities: Iterable[str]) -> dict[str, Reporter]:
    """Entities that are not asked, or not any more, as reporters: by what they are called and where they lie now."""
    asked = sorted(set(entities))
    if not asked:
        return {}
    names, names_en = reporting.texts("name", asked), reporting.texts("name_en", asked)
    places, root = reporting.texts("place", asked), current.city().root
    return {
        each: Reporter(
            entity=each,
            name=names.get(each, each),
            name_en=names_en.get(each, ""),
            place=places.get(each, root),
            places=frozenset(),
            enterprise=each if each.startswith("enterprise:") else "",
        )
        for each in asked
    }


def subject(request: HttpRequest, collection: str, entity: str, period: str, **_: str) -> Subject:
    """The subject of an address of the desk."""
    try:
        return asked_for(collection, entity, period).subject
    except Refused:
        raise Http404 from None


def _period(collection: Collection | None, text: str) -> Period | None:
    try:
        found = Period.parse(text)
    except ValueError:
        return None
    return found if collection is not None and found.frequency == collection.frequency else None
