"""Composed reports for a visitor: the text with its figures, and what its checks found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from shazhou.city.problem import Language, Problem, Refused
from shazhou.console.access.rules import Action, Grant, Role, Visitor, may
from shazhou.console.evidence import published, visible
from shazhou.console.evidence.releases import newest_sequence
from shazhou.measure.figure import Figure
from shazhou.measure.measure import Measure
from shazhou.report.build import check
from shazhou.report.check import problems_of
from shazhou.report.checks import known
from shazhou.report.compose.composing import Draft, compose
from shazhou.report.template.markdown import read_template

WHOEVER_SEES_ALL = Visitor(grants=(Grant(Role.ANALYST),))


@dataclass(frozen=True)
class Wanted:
    """A report: of a year, in a language, at a head, written on a day."""

    head: str
    year: int
    language: Language
    today: date

    @property
    def day(self) -> date:
        """The day by which its targets are judged: it is the same report on all later days."""
        return min(self.today, date(self.year + 1, 1, 1))

    @property
    def name(self) -> str:
        """A name for files that are made of it."""
        return f"{self.head[:16]}-{self.year}-{self.language}-{self.day:%Y%m%d}"


@dataclass(frozen=True)
class Reading:
    """A report as a visitor reads it: no draft where its template cannot be read. ``problems`` stop it from being
    published. ``complete``: the visitor sees every figure of it."""

    draft: Draft | None
    problems: tuple[Problem, ...]
    complete: bool


def reading(visitor: Visitor, wanted: Wanted) -> Reading:
    """A report as a visitor may read it.

    Raises:
        Refused: there is no such head.
    """
    if may(visitor, Action.SEE_AGGREGATES):
        return _whole(wanted)
    return _open(wanted, newest_sequence())


@lru_cache(maxsize=12)
def _whole(wanted: Wanted) -> Reading:
    return _read(WHOEVER_SEES_ALL, wanted)


@lru_cache(maxsize=12)
def _open(wanted: Wanted, release: int) -> Reading:
    """The report as the public reads it after some release."""
    whole = _whole(wanted)
    if not visible.closed_evidence(wanted.head):
        return whole
    found = _read(Visitor(), wanted)
    if whole.draft is None or found.draft is None:
        return found
    quoted = whole.draft.quotes.quoted
    shown = published.figures_for(Visitor(), wanted.head, [each.cell for each in quoted])
    complete = all(_told(shown[each.cell]) == _told(each) for each in quoted)
    return Reading(found.draft, found.problems, complete)


def _itself(measure: Measure) -> Measure:
    return measure


def _told(figure: Figure) -> tuple[object, ...]:
    return figure.head, figure.value, figure.qualifier, figure.status, figure.sources, figure.others


def _read(visitor: Visitor, wanted: Wanted) -> Reading:
    # The measure is asked for figures several times; others are served in between.
    measure = published.with_measure_for(visitor, wanted.head, _itself)
    try:
        template = read_template(measure.city.files, wanted.language)
    except Refused as refused:
        return Reading(None, refused.problems, True)
    problems = [*known.check_settings(template.settings, measure.city)]
    problems += problems_of(template, measure.city, wanted.language)
    try:
        draft = compose(measure, template, wanted.year, wanted.language, wanted.day)
    except Refused as refused:
        return Reading(None, (*problems, *refused.problems), True)
    return Reading(draft, (*problems, *check(draft, measure.city)), True)
