from __future__ import annotations

import gzip
import json

import pytest

from shazhou.city.outline import LARGEST, feature_codes

GEOJSON = {
    "type": "FeatureCollection",
    "features": [
        {"type": "Feature", "properties": {"adcode": "320582", "name": "x"}, "geometry": None},
        {"type": "Feature", "id": 320583, "properties": None, "geometry": None},
    ],
}
TOPOJSON = {
    "type": "Topology",
    "objects": {"counties": {"geometries": [{"id": "01001"}]}, "states": {"geometries": [{"id": "01"}]}},
}


@pytest.mark.parametrize(("data", "codes"), [(GEOJSON, {"320582", "320583"}), (TOPOJSON, {"01001", "01"})])
def test_features_are_known_by_their_codes(data: object, codes: set[str]) -> None:
    content = json.dumps(data).encode()
    assert feature_codes("a.json", content) == codes
    assert feature_codes("a.json.gz", gzip.compress(content)) == codes


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"type": "Point"}', b"\xff", b"{" * 10, b"1" * 5000])
def test_what_is_no_outline_file_is_a_value_error(content: bytes) -> None:
    with pytest.raises(ValueError):
        feature_codes("a.geojson", content)


def test_a_compressed_file_that_grows_without_end_is_refused() -> None:
    with pytest.raises(ValueError, match="too large"):
        feature_codes("a.geojson.gz", gzip.compress(b" " * (LARGEST + 1)))
