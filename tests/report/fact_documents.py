"""Documents full of facts, made from chance over the city's real definitions, and the facts that they must give.

The expected facts are worked out here from the figures alone: not one word of it comes from the writer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from decimal import Decimal
from functools import cache
from pathlib import Path
from random import Random

from arelle_reading import Read

from shazhou.city.folder import read_city
from shazhou.city.model import City
from shazhou.city.period import Period
from shazhou.city.problem import Language
from shazhou.city.unit import UNITS
from shazhou.measure.figure import Citation, Figure, Statement
from shazhou.report.compose.quoting import quote
from shazhou.report.document import (
    Block,
    Chart,
    Count,
    Cover,
    Document,
    Entry,
    Heading,
    Items,
    Number,
    Paragraph,
    Quote,
    Strong,
    Table,
    Term,
    Words,
)

HEAD = "4fc82b26aecb47d2868c4efbe3581732a3e7cbcc6c2efb32062c08170a05eeb8"
PERIODS = ["2021", "2021-Q4", "2021-12", "2021-12-31", "2021-01-01/P6M", "2016-01-01/P5Y", "2020-02-29"]
ENTITIES = ["enterprise:e1", "project:p-7", "enterprise:<&\u4e2d>"]
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"><rect width="4" height="9"/></svg>'
QUALIFIERS = {"=": "", ">": "over", ">=": "at_least", "<": "under", "<=": "at_most", "≈": "about"}
MEASURES = {"cny": "iso4217:CNY", "usd": "iso4217:USD"} | dict.fromkeys(
    ["percent", "ratio", "count", "rank"], "xbrli:pure"
)


@cache
def zhangjiagang() -> City:
    return read_city(Path(__file__).parents[2] / "cities" / "zhangjiagang")


def chance_figure(chance: Random, city: City) -> Figure:
    """A figure of any indicator, anywhere, with any mark."""
    indicator = chance.choice(list(city.indicators.values()))
    disputed = chance.random() < 0.2
    others = [
        Citation("公报", "2022-02-28"),
        Citation("公报", "2022-02-28"),
        Citation("Report & <notes>", "", "ftp://x"),
    ]
    return Figure(
        indicator=indicator.id,
        place=chance.choice([*city.places, *ENTITIES]),
        industry=chance.choice(["", "", *city.industries]),
        period=chance.choice(PERIODS),
        value=chance_value(chance, indicator.decimals),
        unit=indicator.unit,
        decimals=indicator.decimals,
        kind=chance.choice(["actual", "actual", "target", "forecast"]),
        status=chance.choice(["actual", "actual", "provisional", "forecast", "estimated"]),
        qualifier=chance.choice(list(QUALIFIERS)),
        observations=chance.randint(1, 5000),
        contributors=1,
        sources=(Citation("统计\x0b公报", "2022-02-28", "https://example.org/?a=1&b=2"),),
        disputed=disputed,
        others=tuple(Statement(chance_value(chance, 2), ">", each) for each in others) if disputed else (),
        simulated=chance.random() < 0.2,
        recorded=chance.random() < 0.2,
        break_in_series=chance.random() < 0.2,
        head=HEAD,
        definitions=city.version,
    )


def chance_value(chance: Random, decimals: int) -> Decimal:
    """A value of up to seven digits before the point, either sign, with up to so many decimals."""
    digits = chance.randint(1, 10 ** chance.randint(1, 7))
    return Decimal(chance.choice([digits, digits, digits, -digits])).scaleb(-chance.randint(0, decimals))


def chance_document(seed: int, language: Language, size: int = 60) -> Document:
    """A document with every kind of block and about so many figures."""
    chance, city = Random(seed), zhangjiagang()
    figures = list({each.cell: each for each in (chance_figure(chance, city) for _ in range(size))}.values())
    quotes = [quote(each, city, language, number) for number, each in enumerate(figures, 1)]
    some = [Number(each) for each in quotes]
    cells = [Number(each, tabular=True) for each in quotes]
    rows = tuple(((Term("工业4.0", "name"),), (left,), (right,)) for left, right in zip(cells, cells[5:], strict=False))
    header = ((Words("name"),), (Term("2021", "period"),), (cells[0],))
    table = Table((Words("title "), some[0]), header, rows, source=(Words("source "), Term("公报2021", "source")))
    blocks: tuple[Block, ...] = (
        Heading(1, (Words("title "), some[0])),
        Heading(2, (Words("section "), some[1])),
        Paragraph((Words("words\x00 "), *some)),
        Heading(3, (Words("part "), some[2])),
        Paragraph((Words("missing"),), gap=True),
        Items(((Strong((some[3], Words(" of "), Count(quotes[3].figure.observations, quotes[3]))),), (some[4],)), True),
        table,
        Chart((Words("drawn"),), SVG, "bars", Table((Words("drawn"),), header, rows[:2], of_chart=True)),
        Heading(2, (Words("end"),)),
    )
    trail = tuple(chance_entry(each, city, language) for each in quotes)
    return Document(language, Cover("Title", "City", 2021, HEAD, "2022-03-01", city.version), blocks, trail)


def chance_entry(one: Quote, city: City, language: Language) -> Entry:
    indicator = city.indicators[one.figure.indicator]
    name, place = indicator.name.of(language), one.figure.place
    return Entry(one, name, indicator.formula, place, one.figure.industry, one.figure.period, one.figure.kind)


def numbers(node: object) -> Iterator[Number | Count]:
    """Every number within blocks, in the order printed."""
    if isinstance(node, Number | Count):
        yield node
    elif isinstance(node, tuple):
        for each in node:
            yield from numbers(each)
    elif is_dataclass(node):
        for each in fields(node):
            yield from numbers(getattr(node, each.name))


def expected(document: Document, city: City) -> list[Read]:
    """The facts of a document: every number, those of section headings again in the contents list, every entry of the
    appendix with the values that other sources state."""
    printed: list[Number | Count] = list(numbers(document.blocks))
    printed += numbers(tuple(each for each in document.blocks if isinstance(each, Heading) and each.level == 2))
    found = [_counted(run) if isinstance(run, Count) else stated(run.quote, city) for run in printed]
    for entry in document.trail:
        found.append(stated(entry.quote, city))
        found += [_other(entry, order, city, document.language) for order in range(len(entry.quote.figure.others))]
    return found


def stated(one: Quote, city: City, *more: tuple[str, str]) -> Read:
    """The fact that a quoted figure is. ``more`` are dimensions that its context has besides its own."""
    figure = one.figure
    assert figure.value is not None
    unit = UNITS[figure.unit]
    value = figure.value * (unit.factor / 100 if figure.unit == "percent" else unit.factor)
    instant = _holds_at_a_moment(city, figure.indicator)
    period = Period.parse(figure.period)
    return Read(
        figure.indicator,
        "" if instant else period.start.isoformat(),
        period.end.isoformat(),
        tuple(sorted([*_dimensions(figure, city, instant), *more])),
        MEASURES.get(unit.base, f"city:{unit.base}"),
        value,
        _decimals(value, one),
    )


def _other(entry: Entry, order: int, city: City, language: Language) -> Read:
    figure = entry.quote.figure
    other = figure.others[order]
    told = f"{order + 1} {other.citation.title} {other.citation.date}".strip()
    one = quote(replace(figure, value=other.value, qualifier=other.qualifier), city, language, 1)
    return stated(one, city, ("StatementDimension", told))


def _counted(count: Count) -> Read:
    period = Period.parse(count.quote.figure.period)
    where = (("FigureDimension", count.quote.figure.id),)
    start, end = period.start.isoformat(), period.end.isoformat()
    return Read("Statements", start, end, where, "xbrli:pure", Decimal(count.quote.figure.observations), "INF")


def _dimensions(figure: Figure, city: City, instant: bool) -> list[tuple[str, str]]:
    qualifier = QUALIFIERS[figure.qualifier]
    found = {
        "Industry": figure.industry and f"Industry.{figure.industry}",
        "Kind": figure.kind != "actual" and f"Kind.{figure.kind}",
        "Status": figure.status not in ("", "actual") and f"Status.{figure.status}",
        "Qualifier": qualifier and f"Qualifier.{qualifier}",
        "Simulation": figure.simulated and "Simulation.simulated",
        "Recording": figure.recorded and "Recording.recorded",
        "Dispute": figure.disputed and "Dispute.disputed",
        "Series": figure.break_in_series and "Series.revised",
        "Period": instant and figure.period,
        "Place": figure.place in city.places and f"Place.{figure.place}",
        "Entity": figure.place not in city.places and figure.place,
    }
    return [(f"{name}Dimension", str(member)) for name, member in found.items() if member]


def _decimals(value: Decimal, one: Quote) -> str:
    """XBRL's decimals of a value in base units, given the digits that are printed of it."""
    printed = Decimal(one.digits.replace(",", ""))
    moved = (abs(value) / printed).adjusted() if printed else one.scale
    assert abs(value) == printed.scaleb(moved), f"{one.digits} is printed for {value}"
    return str(len(one.digits.partition(".")[2]) - moved)


def _holds_at_a_moment(city: City, indicator: str) -> bool:
    formula = city.indicators[indicator].formula
    names = [name for name in re.findall(r"[a-z]\w*", formula) if name in city.variables]
    across = any(f"{word}(" in formula for word in ("yoy", "difference", "cumulative"))
    return not across and all(city.variables[name].measure in ("stock", "attribute") for name in names)
