"""The report's typeface for drawings: in regular weight and with only the characters needed, as what draws the charts
can neither choose a weight of a variable font nor read a large one quickly."""

from __future__ import annotations

import string
import tempfile
from functools import lru_cache
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

from shazhou.report.typeface.fonts import font_file

WEIGHT = 400
_ALWAYS = frozenset(string.ascii_letters + string.digits + " .,%-−—–()（）/")
"""What every drawing may print; by l and p the height of a line is measured."""
_UNNEEDED = ("GSUB", "GPOS", "GDEF", "BASE", "VORG", "HVAR", "VVAR", "vhea", "vmtx")


class Typeface:
    """A font file that is there as long as this object."""

    def __init__(self, characters: frozenset[str]) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="shazhou-")
        self.file = Path(self._folder.name) / "chart.ttf"
        _regular(characters).save(self.file)


def typeface(texts: str) -> Typeface:
    """A typeface with the characters of these texts."""
    return _made(_ALWAYS | frozenset(texts) - {"\n"})


@lru_cache(maxsize=8)
def _made(characters: frozenset[str]) -> Typeface:
    return Typeface(characters)


def _regular(characters: frozenset[str]) -> TTFont:
    font = TTFont(font_file(), lazy=True)
    for table in _UNNEEDED:
        if table in font:
            del font[table]
    subsetter = subset.Subsetter(subset.Options(layout_features=[], hinting=False, notdef_outline=True))
    subsetter.populate(unicodes=[ord(character) for character in characters])
    subsetter.subset(font)
    instancer.instantiateVariableFont(font, {"wght": WEIGHT}, inplace=True)
    return font
