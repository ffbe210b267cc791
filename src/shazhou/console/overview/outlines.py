"""The outlines of a map, as the browser draws them: GeoJSON whose features are named by their codes.

Coordinates are moved to a grid that is finer than a screen, and points that fall together are left out. A border that
two places share goes through the same points in both, so it stays one border.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from math import ceil, cos, log10, radians
from typing import Any, NamedTuple

from shazhou.city.model import Map

GRID = 1000
"""Steps of the grid along the longer side of a map."""

CODES = ("id", "adcode", "code")
"""Where a feature has its code, as in `shazhou.city.outline`."""

Point = Sequence[float]
Ring = list[list[float]]


class Feature(NamedTuple):
    """A place as an outline file has it: its code, the name it has there, and its polygons (rings of points)."""

    code: str
    name: str
    polygons: list[list[Ring]]


class Drawn(NamedTuple):
    """The outlines of a map: the GeoJSON, the names of its features by code, and how much narrower a degree of
    longitude is than one of latitude."""

    geojson: bytes
    names: dict[str, str]
    aspect: float


@lru_cache(maxsize=16)
def drawn(content: bytes, shown: Map) -> Drawn:
    """The outlines of a map from the content of its file."""
    found = [feature for feature in _features(content, shown) if feature.code]
    longitudes = [point[0] for feature in found for point in _points(feature)]
    latitudes = [point[1] for feature in found for point in _points(feature)]
    step = max(max(longitudes) - min(longitudes), max(latitudes) - min(latitudes)) / GRID or 1
    collection = {"type": "FeatureCollection", "features": [_thinned(feature, step) for feature in found]}
    aspect = round(cos(radians((min(latitudes) + max(latitudes)) / 2)), 3)
    text = json.dumps(collection, ensure_ascii=False, separators=(",", ":"))
    return Drawn(text.encode(), {feature.code: feature.name for feature in found}, aspect)


def _features(content: bytes, shown: Map) -> Iterator[Feature]:
    data = json.loads(gzip.decompress(content) if shown.file.endswith(".gz") else content)
    if data["type"] == "Topology":
        arcs = list(_arcs(data))
        for name, layer in data["objects"].items():
            for each in layer["geometries"] if shown.layer in ("", name) else ():
                yield _feature(each, _stitched(each, arcs))
    else:
        for each in data["features"]:
            yield _feature(each, _polygons(each["geometry"]["type"], each["geometry"]["coordinates"]))


def _feature(stated: dict[str, Any], polygons: list[list[Ring]]) -> Feature:
    properties = stated.get("properties") or {}
    codes = [stated.get("id"), *(properties.get(name) for name in CODES)]
    code = next((str(each) for each in codes if isinstance(each, str | int)), "")
    return Feature(code, str(properties.get("name") or code), polygons)


def _polygons(kind: str, coordinates: Any) -> list[list[Any]]:
    found: dict[str, list[list[Any]]] = {"Polygon": [coordinates], "MultiPolygon": coordinates}
    return found.get(kind, [])


def _arcs(topology: dict[str, Any]) -> Iterator[Ring]:
    transform = topology.get("transform")
    for arc in topology["arcs"]:
        if transform is None:
            yield [list(point[:2]) for point in arc]
            continue
        (wide, high), (left, low) = transform["scale"], transform["translate"]
        x = y = 0
        line = []
        for right, up, *_ in arc:
            x, y = x + right, y + up
            line.append([x * wide + left, y * high + low])
        yield line


def _stitched(geometry: dict[str, Any], arcs: Sequence[Ring]) -> list[list[Ring]]:
    def ring(numbers: Iterable[int]) -> Ring:
        points: Ring = []
        for number in numbers:
            arc = arcs[number] if number >= 0 else arcs[~number][::-1]
            points += arc[1:] if points else arc
        return points

    return [[ring(each) for each in polygon] for polygon in _polygons(geometry["type"], geometry.get("arcs"))]


def _points(feature: Feature) -> Iterator[Point]:
    return (point for polygon in feature.polygons for ring in polygon for point in ring)


def _thinned(feature: Feature, step: float) -> dict[str, Any]:
    polygons = [[ring for ring in (_on_grid(each, step) for each in polygon) if ring] for polygon in feature.polygons]
    geometry = {"type": "MultiPolygon", "coordinates": [polygon for polygon in polygons if polygon]}
    return {"type": "Feature", "properties": {"name": feature.code}, "geometry": geometry}


def _on_grid(ring: Iterable[Point], step: float) -> Ring:
    points: Ring = []
    decimals = ceil(-log10(step))
    for longitude, latitude, *_ in ring:
        point = [round(round(each / step) * step, decimals) for each in (longitude, latitude)]
        if not points or point != points[-1]:
            points.append(point)
    return points if len(points) >= 4 else []
