"""A growth rate must be the one that its two levels give.

That holds where prices change nothing or are meant to count: a nominal rate, or growth of something that has no price.
Growth at comparable prices, and growth across a revised base, differ from what the published levels give; they are
printed as such and pass. The levels are known as precisely as they were published, so the rate is compared with the
range of rates that they allow. Where a level is missing or only "over" something, nothing can be said.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from shazhou.city.model import City
from shazhou.city.problem import Problem, Rule
from shazhou.city.unit import UNITS
from shazhou.measure.evaluate import CONTEXT
from shazhou.measure.figure import Figure
from shazhou.report.compose.composing import Draft
from shazhou.report.words.growth import growth_of

OTHER_GROWTH = Rule(
    "report-growth",
    "{indicator} is stated as {found} %, but the levels {now} and {before} give {least} to {most} %: {sentence}",
    "{indicator} 写为 {found}%，而两年的数 {now} 与 {before} 得出 {least}% 至 {most}%，见：{sentence}",
    "Correct the rate or the level that is wrong; say in variables.yaml if prices are comparable, and mark the level "
    "(status B) if its base was revised.",
    "请改正有误的增速或水平值；若按可比价计算，请在 variables.yaml 注明，若口径有调整，请将该水平值标为状态 B。",
)

_MONEY = ("cny", "usd")
_HUNDRED = Decimal(100)


def check_draft(draft: Draft, city: City) -> Iterator[Problem]:
    """Every growth rate in the report that its levels do not give."""
    for mention in draft.mentions:
        figure = mention.figure
        now, before = draft.quotes.levels(figure)
        if now is None or before is None or not _comparable(figure, now, before, city):
            continue
        least, most = growth_between(now, before)
        half = half_unit(figure)
        assert figure.value is not None
        if figure.value + half < least or figure.value - half > most:
            values = {
                "indicator": figure.indicator,
                "now": f"{now.value}",
                "before": f"{before.value}",
                "least": f"{least:.2f}",
                "most": f"{most:.2f}",
                "sentence": mention.sentence,
            }
            yield Problem(OTHER_GROWTH, mention.where, f"{figure.value}", values)


def growth_between(now: Figure, before: Figure) -> tuple[Decimal, Decimal]:
    """The least and the most growth, in percent, that two published levels allow."""
    assert now.value is not None and before.value is not None
    low, high = before.value - half_unit(before), before.value + half_unit(before)
    least = CONTEXT.divide(now.value - half_unit(now), high) * _HUNDRED - _HUNDRED
    most = CONTEXT.divide(now.value + half_unit(now), low) * _HUNDRED - _HUNDRED
    return least, most


def half_unit(figure: Figure) -> Decimal:
    """Half of the last place in which a figure was published: zeros at its end are taken as not published, but nothing
    is taken as rounded more coarsely than to whole units."""
    assert figure.value is not None
    exponent = figure.value.normalize().as_tuple().exponent
    assert isinstance(exponent, int)
    return Decimal(5).scaleb(min(exponent, 0) - 1)


def _comparable(figure: Figure, now: Figure, before: Figure, city: City) -> bool:
    growth = growth_of(city, figure.indicator)
    assert growth is not None
    revised = figure.break_in_series or now.break_in_series
    priceless = growth.basis == "" and UNITS[now.unit].base not in _MONEY
    exact = all(each.qualifier in ("", "=") for each in (figure, now, before))
    positive = before.value is not None and before.value > half_unit(before)
    return (growth.basis == "nominal" or priceless) and not revised and exact and positive
