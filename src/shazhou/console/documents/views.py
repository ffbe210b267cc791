"""Documents: the table, the files of an archive of definitions, and the original."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlencode

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from shazhou.city.folder import parse_city, unpack
from shazhou.city.problem import Refused
from shazhou.console.access.audit import log
from shazhou.console.access.rules import Action
from shazhou.console.access.visitor import visitor_of
from shazhou.console.documents.archive import files_of, text_of
from shazhou.console.documents.window import Asked, NotShown, Window, window
from shazhou.console.evidence import current, seen
from shazhou.intake.mapping import mapping_of
from shazhou.ledger.documents import erased, reason_of
from shazhou.ledger.submission import Submission

ROWS_AT_ONCE = 100


@require_safe
def document(request: HttpRequest, sha256: str) -> HttpResponseBase:
    """A document as a table that opens at a row; what has been erased says so."""
    brought = _brought(request, sha256, Action.SEE_MICRODATA)
    if isinstance(brought, HttpResponseBase):
        return brought
    context: dict[str, object] = {"document": brought[-1], "brought": brought, "zone": current.city().zone}
    order = erased(current.ledger().submissions()).get(sha256)
    if order is not None:
        context |= {"order": order, "why": reason_of(order)}
        return render(request, "documents/erased.html", context, status=410)
    path = _path(sha256)
    if brought[-1].door == "definitions":
        return _archive(request, path, context)
    row, sheet = _number(request, "row"), request.GET.get("sheet", "")
    first = (max(row, 1) - 1) // ROWS_AT_ONCE * ROWS_AT_ONCE + 1
    try:
        found = window(path, brought[-1].document_name, _asked(brought[-1], first, sheet))
    except NotShown:
        return render(request, "documents/untold.html", context)
    context |= {"window": found, "row": row, **_neighbours(found, first, sheet)}
    return render(request, "documents/table.html", context)


@require_safe
def original(request: HttpRequest, sha256: str) -> HttpResponseBase:
    """A document as it was delivered, as a file to keep: no browser opens it as a page."""
    brought = _brought(request, sha256, Action.EXPORT_MICRODATA)
    if isinstance(brought, HttpResponseBase):
        return brought
    if sha256 in erased(current.ledger().submissions()):
        raise Http404
    file = _path(sha256).open("rb")
    response = FileResponse(file, as_attachment=True, filename=brought[-1].document_name)
    response["Content-Type"] = "application/octet-stream"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _brought(request: HttpRequest, sha256: str, action: Action) -> list[Submission] | HttpResponseBase:
    """The submissions with this document that the visitor sees, oldest first, or the way to sign in."""
    carrying = seen.carrying(sha256)
    if not carrying:
        raise Http404
    visitor = visitor_of(request)
    brought = [each for each, open_to in zip(carrying, seen.sees(visitor, carrying, action), strict=True) if open_to]
    if not brought and not visitor.signed_in:
        return redirect_to_login(request.get_full_path())
    if not brought:
        raise PermissionDenied
    if not any(map(seen.is_public, brought)):
        log(request, "exported" if action is Action.EXPORT_MICRODATA else "microdata seen", f"document {sha256}")
    return brought


def _path(sha256: str) -> Path:
    path = current.ledger().documents.path(sha256)
    if not path.is_file():
        raise Http404
    return path


def _archive(request: HttpRequest, path: Path, context: dict[str, object]) -> HttpResponse:
    """The files of an archive of definitions, and one of them as text."""
    name = request.GET.get("file", "")
    files = files_of(path)
    if name and name not in dict(files):
        raise Http404
    text = text_of(path, name) if name else None
    context |= {"files": files, "file": name, "text": text, "line": _number(request, "row")}
    return render(request, "documents/archive.html", context)


def _asked(brought: Submission, first: int, sheet: str) -> Asked:
    """What to read, as the mapping said that the document was to be read."""
    try:
        archive = current.ledger().definitions(brought.head)
        mapping = mapping_of(parse_city(unpack(archive or b"")), brought.mapping)
    except Refused:
        return Asked(first, ROWS_AT_ONCE, sheet)
    read = mapping.read
    header = 0 if brought.document_name.lower().endswith(".parquet") else read.header
    return Asked(first, ROWS_AT_ONCE, sheet or read.sheet, header, read.encoding, mapping.columns())


def _neighbours(found: Window, first: int, sheet: str) -> dict[str, str]:
    def at(row: int) -> str:
        return "?" + urlencode({"row": row, **({"sheet": sheet} if sheet else {})})

    before = at(first - ROWS_AT_ONCE) if first > 1 else ""
    return {"before": before, "after": at(first + ROWS_AT_ONCE) if found.more else ""}


def _number(request: HttpRequest, name: str) -> int:
    text = request.GET.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 10 else 0
