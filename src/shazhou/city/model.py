"""What a city is made of: the value objects that a city folder defines.

A city is one deployment. Its folder defines places, industries, variables, indicators, sources, targets, mappings and
the report's templates; all are immutable here and carry both names. The objects know nothing of files;
`shazhou.city.folder` reads them, `shazhou.city.check` finds what is wrong with them.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal

from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError

from shazhou.city.calendar import Calendar
from shazhou.city.collection import Collection
from shazhou.city.definition import Definition as Definition
from shazhou.city.definition import Id as Id
from shazhou.city.definition import Key as Key
from shazhou.city.definition import Text as Text
from shazhou.city.problem import Language, Refused

Kind = Literal["place", "industry", "enterprise", "project", "platform", "equipment"]
"""Kinds of entities."""


class Place(Definition):
    """A place of the city's tree. ``key`` is its opaque key (`place:KEY`); the official ``code`` is an attribute."""

    key: Key
    name: Text
    kind: str = Field(min_length=1)
    parent: str = ""
    code: str = ""
    aliases: tuple[str, ...] = ()
    latitude: Decimal | None = Field(default=None, ge=-90, le=90)
    longitude: Decimal | None = Field(default=None, ge=-180, le=180)
    outline: str = ""
    """``file.geojson#feature code`` inside the city folder; empty where no outline exists."""
    source: str = ""
    note: str = ""

    @property
    def entity(self) -> str:
        return f"place:{self.key}"


class Industry(Definition):
    """An industry that the city steers by, with the prefixes of classification codes (GB/T 4754 …) that make it up."""

    key: Key
    name: Text
    group: str = ""
    """`established` or `emerging` for the leading industries; empty for others."""
    part_of: str = ""
    codes: tuple[str, ...] = ()
    stages: tuple[Text, ...] = ()
    aliases: tuple[str, ...] = ()
    note: str = ""


Measure = Literal["flow", "stock", "rate", "attribute"]


class Variable(Definition):
    """What can be observed of an entity.

    ``unit`` is the unit people expect to see; values are stored in its base unit. A flow adds up over time, a stock is
    the last value of a period, a rate does neither, an attribute holds from its period on until it is changed.
    """

    id: Id
    name: Text
    measure: Measure
    unit: str = "text"
    type: Literal["number", "integer", "text", "date", "code"] = "number"
    of: tuple[Kind, ...] = ("place",)
    """Entity kinds it can be observed of."""
    frequency: Literal["A", "Q", "M", "D"] = "A"
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    values: tuple[str, ...] = ()
    """Allowed texts of a coded attribute; empty: any."""
    called: dict[str, Text] = Field(default={})
    """What allowed texts are called on pages; one that is not here is shown as it is."""
    code: Literal["", "uscc", "gbt4754", "place", "industry", "stock", "hours", "ed25519"] = ""
    """The check that a code must pass."""
    price_basis: Literal["", "nominal", "comparable"] = ""
    growth_of: str = ""
    """For a growth rate: the level variable whose growth it states."""
    public: bool = True
    note: str = ""

    def said(self, text: str, language: Language) -> str:
        """What a text of a coded attribute is called."""
        return self.called[text].of(language) if text in self.called else text


class Indicator(Definition):
    """A formula over variables, computed for a place, an industry and a period, rounded once to ``decimals``."""

    id: Id
    name: Text
    formula: str = Field(min_length=1)
    unit: str
    decimals: int = Field(ge=0, le=9)
    direction: Literal["up", "down", ""] = ""
    price_basis: Literal["", "nominal", "comparable"] = ""
    kind: Literal["actual", "target", "forecast"] = "actual"
    section: str = ""
    door: str = ""
    """The door that would bring evidence, said where there is none."""
    note: str = ""


class Target(Definition):
    """What was promised of an indicator: value, direction, deadline and where it was promised."""

    id: str
    name: Text
    indicator: str
    place: str
    industry: str = ""
    value: Decimal
    unit: str
    direction: Literal[">=", ">", "<=", "<", "="]
    period: str
    """The period that the promise is about; its end is the deadline unless ``deadline`` says otherwise."""
    deadline: date | None = None
    start: str = ""
    """First period that counts towards it, for a promise that accumulates."""
    baseline: Decimal | None = None
    """The value, in ``unit``, from which it starts on its first day: 0 for what is begun from nothing. Without one, a
    flow starts from nothing within its own period, and anything else from the last value known before the promise."""
    source: str
    """Id of the source in which it was promised."""
    headline: bool = False
    undated: bool = False
    """The source states no deadline: ``period`` is when the promise was made, and it cannot be missed."""
    note: str = ""


