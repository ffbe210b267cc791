"""The definitions: all parts, one part, one definition."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from shazhou.city.problem import Refused
from shazhou.console.definitions import parts
from shazhou.console.definitions.facts import facts
from shazhou.console.definitions.uses import uses
from shazhou.console.evidence import current
from shazhou.console.evidence.pinyin import plain
from shazhou.console.look.frame import language


@require_safe
def definitions(request: HttpRequest) -> HttpResponse:
    """What the city folder defines, part by part."""
    city = current.city(_head(request))
    listed = [
        (part, name, parts.MEANING[part], len(parts.entries(city, part, language())))
        for part, name in parts.NAMES.items()
    ]
    return render(request, "definitions/definitions.html", {"parts": listed, "defined": city, "kept": _kept(request)})


@require_safe
def part(request: HttpRequest, part: str) -> HttpResponse:
    """The definitions of one part, or those in which some words occur."""
    head = _head(request)
    if part not in parts.NAMES:
        raise Http404
    words = plain(request.GET.get("q", "").strip()[:100])
    used = uses(head, language())
    found = [
        (each, len(used.get((part, each.key), ())))
        for each in parts.entries(current.city(head), part, language())
        if words in plain(f"{each.key} {each.name} {each.line}")
    ]
    context = {
        "part": part,
        "title": parts.NAMES[part],
        "meaning": parts.MEANING[part],
        "entries": found,
        "q": request.GET.get("q", ""),
        "kept": _kept(request),
    }
    return render(request, "definitions/part.html", context)


@require_safe
def definition(request: HttpRequest, part: str, key: str) -> HttpResponse:
    """One definition with all that it says, and where it is used."""
    head = _head(request)
    name = parts.name_of(current.city(head), part, key, language()) if part in parts.NAMES else None
    if name is None:
        raise Http404
    by = uses(head, language()).get((part, key), ())
    context = {
        "part": part,
        "title": parts.NAMES[part],
        "key": key,
        "name": name,
        "facts": facts(head, part, key, language()),
        "users": [each for each in by if each.part != "report"],
        "names": parts.NAMES,
        "sentences": [each.name for each in by if each.part == "report"],
        "kept": _kept(request),
    }
    return render(request, "definitions/definition.html", context)


def _head(request: HttpRequest) -> str:
    try:
        head = current.head(request.GET.get("as_of", "").strip() or None)
        current.city(head)
    except Refused as refused:
        raise Http404(str(refused)) from refused
    return head


def _kept(request: HttpRequest) -> str:
    """The query that keeps the moment looked at."""
    asked = request.GET.copy()
    for name in [name for name in asked if name != "as_of"]:
        del asked[name]
    return f"?{asked.urlencode()}" if asked.get("as_of") else ""
