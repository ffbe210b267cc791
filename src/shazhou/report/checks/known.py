"""What a template refers to must exist: indicators, places, industries, targets, kinds, shapes of charts; and a chart
shows one unit."""

from __future__ import annotations

from collections.abc import Iterator

from shazhou.city.model import City
from shazhou.city.problem import Problem, Rule, Where
from shazhou.report.compose.charting import SHAPES
from shazhou.report.template.markdown import Settings, Template
from shazhou.report.template.reference import Reference
from shazhou.report.words.naming import Names

UNKNOWN = Rule(
    "report-unknown-name",
    "The report's template refers to the {what} {found}, which the city does not define.",
    "报告模板引用了未定义的{what_zh}：{found}。",
    "Define it in the city folder, or correct the name.",
    "请在城市文件夹中定义，或改正名称。",
)
MIXED_UNITS = Rule(
    "report-chart-units",
    "The chart shows indicators of different units: {found}.",
    "图表中的指标单位不同：{found}。",
    "Make a chart for each unit.",
    "请按单位分别作图。",
)
NOTHING_ASKED = Rule(
    "report-block-empty",
    "The reference {found} names no indicator (of=).",
    "引用 {found} 没有指明指标（of=）。",
    "Add of= with one or more indicators.",
    "请用 of= 写明一个或多个指标。",
)

_KINDS = ("actual", "target", "forecast")
_ROWS = ("industries", "places", "periods", "indicators")
_LISTS = ("industries", "places")
_YEAR = 2000
"""Any year: names do not depend on it."""


def check_template(template: Template, city: City) -> Iterator[Problem]:
    """Every reference of a template to something that is not there."""
    for reference in template.references():
        yield from _names(reference, city)
        if reference.verb in ("table", "chart"):
            yield from _asked(reference, city)


def check_settings(settings: Settings, city: City) -> Iterator[Problem]:
    """Every indicator and target in report.yaml that is not there."""
    where = Where("report/report.yaml")
    named = [each for group in settings.shares for each in group]
    named += [each for parts in settings.parts for each in (parts.share, parts.part, parts.whole)]
    named += list(settings.promises.values())
    for name in dict.fromkeys(named):
        if name not in city.indicators:
            yield _unknown("indicator", "指标", name, where)
    for name in settings.promises:
        if name not in city.targets:
            yield _unknown("target", "目标", name, where)


def _names(reference: Reference, city: City) -> Iterator[Problem]:
    groups = {each.group for each in city.industries.values() if each.group}
    kinds = [reference.option(name, _YEAR) for name in ("kind", "or")]
    industries = (*reference.names("industries", _YEAR), *reference.names("industry", _YEAR))
    places = (*reference.names("places", _YEAR), *reference.names("place", _YEAR))
    wanted: list[tuple[str, str, tuple[str, ...], object]] = [
        ("indicator", "指标", _indicators(reference), city.indicators),
        ("industry", "产业", industries, city.industries),
        ("place", "地方", tuple(each for each in places if ":" not in each), city.places),
        ("target", "目标", reference.names("ids", _YEAR), city.targets),
        ("group of industries", "产业组", reference.names("group", _YEAR), groups),
        ("kind of value", "数值类别", tuple(each for each in kinds if each), _KINDS),
        ("shape of chart", "图形", (reference.subject,) if reference.verb == "chart" else (), SHAPES),
        ("kind of rows", "行", reference.names("rows", _YEAR), _ROWS),
        ("kind of columns", "列", reference.names("columns", _YEAR), ("periods",)),
        ("list", "列表", (reference.subject,) if reference.verb == "list" else (), _LISTS),
    ]
    for what, what_zh, found, known in wanted:
        for name in found:
            if name not in known:  # type: ignore[operator]
                yield _unknown(what, what_zh, name, reference.where)
    if reference.verb == "name" and Names(city, "en").any(reference.subject) is None:
        yield _unknown("name", "名称", reference.subject, reference.where)


def _indicators(reference: Reference) -> tuple[str, ...]:
    return (reference.subject,) if reference.verb == "figure" else reference.names("of", _YEAR)


def _asked(reference: Reference, city: City) -> Iterator[Problem]:
    indicators = reference.names("of", _YEAR)
    if not indicators:
        yield Problem(NOTHING_ASKED, reference.where, "{{" + reference.text + "}}")
    units = dict.fromkeys(city.indicators[each].unit for each in indicators if each in city.indicators)
    if reference.verb == "chart" and len(units) > 1:
        yield Problem(MIXED_UNITS, reference.where, ", ".join(units))


def _unknown(what: str, what_zh: str, name: str, where: Where) -> Problem:
    return Problem(UNKNOWN, where, name, {"what": what, "what_zh": what_zh})
