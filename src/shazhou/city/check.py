"""Checking a city folder: every problem at once, each with file, line, rule and what to do.

What `shazhou.city.folder` reads must also fit together: whatever a definition names must be defined. Rooms above this one
(formulas, mappings, templates) hand in their own checks, so that this one need not know them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from shazhou.city.folder import parse_city, read_files
from shazhou.city.lines import Lined, read_yaml
from shazhou.city.model import City
from shazhou.city.period import Period
from shazhou.city.problem import Problem, Refused, Rule, Where
from shazhou.city.unit import UNITS

UNKNOWN_NAME = Rule(
    "unknown-name",
    "{field} names {found}, which is not defined in {file}.",
    "{field} 引用了 {found}，但 {file} 中没有定义。",
    "Define it there, or correct the name.",
    "请在该文件中定义，或改正名称。",
)
CIRCLE = Rule(
    "circle",
    "{found} lies within itself.",
    "{found} 构成循环。",
    "Correct the parents so that they form a tree.",
    "请改正上级关系，使其成为树形。",
)
UNIT_MISMATCH = Rule(
    "target-unit",
    "The target is in {found}, its indicator in {unit}.",
    "目标单位是 {found}，而指标单位是 {unit}。",
    "Give the target in a unit of the same kind.",
    "请使用同类单位。",
)
BAD_PERIOD = Rule(
    "target-period",
    "{found} is no period.",
    "{found} 不是有效的时期。",
    "Write 2021, 2021-Q1, 2021-03 or a range such as 2021-01-01/P5Y.",
    "请写作 2021、2021-Q1、2021-03 或区间 2021-01-01/P5Y。",
)
MISSING_OUTLINE = Rule(
    "missing-outline",
    "The outline {found} is not in the city folder.",
    "城市文件夹中没有轮廓文件 {found}。",
    "Add the file, or leave the column empty: no border is invented.",
    "请补上文件，或将该列留空；不得虚构边界。",
)
MISSING_EVIDENCE = Rule(
    "missing-evidence",
    "The evidence {found} is not in the city folder.",
    "城市文件夹中没有 {found}。",
    "Add the file under evidence/, or take it off the list in city.yaml.",
    "请将文件放入 evidence/，或从 city.yaml 的清单中去掉。",
)

Extra = Callable[[City], Iterable[Problem]]


def check(folder: Path, extra: Iterable[Extra] = ()) -> tuple[Problem, ...]:
    """Every problem of a city folder; none where it is in order."""
    try:
        city = parse_city(read_files(folder), str(folder))
    except Refused as refused:
        return refused.problems
    found = [*_references(city), *_evidence(city, folder)]
    for check_more in extra:
        found += check_more(city)
    return tuple(found)


def _references(city: City) -> Iterator[Problem]:
    files = _Files(city)
    yield from files.named("city.yaml", ("root",), city.root, city.places, "places.csv")
    for key, place in city.places.items():
        if place.parent:
            yield from files.named("places.csv", (key, "parent"), place.parent, city.places, "places.csv")
        if place.outline and place.outline.partition("#")[0] not in city.files:
            yield Problem(MISSING_OUTLINE, files.where("places.csv", (key, "outline")), place.outline)
    yield from _circles("places.csv", {key: place.parent for key, place in city.places.items()}, files)
    yield from _circles("industries.yaml", {key: each.part_of for key, each in city.industries.items()}, files)
    for key, industry in city.industries.items():
        if industry.part_of:
            names = (key, "part_of")
            yield from files.named("industries.yaml", names, industry.part_of, city.industries, "industries.yaml")
        for code in industry.codes if city.classification else ():
            yield from files.named("industries.yaml", (key, "codes"), code, city.classification, "classification.csv")
    for key, variable in city.variables.items():
        yield from files.named("variables.yaml", (key, "unit"), variable.unit, UNITS, "shazhou.city.unit")
        if variable.growth_of:
            names = (key, "growth_of")
            yield from files.named("variables.yaml", names, variable.growth_of, city.variables, "variables.yaml")
    for key, indicator in city.indicators.items():
        yield from files.named("indicators.yaml", (key, "unit"), indicator.unit, UNITS, "shazhou.city.unit")
    ranks = {rank.id for rank in city.precedence}
    for key, source in city.sources.items():
        yield from files.named("sources.yaml", ("sources", key, "rank"), source.rank, ranks, "sources.yaml")
    yield from _targets(city, files)


def _targets(city: City, files: _Files) -> Iterator[Problem]:
    name = "targets.yaml"
    for key, target in city.targets.items():
        yield from files.named(name, (key, "indicator"), target.indicator, city.indicators, "indicators.yaml")
        yield from files.named(name, (key, "place"), target.place, city.places, "places.csv")
        yield from files.named(name, (key, "unit"), target.unit, UNITS, "shazhou.city.unit")
        yield from files.named(name, (key, "source"), target.source, city.sources, "sources.yaml")
        if target.industry:
            yield from files.named(name, (key, "industry"), target.industry, city.industries, "industries.yaml")
        for field in ("period", "start"):
            text = getattr(target, field)
            if text and not _is_period(text):
                yield Problem(BAD_PERIOD, files.where(name, (key, field)), text)
        indicator = city.indicators.get(target.indicator)
        known = indicator and indicator.unit in UNITS and target.unit in UNITS
        if indicator and known and UNITS[indicator.unit].base != UNITS[target.unit].base:
            yield Problem(UNIT_MISMATCH, files.where(name, (key, "unit")), target.unit, {"unit": indicator.unit})


def _evidence(city: City, folder: Path) -> Iterator[Problem]:
    files = _Files(city)
    for number, evidence in enumerate(city.evidence):
        path = ("evidence", str(number))
        if not (folder / "evidence" / evidence.file).is_file():
            yield Problem(MISSING_EVIDENCE, files.where("city.yaml", path), evidence.file)
        mappings = {Path(name).stem for name in city.files if name.startswith("mappings/")}
        yield from files.named("city.yaml", path, evidence.mapping, mappings, "mappings/")
        if evidence.source:
            yield from files.named("city.yaml", path, evidence.source, city.sources, "sources.yaml")


def _circles(file: str, parents: dict[str, str], files: _Files) -> Iterator[Problem]:
    for key in parents:
        seen, above = {key}, parents[key]
        while above in parents and above not in seen:
            seen.add(above)
            above = parents[above]
        if above == key:
            yield Problem(CIRCLE, files.where(file, (key,)), key)


def _is_period(text: str) -> bool:
    try:
        Period.parse(text)
    except ValueError:
        return False
    return True


class _Files:
    """Lines of definitions, looked up only where there is a problem to report."""

    def __init__(self, city: City) -> None:
        self._city = city
        self._lined: dict[str, Lined] = {}

    def named(
        self, file: str, path: tuple[str, ...], name: str, known: Iterable[str], where: str
    ) -> Iterator[Problem]:
        if name not in known:
            values = {"field": ".".join(path), "file": where}
            yield Problem(UNKNOWN_NAME, self.where(file, path), name, values)

    def where(self, file: str, path: tuple[str, ...]) -> Where:
        if file == "places.csv":
            lines = self._city.files[file].decode("utf-8-sig").splitlines()
            row = next((n for n, line in enumerate(lines, 1) if line.startswith(f"{path[0]},")), 1)
            return Where(file, row=row, column=path[-1])
        if file not in self._lined:
            self._lined[file] = read_yaml(file, self._city.files[file])
        steps = tuple(int(step) if step.isdigit() and path[0] == "evidence" else step for step in path)
        return self._lined[file].where(steps)
