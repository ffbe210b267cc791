"""The one way in which a return changes: compare-and-swap on its state and version, with a line of history.

    UPDATE return SET state = …, version = version + 1 WHERE id = … AND state = … AND version = …

Of two people who act on the same version one wins; the other is told what happened in between and changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from shazhou.console.access.models import Person
from shazhou.console.desk.models import Cell, Return, Step
from shazhou.console.desk.states import CLOSED, Act, State
from shazhou.intake.returned import Cell as Typed


class Impossible(Exception):
    """The state knows no such act."""

    def __init__(self, state: State, act: Act) -> None:
        super().__init__(f"{act.value}: not in {state.key}")
        self.state, self.act = state, act


class Overtaken(Exception):
    """Somebody else changed the return since it was looked at. ``now`` is how it stands, ``last`` what they did."""

    def __init__(self, now: Return, last: Step | None) -> None:
        super().__init__(now.state)
        self.now, self.last = now, last


class ReasonMissing(Exception):
    """The act needs a reason."""


@transaction.atomic
def move(
    found: Return,
    act: Act,
    person: Person | None,
    reason: str = "",
    *,
    cells: Mapping[str, Typed] | None = None,
    reasons: Mapping[str, str] | None = None,
    **changes: Any,
) -> Return:
    """Does something with a return as it was seen, and gives it as it is now.

    Args:
        found: the return with the state and version that were seen.
        act: what is done.
        person: who does it; None: the site itself.
        reason: why.
        cells: what its cells hold now; None: as before.
        reasons: why cells are sent back, by variable; None: as before.
        changes: further columns that change.

    Raises:
        Impossible: the state knows no such act.
        ReasonMissing: the act needs a reason, or one for a cell.
        Overtaken: somebody else was quicker.
    """
    fact = found.at.acts.get(act)
    if fact is None:
        raise Impossible(found.at, act)
    reason, reasons = reason.strip(), {name: text.strip() for name, text in (reasons or {}).items() if text.strip()}
    if fact.reason and not reason and not reasons:
        raise ReasonMissing
    seen = Return.objects.filter(id=found.pk, state=found.state, version=found.version)
    changed = seen.update(state=fact.follows, version=F("version") + 1, changed_at=timezone.now(), **changes)
    if not changed:
        now = Return.objects.get(id=found.pk)
        raise Overtaken(now, now.steps.select_related("person").last())
    if cells is not None:
        _write(found, cells)
    if reasons:
        _send_back(found, reasons)
    elif act in (Act.SUBMIT, Act.SUBMIT_TO_BUREAU):
        found.cells.update(reason="")
    Step.objects.create(
        within=found,
        person=person,
        act=act.value,
        state=fact.follows,
        version=found.version + 1,
        reason=reason,
        reasons=reasons,
    )
    return Return.objects.get(id=found.pk)


@transaction.atomic
def begin(
    collection: str, entity: str, period: str, person: Person, cells: Mapping[str, Typed], reason: str = ""
) -> Return:
    """A new return as a draft: the first, or a new revision of one that is closed.

    Raises:
        Overtaken: one is open already.
    """
    last = Return.objects.filter(collection=collection, entity=entity, period=period).order_by("-revision").first()
    if last is not None and last.at not in CLOSED:
        raise Overtaken(last, last.steps.select_related("person").last())
    revision = 1 if last is None else last.revision + 1
    try:
        with transaction.atomic():
            made = Return.objects.create(collection=collection, entity=entity, period=period, revision=revision)
    except IntegrityError:
        now = Return.objects.filter(collection=collection, entity=entity, period=period).order_by("-revision")[0]
        raise Overtaken(now, now.steps.select_related("person").last()) from None
    _write(made, cells)
    Step.objects.create(within=made, person=person, act=Act.SAVE.value, state=made.state, version=1, reason=reason)
    return made


def _write(found: Return, cells: Mapping[str, Typed]) -> None:
    rows = [
        Cell(within=found, variable=name, text=c.given, unit=c.unit, note=c.note, prefilled=c.prefilled)
        for name, c in cells.items()
    ]
    _keep(rows, ("text", "unit", "note", "prefilled"))


def _send_back(found: Return, reasons: Mapping[str, str]) -> None:
    _keep([Cell(within=found, variable=variable, reason=text) for variable, text in reasons.items()], ("reason",))


def _keep(rows: Sequence[Cell], columns: Sequence[str]) -> None:
    Cell.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["within", "variable"], update_fields=list(columns)
    )
