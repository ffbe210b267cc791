"""A city folder: its files, the `City` they define, and the archive in which the ledger keeps them.

    cities/zhangjiagang/
      city.yaml              id, name, code, root place, currency, languages, zone, rules, evidence in order
      places.csv             key,name_zh,name_en,kind,parent,code,aliases,latitude,longitude,outline,source,note
      industries.yaml        key: {name, group, part_of, codes, stages, aliases, note}
      variables.yaml         id: {name, measure, unit, type, of, frequency, minimum, maximum, growth_of, …}
      indicators.yaml        id: {name, formula, unit, decimals, section, door, …}
      targets.yaml           id: {name, indicator, place, value, unit, direction, period, source, …}
      sources.yaml           precedence: [{id, name}, …] strongest first; sources: {id: {title, rank, …}, …}
      collections.yaml       id: {name, of, reporters, variables, frequency, deadline, lock, steps, …}; optional
      classification.csv     code,name,parent,level: the industry classification, for checking codes
      mappings/*.yaml        how documents' columns become observations (see shazhou.intake.mapping)
      report/                templates of the work report (see shazhou.report.template.markdown)
      outlines/              outlines of places: GeoJSON or TopoJSON, plain or gzipped
      evidence/              first documents to load; not part of the definitions

The fields of each definition are those of its class in `shazhou.city.model` (of a collection in
`shazhou.city.collection`). All names are bilingual: ``{zh: …, en: …}``. Aliases in places.csv are separated by ``|``;
an outline is ``outlines/FILE#CODE``, where CODE is that of the feature.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from shazhou.city.model import City
from shazhou.city.problem import Problem, Refused, Rule, Where
from shazhou.city.reading import PLACE_COLUMNS, Reading, version_of

__all__ = ["PLACE_COLUMNS", "pack", "parse_city", "read_city", "read_files", "unpack", "version_of"]

NOT_A_FOLDER = Rule(
    "no-city-folder",
    "{found} is not a folder.",
    "{found} 不是文件夹。",
    "Point --city to a city folder such as cities/zhangjiagang.",
    "请用 --city 指定城市文件夹，如 cities/zhangjiagang。",
)
UNREADABLE_FILE = Rule(
    "file-unreadable",
    "The file cannot be read: {found}.",
    "文件无法读取：{found}。",
    "Check its name and permissions; names must be UTF-8.",
    "请检查文件名与权限；文件名须为 UTF-8。",
)
BAD_ARCHIVE = Rule(
    "definitions-archive",
    "The archived definitions cannot be read: {found}.",
    "存档的定义无法读取：{found}。",
    "Run shazhou verify; the document may be damaged.",
    "请运行 shazhou verify，文件可能已损坏。",
)

_UNIX = 3

CITIES_KEPT = 4
"""Every new head of a ledger asks for its city, which is nearly always one of the last that were read."""


def read_files(folder: Path) -> dict[str, bytes]:
    """The files of a city folder that define it: all but ``evidence/`` and hidden ones, by relative name, sorted.

    Raises:
        Refused: the folder does not exist, or files in it cannot be read.
    """
    if not folder.is_dir():
        raise Refused([Problem(NOT_A_FOLDER, Where(str(folder)), str(folder))])
    found, problems = {}, []
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        if parts[0] == "evidence" or any(part.startswith(".") for part in parts) or not path.is_file():
            continue
        name = "/".join(parts)
        try:
            name.encode()
            found[name] = path.read_bytes()
        except (OSError, UnicodeEncodeError) as error:
            shown = name.encode(errors="replace").decode()
            problems.append(Problem(UNREADABLE_FILE, Where(shown), getattr(error, "strerror", "") or "name"))
    if problems:
        raise Refused(problems)
    return found


def read_city(folder: Path) -> City:
    """The city that a folder defines; Refused with every problem."""
    return parse_city(read_files(folder), str(folder))


def parse_city(files: Mapping[str, bytes], name: str = "") -> City:
    """The city that these files define; Refused with every problem in every file."""
    return _parsed(tuple(sorted(files.items())), name)


@lru_cache(maxsize=CITIES_KEPT)
def _parsed(files: tuple[tuple[str, bytes], ...], name: str) -> City:
    return Reading(dict(files), name).city()


def pack(files: Mapping[str, bytes]) -> bytes:
    """The files as one archive, the same bytes for the same files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name)
            entry.create_system = _UNIX
            archive.writestr(entry, files[name])
    return buffer.getvalue()


def unpack(archive: bytes) -> dict[str, bytes]:
    """The files of an archive made by `pack`."""
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            return {name: opened.read(name) for name in opened.namelist()}
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, ValueError, KeyError) as error:
        raise Refused([Problem(BAD_ARCHIVE, Where(), str(error))]) from None