class Source(Definition):
    """Who states things: one cited title with its publisher, and the precedence class it belongs to."""

    id: str
    title: str = Field(min_length=1)
    publisher: str = ""
    rank: str
    """Id of a class under ``precedence``, strongest first."""
    date: str = ""
    address: str = ""
    public: bool = True
    note: str = ""


class Rank(Definition):
    """A class of sources; the order of the list in ``sources.yaml`` is the precedence, strongest first."""

    id: str
    name: Text


class Evidence(Definition):
    """One document of the folder's ``evidence/`` that a bare ``shazhou load`` brings in, in order."""

    file: str = Field(min_length=1)
    mapping: str
    source: str = ""


class Map(Definition):
    """A map of the console: the outlines of ``file`` (of a TopoJSON file the ``layer``), and the places directly below
    ``seats_of`` as symbols at their seats. ``source`` says whose outlines these are."""

    id: Id
    name: Text
    file: str = Field(min_length=1)
    layer: str = ""
    seats_of: str = ""
    source: str = ""


class PresenceRule(Definition):
    """When an enterprise counts as online in a month: on ``days`` days it was at ``level`` or above for at least
    ``share`` of its working hours, and it passed ``challenges`` challenges."""

    level: int = Field(default=3, ge=1, le=4)
    share: Decimal = Field(default=Decimal("0.6"), gt=0, le=1)
    days: int = Field(default=15, ge=1, le=31)
    challenges: int = Field(default=1, ge=0)
    hours: tuple[str, ...] = Field(default=("mon-fri 08:00-17:30",), min_length=1)
    """Working hours of an enterprise that states none, as lines of `shazhou.city.calendar`."""
    note: str = ""

    @field_validator("hours")
    @classmethod
    def _working_hours(cls, lines: tuple[str, ...]) -> tuple[str, ...]:
        try:
            known = Calendar.parse(lines, "UTC")
        except Refused as refused:
            raise PydanticCustomError("no_hours", "{detail}", {"detail": refused.problems[0].found}) from None
        if not known.shifts:
            raise PydanticCustomError("no_hours", "{detail}", {"detail": "; ".join(lines)})
        return lines


class RetentionRule(Definition):
    """For how many days the sample store keeps what machines sent; hours, doubts and what entered the ledger stay."""

    samples_days: int = Field(default=90, ge=1)
    minutes_days: int = Field(default=800, ge=1)
    """Presence can be decided anew only as long as its minutes are kept."""


class TelemetryRule(Definition):
    """What the city does with what machines send."""

    retain: RetentionRule = RetentionRule()


class ReleaseRule(Definition):
    """When an aggregate of unpublished enterprise data may be released."""

    contributors: int = Field(ge=1)
    largest_share: Decimal = Field(gt=0, le=1)


class City(Definition):
    """One deployment: everything a city folder defines. Mappings, frameworks and templates stay text here, read by
    the rooms that own them (`files` holds every file of the folder but ``evidence/``)."""

    id: str
    name: Text
    code: str
    root: str
    """Key of the place that is the city."""
    currency: str
    languages: tuple[str, ...]
    zone: str
    presence: PresenceRule
    telemetry: TelemetryRule = TelemetryRule()
    release: ReleaseRule
    evidence: tuple[Evidence, ...]
    maps: tuple[Map, ...]
    places: dict[str, Place]
    industries: dict[str, Industry]
    variables: dict[str, Variable]
    indicators: dict[str, Indicator]
    targets: dict[str, Target]
    sources: dict[str, Source]
    collections: dict[str, Collection] = Field(default_factory=dict)
    precedence: tuple[Rank, ...]
    classification: dict[str, str] = Field(default_factory=dict)
    """Industry classification codes → names (GB/T 4754, NAICS), for checking codes."""
    files: dict[str, bytes] = Field(default_factory=dict, repr=False)
    version: str = ""
    """sha256 of the folder's definition files: the definition version."""

    def descendants(self, place: str) -> frozenset[str]:
        """Keys of ``place`` and of every place below it."""
        found, todo = set(), [place]
        while todo:
            key = todo.pop()
            found.add(key)
            todo.extend(child.key for child in self.places.values() if child.parent == key)
        return frozenset(found)

    def parts(self, industry: str) -> frozenset[str]:
        """Keys of ``industry`` and of every industry that is part of it."""
        found, todo = set(), [industry]
        while todo:
            key = todo.pop()
            found.add(key)
            todo.extend(each.key for each in self.industries.values() if each.part_of == key and each.key not in found)
        return frozenset(found)
