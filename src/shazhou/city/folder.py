"""Reading a city folder: from files to a `City`, with every problem at its file and line.

    cities/zhangjiagang/
      city.yaml              id, names, code, root place, currency, languages, zone, rules, evidence in order
      places.csv             key,name_zh,name_en,kind,parent,code,aliases,latitude,longitude,outline,source,note
      industries.yaml        key: {name, group, codes, stages, aliases, part_of, note}
      variables.yaml         id: {name, measure, unit, …}
      indicators.yaml        id: {name, formula, unit, decimals, …}
      targets.yaml           id: {name, indicator, place, value, unit, direction, period, source, …}
      sources.yaml           precedence: [{id, name}, …] strongest first; sources: {id: {title, rank, …}}
      classification.csv     code,name: the industry classification, for checking codes
      mappings/*.yaml        how documents' columns become observations (see shazhou.intake.mapping)
      report/                templates of the work report (see shazhou.report.template)
      outlines/              outlines of places, GeoJSON
      evidence/              first documents to load; not part of the definitions

Aliases in places.csv are separated by ``|``.
"""

from __future__ import annotations

import csv
import hashlib
import io
import zipfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from shazhou.city.lines import Lined, read_yaml, text_of
from shazhou.city.model import City, Definition, Indicator, Industry, Place, Rank, Source, Target, Variable
from shazhou.city.problem import Problem, Refused, Rule, Where

MISSING_FILE = Rule(
    "missing-file",
    "The city folder has no {found}.",
    "城市文件夹缺少 {found}。",
    "Add the file; docs/city-folder.md lists what a city folder holds.",
    "请补上该文件；城市文件夹的内容见 docs/city-folder.md。",
)
NOT_A_FOLDER = Rule(
    "no-city-folder",
    "{found} is not a folder.",
    "{found} 不是文件夹。",
    "Point --city to a city folder such as cities/zhangjiagang.",
    "请用 --city 指定城市文件夹，如 cities/zhangjiagang。",
)
BAD_FIELD = Rule(
    "definition-field",
    "{field}: {why}.",
    "字段 {field} 不符合定义：{why}。",
    "Correct the field; see the docstring of its class in shazhou.city.model.",
    "请改正该字段；字段含义见 shazhou.city.model。",
)
BAD_COLUMNS = Rule(
    "csv-columns",
    "The header is {found}.",
    "表头为 {found}。",
    "The columns must be {columns}.",
    "列应为 {columns}。",
)
BAD_ARCHIVE = Rule(
    "definitions-archive",
    "The archived definitions cannot be read: {found}.",
    "存档的定义无法读取：{found}。",
    "Run shazhou verify; the document may be damaged.",
    "请运行 shazhou verify，文件可能已损坏。",
)

PLACE_COLUMNS = (
    *("key", "name_zh", "name_en", "kind", "parent", "code", "aliases"),
    *("latitude", "longitude", "outline", "source", "note"),
)

D = TypeVar("D", bound=Definition)


def read_files(folder: Path) -> dict[str, bytes]:
    """The files of a city folder that define it: all but ``evidence/`` and hidden ones, by relative name, sorted."""
    if not folder.is_dir():
        raise Refused([Problem(NOT_A_FOLDER, Where(str(folder)), str(folder))])
    found = {}
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        if path.is_file() and parts[0] != "evidence" and not any(part.startswith(".") for part in parts):
            found["/".join(parts)] = path.read_bytes()
    return found


def read_city(folder: Path) -> City:
    """The city that a folder defines; Refused with every problem."""
    return parse_city(read_files(folder), str(folder))


