"""What the API gives and takes. Numbers that are measured are decimal strings: no program rounds them by accident."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from ninja import Schema
from pydantic import Field

from shazhou.city.model import City, Text
from shazhou.console.look.templatetags.shown import trail_address
from shazhou.measure.figure import Cell, Citation, Figure
from shazhou.programme.target import TargetStatus

Number = Annotated[str, Field(description="A decimal number as a string", examples=["2.80"])]
Name = Annotated[str, Field(max_length=200)]


class Named(Schema):
    """A text in both languages."""

    zh: str
    en: str

    @classmethod
    def of(cls, text: Text) -> Named:
        return cls(zh=text.zh, en=text.en)


class CellIn(Schema):
    """What is asked for; see `shazhou.measure.figure.Cell`."""

    indicator: Name
    place: Name = ""
    period: Name
    industry: Name = ""
    kind: Name = ""
    where: Annotated[str, Field(max_length=500)] = ""

    def cell(self, city: City) -> Cell:
        """The cell; the city itself where no place is named."""
        return Cell(self.indicator, self.place or city.root, self.period, self.industry, self.kind, self.where)


class CellsIn(Schema):
    """Several figures at one moment."""

    as_of: Name = ""
    cells: Annotated[list[CellIn], Field(min_length=1, max_length=1000)]


class TableIn(Schema):
    """Every combination of these; a parameter is repeated for several."""

    indicator: Annotated[list[Name], Field(min_length=1, max_length=1000)]
    period: Annotated[list[Name], Field(min_length=1, max_length=1000)]
    place: list[Name] = Field(default_factory=list, max_length=1000)
    industry: list[Name] = Field(default_factory=list, max_length=1000)
    where: list[Name] = Field(default_factory=list, max_length=20)
    kind: Name = ""
    as_of: Name = ""

    def axes(self, city: City) -> list[list[str]]:
        """Indicators, places (the city where none is named), periods, industries and conditions, each once."""
        industries, conditions = self.industry or [""], self.where or [""]
        named = (self.indicator, self.place or [city.root], self.period, industries, conditions)
        return [list(dict.fromkeys(each)) for each in named]


class Source(Schema):
    """A source as it was cited."""

    title: str
    date: str
    address: str

    @classmethod
    def of(cls, citation: Citation) -> Source:
        return cls(title=citation.title, date=citation.date, address=citation.address)


class OtherValue(Schema):
    """What another source states of the same."""

    value: Number
    qualifier: str
    source: Source


class FigureOut(Schema):
    """A figure. ``value`` is null where there is no evidence, or where ``withheld`` is true: what it comes to would
    tell what a single enterprise reports. ``head`` is that of the release where a figure was released."""

    id: str
    indicator: str
    place: str
    industry: str
    period: str
    where: str
    kind: str
    value: Number | None
    unit: str
    decimals: int
    qualifier: str
    status: str
    withheld: bool
    disputed: bool
    simulated: bool
    recorded: bool
    break_in_series: bool
    observations: int
    contributors: int
    sources: list[Source]
    others: list[OtherValue]
    head: str
    definitions: str
    trail: str

    @classmethod
    def of(cls, figure: Figure) -> FigureOut:
        same = set(cls.model_fields) & set(Figure.__dataclass_fields__) - {"value", "sources", "others"}
        return cls(
            id=figure.id,
            value=None if figure.value is None else f"{figure.value:f}",
            sources=[Source.of(each) for each in figure.sources],
            others=[
                OtherValue(value=f"{each.value:f}", qualifier=each.qualifier, source=Source.of(each.citation))
                for each in figure.others
            ],
            trail=trail_address(figure),
            **{name: getattr(figure, name) for name in same},
        )


class FiguresOut(Schema):
    """Figures in the order in which they were asked for."""

    head: str
    figures: list[FigureOut]


class TableOut(Schema):
    """Every combination of what was asked for, as rows below their columns; ``value`` is a decimal string or null."""

    head: str
    columns: list[str]
    rows: list[list[str | int | bool | None]]


class CityOut(Schema):
    """The city at a head."""

    id: str
    name: Named
    code: str
    root: str
    currency: str
    languages: list[str]
    zone: str
    head: str
    submissions: int
    definitions: str
    release: str
    places: list[str]
    industries: list[str]


class IndicatorOut(Schema):
    """An indicator with its formula."""

    id: str
    name: Named
    formula: str
    unit: str
    decimals: int
    direction: str
    price_basis: str
    kind: str
    section: str
    door: str
    note: str


class DefinitionsOut(Schema):
    """What the city folder defines, as it stands in it."""

    version: str
    definitions: dict[str, Any]


class TargetOut(Schema):
    """A promise and where it stands on a day. ``value`` and ``promised`` are in ``unit``; ``share`` is in percent."""

    id: str
    name: Named
    indicator: str
    place: str
    industry: str
    direction: str
    promised: Number
    unit: str
    deadline: date | None
    headline: bool
    source: str
    value: Number | None
    share: Number | None
    needed: Number | None
    needed_per: str
    course: str
    door: str
    figure: FigureOut | None
    expected: FigureOut | None

    @classmethod
    def of(cls, status: TargetStatus) -> TargetOut:
        target = status.target
        same = ("id", "indicator", "place", "industry", "direction", "unit", "headline", "source")
        plain: dict[str, Any] = {name: getattr(target, name) for name in same}
        for name in ("value", "share", "needed"):
            number = getattr(status, name)
            plain[name] = None if number is None else f"{number:f}"
        return cls(
            name=Named.of(target.name),
            promised=f"{target.value:f}",
            deadline=None if target.undated else status.deadline,
            needed_per=status.needed_per,
            course=status.course,
            door=status.door,
            figure=None if status.figure is None else FigureOut.of(status.figure),
            expected=None if status.expected is None else FigureOut.of(status.expected),
            **plain,
        )


class TrailOut(Schema):
    """How a figure came about. ``closed``: the trail stops at the figure, since it rests on what single enterprises
    report. ``next`` is the number to hand back as ``first`` for more observations."""

    figure: FigureOut
    formula: str
    variables: list[str]
    closed: bool
    submissions: list[TrailBranch]
    beside: list[TrailBranch]
    names: dict[str, str]
    next: int | None


class TrailBranch(Schema):
    """A submission on a trail with those of its observations that went in."""

    sequence: int
    title: str
    deliverer: str
    door: str
    recorded_at: datetime
    document: str
    document_name: str
    erased: str
    head: str
    count: int
    observations: list[TrailRow]


class Stated(Schema):
    """An observation as it was stated; ``value`` in the variable's base unit."""

    entity: str
    industry: str
    variable: str
    kind: str
    period: str
    value: Number | None
    text: str | None
    unit: str
    given: str
    qualifier: str
    status: str
    origin: str
    note: str
    sheet: str
    row: int


class TrailRow(Stated):
    """An observation on a trail."""

    label: str
    source: Source


class ProblemOut(Schema):
    """An error (RFC 9457)."""

    type: str
    title: str
    status: int
    instance: str
    texts: Named
    detail: str = ""
    problems: Annotated[list[dict[str, Any]], Field(default_factory=list)]
    errors: Annotated[list[dict[str, Any]], Field(default_factory=list)]


TrailOut.model_rebuild()
TrailBranch.model_rebuild()
