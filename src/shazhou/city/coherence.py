"""Definitions that contradict one another although each is right by itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from shazhou.city.model import Place
from shazhou.city.problem import Problem, Rule
from shazhou.city.reading import Reading
from shazhou.city.unit import UNITS

UNIT_MISMATCH = Rule(
    "target-unit",
    "The target is in {found}, its indicator in {unit}.",
    "目标单位是 {found}，而指标单位是 {unit}。",
    "Give the target in a unit of the same kind.",
    "请使用同类单位。",
)
SAID_TWICE = Rule(
    "said-twice",
    "{found} stands for {first} and for {second}.",
    "{found} 同时属于 {first} 和 {second}。",
    "Leave it with one of the two: figures would count it twice or not know which is meant.",
    "请只保留一处，否则会重复计算或无法确定所指。",
)
EMPTY_RANGE = Rule(
    "empty-range",
    "{field} allows nothing: the minimum {low} is above the maximum {high}.",
    "{field} 的取值范围为空：最小值 {low} 大于最大值 {high}。",
    "Correct one of the two.",
    "请改正其一。",
)
UNKNOWN_ZONE = Rule(
    "unknown-zone",
    "{found} is no time zone.",
    "{found} 不是有效的时区。",
    "Use a name of the IANA time zone database such as Asia/Shanghai.",
    "请使用 IANA 时区名称，如 Asia/Shanghai。",
)
MEASURE_MISMATCH = Rule(
    "variable-measure",
    "{field} is a {type} of measure {measure}.",
    "{field} 的类型为 {type}，计量方式为 {measure}，两者不符。",
    "Texts, dates and codes are attributes; a growth_of belongs to a rate.",
    "文本、日期和代码属于 attribute；growth_of 只用于 rate。",
)


def contradictions(reading: Reading) -> Iterator[Problem]:
    """Everything that two definitions, or two fields of one, say against each other."""
    yield from _zone(reading)
    yield from _names_of_places(reading)
    yield from _codes_of_industries(reading)
    yield from _variables(reading)
    yield from _sources(reading)
    yield from _units_of_targets(reading)


def _zone(reading: Reading) -> Iterator[Problem]:
    if reading.root is None:
        return
    try:
        ZoneInfo(reading.root.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield Problem(UNKNOWN_ZONE, reading.where("city.yaml", ("zone",)), reading.root.zone)


def _names_of_places(reading: Reading) -> Iterator[Problem]:
    stands_for: dict[str, str] = {}
    for key, place in reading.places.items():
        for text in _names(place):
            first = stands_for.setdefault(text, key)
            if first != key:
                where = reading.where("places.csv", (key, "aliases"))
                yield Problem(SAID_TWICE, where, text, {"first": first, "second": key})


def _names(place: Place) -> set[str]:
    return {place.key, place.code, *place.aliases} - {""}


def _codes_of_industries(reading: Reading) -> Iterator[Problem]:
    """An enterprise of a code would count for both industries, unless one is part of the other."""
    held = sorted(
        (code, key, number)
        for key, industry in reading.industries.items()
        for number, code in enumerate(industry.codes)
    )
    around: list[tuple[str, str]] = []
    for code, key, number in held:
        while around and not code.startswith(around[-1][0]):
            around.pop()
        for _, holder in around:
            if not _nested(reading, holder, key):
                where = reading.where("industries.yaml", (key, "codes", number))
                yield Problem(SAID_TWICE, where, code, {"first": holder, "second": key})
        around.append((code, key))


def _nested(reading: Reading, first: str, second: str) -> bool:
    return first == second or second in _above(reading, first) or first in _above(reading, second)


def _above(reading: Reading, industry: str) -> set[str]:
    found: set[str] = set()
    while industry in reading.industries and industry not in found:
        found.add(industry)
        industry = reading.industries[industry].part_of
    return found


def _variables(reading: Reading) -> Iterator[Problem]:
    file = "variables.yaml"
    for key, variable in reading.variables.items():
        low, high = variable.minimum, variable.maximum
        if low is not None and high is not None and low > high:
            values = {"field": key, "low": str(low), "high": str(high)}
            yield Problem(EMPTY_RANGE, reading.where(file, (key, "minimum")), "", values)
        textual = variable.type not in ("number", "integer")
        field = "growth_of" if variable.growth_of else "type"
        if (textual and variable.measure != "attribute") or (variable.growth_of and variable.measure != "rate"):
            values = {"field": f"{key}.{field}", "type": variable.type, "measure": variable.measure}
            yield Problem(MEASURE_MISMATCH, reading.where(file, (key, "measure")), variable.measure, values)


def _sources(reading: Reading) -> Iterator[Problem]:
    yield from _twice(reading, ((source.title, key) for key, source in reading.sources.items()), "title")
    ranks: set[str] = set()
    for number, rank in enumerate(reading.precedence):
        if rank.id in ranks:
            where = reading.where("sources.yaml", ("precedence", number))
            yield Problem(SAID_TWICE, where, rank.id, {"first": "precedence", "second": "precedence"})
        ranks.add(rank.id)


def _twice(reading: Reading, pairs: Iterable[tuple[str, str]], field: str) -> Iterator[Problem]:
    first: dict[str, str] = {}
    for text, key in pairs:
        if first.setdefault(text, key) != key:
            where = reading.where("sources.yaml", ("sources", key, field))
            yield Problem(SAID_TWICE, where, text, {"first": first[text], "second": key})


def _units_of_targets(reading: Reading) -> Iterator[Problem]:
    for key, target in reading.targets.items():
        indicator = reading.indicators.get(target.indicator)
        if indicator is None or indicator.unit not in UNITS or target.unit not in UNITS:
            continue
        if UNITS[indicator.unit].base != UNITS[target.unit].base:
            where = reading.where("targets.yaml", (key, "unit"))
            yield Problem(UNIT_MISMATCH, where, target.unit, {"unit": indicator.unit})
