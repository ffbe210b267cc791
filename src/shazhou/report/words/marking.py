"""Marks: the words that a figure's status, origin and base force on every place where it is printed.

A figure that is a forecast, provisional, estimated, simulated, recorded, disputed or on a revised base never stands
there as if it were plain fact. Growth says its price basis. The words are data here; the writers add them,
`shazhou.report.checks.marked` reads them back from the finished report.
"""

from __future__ import annotations

from dataclasses import dataclass

from shazhou.city.model import City
from shazhou.measure.figure import Figure
from shazhou.report.words.growth import growth_of


@dataclass(frozen=True)
class Mark:
    """A mark's words in running text and, shorter, in tables."""

    id: str
    zh: str
    en: str
    brief_zh: str
    brief_en: str

    def word(self, language: str, tabular: bool = False) -> str:
        if language == "zh":
            return self.brief_zh if tabular else self.zh
        return self.brief_en if tabular else self.en


FORECAST = Mark("forecast", "预计数", "expected", "预计", "exp.")
PROVISIONAL = Mark("provisional", "初步核算数", "preliminary", "初步", "prel.")
ESTIMATED = Mark("estimated", "估算数", "estimated", "估算", "est.")
SIMULATED = Mark("simulated", "模拟数据", "simulated", "模拟", "sim.")
RECORDED = Mark("recorded", "回放数据", "recorded", "回放", "rec.")
DISPUTED = Mark("disputed", "来源不一", "sources differ", "存异", "disp.")
TARGET = Mark("target", "目标", "target", "目标", "target")
REVISED = Mark("revised", "口径调整", "revised base", "调整", "rev.")
COMPARABLE = Mark("comparable", "按可比价", "at comparable prices", "可比", "comp.")
NOMINAL = Mark("nominal", "按现价", "nominal", "现价", "nom.")

MARKS = (FORECAST, PROVISIONAL, ESTIMATED, SIMULATED, RECORDED, DISPUTED, TARGET, REVISED, COMPARABLE, NOMINAL)
_STATUS = {"forecast": FORECAST, "provisional": PROVISIONAL, "estimated": ESTIMATED}
_QUALIFIERS = {
    "zh": {">": "超", ">=": "不少于", "<": "不足", "<=": "不超过", "≈": "约"},
    "en": {">": "over ", ">=": "at least ", "<": "under ", "<=": "at most ", "≈": "about "},
}


def marks_of(figure: Figure, city: City, revised: bool = False) -> tuple[Mark, ...]:
    """Every mark that the figure must carry, in the order printed. ``revised``: it states growth of a level whose
    base was revised in between, which the statement itself does not say."""
    found = []
    growth = growth_of(city, figure.indicator)
    if growth is not None and growth.basis == "comparable":
        found.append(COMPARABLE)
    elif figure.break_in_series or revised:
        found.append(REVISED)
    elif growth is not None and growth.basis:
        found.append(NOMINAL)
    if figure.kind == "target":
        found.append(TARGET)
    if figure.kind == "forecast" or figure.status == "forecast":
        found.append(FORECAST)
    elif figure.status in _STATUS:
        found.append(_STATUS[figure.status])
    found += [mark for mark, holds in _origin(figure) if holds]
    return tuple(found)


def qualifier_word(figure: Figure, language: str) -> str:
    """The word before the number ("over")."""
    return _QUALIFIERS[language].get(figure.qualifier, "")


def _origin(figure: Figure) -> tuple[tuple[Mark, bool], ...]:
    return (SIMULATED, figure.simulated), (RECORDED, figure.recorded), (DISPUTED, figure.disputed)
