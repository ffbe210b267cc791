"""Spreadsheets at the desk: the template of a return, a filled-in one read into the grid, and its errors marked."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST, require_safe

from shazhou.city.problem import Problem, Refused, Where
from shazhou.console.access.audit import log
from shazhou.console.access.rules import Action, may
from shazhou.console.access.visitor import visitor_of
from shazhou.console.desk import acts, filled, upload
from shazhou.console.desk.asked import Asked, asked_for
from shazhou.console.desk.grid import grid
from shazhou.console.desk.models import Return, Upload
from shazhou.console.desk.states import Act, State
from shazhou.console.desk.transition import Impossible, Overtaken
from shazhou.console.desk.views import address, overtaken, shown
from shazhou.console.evidence import current
from shazhou.console.look.frame import language
from shazhou.intake.return_sheet import Filled, mark_sheet, read_sheet, write_sheet

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

SLACK = 1_000_000
"""Bytes of a form beside its file, at most."""


@require_safe
def template(request: HttpRequest, collection: str, entity: str, period: str) -> HttpResponse:
    """The return as a sheet to fill in, with what was typed so far and what is known already."""
    asked = _taken_away(request, collection, entity, period)
    found = acts.latest(asked)
    returned = filled.returned(asked, filled.begun(asked, found), found)
    content = write_sheet(current.city(), returned, asked.name, filled.known_of(asked), language())
    log(request, "exported", entity, collection=collection, period=period)
    return _workbook(content, f"{collection}-{period}.xlsx")


@require_safe
def marked(request: HttpRequest, collection: str, entity: str, period: str) -> HttpResponse:
    """The file that was uploaded last, with its errors marked in it."""
    found = acts.latest(_taken_away(request, collection, entity, period))
    last = Upload.objects.filter(within=found).first() if found is not None else None
    if last is None or not last.marked:
        raise Http404
    return _workbook(bytes(last.marked), last.name)


def _limited(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Refuses a form that is too large before any of it is parsed; the token is checked with the form."""

    @csrf_exempt
    def limited(request: HttpRequest, collection: str, entity: str, period: str) -> HttpResponse:
        size = int(request.META.get("CONTENT_LENGTH") or 0)
        if size <= upload.LARGEST + SLACK:
            return csrf_protect(view)(request, collection, entity, period)
        upload.drain(request.read, size)
        asked = asked_for(collection, entity, period)
        try:
            upload.check_size("", size)
        except Refused as refused:
            return _refused(request, asked, refused, status=413)
        raise AssertionError(size)

    return limited


@_limited
@require_POST
def take(request: HttpRequest, collection: str, entity: str, period: str) -> HttpResponse:
    """Reads a filled-in template into the grid and keeps it as a draft, with everything that is wrong in it."""
    asked = asked_for(collection, entity, period)
    try:
        found = acts.seen(request, asked)
        acts.allowed(request, asked, State.DRAFT if found is None else found.at, Act.SAVE)
        reason = acts.reason_of(request, asked)
        name, content = _content(request)
        returned = filled.returned(asked, {}, found)
        read = read_sheet(current.city(), returned, name, content, filled.known_of(asked))
        kept = acts.save(request, asked, found, {**filled.begun(asked, found), **read.cells}, reason)
    except Refused as refused:
        return _refused(request, asked, refused)
    except acts.Refusal as refusal:
        messages.error(request, str(refusal))
    except Impossible:
        messages.error(request, _("This cannot be done with the return as it stands now."))
    except Overtaken as quicker:
        messages.error(request, overtaken(request, quicker))
    else:
        count = _keep(asked, kept, name, content, read)
        messages.success(request, _("The file was read into the grid."))
        if count:
            messages.warning(request, _("Something in it has to be mended: see the marked cells, or the marked file."))
    return redirect(address(asked))


def _taken_away(request: HttpRequest, collection: str, entity: str, period: str) -> Asked:
    """What is asked for, where the visitor fills it in, or may take away what single enterprises report."""
    asked, visitor = asked_for(collection, entity, period), visitor_of(request)
    rights = (asked.right(Action.FILL), Action.EXPORT_MICRODATA)
    if not any(may(visitor, right, asked.subject) for right in rights):
        raise PermissionDenied
    return asked


def _content(request: HttpRequest) -> tuple[str, bytes]:
    file = request.FILES.get("file")
    if file is None:
        raise Refused([Problem(upload.NO_FILE, Where())])
    name = (file.name or "")[:200]
    upload.check_size(name, file.size or 0)
    upload.check_format(name)
    content = file.read()
    upload.check_sheets(name, content)
    return name, content


def _keep(asked: Asked, kept: Return, name: str, content: bytes, read: Filled) -> int:
    """Keeps what is wrong with an upload, and the file with it marked; gives the number of things wrong."""
    made = grid(asked, filled.kept(kept), kept)
    cells = {
        row.variable.id: (*read.problems.get(row.variable.id, ()), *row.problems)
        for row in made.rows
        if row.variable.id in read.rows
    }
    told = [each.as_dict() for each in read.whole]
    told += [{**each.as_dict(), "row": read.rows[name]} for name, found in cells.items() for each in found]
    content = mark_sheet(content, read, cells) if told else b""
    Upload.objects.update_or_create(within=kept, defaults={"name": name, "problems": told, "marked": content})
    return len(told)


def _refused(request: HttpRequest, asked: Asked, refused: Refused, status: int = 400) -> HttpResponse:
    return shown(request, asked, acts.latest(asked), refused=refused.problems, status=status)


def _workbook(content: bytes, name: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=XLSX)
    answer.headers["Content-Disposition"] = f'attachment; filename="{_plain(name)}"'
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


def _plain(name: str) -> str:
    return "".join(each for each in name if each.isascii() and (each.isalnum() or each in "-_.")) or "return.xlsx"
