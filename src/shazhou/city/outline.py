"""Outlines of places: GeoJSON or TopoJSON files of the city folder, plain or gzipped, in which a feature has a code.

A place names its outline as ``outlines/FILE#CODE``. The code is the feature's ``id``, or its property ``id``,
``adcode`` or ``code``. A place without an outline is shown as a symbol at its seat; no border is ever invented.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Iterator
from typing import Any

from shazhou.city.problem import Problem, Rule
from shazhou.city.reading import Reading

MISSING_OUTLINE = Rule(
    "missing-outline",
    "The outline {found} is not in the city folder.",
    "城市文件夹中没有轮廓 {found}。",
    "Add the file with a feature of that code, or leave the column empty: no border is invented.",
    "请补上含该代码要素的文件，或将该列留空；不得虚构边界。",
)
BAD_OUTLINE = Rule(
    "outline-unreadable",
    "The outline file {file} cannot be read: {found}.",
    "轮廓文件 {file} 无法读取：{found}。",
    "Use GeoJSON or TopoJSON, plain or gzipped (.gz).",
    "请使用 GeoJSON 或 TopoJSON，可用 gzip 压缩（.gz）。",
)

NO_OUTLINES = Rule(
    "no-outlines",
    "The outline file {found} has no feature with a code.",
    "轮廓文件 {found} 中没有带代码的要素。",
    "A map needs features with an id, adcode or code.",
    "地图所用文件的要素须带 id、adcode 或 code。",
)

LARGEST = 1 << 26
"""Bytes of an outline file when unpacked, at most."""

_CODES = ("id", "adcode", "code")


def missing_outlines(reading: Reading) -> Iterator[Problem]:
    """Every outline that a place or a map names and no file holds."""
    codes: dict[str, frozenset[str] | str] = {}
    yield from _missing_maps(reading, codes)
    for key, place in reading.places.items():
        if not place.outline:
            continue
        file, _, code = place.outline.partition("#")
        if file in reading.files and file not in codes:
            codes[file] = _attempt(file, reading.files[file])
        found = codes.get(file, frozenset())
        where = reading.where("places.csv", (key, "outline"))
        if isinstance(found, str):
            yield Problem(BAD_OUTLINE, where, found, {"file": file})
        elif code not in found:
            yield Problem(MISSING_OUTLINE, where, place.outline)


def _missing_maps(reading: Reading, codes: dict[str, frozenset[str] | str]) -> Iterator[Problem]:
    for number, shown in enumerate(reading.root.maps if reading.root else ()):
        where = reading.where("city.yaml", ("maps", number, "file"))
        if shown.file not in reading.files:
            yield Problem(MISSING_OUTLINE, where, shown.file)
            continue
        found = codes.setdefault(shown.file, _attempt(shown.file, reading.files[shown.file]))
        if isinstance(found, str):
            yield Problem(BAD_OUTLINE, where, found, {"file": shown.file})
        elif not found:
            yield Problem(NO_OUTLINES, where, shown.file)


def feature_codes(file: str, content: bytes) -> frozenset[str]:
    """The codes of the features in an outline file.

    Raises:
        ValueError: it is no GeoJSON or TopoJSON.
    """
    data = json.loads(_unpacked(content) if file.endswith(".gz") else content)
    if not isinstance(data, dict):
        raise ValueError("no object")
    if data.get("type") == "Topology" and isinstance(data.get("objects"), dict):
        layers = data["objects"].values()
        return frozenset(
            _codes(each for layer in layers if isinstance(layer, dict) for each in _list(layer, "geometries"))
        )
    if data.get("type") == "FeatureCollection":
        return frozenset(_codes(_list(data, "features")))
    raise ValueError("neither GeoJSON nor TopoJSON")


def _codes(features: Iterable[Any]) -> Iterator[str]:
    for feature in features:
        if isinstance(feature, dict):
            properties = feature.get("properties")
            stated = [feature.get("id"), *(properties.get(name) for name in _CODES if isinstance(properties, dict))]
            yield from (str(code) for code in stated if isinstance(code, (str, int)))


def _list(data: dict[str, Any], name: str) -> list[Any]:
    found = data.get(name)
    return found if isinstance(found, list) else []


def _unpacked(content: bytes) -> bytes:
    opened = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    unpacked = opened.decompress(content, LARGEST)
    if opened.unconsumed_tail or not opened.eof:
        raise ValueError("too large or cut off")
    return unpacked


def _attempt(file: str, content: bytes) -> frozenset[str] | str:
    try:
        return feature_codes(file, content)
    except RecursionError:
        return "nested too deeply"
    except (ValueError, zlib.error) as error:
        return str(error).splitlines()[0]
