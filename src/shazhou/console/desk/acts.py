"""What the buttons of the desk do: save, submit, recall, check, send back, approve, withdraw, correct, upload."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils.translation import gettext as _

from shazhou.console.access.audit import What, log
from shazhou.console.access.models import Person
from shazhou.console.access.rules import Action, may
from shazhou.console.access.visitor import visitor_of
from shazhou.console.desk import approval, filled
from shazhou.console.desk.asked import Asked
from shazhou.console.desk.grid import grid
from shazhou.console.desk.models import Return
from shazhou.console.desk.states import CLOSED, Act, State
from shazhou.console.desk.transition import Impossible, Overtaken, ReasonMissing, begin, move
from shazhou.console.evidence import current, reporting
from shazhou.console.look.frame import language

CORRECT = "correct"
"""The button that begins a new revision of a return that is closed."""

COMPLETE = "complete"
"""The button by which the bureau has a decision completed that a crash left half done."""


LONGEST = 1000
"""Characters of a cell, a note or a reason, at most."""


class Refusal(Exception):
    """The act was refused with a sentence in the language of the request."""


def latest(asked: Asked) -> Return | None:
    """The newest revision of a return, or None; one that was given up as a draft only where there is no other."""
    known = Return.objects.filter(collection=asked.collection.id, entity=asked.entity, period=asked.period.text)
    newest_first = known.order_by("-revision")
    return newest_first.exclude(state=State.WITHDRAWN.key, submission="").first() or newest_first.first()


def act(request: HttpRequest, asked: Asked) -> Return:
    """Does what a button says with the return as it was seen.

    Raises:
        PermissionDenied: whoever asks may not.
        Refusal: it cannot be done; nothing of what was typed is lost.
        Overtaken: somebody else was quicker.
    """
    name = request.POST.get("act", "")
    found = seen(request, asked)
    reason = reason_of(request, asked)
    try:
        if name == CORRECT or (found is None and name in (Act.SAVE.value, Act.SUBMIT.value)):
            return _begin(request, asked, found, name, reason)
        if found is None:
            raise Refusal(_("There is no return yet."))
        if name == COMPLETE:
            return _complete(request, asked, found)
        return _DOES[Act(name)](request, asked, found, reason)
    except (ValueError, KeyError, Impossible):
        raise Refusal(_("This cannot be done with the return as it stands now.")) from None
    except ReasonMissing:
        raise Refusal(_("Say why: in general, or beside the cells concerned.")) from None


def reason_of(request: HttpRequest, asked: Asked) -> str:
    """The reason that a form gives.

    Raises:
        Refusal: there is none, and the lock date is over.
    """
    reason = plain(request.POST.get("reason", ""))
    if asked.locked and not reason:
        raise Refusal(_("The lock date is over: say why something has to be changed now."))
    return reason


def plain(text: str, where: str = "") -> str:
    """A text as it can be kept: databases hold no zero characters. ``where``: the name of the cell that it stands in.

    Raises:
        Refusal: it is too long.
    """
    if len(text) > LONGEST:
        if where:
            raise Refusal(_("%(cell)s: at most %(most)s characters; shorten it.") % {"cell": where, "most": LONGEST})
        raise Refusal(_("A text has at most %(most)s characters; shorten it.") % {"most": LONGEST})
    return text.replace("\x00", "").strip()


def seen(request: HttpRequest, asked: Asked) -> Return | None:
    """The return as the form saw it.

    Raises:
        Overtaken: it has been changed since.
    """
    found = latest(asked)
    revision, version = _number(request, "revision"), _number(request, "version")
    if found is None:
        return None
    if (found.revision, found.version) != (revision, version):
        raise Overtaken(found, found.steps.select_related("person").last())
    return found


def save(request: HttpRequest, asked: Asked, found: Return | None, cells: filled.Cells, reason: str) -> Return:
    """Keeps cells as a draft, the first or a further time."""
    person = allowed(request, asked, State.DRAFT if found is None else found.at, Act.SAVE)
    _refuse_long(cells)
    if found is None:
        return begin(asked.collection.id, asked.entity, asked.period.text, person, cells, reason)
    return move(found, Act.SAVE, person, reason, cells=cells)


def allowed(request: HttpRequest, asked: Asked, state: State, what: Act) -> Person:
    """Whoever asks, where they may; a period that is not over cannot be reported on.

    Raises:
        PermissionDenied, Refusal.
    """
    if not asked.allows(visitor_of(request), state, what):
        if what in state.acts:
            raise PermissionDenied
        raise Impossible(state, what)
    if not asked.open:
        raise Refusal(_("The period is not over yet."))
    assert isinstance(request.user, Person)
    return request.user


def _begin(request: HttpRequest, asked: Asked, found: Return | None, name: str, reason: str) -> Return:
    if found is not None and found.at not in CLOSED:
        raise Refusal(_("This cannot be done with the return as it stands now."))
    if name == CORRECT:
        return save(request, asked, None, filled.blank(asked), reason)
    cells = filled.posted(asked, request.POST, found)
    made = save(request, asked, None, cells, reason)
    return made if name == Act.SAVE.value else _submit(request, asked, made, reason)


def _save(request: HttpRequest, asked: Asked, found: Return, reason: str) -> Return:
    return save(request, asked, found, filled.posted(asked, request.POST, found), reason)


def _submit(request: HttpRequest, asked: Asked, found: Return, reason: str) -> Return:
    """Saves, and hands in what has no errors; what has stays a draft."""
    person = allowed(request, asked, found.at, asked.submitting)
    cells = filled.posted(asked, request.POST, found)
    _refuse_long(cells)
    if grid(asked, cells, found).errors:
        return move(found, Act.SAVE, person, reason, cells=cells)
    unlocked = reason if asked.locked else ""
    done = move(found, asked.submitting, person, reason, cells=cells, submitted_at=reporting.now(), unlocked=unlocked)
    _log(request, asked, "submitted", done)
    return done


def _refuse_long(cells: filled.Cells) -> None:
    for name, cell in cells.items():
        for text in (cell.given, cell.unit, cell.note):
            plain(text, current.city().variables[name].name.of(language()))


def _recall(request: HttpRequest, asked: Asked, found: Return, reason: str) -> Return:
    done = move(found, Act.RECALL, allowed(request, asked, found.at, Act.RECALL), reason)
    _log(request, asked, "submitted", done, act=Act.RECALL.value)
    return done


def _pass(request: HttpRequest, asked: Asked, found: Return, reason: str) -> Return:
    done = move(found, Act.PASS, allowed(request, asked, found.at, Act.PASS), reason)
    _log(request, asked, "reviewed", done)
    return done


def _send_back(request: HttpRequest, asked: Asked, found: Return, reason: str) -> Return:
    person = allowed(request, asked, found.at, Act.SEND_BACK)
    reasons = {name: plain(request.POST.get(f"reason-{name}", "")) for name in asked.collection.variables}
    done = move(found, Act.SEND_BACK, person, reason, reasons=reasons)
    _log(request, asked, "reviewed", done)
    return done


def _approve(request: HttpRequest, asked: Asked, found: Return, reason: str) -> Return:
    person = allowed(request, asked, found.at, Act.APPROVE)
    done = approval.approve(found, person, reason)
    _log(request, asked, "reviewed", done)
    return done


def _withdraw(request: HttpRequest, asked: Asked, found: Return, reason: str) -> Return:
    done = approval.withdraw(found, allowed(request, asked, found.at, Act.WITHDRAW), reason)
    _log(request, asked, "withdrawn", done, reason=reason)
    return done


def _complete(request: HttpRequest, asked: Asked, found: Return) -> Return:
    if not may(visitor_of(request), Action.REVIEW_BUREAU, asked.subject):
        raise PermissionDenied
    done = approval.complete(found)
    _log(request, asked, "reviewed", done, act=COMPLETE)
    return done


def _log(request: HttpRequest, asked: Asked, what: What, done: Return, **details: str) -> None:
    told: dict[str, Any] = {
        "collection": done.collection,
        "period": done.period,
        "revision": done.revision,
        "state": done.state,
    }
    log(request, what, asked.entity, **(told | details))


def _number(request: HttpRequest, name: str) -> int:
    text = request.POST.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 10 else 0


_Does = Callable[[HttpRequest, Asked, Return, str], Return]

_DOES: dict[Act, _Does] = {
    Act.SAVE: _save,
    Act.SUBMIT: _submit,
    Act.RECALL: _recall,
    Act.PASS: _pass,
    Act.SEND_BACK: _send_back,
    Act.APPROVE: _approve,
    Act.WITHDRAW: _withdraw,
}
