"""The wall and the heat map as pages show them: names in the language of the request, parts of bars in percent."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from shazhou.city.model import City
from shazhou.console.look.frame import language
from shazhou.console.telemetry.asking import Asked
from shazhou.console.telemetry.words import level_words, moment, reason_words
from shazhou.telemetry.wall.month import Hour, Month
from shazhou.telemetry.wall.standing import Standing, Wall, by_level, narrowed, table, why_not


@dataclass(frozen=True)
class Seat:
    """An enterprise on the wall: its address, name, level, and whether doubts lowered that."""

    node: str
    name: str
    level: int
    doubted: bool
    town: str
    industry: str
    online: bool
    days: int
    reason: str
    last: str
    origin: str


@dataclass(frozen=True)
class Part:
    """A part of a bar: what it is of, how many, where it begins and how wide it is, in percent."""

    key: str
    name: str
    count: int
    start: float
    width: float


@dataclass(frozen=True)
class Line:
    """A town or industry: how many stand at each level, how many are online this month, how many there are."""

    key: str
    name: str
    levels: tuple[int, ...]
    online: int
    all: int


@dataclass(frozen=True)
class Counts:
    """What is told of the whole city to those who see aggregates."""

    registered: int
    online: int
    levels: tuple[Part, ...]
    reasons: tuple[Part, ...]
    towns: tuple[Line, ...]
    industries: tuple[Line, ...]
    unknown: int


@dataclass(frozen=True)
class Shown:
    """What a visitor sees of the wall. ``groups``: seats by town, those that the filters leave of ``seats`` seen."""

    running: bool
    heard: str
    origins: tuple[str, ...]
    counts: Counts | None
    groups: tuple[tuple[str, tuple[Seat, ...]], ...]
    left: int
    seen: int


def wall_shown(
    city: City, wall: Wall, counted: bool, single: Collection[Standing], asked: Asked, promised: int
) -> Shown:
    """The wall for a visitor who sees some enterprises (``single``), and counts if ``counted``."""
    towns = city.descendants(asked.place) if asked.place else frozenset[str]()
    industries = city.parts(asked.industry) if asked.industry else frozenset[str]()
    kept = narrowed(single, towns, industries, asked.level)
    groups: dict[str, list[Seat]] = {}
    for each in kept:
        groups.setdefault(each.town, []).append(_seat(city, each))
    return Shown(
        wall.running,
        moment(wall.heard, city.zone) if wall.heard is not None else "",
        tuple(sorted(wall.origins)),
        _counts(city, wall, promised) if counted else None,
        tuple((_place(city, town), tuple(seats)) for town, seats in groups.items()),
        len(kept),
        len(single),
    )


def heat(month: Month, today: date) -> list[tuple[date, tuple[Hour | None, ...]]]:
    """The days of a month that have begun, in order."""
    return [(day, hours) for day, hours in month.days if day <= today]


def _counts(city: City, wall: Wall, promised: int) -> Counts:
    standings, all_of_them = wall.standings, len(wall.standings)
    levels = [(str(level), level_words(level), count) for level, count in by_level(standings).items()]
    reasons = [(reason, reason_words(reason), count) for reason, count in why_not(standings, promised)]
    return Counts(
        all_of_them,
        wall.online,
        tuple(_parts(levels, all_of_them)),
        tuple(_bars(reasons)),
        tuple(_lines(city, wall, "town")),
        tuple(_lines(city, wall, "industry")),
        len(wall.unknown),
    )


def _parts(counted: list[tuple[str, str, int]], total: int) -> list[Part]:
    """Parts of one bar, each beginning where the one before ends."""
    found, start = [], 0.0
    for key, name, count in counted:
        width = 100 * count / total if total else 0.0
        found.append(Part(key, name, count, round(start, 2), round(width, 2)))
        start += width
    return found


def _bars(counted: list[tuple[str, str, int]]) -> list[Part]:
    """Bars of their own, the longest the whole width."""
    most = max((count for _key, _name, count in counted), default=1)
    return [Part(key, name, count, 0, round(100 * count / most, 2)) for key, name, count in counted]


def _lines(city: City, wall: Wall, by: str) -> list[Line]:
    return [
        Line(key, _place(city, key) if by == "town" else _industry(city, key), tuple(levels.values()), online, many)
        for key, levels, online, many in table(wall.standings, by)
    ]


def _seat(city: City, of: Standing) -> Seat:
    return Seat(
        of.node,
        name_of(of),
        of.level,
        of.level < of.before,
        _place(city, of.town),
        _industry(city, of.industry),
        of.online,
        of.days,
        reason_words(of.reason) if of.reason else "",
        moment(of.last, city.zone) if of.last is not None else "",
        of.origin,
    )


def name_of(standing: Standing) -> str:
    """The name of an enterprise in the language of the request, or its node where none is known."""
    names = standing.name
    return names.get(language()) or names.get("zh") or names.get("en") or standing.node


def _place(city: City, key: str) -> str:
    return city.places[key].name.of(language()) if key in city.places else key or "—"


def _industry(city: City, key: str) -> str:
    return city.industries[key].name.of(language()) if key in city.industries else key or "—"
