"""A mapping: how the columns of a document become observations.

One YAML file in ``mappings/`` of the city folder, named by its file name:

    title: {zh: 公开数据, en: Published figures}
    read: {sheet: data, header: 1, titles: 1, encoding: gb18030}   # all optional: the sheet (default: the first that
                                             # shows anything), the row that names the columns, how many rows of
                                             # explanation follow it (only those whose first cell is one of
                                             # `titled`, where that is given), the encoding of a CSV file
    entity:                                  # whom a row is about
      kind: enterprise
      key: {column: name_zh}                 # resolved by exact name, alias or code …
      create: true                           # … or made new with an opaque key of its own
      values_of: subject                     # or looked up: this column's text in `values`
      values:
        city: "place:320582"
        "industry:氢能": {entity: "place:320582", industry: hydrogen}
    observations:                            # what each row states; several are fine
      - variable: {column: indicator}
        value: {column: value}               # or text: for attributes
        unit: {column: unit}                 # default: the variable's unit
        period: {column: period}
        kind: actual                         # default; also target, forecast
        industry, qualifier, status, origin, source, source_date, source_address, note, label
    ignored: {column: reason}                # every other column must be named, so that nothing is lost

A field is a constant, or what a column says:

    {column: note, match: [{pattern: '"over', becomes: ">"}], default: "="}
    {columns: [period, note], match: [{pattern: '^(\\d{4}) .*first half', becomes: '\\1-01-01/P6M'}]}
    {column: town, values: {杨舍镇: "320582100"}}

``columns`` are joined by `` | ``; the first ``match`` that is found counts and ``becomes`` what it says; a text that
``values`` does not list is refused unless there is a ``default``. A list of fields gives the first that is not empty.
``{entity: {kind, key}}`` gives the id of another entity. The source that a row cites goes before the one given at
loading.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Any

from pydantic import Field as PydanticField
from pydantic import ValidationError, field_validator, model_validator
from pydantic_core import PydanticCustomError

from shazhou.city.field import field_problems
from shazhou.city.lines import read_yaml
from shazhou.city.model import City, Definition, Text
from shazhou.city.problem import Problem, Refused, Rule, Where
from shazhou.intake import filled

UNKNOWN_MAPPING = Rule(
    "unknown-mapping",
    "There is no mapping {found}.",
    "没有名为 {found} 的映射。",
    "Use one of {known}.",
    "可用的映射：{known}。",
)
_BUILT_IN = {"template": filled.MAPPING}


class Match(Definition):
    """A pattern and what a text that has it becomes."""

    pattern: str
    becomes: str

    @field_validator("pattern")
    @classmethod
    def _compiles(cls, pattern: str) -> str:
        try:
            with warnings.catch_warnings(action="ignore"):
                re.compile(pattern)
        except (re.error, RecursionError, OverflowError) as error:
            raise PydanticCustomError("no_pattern", "{detail}", {"detail": str(error)}) from None
        return pattern

    @model_validator(mode="after")
    def _expands(self) -> Match:
        try:
            found = re.compile(f"{self.pattern}|").search("")
            if found is not None:
                found.expand(self.becomes)
        except (re.error, IndexError) as error:
            raise PydanticCustomError("no_replacement", "{detail}", {"detail": str(error)}) from None
        return self


class EntityOf(Definition):
    """Another entity, found by its name, alias or code."""

    kind: str
    key: Field


class Take(Definition):
    """What a column, or several joined, say."""

    column: str = ""
    columns: tuple[str, ...] = ()
    values: dict[str, str] = PydanticField(default_factory=dict)
    match: tuple[Match, ...] = ()
    default: str | None = None
    entity: EntityOf | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The columns that are read."""
        return self.columns or ((self.column,) if self.column else ())


Field = str | Take | tuple["str | Take", ...]


class Placed(Definition):
    """An entity and the industry of its cell."""

    entity: str
    industry: str = ""


