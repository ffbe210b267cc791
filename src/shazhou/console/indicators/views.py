"""Pages of the indicators."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from shazhou.city.model import City
from shazhou.city.problem import Problem, Refused, Where
from shazhou.console.access.audit import log
from shazhou.console.access.rules import Visitor
from shazhou.console.access.visitor import visitor_of
from shazhou.console.evidence import current
from shazhou.console.indicators import export
from shazhou.console.indicators.board import Board, boards
from shazhou.console.indicators.charting import Chart, charts, titles
from shazhou.console.indicators.choice import MOST_PINS, TOO_MANY_PINS, Asked, Choice, chosen
from shazhou.console.indicators.form import form
from shazhou.console.indicators.table import Table, table
from shazhou.console.look.frame import language
from shazhou.measure.figure import Citation
from shazhou.report.words.naming import Names

MOST_SOURCES = 4
MOST_PERIODS = 6
"""Sources and periods that are listed below a board; the trails have all."""


@dataclass(frozen=True)
class Card:
    """A board as the page shows it: its title, table and charts, and the addresses around it."""

    board: Board
    title: str
    table: Table
    charts: list[Chart]
    sources: tuple[Citation, ...]
    more_sources: int
    """How many sources are not listed."""
    stated: str
    """Periods with evidence where there is none for those chosen."""
    taken: str
    """What its downloads ask for."""
    as_reported: str
    """The page on which it has the periods that are reported."""
    chosen: str
    """The page on which it is the choice and no pin."""
    unpinned: str
    """The page without it; empty for the choice itself."""


@require_safe
def indicators(request: HttpRequest) -> HttpResponse:
    """The choice with its charts and tables, and what is pinned beside it."""
    if current.city_or_none() is None:
        return redirect("overview")
    asked, pins = Asked.of(request.GET), tuple(request.GET.getlist("pin"))
    as_of = request.GET.get("as_of", "").strip()
    cards: list[Card] = []
    problems: tuple[Problem, ...] = ()
    head = current.head()
    try:
        head = current.head(as_of or None)
        cards = _cards(asked, pins, as_of, head, visitor_of(request))
    except Refused as refused:
        problems = refused.problems
    content = {
        "form": form(asked, current.city(head), head, language()),
        "asked": asked,
        "cards": cards,
        "problems": problems,
        "pins": pins,
        "pinned": _address("", [*pins, asked.query], as_of) if asked.indicators else "",
    }
    return render(request, "indicators/indicators.html", content, status=400 if problems else 200)


@require_safe
def as_csv(request: HttpRequest) -> HttpResponse:
    """The choice as CSV."""
    return _taken_away(request, "csv", "text/csv; charset=utf-8", export.as_csv)


@require_safe
def as_xlsx(request: HttpRequest) -> HttpResponse:
    """The choice as an XLSX workbook."""
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return _taken_away(request, "xlsx", kind, export.as_xlsx)


def _taken_away(request: HttpRequest, form: str, kind: str, written: Callable[[Board, Names], bytes]) -> HttpResponse:
    """The choice as a file; what is wrong with it is said in plain text."""
    spoken = language()
    try:
        head = current.head(request.GET.get("as_of", "").strip() or None)
        city = current.city(head)
        [board] = boards([chosen(Asked.of(request.GET), city)], head, visitor_of(request))
    except Refused as refused:
        said = "\n".join(f"{each.says(spoken)} {each.mend(spoken)}" for each in refused.problems)
        return HttpResponse(said, "text/plain; charset=utf-8", status=400)
    answer = HttpResponse(written(board, Names(city, spoken)), kind)
    answer["Content-Disposition"] = f'attachment; filename="indicators-{head[:12]}.{form}"'
    log(request, "exported", f"indicators.{form}", choice=board.choice.asked.query, head=head)
    return answer


def _cards(asked: Asked, pins: Sequence[str], as_of: str, head: str, visitor: Visitor) -> list[Card]:
    """A card for the choice, where there is one, and one for each pin."""
    if len(pins) > MOST_PINS:
        raise Refused([Problem(TOO_MANY_PINS, Where(), str(len(pins)), {"most": str(MOST_PINS)})])
    city = current.city(head)
    wanted = [("", asked), *((pin, Asked.of(QueryDict(pin))) for pin in pins)]
    shown = [(pin, each) for pin, each in wanted if each.indicators]
    found = boards(_chosen([each for _, each in shown], city), head, visitor)
    names = Names(city, language())
    return [
        _card(number, board, names, pin, asked, [each for each in pins if each != pin], as_of)
        for number, ((pin, _), board) in enumerate(zip(shown, found, strict=True), 1)
    ]


def _chosen(wanted: Iterable[Asked], city: City) -> list[Choice]:
    """The choices of all; Refused with the problems of all."""
    found: list[Choice] = []
    problems: list[Problem] = []
    for each in wanted:
        try:
            found.append(chosen(each, city))
        except Refused as refused:
            problems += (problem for problem in refused.problems if problem not in problems)
    if problems:
        raise Refused(problems)
    return found


def _card(number: int, board: Board, names: Names, pin: str, asked: Asked, others: Sequence[str], as_of: str) -> Card:
    mine = board.choice.asked
    reported = replace(mine, frequency="R", first="", last="")
    return Card(
        board,
        titles(board, names)[0],
        table(board, names),
        charts(board, names, f"chart-{number}"),
        sources=board.sources[:MOST_SOURCES],
        more_sources=len(board.sources[MOST_SOURCES:]),
        stated=names.joined([names.period(each) for each in board.stated[-MOST_PERIODS:]]) if board.stated else "",
        taken=f"{mine.query}&{urlencode({'as_of': as_of})}" if as_of else mine.query,
        as_reported=_address(reported.query, others, as_of),
        chosen=_address(mine.query, others, as_of),
        unpinned=_address(asked.query, others, as_of) if pin else "",
    )


def _address(query: str, pins: Iterable[str], as_of: str) -> str:
    more = urlencode([*(("pin", pin) for pin in pins), *([("as_of", as_of)] if as_of else [])])
    return "?" + "&".join(each for each in (query, more) if each)
