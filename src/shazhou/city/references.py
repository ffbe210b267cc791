"""References: whatever a definition names must be defined.

A name whose definition was itself refused counts as defined, and a file that could not be read defines everything: its
own problem is reported once and no reference to it a second time.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches
from pathlib import PurePosixPath

from shazhou.city.period import Period
from shazhou.city.problem import Problem, Rule
from shazhou.city.reading import Reading
from shazhou.city.unit import UNITS

UNKNOWN_NAME = Rule(
    "unknown-name",
    "{field} names {found}, which is not defined in {file}.",
    "{field} 引用了 {found}，但 {file} 中没有定义。",
    "Define it there, or correct the name{hint}.",
    "请在该处定义，或改正名称{hint}。",
)
CIRCLE = Rule(
    "circle",
    "{found} lies within itself.",
    "{found} 构成循环。",
    "Correct the parents so that they form a tree.",
    "请改正上级关系，使其成为树形。",
)
BAD_PERIOD = Rule(
    "target-period",
    "{found} is no period.",
    "{found} 不是有效的时期。",
    "Write 2021, 2021-Q1, 2021-03 or a range such as 2021-01-01/P5Y.",
    "请写作 2021、2021-Q1、2021-03 或区间 2021-01-01/P5Y。",
)

MOST_COMPARED = 500
"""Names among which one that looks alike is sought."""

_UNITS_FILE = "shazhou.city.unit"


def unknown_references(reading: Reading) -> Iterator[Problem]:
    """Every name that nothing defines, every circle in the trees, and every period that is none."""
    names = _Names(reading)
    yield from _of_root(reading, names)
    yield from _of_places(reading, names)
    yield from _of_industries(reading, names)
    yield from _of_variables_and_indicators(reading, names)
    ranks = {rank.id for rank in reading.precedence}
    for key, source in reading.sources.items():
        yield from names.known("sources.yaml", ("sources", key, "rank"), source.rank, ranks, "sources.yaml")
    yield from _of_targets(reading, names)


def _of_root(reading: Reading, names: _Names) -> Iterator[Problem]:
    if reading.root is None:
        return
    yield from names.defined("city.yaml", ("root",), reading.root.root, "places.csv")
    yield from names.known("city.yaml", ("currency",), reading.root.currency, UNITS, _UNITS_FILE)
    for number, shown in enumerate(reading.root.maps):
        if shown.seats_of:
            yield from names.defined("city.yaml", ("maps", number, "seats_of"), shown.seats_of, "places.csv")
    mappings = {PurePosixPath(name).stem for name in reading.files if name.startswith("mappings/")}
    for number, evidence in enumerate(reading.root.evidence):
        path = ("evidence", number)
        yield from names.known("city.yaml", (*path, "mapping"), evidence.mapping, mappings, "mappings/")
        if evidence.source:
            yield from names.defined("city.yaml", (*path, "source"), evidence.source, "sources.yaml")


def _of_places(reading: Reading, names: _Names) -> Iterator[Problem]:
    for key, place in reading.places.items():
        if place.parent:
            yield from names.defined("places.csv", (key, "parent"), place.parent, "places.csv")
    yield from _circles(reading, "places.csv", {key: place.parent for key, place in reading.places.items()})


def _of_industries(reading: Reading, names: _Names) -> Iterator[Problem]:
    file = "industries.yaml"
    for key, industry in reading.industries.items():
        if industry.part_of:
            yield from names.defined(file, (key, "part_of"), industry.part_of, file)
        for number, code in enumerate(industry.codes):
            yield from names.defined(file, (key, "codes", number), code, "classification.csv")
    yield from _circles(reading, file, {key: industry.part_of for key, industry in reading.industries.items()})


def _of_variables_and_indicators(reading: Reading, names: _Names) -> Iterator[Problem]:
    for key, variable in reading.variables.items():
        yield from names.known("variables.yaml", (key, "unit"), variable.unit, UNITS, _UNITS_FILE)
        if variable.growth_of:
            yield from names.defined("variables.yaml", (key, "growth_of"), variable.growth_of, "variables.yaml")
        for text in variable.called:
            yield from names.known("variables.yaml", (key, "called", text), text, variable.values, f"{key}.values")
    for key, indicator in reading.indicators.items():
        yield from names.known("indicators.yaml", (key, "unit"), indicator.unit, UNITS, _UNITS_FILE)


def _of_targets(reading: Reading, names: _Names) -> Iterator[Problem]:
    file = "targets.yaml"
    for key, target in reading.targets.items():
        yield from names.defined(file, (key, "indicator"), target.indicator, "indicators.yaml")
        yield from names.defined(file, (key, "place"), target.place, "places.csv")
        yield from names.defined(file, (key, "source"), target.source, "sources.yaml")
        yield from names.known(file, (key, "unit"), target.unit, UNITS, _UNITS_FILE)
        if target.industry:
            yield from names.defined(file, (key, "industry"), target.industry, "industries.yaml")
        for field in ("period", "start"):
            text = getattr(target, field)
            if (text or field == "period") and not _is_period(text):
                yield Problem(BAD_PERIOD, reading.where(file, (key, field)), text)


def _circles(reading: Reading, file: str, above: Mapping[str, str]) -> Iterator[Problem]:
    for key in above:
        seen, parent = {key}, above[key]
        while parent in above and parent not in seen:
            seen.add(parent)
            parent = above[parent]
        if parent == key:
            yield Problem(CIRCLE, reading.where(file, (key,)), key)


def _is_period(text: str) -> bool:
    try:
        Period.parse(text)
    except ValueError:
        return False
    return True


class _Names:
    def __init__(self, reading: Reading) -> None:
        self._reading = reading

    def defined(self, file: str, path: tuple[str | int, ...], name: str, where: str) -> Iterator[Problem]:
        """A problem where ``name`` is not defined in the file ``where``."""
        known = self._reading.names.get(where)
        if known is not None:
            yield from self.known(file, path, name, known, where)

    def known(
        self, file: str, path: tuple[str | int, ...], name: str, known: Collection[str], where: str
    ) -> Iterator[Problem]:
        """A problem where ``name`` is not among the known ones."""
        if name not in known:
            close = get_close_matches(name, known, 1) if len(known) <= MOST_COMPARED else []
            hint = f" ({close[0]}?)" if close else ""
            values = {"field": ".".join(str(part) for part in path), "file": where, "hint": hint}
            yield Problem(UNKNOWN_NAME, self._reading.where(file, path), name, values)