class EntityRule(Definition):
    """Whom a row is about."""

    kind: str = ""
    key: Field | None = None
    create: bool = False
    values_of: str = ""
    values: dict[str, str | Placed] = PydanticField(default_factory=dict)


class Observed(Definition):
    """What a row states."""

    variable: Field
    value: Field | None = None
    text: Field | None = None
    unit: Field = ""
    period: Field
    kind: Field = "actual"
    industry: Field = ""
    qualifier: Field = ""
    status: Field = "A"
    origin: Field = ""
    source: Field = ""
    source_date: Field = ""
    source_address: Field = ""
    note: Field = ""
    label: Field = ""


class Reading(Definition):
    """Where in the document the rows are."""

    sheet: str = ""
    header: int = PydanticField(default=1, ge=1, le=1000)
    titles: int = PydanticField(default=0, ge=0, le=100)
    titled: tuple[str, ...] = ()
    encoding: str = ""

    @field_validator("encoding")
    @classmethod
    def _known(cls, encoding: str) -> str:
        try:
            "".encode(encoding or "utf-8")
        except (LookupError, ValueError) as error:
            raise PydanticCustomError("no_encoding", "{detail}", {"detail": str(error)}) from None
        return encoding


class Mapping(Definition):
    """One mapping file."""

    id: str
    title: Text
    read: Reading = Reading()
    entity: EntityRule
    observations: tuple[Observed, ...] = PydanticField(min_length=1)
    ignored: dict[str, str] = PydanticField(default_factory=dict)

    def columns(self) -> frozenset[str]:
        """Every column that the mapping reads or names as ignored."""
        fields: list[Any] = [self.entity.key]
        for observed in self.observations:
            fields += [getattr(observed, name) for name in Observed.model_fields]
        names = {name for field in fields for name in _columns(field)}
        return frozenset(names | set(self.ignored) | ({self.entity.values_of} - {""}))


for _model in (EntityOf, Take, EntityRule, Observed, Mapping):
    _model.model_rebuild()

_MODELS = (Mapping, Reading, EntityRule, Placed, Observed, Take, Match, EntityOf, Text)
_FIELDS = frozenset(name for model in _MODELS for name in model.model_fields) - {"id"}


def mapping_names(city: City) -> list[str]:
    """The mappings of a city, by name: its own, and ``template``."""
    paths = (PurePosixPath(name) for name in city.files)
    own = {path.stem for path in paths if path.parent.name == "mappings" and path.suffix == ".yaml"}
    return sorted(own | set(_BUILT_IN))


def mapping_of(city: City, name: str) -> Mapping:
    """A mapping of the city folder.

    Raises:
        Refused: there is none of that name, or it is wrong; with every problem.
    """
    file = f"mappings/{name}.yaml"
    content = city.files.get(file, _BUILT_IN.get(name))
    if content is None:
        known = ", ".join(mapping_names(city))
        raise Refused([Problem(UNKNOWN_MAPPING, Where(file), name, {"known": known})])
    return _parsed(name, content)


@lru_cache(maxsize=64)
def _parsed(name: str, content: bytes) -> Mapping:
    lined = read_yaml(f"mappings/{name}.yaml", content)
    data = lined.data if isinstance(lined.data, dict) else {}
    try:
        return Mapping.model_validate({"id": name, **_texts(data)})
    except ValidationError as error:
        raise Refused(field_problems(error, lined, (), _FIELDS)) from None


def _columns(field: Any) -> Iterable[str]:
    if isinstance(field, Take):
        return [*field.names, *(_columns(field.entity.key) if field.entity else ())]
    if isinstance(field, tuple):
        return [name for part in field for name in _columns(part)]
    return ()


def _texts(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: _texts(value) for key, value in data.items()}
    if isinstance(data, list):
        return [_texts(item) for item in data]
    if data is None or isinstance(data, (bool, str)):
        return data
    return str(data)
