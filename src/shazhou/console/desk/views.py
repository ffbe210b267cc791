"""Pages of the desk."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from shazhou.city.problem import Problem
from shazhou.console.access.audit import log
from shazhou.console.access.rules import Action, may, somewhere
from shazhou.console.access.visitor import visitor_of
from shazhou.console.desk import acts, filled, lists
from shazhou.console.desk.asked import Asked, asked_for, former_reporters, subject_of
from shazhou.console.desk.grid import grid
from shazhou.console.desk.models import Return
from shazhou.console.desk.states import CLAIMED, CLOSED, Act, State
from shazhou.console.desk.transition import Overtaken
from shazhou.console.desk.words import ACTS
from shazhou.console.evidence import reporting
from shazhou.console.look.frame import language

A_PAGE = 50
"""Tasks on a page."""

REVIEWS = (Action.REVIEW_TOWN, Action.REVIEW_BUREAU)


@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """What waits for the visitor: reviews, tasks by deadline, and what has been handed in."""
    visitor = visitor_of(request)
    if not reporting.collections():
        return render(request, "desk/none.html")
    day = reporting.today()
    tasks = lists.tasks_of(visitor, day)
    parts = {
        "late": [each for each in tasks if not each.done and each.task.state(day) != "open"],
        "due": [each for each in tasks if not each.done and each.task.state(day) == "open"],
        "done": [each for each in tasks if each.done],
    }
    queue = lists.queue_of(visitor)
    show = request.GET.get("show", "")
    show = show if show in (*parts, "queue", "handed-in") else _first(queue, parts)
    everything: dict[str, Any] = {**parts, "queue": queue, "handed-in": []}
    context = {
        "collections": reporting.collections(),
        "show": show,
        "counts": {name: len(each) for name, each in parts.items()},
        "queue": queue,
        "reviews": bool(queue) or any(somewhere(visitor, each) for each in REVIEWS),
        "page": Paginator(lists.handed_in(visitor) if show == "handed-in" else everything[show], A_PAGE).get_page(
            request.GET.get("page")
        ),
    }
    return render(request, "desk/desk.html", context)


@require_safe
def return_(request: HttpRequest, collection: str, entity: str, period: str) -> HttpResponse:
    """One return: filled in by those who report, judged by those who review, read by others who may see it."""
    asked = asked_for(collection, entity, period)
    found = acts.latest(asked)
    revision = request.GET.get("revision", "")
    if revision.isdecimal() and found is not None and int(revision) != found.revision:
        same = Return.objects.filter(collection=collection, entity=entity, period=period)
        found = same.filter(revision=int(revision)).first()
        if found is None:
            raise Http404
    log(request, "microdata seen", entity, collection=collection, period=period)
    return shown(request, asked, found)


@require_POST
def act(request: HttpRequest, collection: str, entity: str, period: str) -> HttpResponse:
    """Does what a button says."""
    asked = asked_for(collection, entity, period)
    try:
        done = acts.act(request, asked)
    except acts.Refusal as refusal:
        messages.error(request, str(refusal))
    except Overtaken as quicker:
        messages.error(request, overtaken(request, quicker))
    except OSError:
        messages.warning(
            request, _("The decision is kept; the ledger cannot be written to now, and is as soon as it can.")
        )
        return redirect(address(asked))
    else:
        _tell(request, done)
        return redirect(address(asked))
    found = acts.latest(asked)
    typed = any(name.startswith("value-") for name in request.POST)
    return shown(request, asked, found, filled.posted(asked, request.POST, found) if typed else None, status=409)


@require_POST
def cell(request: HttpRequest, collection: str, entity: str, period: str, variable: str) -> HttpResponse:
    """What is wrong with one cell of a form, as it was left."""
    asked = asked_for(collection, entity, period)
    found = acts.latest(asked)
    made = grid(asked, filled.posted(asked, request.POST, found), found)
    row = next((each for each in made.rows if each.variable.id == variable), None)
    if row is None:
        raise Http404
    return render(
        request, "desk/problems.html", {"row": row, "hits": [h for h in made.hits if variable in h.variables]}
    )


@require_safe
def burden(request: HttpRequest) -> HttpResponse:
    """What reporting costs: cells and minutes a year, by enterprise."""
    visitor = visitor_of(request)
    collections = reporting.collections()
    if not collections:
        return render(request, "desk/none.html")
    day = reporting.today()
    everything = reporting.burdens(day)
    asked = {who: each for name in collections for who, each in reporting.reporters(name, day).items()}
    known = asked | former_reporters(each.entity for each in everything if each.entity not in asked)
    seen = [each for each in everything if may(visitor, Action.SEE_MICRODATA, subject_of(known[each.entity]))]
    rows = [
        (each, known[each.entity].called(language()), [each.collections.get(name, 0) for name in collections])
        for each in seen
    ]
    context = {
        "page": Paginator(rows, A_PAGE).get_page(request.GET.get("page")),
        "collections": collections,
        "cells": sum(each.cells for each in seen),
        "hours": round(sum(each.minutes for each in seen) / 60),
        "count": len(seen),
    }
    return render(request, "desk/burden.html", context)


def address(asked: Asked) -> str:
    """The address of a return."""
    return reverse("desk-return", args=(asked.collection.id, asked.entity, asked.period.text))


def shown(
    request: HttpRequest,
    asked: Asked,
    found: Return | None,
    cells: filled.Cells | None = None,
    refused: Sequence[Problem] = (),
    status: int = 200,
) -> HttpResponse:
    """The page of a return.

    Args:
        request: who looks.
        asked: what is asked for.
        found: the return, where there is one.
        cells: what was typed; None: as it was saved.
        refused: why a file was refused.
        status: of the answer.
    """
    visitor = visitor_of(request)
    newest = found is None or found == acts.latest(asked)
    state = State.DRAFT if found is None else found.at
    may_do = {what for what in Act if newest and asked.open and asked.allows(visitor, state, what)}
    may_fill = newest and asked.open and asked.allows(visitor, State.DRAFT, Act.SAVE)
    fills = Act.SAVE in may_do
    if cells is None:
        cells = filled.begun(asked, found)
    context = {
        "asked": asked,
        "found": found,
        "state": state,
        "grid": grid(asked, cells, found, reviewing=not fills),
        "fills": fills,
        "may": {what.name.lower(): True for what in may_do},
        "corrects": found is not None and may_fill and state in CLOSED,
        "claimed": state in CLAIMED,
        "completes": state in CLAIMED and may(visitor, Action.REVIEW_BUREAU, asked.subject),
        "submit": asked.submitting,
        "steps": [] if found is None else found.steps.select_related("person"),
        "revisions": _revisions(found),
        "upload": getattr(found, "upload", None),
        "newest": newest,
        "refused": refused,
    }
    return render(request, "desk/return.html", context, status=status)


def _revisions(found: Return | None) -> list[Return]:
    if found is None:
        return []
    same = Return.objects.filter(collection=found.collection, entity=found.entity, period=found.period)
    return list(same.order_by("revision"))


_UNDONE = {Act.APPROVE.value: State.CHECKED, Act.WITHDRAW.value: State.APPROVED}
"""Where the ledger refuses what was decided, the state that follows."""


def _tell(request: HttpRequest, done: Return) -> None:
    last, wanted = done.steps.last(), request.POST.get("act", "")
    if wanted == Act.SUBMIT.value and done.at in lists.OPEN:
        messages.warning(request, _("Not handed in yet: something has to be mended. What you typed is kept."))
    elif _UNDONE.get(wanted) is done.at:
        messages.error(request, _("The ledger did not take it: %(why)s") % {"why": last.reason if last else ""})
    else:
        messages.success(request, str(ACTS[wanted].done))


def overtaken(request: HttpRequest, quicker: Overtaken) -> str:
    """What is said to whoever was slower."""
    last = quicker.last
    if last is None:
        return _("Somebody else was quicker. Nothing was changed by you.")
    told = {"what": ACTS[last.act].name, "when": date_format(localtime(last.at), "H:i:s")}
    if last.person is not None and last.person == request.user:
        return _("You have changed it elsewhere since (%(what)s, %(when)s). What was sent now changed nothing.") % told
    who = last.person.get_full_name() or last.person.username if last.person is not None else _("the site")
    return _("%(who)s was quicker (%(what)s, %(when)s). Nothing was changed by you; look at it as it stands now.") % {
        "who": who,
        **told,
    }


def _first(queue: list[lists.Waiting], parts: dict[str, list[lists.Due]]) -> str:
    return "queue" if queue else next((name for name, each in parts.items() if each), "due")
