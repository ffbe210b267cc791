"""A choice of figures, as an address holds it: what is asked, and what of it can be answered.

    ?indicator=gdp&indicator=output&place=320582&industry=textiles&from=2015&to=2024&frequency=A&kind=actual&chart=line

Everything but an indicator may be left out: the place is then the city, the industry all of them, the time what the
evidence speaks of. ``pin`` holds further choices, each an address of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from django.http import QueryDict

from shazhou.city.model import City
from shazhou.city.period import Period
from shazhou.city.problem import Problem, Refused, Rule, Where

MOST_CELLS = 5000
"""Figures that are shown or taken away at once, pins included."""

MOST_PINS = 6

FREQUENCIES = ("A", "Q", "M", "D", "R")
"""Years, quarters, months, days, and periods as they are stated."""

CHARTS = ("", "line", "bar")
KINDS = ("", "actual", "target", "forecast")
FIRST_YEAR, LAST_YEAR = 1900, 2200

WHOLE = "-"
"""Stands for all industries together where single ones are chosen too."""

UNKNOWN = Rule(
    "choice-unknown",
    "There is no {what_en} {found}.",
    "没有这个{what_zh}：{found}。",
    "Choose from the lists.",
    "请从列表中选择。",
)
BAD_TIME = Rule(
    "choice-period",
    "{found} is no period between {first} and {last}.",
    "{found} 不是 {first} 年至 {last} 年之间的时期。",
    "Write 2021, 2021-Q1, 2021-03 or 2021-03-05.",
    "请写作 2021、2021-Q1、2021-03 或 2021-03-05。",
)
BACKWARD = Rule(
    "choice-backward",
    "The time runs backward: {found}.",
    "起止时期颠倒：{found}。",
    "Exchange the two.",
    "请对调起止时期。",
)
TOO_MANY = Rule(
    "choice-too-many",
    "More than {most} figures are asked for at once.",
    "一次查询的数值超过 {most} 个。",
    "Choose fewer indicators, places or industries, a shorter time, or fewer pins.",
    "请减少指标、地方、产业或固定的图表，或缩短时间范围。",
)
TOO_MANY_PINS = Rule(
    "choice-pins",
    "{found} choices are pinned; {most} can be.",
    "已固定 {found} 个图表，最多 {most} 个。",
    "Take some off.",
    "请取消部分固定。",
)


@dataclass(frozen=True)
class Asked:
    """What an address asks for, word by word."""

    indicators: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    industries: tuple[str, ...] = ()
    first: str = ""
    last: str = ""
    frequency: str = "A"
    kind: str = ""
    chart: str = ""

    @classmethod
    def of(cls, query: QueryDict) -> Asked:
        """What a query asks for."""
        return cls(
            indicators=_several(query, "indicator"),
            places=_several(query, "place"),
            industries=_several(query, "industry"),
            first=query.get("from", "").strip(),
            last=query.get("to", "").strip(),
            frequency=query.get("frequency", "").strip() or "A",
            kind=query.get("kind", "").strip(),
            chart=query.get("chart", "").strip(),
        )

    @property
    def query(self) -> str:
        """The address that asks for this and nothing else."""
        several = {"indicator": self.indicators, "place": self.places, "industry": self.industries}
        pairs = [(name, each) for name, values in several.items() for each in values]
        single = {"from": self.first, "to": self.last, "kind": self.kind, "chart": self.chart}
        pairs += [(name, value) for name, value in single.items() if value]
        return urlencode([*pairs, *([("frequency", self.frequency)] if self.frequency != "A" else [])])


@dataclass(frozen=True)
class Choice:
    """A choice that can be answered. ``first`` and ``last`` are None where the evidence is to say it; an empty industry
    is all of them together."""

    asked: Asked
    indicators: tuple[str, ...]
    places: tuple[str, ...]
    industries: tuple[str, ...]
    first: Period | None
    last: Period | None
    series: tuple[tuple[str, str, str], ...] = field(init=False)
    """Indicator, place and industry of each row of figures."""

    def __post_init__(self) -> None:
        series = [(i, p, s) for i in self.indicators for p in self.places for s in self.industries]
        object.__setattr__(self, "series", tuple(series))


def chosen(asked: Asked, city: City) -> Choice:
    """The choice that something asks for.

    Raises:
        Refused: with every problem: names that nothing defines, times that are none, too much at once.
    """
    problems = [*_unknown(asked, city), *_of_time(asked)]
    if problems:
        raise Refused(problems)
    choice = Choice(
        asked,
        asked.indicators,
        asked.places or (city.root,),
        tuple(each.replace(WHOLE, "") for each in asked.industries) or ("",),
        Period.parse(asked.first) if asked.first else None,
        Period.parse(asked.last) if asked.last else None,
    )
    if len(choice.series) > MOST_CELLS:
        raise Refused([too_many()])
    return choice


def too_many() -> Problem:
    """The problem of asking for too many figures at once."""
    return Problem(TOO_MANY, Where(), "", {"most": f"{MOST_CELLS:,}"})


def _several(query: QueryDict, name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each.strip() for each in query.getlist(name) if each.strip()))


def _unknown(asked: Asked, city: City) -> Iterator[Problem]:
    industries = {WHOLE, *city.industries}
    for what, values, known in (
        (("indicator", "指标"), asked.indicators, city.indicators),
        (("place", "地方"), asked.places, city.places),
        (("industry", "产业"), asked.industries, industries),
        (("frequency", "频度"), [asked.frequency], FREQUENCIES),
        (("kind of value", "数值类别"), [asked.kind], KINDS),
        (("chart", "图表类型"), [asked.chart], CHARTS),
    ):
        for each in values:
            if each not in known:
                yield Problem(UNKNOWN, Where(), each, {"what_en": what[0], "what_zh": what[1]})


def _of_time(asked: Asked) -> Sequence[Problem]:
    limits = {"first": str(FIRST_YEAR), "last": str(LAST_YEAR)}
    wrong = [each for each in (asked.first, asked.last) if each and not _is_time(each)]
    if wrong:
        return [Problem(BAD_TIME, Where(), each, limits) for each in wrong]
    if asked.first and asked.last and Period.parse(asked.first).start > Period.parse(asked.last).end:
        return [Problem(BACKWARD, Where(), f"{asked.first} – {asked.last}")]
    return []


def _is_time(text: str) -> bool:
    try:
        period = Period.parse(text)
    except ValueError:
        return False
    return period.start.year >= FIRST_YEAR and period.end.year <= LAST_YEAR
