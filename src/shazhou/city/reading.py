"""Reading the definitions of a city: what every file says, and every problem of every file at its line.

A file or a definition that is wrong does not hide the problems of the others: what can be read is read, and
`Reading.names` remembers also the names of definitions that were refused, so that a reference to one is not reported a
second time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from typing import Any, TypeVar

from pydantic import Field, ValidationError

from shazhou.city.collection import Collection as CollectionOf
from shazhou.city.field import field_problems
from shazhou.city.lines import DUPLICATE_KEY, Lined, Path, lined_yaml
from shazhou.city.model import (
    City,
    Definition,
    Evidence,
    Indicator,
    Industry,
    Map,
    Place,
    PresenceRule,
    Rank,
    ReleaseRule,
    Source,
    Target,
    TelemetryRule,
    Text,
    Variable,
)
from shazhou.city.problem import Problem, Refused, Rule, Where
from shazhou.city.table import Record, read_table

MISSING_FILE = Rule(
    "missing-file",
    "The city folder has no {found}.",
    "城市文件夹缺少 {found}。",
    "Add the file; the docstring of shazhou.city.folder lists what a city folder holds.",
    "请补上该文件；城市文件夹的内容见 shazhou.city.folder 的说明。",
)
BAD_SHAPE = Rule(
    "file-shape",
    "{field} must be {shape_en}.",
    "{field} 应为{shape_zh}。",
    "Write it as the docstring of shazhou.city.folder shows.",
    "请按 shazhou.city.folder 的说明书写。",
)

PLACE_COLUMNS = (
    *("key", "name_zh", "name_en", "kind", "parent", "code", "aliases"),
    *("latitude", "longitude", "outline", "source", "note"),
)

_FIELDS = {"shape_zh": "字段的集合", "shape_en": "a set of fields"}
_LIST = {"shape_zh": "列表", "shape_en": "a list"}

_DEFINING = (
    *("places.csv", "industries.yaml", "variables.yaml", "indicators.yaml", "targets.yaml", "sources.yaml"),
    "collections.yaml",
)

D = TypeVar("D", bound=Definition)


class Root(Definition):
    """What ``city.yaml`` says."""

    id: str = Field(pattern=r"^[\w.-]+$")
    name: Text
    code: str
    root: str
    currency: str
    languages: tuple[str, ...] = Field(min_length=1)
    zone: str
    presence: PresenceRule
    telemetry: TelemetryRule = TelemetryRule()
    release: ReleaseRule
    evidence: tuple[Evidence, ...] = ()
    maps: tuple[Map, ...] = ()


class Reading:
    """A city folder's files as definitions; ``problems`` holds all that is wrong with any of them."""

    def __init__(self, files: Mapping[str, bytes], folder: str) -> None:
        self.files = dict(files)
        self.problems: list[Problem] = []
        self.names: dict[str, Collection[str] | None] = {}
        """By file the names it defines, whether the definition is right or not; None where it cannot be read."""
        self._folder = folder
        self._yaml: dict[str, Lined | None] = {}
        self._rows: dict[str, dict[str, int]] = {}
        self.root = self._root()
        self.places = self._places()
        self.industries = self._keyed("industries.yaml", Industry, "key")
        self.variables = self._keyed("variables.yaml", Variable, "id")
        self.indicators = self._keyed("indicators.yaml", Indicator, "id")
        self.targets = self._keyed("targets.yaml", Target, "id")
        self.sources = self._keyed("sources.yaml", Source, "id", "sources")
        self.precedence = self._listed("sources.yaml", Rank, "precedence")
        self.collections = self._collections()
        self.classification = self._classification()

    def city(self) -> City:
        """The city; Refused with every problem where there is one."""
        if self.problems or self.root is None:
            raise Refused(self.problems)
        return self._made(self.root)

    def readable(self) -> City | None:
        """The city without the definitions that were refused; None where a whole file of them cannot be read."""
        if self.root is None or any(self.names[file] is None for file in _DEFINING):
            return None
        return self._made(self.root)

    def refused(self) -> frozenset[str]:
        """The names of definitions that were refused."""
        read: tuple[Collection[str], ...] = (
            *(self.places, self.industries, self.variables, self.indicators, self.targets, self.sources),
            self.collections,
        )
        pairs: Iterable[tuple[str, Collection[str]]] = zip(_DEFINING, read, strict=True)
        return frozenset(name for file, built in pairs for name in self.names[file] or () if name not in built)

    def _made(self, root: Root) -> City:
        return City.model_construct(
            **{name: getattr(root, name) for name in Root.model_fields},
            places=self.places,
            industries=self.industries,
            variables=self.variables,
            indicators=self.indicators,
            targets=self.targets,
            sources=self.sources,
            collections=self.collections,
            precedence=self.precedence,
            classification=self.classification,
            files=self.files,
            version=version_of(self.files),
        )

    def where(self, file: str, path: Path = ()) -> Where:
        """The line of a definition or of a field of it."""
        if file in self._rows:
            column = str(path[1]) if len(path) > 1 else ""
            return Where(file, row=self._rows[file].get(str(path[0]) if path else "", 1), column=column)
        lined = self._yaml.get(file)
        return lined.where(path) if lined else Where(file, row=1)

    def _root(self) -> Root | None:
        lined = self._lined("city.yaml")
        if lined is None:
            return None
        if not isinstance(lined.data, dict):
            self._shape(lined, (), _FIELDS)
            return None
        return self._built(Root, lined.data, lined, ())

    def _keyed(self, file: str, kind: type[D], name: str, below: str = "") -> dict[str, D]:
        lined = self._lined(file)
        data, path = self._section(lined, below)
        self.names[file] = None if lined is None else ()
        if lined is None or data is None:
            return {}
        if not isinstance(data, dict):
            self._shape(lined, path, _FIELDS)
            self.names[file] = None
            return {}
        self.names[file] = set(data)
        found = {}
        for key, fields in data.items():
            if not isinstance(fields, dict):
                self._shape(lined, (*path, key), _FIELDS)
                continue
            built = self._built(kind, {**fields, name: key}, lined, (*path, key))
            if built is not None:
                found[key] = built
        return found

    def _listed(self, file: str, kind: type[D], below: str) -> tuple[D, ...]:
        lined = self._lined(file)
        data, path = self._section(lined, below)
        if lined is None or data is None:
            return ()
        if not isinstance(data, list):
            self._shape(lined, path, _LIST)
            return ()
        built = (self._built(kind, item, lined, (*path, number)) for number, item in enumerate(data))
        return tuple(each for each in built if each is not None)

    def _places(self) -> dict[str, Place]:
        found: dict[str, Place] = {}
        for row, cells in self._records("places.csv", PLACE_COLUMNS, "key"):
            fields = {
                "key": cells["key"],
                "name": {"zh": cells["name_zh"], "en": cells["name_en"]},
                "aliases": tuple(alias.strip() for alias in cells["aliases"].split("|") if alias.strip()),
                "latitude": cells["latitude"] or None,
                "longitude": cells["longitude"] or None,
                **{name: cells[name] for name in ("kind", "parent", "code", "outline", "source", "note")},
            }
            lines: dict[Path, int] = {(name,): row for name in fields}
            lines |= {(): row, ("name", "zh"): row, ("name", "en"): row}
            place = self._built(Place, fields, Lined("places.csv", fields, lines), ())
            if place is not None:
                found.setdefault(place.key, place)
        return found

    def _collections(self) -> dict[str, CollectionOf]:
        if "collections.yaml" in self.files:
            return self._keyed("collections.yaml", CollectionOf, "id")
        self.names["collections.yaml"] = ()
        return {}

    def _classification(self) -> dict[str, str]:
        if "classification.csv" not in self.files:
            self.names["classification.csv"] = None
            return {}
        records = self._records("classification.csv", ("code", "name"), "code", ("parent", "level"))
        return {cells["code"]: cells["name"] for _row, cells in records}

    def _records(
        self, file: str, columns: tuple[str, ...], key: str, optional: tuple[str, ...] = ()
    ) -> Iterable[Record]:
        rows = self._rows.setdefault(file, {})
        self.names[file] = None
        content = self._content(file)
        if content is None:
            return []
        try:
            records, problems = read_table(file, content, columns, optional)
        except Refused as refused:
            self.problems += refused.problems
            return []
        self.problems += problems
        for row, cells in records:
            if cells[key] in rows:
                first = {"first": str(rows[cells[key]])}
                self.problems.append(Problem(DUPLICATE_KEY, Where(file, row=row, column=key), cells[key], first))
            rows.setdefault(cells[key], row)
        self.names[file] = None if problems else rows
        return records

    def _lined(self, file: str) -> Lined | None:
        if file not in self._yaml:
            self._yaml[file] = None
            content = self._content(file)
            try:
                if content is not None:
                    self._yaml[file], problems = lined_yaml(file, content)
                    self.problems += problems
            except Refused as refused:
                self.problems += refused.problems
        return self._yaml[file]

    def _content(self, file: str) -> bytes | None:
        if file not in self.files:
            self.problems.append(Problem(MISSING_FILE, Where(f"{self._folder}/{file}".lstrip("/")), file))
        return self.files.get(file)

    def _section(self, lined: Lined | None, below: str) -> tuple[Any, tuple[str, ...]]:
        if lined is None:
            return None, ()
        if not below:
            return lined.data, ()
        if not isinstance(lined.data, dict) or below not in lined.data:
            self.problems.append(Problem(BAD_SHAPE, lined.where(), "", {"field": below, **_FIELDS}))
            return None, ()
        return lined.data[below], (below,)

    def _built(self, kind: type[D], data: Any, lined: Lined, path: Path) -> D | None:
        try:
            return kind.model_validate(data)
        except ValidationError as error:
            self.problems += field_problems(error, lined, path, kind.model_fields)
            return None

    def _shape(self, lined: Lined, path: Path, shape: dict[str, str]) -> None:
        where = lined.where(path)
        self.problems.append(Problem(BAD_SHAPE, where, "", {"field": where.column or lined.file, **shape}))


def version_of(files: Mapping[str, bytes]) -> str:
    """The definition version: a sha256 over names and contents."""
    digest = hashlib.sha256()
    for name in sorted(files):
        digest.update(f"{name}\0{len(files[name])}\0".encode() + files[name])
    return digest.hexdigest()
