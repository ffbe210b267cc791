"""Shares must add up: those that make up a whole to 100, and each to what its part is of its whole; and no part is more
than its whole."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from shazhou.city.problem import Problem, Rule
from shazhou.measure.evaluate import CONTEXT
from shazhou.measure.figure import Cell, Figure
from shazhou.report.checks.growth import half_unit
from shazhou.report.compose.composing import Draft
from shazhou.report.compose.prose import Mention
from shazhou.report.template.markdown import Parts

NOT_A_WHOLE = Rule(
    "report-shares-sum",
    "The shares {indicators} add up to {found} %, not to 100 %: {sentence}",
    "{indicators} 合计为 {found}%，不是 100%，见：{sentence}",
    "Correct the share that is wrong, or take the group off shares in report.yaml if it is no whole.",
    "请改正有误的比重；若它们并不构成整体，请从 report.yaml 的 shares 中去掉。",
)
NOT_THE_PART = Rule(
    "report-share-of-whole",
    "The share {indicator} is stated as {found} %, but {part} of {whole} is {least} to {most} %: {sentence}",
    "{indicator} 写为 {found}%，而 {part} 占 {whole} 的 {least}% 至 {most}%，见：{sentence}",
    "Correct the share, its part or its whole.",
    "请改正比重、分项或总量。",
)
PART_ABOVE_WHOLE = Rule(
    "report-part-above-whole",
    "{part} is {found}, more than {whole}, of which it is a part: {whole_value}; see: {sentence}",
    "{part} 为 {found}，大于它所属的总量 {whole}（{whole_value}），见：{sentence}",
    "Correct the part or the whole.",
    "请改正分项或总量。",
)

_HUNDRED = Decimal(100)


def check_draft(draft: Draft) -> Iterator[Problem]:
    """Every share in the report that does not add up."""
    yield from _wholes(draft)
    for mention in draft.mentions:
        for parts in draft.settings.parts:
            if parts.share == mention.figure.indicator:
                yield from _part(mention, parts, draft)


def _wholes(draft: Draft) -> Iterator[Problem]:
    for group in draft.settings.shares:
        alike: dict[Cell, dict[str, Mention]] = defaultdict(dict)
        for mention in draft.mentions:
            if mention.figure.indicator in group:
                alike[replace(mention.figure.cell, indicator="")][mention.figure.indicator] = mention
        for found in alike.values():
            if set(found) == set(group):
                yield from _whole(found)


def _whole(mentions: dict[str, Mention]) -> Iterator[Problem]:
    values = [_value(mention.figure) for mention in mentions.values()]
    allowed = sum((_half_printed(mention.figure) for mention in mentions.values()), Decimal(0))
    if abs(sum(values, Decimal(0)) - _HUNDRED) > allowed:
        last = list(mentions.values())[-1]
        said = {"indicators": ", ".join(mentions), "sentence": last.sentence}
        yield Problem(NOT_A_WHOLE, last.where, f"{sum(values, Decimal(0))}", said)


def _part(mention: Mention, parts: Parts, draft: Draft) -> Iterator[Problem]:
    figure = mention.figure
    part, whole = (_stated(draft, figure, indicator) for indicator in (parts.part, parts.whole))
    if part is None or whole is None or not _is_exact(part) or not _is_exact(whole):
        return
    if _value(part) - half_unit(part) > _value(whole) + half_unit(whole):
        said = {"part": parts.part, "whole": parts.whole, "whole_value": f"{whole.value}"}
        yield Problem(PART_ABOVE_WHOLE, mention.where, f"{part.value}", said | {"sentence": mention.sentence})
        return
    if _value(whole) <= half_unit(whole) or not _is_exact(figure):
        return
    least = CONTEXT.divide(_value(part) - half_unit(part), _value(whole) + half_unit(whole)) * _HUNDRED
    most = CONTEXT.divide(_value(part) + half_unit(part), _value(whole) - half_unit(whole)) * _HUNDRED
    half = _half_printed(figure)
    if _value(figure) + half < least or _value(figure) - half > most:
        said = {"indicator": parts.share, "part": parts.part, "whole": parts.whole, "sentence": mention.sentence}
        said |= {"least": f"{least:.2f}", "most": f"{most:.2f}"}
        yield Problem(NOT_THE_PART, mention.where, f"{_value(figure)}", said)


def _stated(draft: Draft, figure: Figure, indicator: str) -> Figure | None:
    cells = [replace(figure.cell, indicator=indicator, kind=kind) for kind in dict.fromkeys([figure.asked_kind, ""])]
    return draft.quotes.first(cells)


def _is_exact(figure: Figure) -> bool:
    return figure.qualifier in ("", "=")


def _half_printed(figure: Figure) -> Decimal:
    """Half of the last place in which a share is printed, a zero at its end included."""
    return min(half_unit(figure), Decimal(5).scaleb(-min(figure.decimals, 1) - 1))


def _value(figure: Figure) -> Decimal:
    assert figure.value is not None
    return figure.value
