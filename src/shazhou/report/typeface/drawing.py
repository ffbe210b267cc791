"""Drawings (SVG) as the typesetter takes them, and as pictures (PNG) for programs that cannot draw SVG."""

from __future__ import annotations

import json
from collections.abc import Sequence

import typst
from lxml import etree

from shazhou.report.typeface.fonts import typesetter_fonts

WIDTH_CM = 16
"""Width of a picture on paper."""
RESOLUTION = 220
"""Dots per inch of a picture at that width."""

_TEXT = "{http://www.w3.org/2000/svg}text"
_PAGES = """#set page(width: auto, height: auto, margin: 0pt)
#for (at, each) in json(bytes(sys.inputs.drawings)).enumerate() {
  if at > 0 { pagebreak() }
  image(bytes(each), format: "svg", width: WIDTHcm)
}"""


def drawn_texts(svg: str) -> list[str]:
    """The texts that a drawing prints."""
    return ["".join(element.itertext()) for element in _read(svg).iter(_TEXT)]


def of_regular_weight(svg: str) -> str:
    """A drawing whose texts without a weight are of regular weight.

    The typesetter draws such texts in the variable typeface's lightest weight, which is hard to read.
    """
    root = _read(svg)
    texts = [element for element in root.iter(_TEXT) if not _weighted(element)]
    for element in texts:
        element.set("font-variation-settings", '"wght" 400')
    return etree.tostring(root, encoding="unicode") if texts else svg


def pictures(drawings: Sequence[str]) -> list[bytes]:
    """Drawings as PNG, as wide as the text, on white, in the order given."""
    if not drawings:
        return []
    drawn = typst.compile(
        _PAGES.replace("WIDTH", str(WIDTH_CM)).encode(),
        font_paths=typesetter_fonts(),
        ignore_system_fonts=True,
        format="png",
        ppi=RESOLUTION,
        sys_inputs={"drawings": json.dumps([of_regular_weight(each) for each in drawings])},
    )
    return [drawn] if isinstance(drawn, bytes) else list(drawn or ())


def _read(svg: str) -> etree._Element:
    return etree.fromstring(svg.encode(), etree.XMLParser(resolve_entities=False, no_network=True))


def _weighted(element: etree._Element) -> bool:
    chain = [element, *element.iterancestors()]
    return any(each.get("font-weight") or "font" in (each.get("style") or "") for each in chain)
