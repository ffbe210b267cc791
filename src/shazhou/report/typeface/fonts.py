"""The typeface of the report: Noto Sans SC, which comes with the set-up, so that every machine prints the same report.

Fonts of the machine are never used.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import justmytype_intl_cjk
import typst
from fontTools.ttLib import TTFont

FAMILY = "Noto Sans SC"
_FOLDER = Path(justmytype_intl_cjk.__file__).parent / "fonts" / "ofl" / "notosanssc"


def font_file() -> Path:
    """The font file (TrueType, variable in weight)."""
    return next(_FOLDER.glob("*.ttf"))


@cache
def characters() -> frozenset[int]:
    """The code points that the typeface can print."""
    with TTFont(font_file(), lazy=True) as font:
        return frozenset(font.getBestCmap())


@cache
def typesetter_fonts() -> typst.Fonts:
    """The typeface as typst takes it, and no other."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[_FOLDER])