def pack(files: Mapping[str, bytes]) -> bytes:
    """The files as one archive, the same bytes for the same files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            archive.writestr(zipfile.ZipInfo(name), files[name])
    return buffer.getvalue()


def unpack(archive: bytes) -> dict[str, bytes]:
    """The files of an archive made by `pack`."""
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            return {name: opened.read(name) for name in opened.namelist()}
    except (zipfile.BadZipFile, OSError, EOFError) as error:
        raise Refused([Problem(BAD_ARCHIVE, Where(), str(error))]) from None


def version_of(files: Mapping[str, bytes]) -> str:
    """The definition version: a sha256 over names and contents."""
    digest = hashlib.sha256()
    for name in sorted(files):
        digest.update(f"{name}\0{len(files[name])}\0".encode() + files[name])
    return digest.hexdigest()


def parse_city(files: Mapping[str, bytes], folder: str = "") -> City:
    """The city that these files define; Refused with every problem in every file."""
    reading = _Reading(files, folder)
    root = reading.root()
    city: dict[str, Any] = {
        **root,
        "places": reading.places(),
        "industries": reading.keyed("industries.yaml", Industry, "key"),
        "variables": reading.keyed("variables.yaml", Variable, "id"),
        "indicators": reading.keyed("indicators.yaml", Indicator, "id"),
        "targets": reading.keyed("targets.yaml", Target, "id"),
        "sources": reading.keyed("sources.yaml", Source, "id", "sources"),
        "precedence": reading.listed("sources.yaml", Rank, "precedence"),
        "classification": reading.classification(),
    }
    if reading.problems:
        raise Refused(reading.problems)
    return City.model_construct(**city, files=dict(files), version=version_of(files))


_ROOT = ("id", "name", "code", "root", "currency", "languages", "zone", "presence", "release", "evidence")


class _Reading:
    def __init__(self, files: Mapping[str, bytes], folder: str) -> None:
        self._files = files
        self._folder = folder
        self._yaml: dict[str, Lined | None] = {}
        self.problems: list[Problem] = []

    def root(self) -> dict[str, Any]:
        lined = self._lined("city.yaml")
        if lined is None:
            return {}
        data = lined.data if isinstance(lined.data, dict) else {}
        for name in set(data) - set(_ROOT):
            self._bad(lined, (name,), "is not a field of city.yaml")
        stated = {"evidence": (), **{name: value for name, value in data.items() if name in _ROOT}}
        empty = {name: {} for name in ("places", "industries", "variables", "indicators", "targets", "sources")}
        whole = self._built(City, {**stated, **empty, "precedence": ()}, lined, ())
        return {name: getattr(whole, name) for name in _ROOT} if whole else {}

    def keyed(self, file: str, kind: type[D], name: str, below: str = "") -> dict[str, D]:
        lined = self._lined(file)
        data, path = self._section(lined, below)
        if lined is None or data is None:
            return {}
        if not isinstance(data, dict):
            self._bad(lined, path, "must map ids to definitions")
            return {}
        found = {}
        for key, fields in data.items():
            if not isinstance(fields, dict):
                self._bad(lined, (*path, key), "must be a mapping of fields")
                continue
            built = self._built(kind, {name: key, **fields}, lined, (*path, key))
            if built is not None:
                found[key] = built
        return found

    def listed(self, file: str, kind: type[D], below: str) -> tuple[D, ...]:
        lined = self._lined(file)
        data, path = self._section(lined, below)
        if lined is None or data is None:
            return ()
        if not isinstance(data, list):
            self._bad(lined, path, "must be a list")
            return ()
        built = (self._built(kind, item, lined, (*path, number)) for number, item in enumerate(data))
        return tuple(each for each in built if each is not None)

    def places(self) -> dict[str, Place]:
        found: dict[str, Place] = {}
        for row, cells in self._rows("places.csv", PLACE_COLUMNS):
            fields = {
                "key": cells["key"],
                "name": {"zh": cells["name_zh"], "en": cells["name_en"]},
                "aliases": [alias for alias in cells["aliases"].split("|") if alias],
                "latitude": cells["latitude"] or None,
                "longitude": cells["longitude"] or None,
                **{name: cells[name] for name in ("kind", "parent", "code", "outline", "source", "note")},
            }
            lined = Lined("places.csv", fields, {(): row})
            place = self._built(Place, fields, lined, ())
            if place is not None:
                if place.key in found:
                    self._bad(lined, (), f"the key {place.key} stands twice")
                found[place.key] = place
        return found

    def classification(self) -> dict[str, str]:
        if "classification.csv" not in self._files:
            return {}
        return {cells["code"]: cells["name"] for _row, cells in self._rows("classification.csv", ("code", "name"))}

    def _rows(self, file: str, columns: tuple[str, ...]) -> Iterable[tuple[int, dict[str, str]]]:
        content = self._content(file)
        if content is None:
            return []
        try:
            reader = csv.DictReader(io.StringIO(text_of(file, content), newline=""), strict=True)
            if tuple(reader.fieldnames or ())[: len(columns)] != columns:
                values = {"columns": ",".join(columns)}
                found = ",".join(reader.fieldnames or ())
                self.problems.append(Problem(BAD_COLUMNS, Where(file, row=1), found, values))
                return []
            rows = []
            for cells in reader:
                if None in cells or None in cells.values():
                    self._bad(Lined(file, None, {(): reader.line_num}), (), "has more or fewer cells than the header")
                else:
                    rows.append((reader.line_num, cells))
            return rows
        except (csv.Error, Refused) as error:
            self._note(error, file)
            return []

    def _lined(self, file: str) -> Lined | None:
        if file not in self._yaml:
            content = self._content(file)
            self._yaml[file] = None if content is None else self._attempt(lambda: read_yaml(file, content))
        return self._yaml[file]

    def _content(self, file: str) -> bytes | None:
        if file not in self._files:
            self.problems.append(Problem(MISSING_FILE, Where(self._folder or file), file))
            return None
        return self._files[file]

    def _attempt(self, read: Callable[[], Lined]) -> Lined | None:
        try:
            return read()
        except Refused as refused:
            self.problems += refused.problems
            return None

    def _section(self, lined: Lined | None, below: str) -> tuple[Any, tuple[str, ...]]:
        if lined is None or lined.data is None:
            return None, ()
        if not below:
            return lined.data, ()
        if not isinstance(lined.data, dict) or below not in lined.data:
            self._bad(lined, (), f"{below} is missing")
            return None, ()
        return lined.data[below], (below,)

    def _built(self, kind: type[D], data: Any, lined: Lined, path: tuple[str | int, ...]) -> D | None:
        try:
            return kind.model_validate(data)
        except ValidationError as error:
            for each in error.errors():
                self._bad(lined, (*path, *each["loc"]), each["msg"], ".".join(str(part) for part in each["loc"]))
            return None

    def _bad(self, lined: Lined, path: tuple[str | int, ...], why: str, field: str = "") -> None:
        where = lined.where(path)
        values = {"field": field or where.column or lined.file, "why": why}
        self.problems.append(Problem(BAD_FIELD, where, "", values))

    def _note(self, error: Exception, file: str) -> None:
        if isinstance(error, Refused):
            self.problems += error.problems
        else:
            self.problems.append(Problem(BAD_FIELD, Where(file, row=1), "", {"field": file, "why": str(error)}))
