"""Quoting: how a figure is printed, to its last digit.

A printed unit is the figure's unit moved by a power of ten, so no digit is lost and none is added. Zeros behind the
decimal point that are there only because other values of the indicator need the places are left out (10.0000 is 10);
percentages keep one decimal, as bureaus print them (8.0%). English groups thousands with commas, Chinese does not.
"""

from __future__ import annotations

from decimal import Decimal

from shazhou.city.model import City
from shazhou.city.unit import UNITS
from shazhou.measure.figure import Figure
from shazhou.report.document import Quote
from shazhou.report.words.marking import marks_of, qualifier_word
from shazhou.report.words.units import printed


def quote(figure: Figure, city: City, language: str, number: int, revised: bool = False) -> Quote:
    """A figure as quoted in a language.

    Args:
        figure: a figure that has a value.
        city: its definitions.
        language: ``zh`` or ``en``.
        number: its place in the trail appendix.
        revised: it states growth of a level whose base was revised in between.
    """
    assert figure.value is not None
    shown = printed(figure.unit, language)
    digits = _printed_value(figure, shown.shift)
    exponent = -2 if figure.unit == "percent" else UNITS[figure.unit].factor.adjusted()
    marks = marks_of(figure, city, revised)
    return Quote(
        figure=figure,
        number=number,
        digits=f"{digits:,f}" if language == "en" else f"{digits:f}",
        negative=figure.value < 0,
        scale=exponent - shown.shift,
        accuracy=_places(digits) - (exponent - shown.shift),
        before=qualifier_word(figure, language),
        unit=shown.text,
        marks=tuple(mark.word(language) for mark in marks),
        brief=tuple(mark.word(language, tabular=True) for mark in marks),
    )


def _printed_value(figure: Figure, shift: int) -> Decimal:
    """The absolute value in the printed unit with the decimals that say something."""
    assert figure.value is not None
    moved = abs(figure.value).scaleb(shift)
    least = min(figure.decimals, 1) if figure.unit == "percent" else 0
    return moved.quantize(Decimal(1).scaleb(-max(_places(moved.normalize()), least)))


def _places(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    assert isinstance(exponent, int)
    return max(-exponent, 0)
