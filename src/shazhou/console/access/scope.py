"""Whether a scope names places and enterprises that exist: a mistyped one would silently reach nothing."""

from __future__ import annotations

from collections.abc import Sequence

from shazhou.city.problem import Problem, Refused, Rule, Where
from shazhou.console.evidence import current
from shazhou.console.evidence.known import unknown_enterprises

UNKNOWN_PLACE = Rule(
    "unknown-place",
    "The city has no place {found}.",
    "本市没有编码为 {found} 的地方。",
    "Use a key from places.csv of the city folder.",
    "请使用城市文件夹 places.csv 中的编码。",
)
UNKNOWN_ENTERPRISE = Rule(
    "unknown-enterprise",
    "The ledger knows no enterprise {found}.",
    "账本中没有编号为 {found} 的企业。",
    "Use an id from the register of enterprises, such as enterprise:….",
    "请使用企业名录中的编号，例如 enterprise:…。",
)


def refuse_unknown(places: Sequence[str], enterprises: Sequence[str]) -> None:
    """Nothing, where all of them exist.

    Raises:
        Refused: a place is not in the city, or the ledger knows nothing of an enterprise.
    """
    city = current.city_or_none()
    known = set(city.places) if city is not None else set()
    problems = [Problem(UNKNOWN_PLACE, Where(), each) for each in places if each not in known]
    problems += [Problem(UNKNOWN_ENTERPRISE, Where(), each) for each in unknown_enterprises(enterprises)]
    if problems:
        raise Refused(problems)
