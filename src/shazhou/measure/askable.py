"""What can be asked for: cells of indicators, places, industries, periods and kinds that there are."""

from __future__ import annotations

from collections.abc import Iterable

from shazhou.city.model import City
from shazhou.city.period import BAD_PERIOD, Period
from shazhou.city.problem import Problem, Refused, Rule, Where
from shazhou.measure.figure import Cell

UNKNOWN_INDICATOR = Rule(
    "unknown-indicator",
    "There is no indicator {found}.",
    "没有名为 {found} 的指标。",
    "Define it in indicators.yaml, or see `shazhou tabulate --list` for what there is.",
    "请在 indicators.yaml 中定义，或用 shazhou tabulate --list 查看现有指标。",
)
UNKNOWN_PLACE = Rule(
    "unknown-place",
    "There is no place {found}.",
    "没有编号为 {found} 的地方。",
    "Use a key of places.csv, or a whole entity id such as enterprise:e….",
    "请使用 places.csv 中的编号，或完整的主体编号（如 enterprise:e…）。",
)
UNKNOWN_INDUSTRY = Rule(
    "unknown-industry",
    "There is no industry {found}.",
    "没有名为 {found} 的行业。",
    "Use a key of industries.yaml.",
    "请使用 industries.yaml 中的编号。",
)
BAD_KIND = Rule(
    "unknown-kind",
    "{found} is no kind of value.",
    "{found} 不是有效的数值类别。",
    "Use actual, target or forecast.",
    "请使用 actual（实际）、target（目标）或 forecast（预计）。",
)
FIRST_YEAR, LAST_YEAR = 1000, 9000
"""Years that can be asked for: growth and spells reach beyond a period on both sides."""


def refuse_unknown(cells: Iterable[Cell], city: City) -> None:
    """Nothing, where all that is asked for exists.

    Raises:
        Refused: something does not; every such thing is told once.
    """
    problems: dict[tuple[str, str], Problem] = {}
    for cell in cells:
        for rule, found, fine in (
            (UNKNOWN_INDICATOR, cell.indicator, cell.indicator in city.indicators),
            (UNKNOWN_PLACE, cell.place, _is_entity(cell.place, city)),
            (UNKNOWN_INDUSTRY, cell.industry, not cell.industry or cell.industry in city.industries),
            (BAD_PERIOD, cell.period, _is_period(cell.period)),
            (BAD_KIND, cell.kind, cell.kind in ("", "actual", "target", "forecast")),
        ):
            if not fine:
                problems[rule.id, found] = Problem(rule, Where("", column=rule.id.split("-")[-1]), found)
    if problems:
        raise Refused(problems.values())


def _is_entity(place: str, city: City) -> bool:
    return place.removeprefix("place:") in city.places or ":" in place.removeprefix("place:")


def _is_period(text: str) -> bool:
    try:
        period = Period.parse(text)
    except ValueError:
        return False
    return period.start.year >= FIRST_YEAR and period.end.year <= LAST_YEAR
