"""The work report: to read, to take away, to compare between two heads."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_safe

from shazhou.city.problem import Language, Refused
from shazhou.console.access.audit import log
from shazhou.console.access.visitor import visitor_of
from shazhou.console.evidence import causes, current, jobs, seen
from shazhou.console.evidence.years import well_known, years
from shazhou.console.look.frame import language
from shazhou.console.report.building import BUILD, MODULE
from shazhou.console.report.comparison import compared
from shazhou.console.report.drafts import Reading, Wanted, reading
from shazhou.console.report.found import by_sentence
from shazhou.ledger.submission import Submission
from shazhou.measure.figure import Cell
from shazhou.report.words.phrases import phrases

FORMATS = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
    "xhtml": "application/octet-stream",
    "zip": "application/zip",
}
HEADS_OFFERED = 60
FIRST_YEAR, LAST_YEAR = 1900, 2999
TRIED_AGAIN = 60.0
"""Seconds after which a report whose building was stopped is tried again."""


@require_GET
def report(request: HttpRequest) -> HttpResponse:
    """The report of a year, to read with live trails; problems of its checks are listed by sentence."""
    try:
        wanted = _wanted(request, request.GET.get("as_of", ""))
        found = reading(visitor_of(request), wanted)
    except Refused as refused:
        return _refused(request, refused)
    context = {**_choice(request, wanted), "reading": found, "files": _files(wanted), **_text(found)}
    return render(request, "report/report.html", context)


@require_safe
def file(request: HttpRequest) -> HttpResponseBase:
    """A file of the report; while it is being built, a page that says how far it has come."""
    form = request.GET.get("format", "")
    if form not in FORMATS:
        raise Http404
    try:
        wanted = _wanted(request, request.GET.get("as_of", ""))
        found = reading(visitor_of(request), wanted)
    except Refused as refused:
        return _refused(request, refused)
    if found.problems or not found.complete:
        return render(request, "report/stopped.html", {**_choice(request, wanted), "reading": found, **_text(found)})
    folder = jobs.folder() / "reports" / wanted.name
    path = folder / f"work_report_{wanted.year}.{wanted.language}.{form}"
    if path.is_file() and not _beside(request):
        log(request, "exported", f"report {wanted.year} {wanted.language} {form}", head=wanted.head)
        return FileResponse(path.open("rb"), as_attachment=True, filename=path.name, content_type=FORMATS[form])
    failed = _failed(wanted)
    if not path.is_file() and not failed:
        _build(wanted, folder)
    context = {"wanted": wanted, "state": jobs.state(BUILD), "failed": failed, "here": request.get_full_path()}
    response = render(request, "report/state.html" if _beside(request) else "report/building.html", context)
    if path.is_file():
        response["HX-Redirect"] = request.get_full_path()
    return response


@require_GET
def compare(request: HttpRequest) -> HttpResponse:
    """Two heads of one report: which sentences and numbers differ, and because of which submissions."""
    visitor = visitor_of(request)
    try:
        new = _wanted(request, request.GET.get("to", ""))
        context: dict[str, object] = {**_choice(request, new), "from": request.GET.get("from", "").strip()}
        if context["from"]:
            old = _wanted(request, request.GET["from"], new.year)
            before, after = reading(visitor, old), reading(visitor, new)
            context |= {"old": old, "problems": (before.problems, after.problems)}
            if before.draft is not None and after.draft is not None:
                found = compared(before.draft, after.draft)
                behind = causes.causes(old.head, new.head, found.cells)
                context |= {"found": found.with_causes(behind), "seen": _seen(request, behind)}
    except Refused as refused:
        return _refused(request, refused)
    return render(request, "report/compare.html", context)


def _wanted(request: HttpRequest, as_of: str, year: int | None = None) -> Wanted:
    """The report that a request asks for: without a year, the latest that much is known of."""
    head = current.head(as_of.strip() or None)
    today = datetime.now(ZoneInfo(current.city().zone)).date()
    asked, spoken = request.GET.get("year", ""), request.GET.get("language", "")
    if year is None:
        is_year = asked.isdecimal() and len(asked) == 4 and FIRST_YEAR <= int(asked) <= LAST_YEAR
        year = int(asked) if is_year else well_known(head, today.year - 1)
    written: Language = "zh" if spoken == "zh" else "en" if spoken == "en" else language()
    return Wanted(head, year, written, today)


def _choice(request: HttpRequest, wanted: Wanted) -> dict[str, object]:
    """What the form of choices needs."""
    chain = current.ledger().submissions()
    known = [each for each in years(wanted.head) if each <= wanted.today.year]
    return {
        "wanted": wanted,
        "years": sorted({*known, wanted.year}, reverse=True),
        "languages": current.city(wanted.head).languages,
        "heads": list(chain[::-1][:HEADS_OFFERED]),
        "zone": current.city().zone,
        "asked_as_of": request.GET.get("as_of", "").strip(),
        "asked_to": request.GET.get("to", "").strip(),
    }


def _text(found: Reading) -> dict[str, object]:
    document = found.draft.document if found.draft else None
    words = phrases(document.language) if document else None
    return {"document": document, "words": words, "sentences": by_sentence(found.problems)}


def _files(wanted: Wanted) -> list[tuple[str, str]]:
    asked = {"year": wanted.year, "language": wanted.language, "as_of": wanted.head}
    return [(form, f"{reverse('report-file')}?{urlencode({**asked, 'format': form})}") for form in FORMATS]


def _build(wanted: Wanted, out: Path) -> None:
    out.parent.mkdir(parents=True, exist_ok=True)
    ledger = str(settings.DEPLOYMENT.data)
    told = (ledger, wanted.head, str(wanted.year), wanted.language, wanted.day.isoformat(), str(out))
    jobs.start(BUILD, MODULE, *told)


def _failed(wanted: Wanted) -> list[dict[str, str]]:
    """What stopped the last attempt to build just this report, if that was a moment ago."""
    state = jobs.state(BUILD)
    if state is None or state.result.get("report") != wanted.name or state.ended < time.time() - TRIED_AGAIN:
        return []
    found: list[dict[str, str]] = state.result["problems"]
    return found


def _beside(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true"


def _seen(request: HttpRequest, behind: Mapping[Cell, tuple[Submission, ...]]) -> dict[int, bool]:
    """Which of the submissions behind changes the visitor sees, by their number."""
    listed = list({each.sequence: each for found in behind.values() for each in found}.values())
    return {each.sequence: ok for each, ok in zip(listed, seen.sees(visitor_of(request), listed), strict=True)}


def _refused(request: HttpRequest, refused: Refused) -> HttpResponse:
    says = [(each.says(language()), each.mend(language())) for each in refused.problems]
    return render(request, "report/refused.html", {"problems": says}, status=404)
