"""What is asked of the machine side in words: a month, a day, a level, a town, an industry. What is none of these is
refused, never taken for another: whoever mistypes a month must not read the figures of the present one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from shazhou.city.problem import Problem, Refused, Rule, Where
from shazhou.telemetry.presence.level import LEVELS
from shazhou.telemetry.wall.month import MONTH

NO_MONTH = Rule(
    "no-such-month",
    "{found} is no month.",
    "{found} 不是有效的月份。",
    "Write 2026-11, of the year 2000 or later.",
    "请写成 2026-11，不早于 2000 年。",
)
NO_DAY = Rule(
    "no-such-day",
    "{found} is no day.",
    "{found} 不是有效的日期。",
    "Write 2026-11-26, of the year 2000 or later.",
    "请写成 2026-11-26，不早于 2000 年。",
)
NOT_BEGUN = Rule(
    "day-not-begun",
    "The day {found} has not begun.",
    "{found} 尚未到来。",
    "Choose a day up to {today}.",
    "请选择 {today} 或更早的日期。",
)
NO_LEVEL = Rule(
    "no-such-level",
    "{found} is no level.",
    "{found} 不是有效的等级。",
    "Write a number from 0 to {highest}.",
    "请写 0 至 {highest} 的整数。",
)
NO_TOWN = Rule(
    "no-such-town",
    "The city has no place {found}.",
    "本市没有名为 {found} 的区镇。",
    "Use the key or a name of a place, as the city's definitions list them.",
    "请使用城市定义中所列区镇的键或名称。",
)
NO_INDUSTRY = Rule(
    "no-such-industry",
    "The city has no industry {found}.",
    "本市没有名为 {found} 的产业。",
    "Use the key or a name of an industry, as the city's definitions list them.",
    "请使用城市定义中所列产业的键或名称。",
)


def month_asked(given: str, option: str = "") -> str:
    """A month as it was written; ``option``: where it was asked.

    Raises:
        Refused: it is none.
    """
    if not MONTH.fullmatch(given):
        raise _refused(NO_MONTH, given, option)
    return given


def day_asked(given: str, option: str = "", today: date | None = None) -> date:
    """The day that was written; up to ``today`` where that is given.

    Raises:
        Refused: it is none, lies before 2000 or has not begun.
    """
    try:
        found = date.fromisoformat(given)
    except ValueError:
        raise _refused(NO_DAY, given, option) from None
    if found.year < 2000:
        raise _refused(NO_DAY, given, option)
    if today is not None and found > today:
        raise _refused(NOT_BEGUN, given, option, today=str(today))
    return found


def level_asked(given: str, option: str = "") -> int:
    """The level that was written.

    Raises:
        Refused: it is none.
    """
    if given not in {str(each) for each in range(len(LEVELS))}:
        raise _refused(NO_LEVEL, given, option, highest=str(len(LEVELS) - 1))
    return int(given)


def key_asked(given: str, known: Mapping[str, Any], rule: Rule, option: str = "") -> str:
    """The key that a key or a name in either language stands for.

    Raises:
        Refused: nothing that is known has it; by ``rule``.
    """
    found = next((key for key, each in known.items() if given in (key, each.name.zh, each.name.en)), None)
    if found is None:
        raise _refused(rule, given, option)
    return found


def _refused(rule: Rule, given: str, option: str, **values: str) -> Refused:
    return Refused([Problem(rule, Where(column=option), given, values)])
